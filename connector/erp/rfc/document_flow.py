"""
The chains of sales documents, read in few calls: the port's `DocumentChains.read`.

For up to a hundred documents together: one detailed list with their flow, one more per level of
predecessors, then each table once for all deliveries, once for all billing documents, and once for
all customer items.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from zoneinfo import ZoneInfo

from connector.clock import Clock
from connector.erp.accounting_links import accounting_links
from connector.erp.chain_parts import merged
from connector.erp.reported import Reported
from connector.erp.rfc import detailed_list, flow_rows
from connector.erp.rfc.billing_document import read_billing_documents
from connector.erp.rfc.change_mark import ChangeMark
from connector.erp.rfc.changes import Pull
from connector.erp.rfc.customer_items import headers_of_billing, settled_with
from connector.erp.rfc.delivery_reading import read_deliveries
from connector.erp.rfc.flow_rows import FlowRow, Key, Units
from connector.erp.rfc.options import RfcOptions
from connector.erp.rfc.read_table import ReadTable, any_of, chunks
from connector.erp.rfc.reading import Reads
from connector.erp.rfc.release import Release
from connector.erp.rfc.session import Session
from connector.erp.rfc.tables import VBFA
from connector.ports.erp import ChainSnapshot, ChangedDocuments
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.document_flow import BILLED_BY, DELIVERED_BY
from connector.sd_documents.payment import CustomerItem
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.values import DocumentCategory as C
from connector.sd_documents.values import pad_number

_SALES: Final = frozenset(
    {
        C.INQUIRY,
        C.QUOTATION,
        C.SALES_ORDER,
        C.RETURNS_ORDER,
        C.CREDIT_MEMO_REQUEST,
        C.DEBIT_MEMO_REQUEST,
    }
)
_BILLING: Final = BILLED_BY | {C.PRO_FORMA_INVOICE}


@dataclass(frozen=True, slots=True)
class RfcDocumentChains:
    """Tells which chains changed, and reads them."""

    reads: Reads
    options: RfcOptions
    release: Release
    clock: Clock
    reported: Reported = field(default_factory=Reported)

    def changed_since(self, watermark: str) -> ChangedDocuments:
        """Return the sales documents with a change in their chain since *watermark*."""
        mark, is_s4 = ChangeMark.read(watermark), self.release.is_s4
        now = self.clock.now().astimezone(ZoneInfo(self.options.time_zone))
        before = self.reported.before(mark.remembered_as)

        def ask(session: Session) -> Pull:
            tables = ReadTable(session, self.options)
            pull = Pull(tables, self.options, is_s4, mark, before, now)
            if mark.stamp:
                pull.go_on()
            else:
                pull.begin()
            return pull

        pull = self.reads.run(ask)
        if not pull.is_news:
            return ChangedDocuments((), watermark)
        marked = replace(pull.mark, remembered_as=self.reported.remember(pull.tokens))
        return ChangedDocuments(tuple(sorted(pull.numbers)), str(marked))

    def read(self, sales_documents: Sequence[str]) -> ChainSnapshot:
        """Read the chains of *sales_documents*, and what precedes them, in few calls."""
        is_s4 = self.release.is_s4
        wanted = list(dict.fromkeys(pad_number(each) for each in sales_documents))
        return merged(
            [self._read(part, is_s4) for part in chunks(wanted, self.options.documents_per_call)]
        )

    def _read(self, numbers: Sequence[str], is_s4: bool) -> ChainSnapshot:
        return self.reads.run(lambda session: read_chains(session, self.options, numbers, is_s4))


@dataclass(slots=True)
class _Chain:
    """What has been found so far."""

    sales_documents: dict[str, PostedSalesDocument] = field(default_factory=dict)
    rows: dict[Key, FlowRow] = field(default_factory=dict)
    units: Units = field(default_factory=Units)
    looked_up: set[str] = field(default_factory=set)

    def add(self, row: FlowRow | None) -> None:
        if row is not None:
            self.rows.setdefault(row.key, row)

    def followers(self, categories: Collection[C]) -> list[str]:
        found = (row.subsequent for row in self.rows.values())
        return sorted({each.document for each in found if each.category in categories})

    def preceding(self, categories: Collection[C]) -> set[str]:
        references = (
            item.reference for each in self.sales_documents.values() for item in each.items
        )
        return {each.document for each in references if each and each.category in categories}


def read_chains(
    session: Session, options: RfcOptions, numbers: Sequence[str], is_s4: bool
) -> ChainSnapshot:
    """
    Return the chains of *numbers*, what precedes and what follows them.

    Raises CallFailed when a call fails.
    """
    tables, chain = ReadTable(session, options), _Chain()
    waiting = {pad_number(each) for each in numbers}
    while waiting:
        _sales_documents(session, chain, waiting)
        _followers(tables, chain)
        # Returns and memo requests may be made of a billing document.
        waiting = set(chain.followers(_SALES)) - chain.looked_up
    delivered = read_deliveries(tables, chain.followers(DELIVERED_BY), is_s4)
    billed = read_billing_documents(
        tables, sorted({*chain.followers(_BILLING), *chain.preceding(_BILLING)})
    )
    for delivery in delivered.deliveries:
        for part in delivery.items:
            factor = delivered.base_factors[delivery.number, f"{part.item_number:06}"]
            unit = part.delivery_quantity.unit
            chain.units.learn(delivery.number, part.item_number, unit, factor)
    items = _customer_items(tables, billed)
    return ChainSnapshot(
        sales_documents=tuple(chain.sales_documents[n] for n in sorted(chain.sales_documents)),
        deliveries=delivered.deliveries,
        billing_documents=billed,
        items=items,
        links=(
            *flow_rows.links(chain.rows.values(), chain.units),
            *accounting_links(billed, items),
        ),
    )


def _sales_documents(session: Session, chain: _Chain, numbers: Iterable[str]) -> None:
    """Read sales documents with their flow, then what they were made from and made into."""
    waiting = set(numbers)
    while waiting:
        found = detailed_list.call_full(session, sorted(waiting), with_flow=True)
        chain.looked_up |= waiting
        for document in detailed_list.posted_documents(found):
            chain.sales_documents[document.number] = document
        for rows in found.items.values():
            for row in rows:
                detailed_list.learn_unit(chain.units, row)
        for rows in found.flows.values():
            for row in rows:
                chain.add(flow_rows.from_list(row))
        waiting = {*chain.preceding(_SALES), *chain.followers(_SALES)} - chain.looked_up


def _followers(tables: ReadTable, chain: _Chain) -> None:
    """Look up what follows deliveries and billing documents until nothing new comes up."""
    while waiting := set(chain.followers(DELIVERED_BY | _BILLING)) - chain.looked_up:
        chain.looked_up |= waiting
        for row in tables.rows(VBFA, VBFA.fields, any_of("VBELV", sorted(waiting))):
            chain.add(flow_rows.from_table(row))


def _customer_items(
    tables: ReadTable, billed: Sequence[BillingDocument]
) -> tuple[CustomerItem, ...]:
    """Read the lines that *billed* posted, and those of the payments that cleared them."""
    posted = [each for each in billed if each.accounting_document]
    if not posted:
        return ()
    return settled_with(tables, headers_of_billing(tables, [each.number for each in posted]))
