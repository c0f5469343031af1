"""The reference's document chains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from connector.erp.accounting_links import accounting_links
from connector.ports.erp import ChainSnapshot, ChangedDocuments
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.document_flow import FlowLink
from connector.sd_documents.payment import CustomerItem
from connector.sd_documents.values import ItemReference, Money, Quantity, pad_number
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.sales_records import FlowRow
from tests.contract.engine.accounting import EngineOpenItems, each_once
from tests.contract.engine.logistics import EngineBillingDocuments, EngineDeliveries
from tests.contract.engine.sales_documents import CATEGORIES, EngineSalesDocuments

_SIGNS = {"+": 1, "-": -1, "": 0}
_KINDS = ("sales", "delivery", "billing", "accounting")
_INSTANT = timedelta(microseconds=1)
_THOUSANDTH = Decimal("0.001")
#: Followers with a value of their own: goods that move have none.
_VALUED = frozenset("ABCHKLMNOPS")


@dataclass(slots=True)
class _Found:
    sales: set[str] = field(default_factory=set)
    deliveries: set[str] = field(default_factory=set)
    billing: set[str] = field(default_factory=set)
    rows: dict[tuple[str, int, str, int, str], FlowRow] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EngineDocumentChains:
    """Walks the flow of the engine from document to document."""

    engine: SimulatedErp
    sales_documents: EngineSalesDocuments
    deliveries: EngineDeliveries
    billing_documents: EngineBillingDocuments
    open_items: EngineOpenItems

    def changed_since(self, watermark: str) -> ChangedDocuments:
        """Return what changed after *watermark*, the moment of the last change that was seen."""
        since = datetime.fromisoformat(watermark) + _INSTANT if watermark else None
        numbers: set[str] = set()
        last = watermark
        for kind in _KINDS:
            if since is None and kind == "sales":
                # Asked for by their number alone, sales documents are those of one category.
                changed = tuple(each.number for each in self.engine.sales_documents())
            elif since is None:
                changed = self.engine.document_numbers(kind)
            else:
                changed = self.engine.changed_since(kind, since)
            for number in changed:
                numbers |= self._behind(kind, number)
                stamp = self.engine.last_change(kind, number)
                if stamp is not None:
                    last = max(last, stamp.isoformat())
        return ChangedDocuments(tuple(sorted(numbers)), last)

    def read(self, sales_documents: Sequence[str]) -> ChainSnapshot:
        """Read the chains of *sales_documents*."""
        found = _Found()
        for number in sales_documents:
            self._follow(pad_number(number), found)
        sales = [self.sales_documents.one(number) for number in sorted(found.sales)]
        billed = self.billing_documents.read(sorted(found.billing))
        items = self._items(billed)
        return ChainSnapshot(
            sales_documents=tuple(each for each in sales if each is not None),
            deliveries=self.deliveries.read(sorted(found.deliveries)),
            billing_documents=billed,
            items=items,
            links=(*self._links(found.rows.values()), *accounting_links(billed, items)),
        )

    def _behind(self, kind: str, number: str) -> set[str]:
        """Return the sales documents that a changed document belongs to."""
        match kind:
            case "sales":
                return {number}
            case "delivery":
                delivery = self.engine.delivery(number)
                return {each.reference_document for each in delivery.items} if delivery else set()
            case "billing":
                billing = self.engine.billing_document(number)
                return {each.sales_document for each in billing.items} if billing else set()
            case _:
                company, document, year = number.split("/")
                posted = self.engine.accounting_document(company, document, int(year))
                lines = posted.lines if posted else ()
                cleared = self.engine.items_cleared_by(company, document)
                billed = {line.billing_document for line in lines}
                billed |= {item.line.billing_document for item in cleared}
                behind = (self._behind("billing", each) for each in billed if each)
                return set().union(*behind)

    def _follow(self, number: str, found: _Found) -> None:
        document = self.engine.sales_document(number)
        if document is None or number in found.sales:
            return
        found.sales.add(number)
        for item in document.items:
            if self.engine.billing_document(item.reference_document) is not None:
                found.billing.add(item.reference_document)
            elif item.reference_document:
                self._follow(item.reference_document, found)
        self._followers(number, found)

    def _followers(self, number: str, found: _Found) -> None:
        for row in self.engine.flow_after(number):
            if row.key in found.rows or row.subsequent_category not in CATEGORIES:
                continue
            found.rows[row.key] = row
            if self.engine.delivery(row.subsequent) is not None:
                found.deliveries.add(row.subsequent)
            elif self.engine.billing_document(row.subsequent) is not None:
                found.billing.add(row.subsequent)
            elif self.engine.sales_document(row.subsequent) is not None:
                self._follow(row.subsequent, found)
                continue
            self._followers(row.subsequent, found)

    def _items(self, billed: Iterable[BillingDocument]) -> tuple[CustomerItem, ...]:
        """Return lines of the invoices, what cleared them, and what names them as its invoice."""
        billed = list(billed)
        own = self.open_items.items_of_billing_documents([each.number for each in billed])
        numbers = {item.key.accounting_document for item in own}
        cleared_by = {item.clearing_document for item in own if item.clearing_document}
        accounts = {(each.company_code, each.payer) for each in billed if each.accounting_document}
        beside = [
            item
            for company_code, payer in accounts
            for item in self._account(company_code, payer)
            if item.invoice_reference in numbers
            or (item.clearing_document in cleared_by and not item.billing_document)
        ]
        return each_once((*own, *beside))

    def _account(self, company_code: str, payer: str) -> Iterator[CustomerItem]:
        """Yield all items that ever stood on an account."""
        for number in self.engine.document_numbers("accounting"):
            company, document, year = number.split("/")
            posted = self.engine.accounting_document(company, document, int(year))
            if posted is not None and company == company_code:
                for item in self.open_items.lines(posted):
                    if item.customer == payer:
                        yield item

    def _links(self, rows: Iterable[FlowRow]) -> Iterator[FlowLink]:
        zone = ZoneInfo(self.engine.settings.time_zone)
        for row in rows:
            if not row.unit:
                continue
            valued = row.currency and row.subsequent_category in _VALUED
            yield FlowLink(
                preceding=_reference(row.preceding_category, row.preceding, row.preceding_item),
                subsequent=_reference(row.subsequent_category, row.subsequent, row.subsequent_item),
                quantity=self._in_sales_unit(row),
                net_amount=Money(amount=row.value, currency=row.currency) if valued else None,
                sign=_SIGNS[row.sign],
                created_on=row.created_at.astimezone(zone).date(),
            )

    def _in_sales_unit(self, row: FlowRow) -> Quantity:
        document = self.engine.sales_document(row.preceding) or self.engine.delivery(row.preceding)
        item = document.item(row.preceding_item) if document is not None else None
        if item is None or item.sales_unit == row.unit:
            return Quantity(value=row.quantity, unit=row.unit)
        value = row.quantity * item.base_denominator / item.base_numerator
        return Quantity(value=value.quantize(_THOUSANDTH, ROUND_HALF_UP), unit=item.sales_unit)


def _reference(category: str, document: str, item_number: int) -> ItemReference:
    return ItemReference(category=CATEGORIES[category], document=document, item_number=item_number)
