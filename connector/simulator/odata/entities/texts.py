"""Texts of sales documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.simulator.odata.entities.records import Row

if TYPE_CHECKING:
    from connector.simulator.engine.sales_records import SalesDocument
    from connector.simulator.odata.entities.forms import Forms


@dataclass(frozen=True, slots=True)
class TextRows:
    """Rows of the texts of *document*: of its header, or of its items."""

    document: str
    of_items: bool = False

    def __call__(self, forms: Forms, record: SalesDocument, item: int) -> Iterator[Row]:
        """Yield a row per text; lines are joined with line feeds."""
        for each in record.texts:
            wanted = item in (0, each.item_number) if self.of_items else True
            if bool(each.item_number) == self.of_items and wanted:
                yield {
                    self.document: forms.number(record.number),
                    f"{self.document}Item": forms.item(each.item_number),
                    "Language": each.language,
                    "LongTextID": each.text_id,
                    "LongText": "\n".join(each.lines),
                }
