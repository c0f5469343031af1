"""Reads orders from the store and their chains from the ERP, some at a time, into the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, TypeVar

from connector.kept_extract.file import ExtractFile
from connector.kept_extract.flow_table import KeptFlow
from connector.kept_extract.piece_table import CHAIN, MOVEMENT, OPEN_ITEM
from connector.kept_extract.pieces import Divider, Piece
from connector.ports.erp import Erp, SalesOrderHead
from connector.ports.store import FlowStore
from connector.reconciliation.bearings import Facts
from connector.reconciliation.extract import ErpExtract, look_for_orders, read_chains
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
        self._add(
            list(self.divider.divide(numbered, extract)),
            lambda flow, piece: _flow(flow, flows[flow], piece, by_flow[flow], found),
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
            self._add(list(self.divider.divide((), extract)))

    def open_items(self, items: Iterable[CustomerItem]) -> None:
        """Note items that are open."""
        items = list(items)
        self._learn(ErpExtract(items=tuple(items)))
        for some in _batches(items, _ORDERS):
            self._add([self.divider.open_item(item) for item in some], kind=OPEN_ITEM)

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
        pieces = [self.divider.bank_line(line) for line in bank_lines]
        pieces += [
            self.divider.payout_line(payout, place)
            for payout in payouts
            for place in range(len(payout.lines))
        ]
        self._add([piece for piece in pieces if only is None or piece.name in only], kind=MOVEMENT)

    def _add(
        self,
        pieces: Sequence[Piece],
        kept: Callable[[int, int], KeptFlow] | None = None,
        kind: int = CHAIN,
    ) -> None:
        """Add *pieces*; *kept* makes of an order and its piece what is noted of the order."""
        ids = self.file.pieces.add(pieces, kind)
        self.new += ids
        placed = list(zip(ids, pieces, strict=True))
        if kept is not None:
            self.file.flows.add(kept(flow, id_) for id_, piece in placed for flow in piece.flows)
        self.file.flows.add_orphans(
            (head.number, text_of(RecordKind.ORPHAN, head), id_)
            for id_, piece in placed
            for head in piece.orphans
        )

    def _chains(
        self,
        orders: Sequence[MirroredOrder],
        found: dict[str, tuple[str, ...]],
        orphans: Sequence[SalesOrderHead],
    ) -> ErpExtract:
        codes, rules = self.assignment.company_codes, self.assignment.rules
        extract = read_chains(self.erp, orders, found, orphans, codes, rules=rules)
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
