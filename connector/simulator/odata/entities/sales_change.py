"""What writers of sales documents share: the document a key names, and the change sent to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.simulator.odata.entities import writing
from connector.simulator.odata.entities.forms import Forms, document_number, item_number, same
from connector.simulator.odata.entities.records import Writers
from connector.simulator.odata.entity_set import Context, Key, Value

if TYPE_CHECKING:
    from connector.simulator.engine.outcome import Outcome
    from connector.simulator.engine.sales_records import SalesDocument
    from connector.simulator.engine.specs import SalesDocumentChange
    from connector.simulator.odata.entities.records import Row, Rows
    from connector.simulator.odata.entities.settings import EntitySettings

Changes = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class SalesChange:
    """Changes of documents of one kind; *document* is its name in properties (SalesOrder ..)."""

    document: str
    category: str
    settings: EntitySettings

    def writers(self) -> Writers:
        """Return what may be done; nothing here."""
        return Writers()

    def forms(self, context: Context) -> Forms:
        """Return the forms of a request."""
        return Forms.of(context, self.settings)

    def record(self, key: Key, context: Context) -> SalesDocument:
        """Return the document that *key* names; BusinessError when there is none."""
        number = document_number(key.get(self.document))
        found = context.erp.sales_document(number)
        if found is None or found.category != self.category:
            shown = number.lstrip("0")
            raise writing.refusal(context, "sales document does not exist", shown)
        return found

    def item(self, key: Key) -> int:
        """Return the item number in *key*, 0 for the header."""
        return item_number(key.get(f"{self.document}Item"))

    def place(self, number: str, item: int, context: Context) -> dict[str, Value]:
        """Return the key of the header (item 0) or of an item, as it is shown."""
        forms = self.forms(context)
        key: dict[str, Value] = {self.document: forms.number(number)}
        if item:
            key[f"{self.document}Item"] = forms.item(item)
        return key

    @staticmethod
    def send(context: Context, number: str, change: SalesDocumentChange) -> Outcome:
        """Ask the engine for a change. Raises BusinessError."""
        return writing.accepted(context, context.session.change_sales_document(number, change))

    def current(self, rows: Rows, key: Key, context: Context) -> Row:
        """Return the row that *key* names, empty when there is none."""
        found = rows(self.forms(context), self.record(key, context), self.item(key))
        for row in found:
            if all(same(row.get(name), value) for name, value in key.items()):
                return row
        return {}

    def changed(self, rows: Rows, key: Key, changes: Changes, context: Context) -> Changes:
        """Return those of *changes* that differ from what is there (nothing is there: initial)."""
        now = self.current(rows, key, context)
        told = writing.filled(changes)
        return {
            name: value
            for name, value in changes.items()
            if not same(now.get(name), value) and (name in now or name in told)
        }

    def refuse(self, names: Iterable[str]) -> None:
        """Raise BusinessError when there are properties that cannot be changed."""
        listed = ", ".join(sorted(names))
        if listed:
            text = f"{self.document}: this system cannot change {listed}"
            raise writing.invalid(text)
