"""
A unit of work: what a session has buffered and not yet committed.

It reads the committed documents with its own changes on top. Documents it has created itself are
not readable before the commit, as in the real system: a delivery for an order of the same unit of
work finds no order.
"""

from __future__ import annotations

import itertools
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connector.simulator.engine.changes import Change, Drop, Put, StockMove
from connector.simulator.engine.documents import DocumentTable
from connector.simulator.engine.finance_records import AccountingDocument, BillingDocument
from connector.simulator.engine.logistics_records import Delivery, MaterialDocument
from connector.simulator.engine.numbers import NumberRangeError, as_message
from connector.simulator.engine.outcome import Message, RefusedError
from connector.simulator.engine.purchasing_records import PurchaseOrder, PurchaseRequisition
from connector.simulator.engine.sales_records import FlowRow, SalesDocument

if TYPE_CHECKING:
    from connector.simulator.engine.core import Core

ZERO = Decimal(0)

_IDS = itertools.count(1)

Savepoint = tuple[int, dict[tuple[str, str], Decimal], dict[tuple[str, str], Decimal]]


class UnitOfWork:
    """The buffer of one session between two commits."""

    def __init__(self, core: Core, user: str) -> None:
        self.core = core
        self.user = user
        self.id = next(_IDS)
        self.operation = ""
        self.changes: list[Change] = []
        self._overlay: dict[tuple[str, Any], Put | Drop] = {}
        self._flow: dict[str, dict[Any, FlowRow | None]] = {}
        self._locks: list[tuple[str, ...]] = []
        self._requirements: dict[tuple[str, str], Decimal] = {}
        self._issues: dict[tuple[str, str], Decimal] = {}

    # -- what the rules ask for ------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self.core.clock.now()

    @property
    def today(self) -> date:
        """The date in the company's time zone."""
        return self.core.today()

    def message(
        self,
        situation: str,
        *variables: object,
        parameter: str = "",
        row: int = 0,
        field: str = "",
    ) -> Message:
        """Return a message row, see `messages.CATALOG`."""
        return self.core.messages.row(
            situation, *variables, parameter=parameter, row=row, field=field
        )

    def number(self, object_name: str, interval: str, sub_object: str = "") -> str:
        """Take the next number. Refused (NR 751) when there is none."""
        try:
            return self.core.numbers.next(object_name, interval, sub_object)
        except NumberRangeError as error:
            raise RefusedError(as_message(error, self.core.messages.row)) from error

    def lock(self, *key: str) -> str | None:
        """Lock *key* until the update is finished; return the user who holds it, or None."""
        holding = self.core.faults.taken_by("document locked", self.operation)
        if holding is not None:
            return holding
        holder = self.core.locks.acquire(key, self.id, self.user)
        if holder is None and key not in self._locks:
            self._locks.append(key)
        return holder

    # -- reads -----------------------------------------------------------------------------------

    def sales_document(self, number: str) -> SalesDocument | None:
        """Return the sales document as this unit of work sees it."""
        found: SalesDocument | None = self._read("sales", number, self.core.store.sales)
        return found

    def delivery(self, number: str) -> Delivery | None:
        """Return the delivery as this unit of work sees it."""
        found: Delivery | None = self._read("delivery", number, self.core.store.deliveries)
        return found

    def billing_document(self, number: str) -> BillingDocument | None:
        """Return the billing document as this unit of work sees it."""
        found: BillingDocument | None = self._read("billing", number, self.core.store.billing)
        return found

    def requisition(self, number: str) -> PurchaseRequisition | None:
        """Return the purchase requisition as this unit of work sees it."""
        found: PurchaseRequisition | None = self._read(
            "requisition", number, self.core.store.requisitions
        )
        return found

    def purchase_order(self, number: str) -> PurchaseOrder | None:
        """Return the purchase order as this unit of work sees it."""
        found: PurchaseOrder | None = self._read("purchase", number, self.core.store.purchases)
        return found

    def accounting_document(
        self, company_code: str, number: str, fiscal_year: int = 0
    ) -> AccountingDocument | None:
        """Return the accounting document as this unit of work sees it."""
        found = self.core.store.accounting_document(company_code, number, fiscal_year)
        if found is None:
            return None
        change = self._overlay.get(("accounting", found.key))
        return change.record if isinstance(change, Put) else found

    def flow_after(self, number: str) -> tuple[FlowRow, ...]:
        """Return what follows a document, buffered rows included."""
        committed = self.core.store.flow.after(number)
        own = self._flow.get(number)
        if not own:
            return committed
        rows: dict[Any, FlowRow | None] = {row.key: row for row in committed}
        rows.update(own)
        return tuple(row for row in rows.values() if row is not None)

    def _read(self, kind: str, key: Any, committed: DocumentTable[str, Any]) -> Any:
        change = self._overlay.get((kind, key))
        if change is None:
            return committed.get(key)
        if isinstance(change, Put) and not change.created:
            return change.record
        return None

    # -- writes ----------------------------------------------------------------------------------

    def put(self, kind: str, key: Any, record: Any, *, created: bool = False) -> None:
        """Buffer a record."""
        earlier = self._overlay.get((kind, key))
        if isinstance(earlier, Put) and earlier.created:
            created = True
        self._take(Put(kind, key, record, created))

    def put_flow(self, row: FlowRow, *, replaces: bool = False) -> None:
        """Buffer a row of the document flow; *replaces* the committed one with the same key."""
        self._take(Put("flow", row.key, row, created=not replaces))

    def drop(self, kind: str, key: Any) -> None:
        """Buffer a removal."""
        self._take(Drop(kind, key))

    def move_stock(
        self,
        plant: str,
        material: str,
        *,
        unrestricted: Decimal = ZERO,
        blocked: Decimal = ZERO,
        value: Decimal = ZERO,
    ) -> None:
        """Buffer a change of stock; issues count at once against what others may issue."""
        self._take(StockMove(plant, material, unrestricted, blocked, value))
        if unrestricted < 0:
            key = (plant, material)
            _add(self._issues, key, -unrestricted)
            _add(self.core.pending_issues, key, -unrestricted)

    def assign(self, plant: str, material: str, quantity: Decimal) -> None:
        """Keep confirmed stock (base unit) from others until the update is finished."""
        key = (plant, material)
        _add(self._requirements, key, quantity)
        _add(self.core.pending_requirements, key, quantity)

    def put_material_document(self, document: MaterialDocument) -> None:
        """Buffer a new material document."""
        self.put("material", document.number, document, created=True)

    def put_accounting(self, document: AccountingDocument, *, created: bool = False) -> None:
        """Buffer an accounting document."""
        self.put("accounting", document.key, document, created=created)

    # -- the end ---------------------------------------------------------------------------------

    def savepoint(self) -> Savepoint:
        """Return where `back_to` returns to."""
        return len(self.changes), dict(self._requirements), dict(self._issues)

    def back_to(self, savepoint: Savepoint) -> None:
        """Forget what was buffered since *savepoint*; locks stay."""
        length, requirements, issues = savepoint
        if len(self.changes) > length:
            kept = self.changes[:length]
            self.changes, self._overlay, self._flow = [], {}, {}
            for change in kept:
                self._take(change)
        self._settle(self._requirements, requirements, self.core.pending_requirements)
        self._settle(self._issues, issues, self.core.pending_issues)
        self._requirements, self._issues = requirements, issues

    def abandon(self) -> None:
        """Release locks and claims: the unit of work is finished, committed or not."""
        for key in self._locks:
            self.core.locks.release(key, self.id)
        self._locks = []
        self._settle(self._requirements, {}, self.core.pending_requirements)
        self._settle(self._issues, {}, self.core.pending_issues)
        self._requirements, self._issues = {}, {}

    def created_numbers(self) -> list[str]:
        """Return the numbers of the documents this unit of work creates."""
        return [
            "/".join(map(str, change.key)) if isinstance(change.key, tuple) else change.key
            for change in self.changes
            if isinstance(change, Put) and change.created and change.kind != "flow"
        ]

    def _take(self, change: Change) -> None:
        self.changes.append(change)
        if isinstance(change, StockMove):
            return
        if change.kind == "flow":
            row = change.record if isinstance(change, Put) else None
            self._flow.setdefault(change.key[0], {})[change.key] = row
        else:
            self._overlay[change.kind, change.key] = change

    @staticmethod
    def _settle(
        mine: dict[tuple[str, str], Decimal],
        kept: dict[tuple[str, str], Decimal],
        shared: dict[tuple[str, str], Decimal],
    ) -> None:
        for key, quantity in mine.items():
            rest = shared.get(key, ZERO) - quantity + kept.get(key, ZERO)
            if rest:
                shared[key] = rest
            else:
                shared.pop(key, None)


def _add(totals: dict[tuple[str, str], Decimal], key: tuple[str, str], amount: Decimal) -> None:
    totals[key] = totals.get(key, ZERO) + amount
