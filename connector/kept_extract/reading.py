"""Reads orders from the store and their chains from the ERP, some at a time, into the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, TypeVar

from connector.kept_extract.file import ExtractFile
from connector.kept_extract.flow_table import KeptFlow
from connector.kept_extract.piece_table import MOVEMENT, OPEN_ITEM
from connector.kept_extract.pieces import Divider, Piece
from connector.ports.erp import Erp, SalesOrderHead
from connector.ports.store import FlowStore
from connector.reconciliation.bearings import Facts
from connector.reconciliation.extract import ErpExtract, item_key, look_for_orders, read_chains
from connector.reconciliation.mirror import MirroredOrder, mirrored_records
from connector.reconciliation.orphan_orders import OwnOrders
from connector.reconciliation.parts import Part, PartInputs
from connector.reconciliation.readings import (
    BILLING_DOCUMENTS,
    CHANNEL_PAYMENTS,
    CUSTOMER_ITEMS,
    DOCUMENT_CHAINS,
    EXTERNAL_ORDERS,
)
from connector.reconciliation.record_texts import RecordKind, text_of
from connector.reconciliation.run_assignment import Assignment
from connector.sd_documents.payment import CustomerItem
from connector.statements.model import BankLine, Payout

T = TypeVar("T")

#: Orders that are in memory at a time.
_ORDERS: Final = 1_000


@dataclass(slots=True)
class Reader:
    """
    Reads for one run.

    ``problems`` say which source must not be relied on, ``read`` counts what was read by source,
    ``new`` are the pieces that were made of it. ``facts`` are what batches show of the whole: what
    came with two of them counts twice.
    """

    file: ExtractFile
    store: FlowStore
    erp: Erp
    assignment: Assignment
    divider: Divider
    problems: list[tuple[str, str]] = field(default_factory=list)
    read: Counter[str] = field(default_factory=Counter)
    new: list[int] = field(default_factory=list)
    facts: list[Facts] = field(default_factory=list)
    pages: int = 0
    pages_expected: int = 0

    def all_orders(self) -> OwnOrders:
        """Read every order of the store with its chain; return what our orders are known by."""
        own = OwnOrders(self.assignment.rules)
        for flows in _batches(self.store.order_fingerprints(), _ORDERS):
            for order in self._orders(dict(flows)):
                own.add(order.reference, order.sold_to_party, order.sales_documents)
        return own

    def orders(self, flows: Mapping[int, bytes]) -> None:
        """Read some orders, given by the ids of their flows with their fingerprints."""
        for some in _batches(sorted(flows.items()), _ORDERS):
            self._orders(dict(some))

    def _orders(self, flows: dict[int, bytes]) -> list[MirroredOrder]:
        records = self.store.flows.records(list(flows))
        numbered = list(mirrored_records(self.store, records, self.assignment.time_zone))
        orders = [order for _, order in numbered]
        found = look_for_orders(self.erp, orders, self.assignment.key_date, self.assignment.rules)
        extract = self._chains(orders, found, ())
        self.read[EXTERNAL_ORDERS] += len(orders)
        self.read[CHANNEL_PAYMENTS] += sum(len(order.payments) for order in orders)
        by_flow = dict(numbered)
        for piece in self.divider.divide(numbered, extract):
            number = self.file.pieces.add(piece)
            self.new.append(number)
            self.file.flows.add(
                _flow(flow, flows[flow], number, by_flow[flow], found) for flow in piece.flows
            )
        return orders

    def known(self, flows: Iterable[int], own: OwnOrders) -> None:
        """Let *own* learn what some orders are known by, from the store alone."""
        for some in _batches(sorted(flows), _ORDERS):
            records = self.store.flows.records(some)
            for _, order in mirrored_records(self.store, records, self.assignment.time_zone):
                own.add(order.reference, order.sold_to_party, order.sales_documents)

    def orphans(self, heads: Sequence[SalesOrderHead]) -> None:
        """Read the chains of sales orders that look like ours."""
        for some in _batches(heads, _ORDERS):
            extract = self._chains((), {}, some)
            for piece in self.divider.divide((), extract):
                number = self.file.pieces.add(piece)
                self.new.append(number)
                self.file.flows.add_orphans(
                    (head.number, text_of(RecordKind.ORPHAN, head), number)
                    for head in piece.orphans
                )

    def open_items(self, items: Iterable[CustomerItem]) -> None:
        """Note items that are open."""
        items = list(items)
        self._learn(ErpExtract(items=tuple(items)))
        for item in items:
            piece = self.divider.open_item(item)
            self.new.append(self.file.pieces.add(piece, OPEN_ITEM, name_of(item)))

    def movements(
        self,
        bank_lines: Iterable[BankLine],
        payouts: Iterable[Payout],
        only: Collection[str] | None = None,
    ) -> None:
        """
        Note money outside: each bank line that is no payout, each line of a payout.

        *only* are the names of those that shall be noted; None means all.
        """
        for line in bank_lines:
            if only is None or str(line.key) in only:
                self._add_named(self.divider.bank_line(line), str(line.key))
        for payout in payouts:
            for place in range(len(payout.lines)):
                name = str(payout.key_of(payout.lines[place]))
                if only is None or name in only:
                    self._add_named(self.divider.payout_line(payout, place), name)

    def _add_named(self, piece: Piece, name: str) -> None:
        self.new.append(self.file.pieces.add(piece, MOVEMENT, name))

    def _chains(
        self,
        orders: Sequence[MirroredOrder],
        found: dict[str, tuple[str, ...]],
        orphans: Sequence[SalesOrderHead],
    ) -> ErpExtract:
        codes = self.assignment.company_codes
        extract = read_chains(self.erp, orders, found, orphans, codes)
        self.problems += extract.problems
        self.pages += extract.pages
        self.pages_expected += extract.pages_expected
        self.read[DOCUMENT_CHAINS] += (
            len(extract.sales_documents) + len(extract.deliveries) + len(extract.links)
        )
        self.read[BILLING_DOCUMENTS] += len(extract.billing_documents)
        self.read[CUSTOMER_ITEMS] += len(extract.items)
        self._learn(extract)
        return extract

    def _learn(self, extract: ErpExtract) -> None:
        self.facts.append(Part(self.assignment, PartInputs(extract=extract)).facts)


def name_of(item: CustomerItem) -> str:
    """Return what an FI line is known by."""
    return "/".join(map(str, item_key(item)))


def _flow(
    flow: int,
    fingerprint: bytes,
    piece: int,
    order: MirroredOrder,
    found: dict[str, tuple[str, ...]],
) -> KeptFlow:
    return KeptFlow(
        id=flow,
        fingerprint=fingerprint,
        piece=piece,
        reference=order.reference,
        sold_to_party=order.sold_to_party,
        received_on=order.received_on,
        numbers=order.sales_documents,
        found=found.get(order.reference) if order.reference else None,
    )


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
