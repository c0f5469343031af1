"""The reference's sales documents: each field of the port beside the engine's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from connector.errors import RejectedError
from connector.ports.erp import OrderPayer, SalesOrderHead, SubmissionObserver
from connector.sd_documents.conditions import Condition, ConditionValue
from connector.sd_documents.partners import Address, Partner, PartnerFunction
from connector.sd_documents.sales_document import (
    PostedSalesDocument,
    PostedSalesDocumentItem,
    SalesArea,
    SalesDocument,
    SalesDocumentItem,
)
from connector.sd_documents.sales_document_change import (
    SalesDocumentChange,
    SalesDocumentItemChange,
)
from connector.sd_documents.schedule_lines import ScheduleLine
from connector.sd_documents.status import CreditStatus, Status
from connector.sd_documents.values import DocumentCategory as C
from connector.sd_documents.values import ItemReference, Money, Quantity, pad_number
from connector.simulator.engine import sales_records as record
from connector.simulator.engine import specs
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.status import SalesItemStatus, SalesStatus
from tests.contract.engine.posting import (
    Poster,
    first,
    require_accepted,
    require_there,
)

CATEGORIES = {category.value: category for category in C}
#: Categories without schedule lines: nothing is promised, so nothing is confirmed.
_UNSCHEDULED = (C.CREDIT_MEMO_REQUEST, C.DEBIT_MEMO_REQUEST)
#: Fields of an address, which both sides call alike.
_ADDRESS = (
    "name", "name_2", "street", "postal_code", "city", "region", "country", "telephone", "email",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class EngineSalesDocuments:
    """Creates, changes, prices, finds and reads."""

    engine: SimulatedErp
    poster: Poster

    def create(self, document: SalesDocument, observer: SubmissionObserver) -> str:
        """Post *document*."""
        spec = _spec(document)
        numbers = [item.item_number for item in document.items]
        number = first(
            self.poster.post(
                lambda s: s.create_sales_document(spec), observer, item_numbers=numbers
            )
        )
        require_there(self.engine.sales_document(number), number)
        return number

    def change(self, change: SalesDocumentChange, observer: SubmissionObserver) -> None:
        """Make *change*."""
        number = pad_number(change.number)
        before = self.engine.sales_document(number)
        if before is None:
            raise RejectedError(f"document {number} does not exist")
        known = {item.item_number for item in before.items}
        if {item.item_number for item in change.items} - known:
            raise RejectedError(f"document {number} has no such item")
        wanted = _change(change, before)
        self.poster.post(
            lambda s: s.change_sales_document(number, wanted), observer, lambda _: (number,)
        )

    def simulate(self, document: SalesDocument) -> PostedSalesDocument:
        """Price *document*."""
        with self.engine.session(self.poster.user) as session:
            outcome = session.simulate_sales_document(_spec(document))
        require_accepted(outcome)
        priced: record.SalesDocument = outcome.documents[0]
        found = posted(priced, None)
        # The interface of a simulation shows neither blocks, partners nor internal dates.
        items = (
            item.model_copy(
                update={"schedule_lines": tuple(map(_without_dates, item.schedule_lines))}
            )
            for item in found.items
        )
        return found.model_copy(
            update={
                "items": tuple(items),
                "payment_terms": document.payment_terms,
                "delivery_block_reason": "",
                "billing_block_reason": "",
                "credit_status": CreditStatus.NOT_EXECUTED,
            }
        )

    def find(self, purchase_order_by_customer: str, category: C) -> tuple[str, ...]:
        """Return the documents with that reference, oldest first."""
        found = self.engine.sales_documents_by_purchase_order(purchase_order_by_customer)
        return tuple(each.number for each in found if each.category == category.value)

    def orders_created(self, first: date, last: date) -> tuple[SalesOrderHead, ...]:
        """Return the orders that were entered between two days."""
        zone = ZoneInfo(self.engine.settings.time_zone)
        found = (
            (each, each.created_at.astimezone(zone).date())
            for each in self.engine.sales_documents()
        )
        return tuple(
            SalesOrderHead(each.number, each.purchase_order_by_customer, each.sold_to, created_on)
            for each, created_on in found
            if each.category == C.SALES_ORDER.value and first <= created_on <= last
        )

    def payers(self, sales_orders: Sequence[str]) -> tuple[OrderPayer, ...]:
        """Return who pays."""
        found = (self.engine.sales_document(pad_number(number)) for number in sales_orders)
        return tuple(
            OrderPayer(each.number, partner.item_number, partner.customer)
            for each in found
            if each is not None
            for partner in each.partners
            if partner.function == "RG"
        )

    def read(
        self, numbers: Sequence[str], category: C | None = None
    ) -> tuple[PostedSalesDocument, ...]:
        """Read documents; partners are with them."""
        self.poster.require_open()
        found = (self.one(number) for number in dict.fromkeys(map(pad_number, numbers)))
        return tuple(
            each.model_copy(update={"partners": tuple(self._partners(each.number))})
            for each in found
            if each is not None and category in (None, each.category)
        )

    def one(self, number: str) -> PostedSalesDocument | None:
        """Read one document as chains have it, without partners."""
        document = self.engine.sales_document(number)
        if document is None or document.category not in CATEGORIES:
            return None
        return posted(document, self.engine.sales_status(document.number))

    def _partners(self, number: str) -> Iterator[Partner]:
        document = self.engine.sales_document(number)
        assert document is not None
        known = {function.value: function for function in PartnerFunction}
        for partner in document.partners:
            if partner.function in known:
                yield Partner(
                    function=known[partner.function],
                    customer=partner.customer,
                    item_number=partner.item_number or None,
                    address=_address(partner.address) if partner.address else None,
                )


def _spec(document: SalesDocument) -> specs.SalesDocumentSpec:
    area = document.sales_area
    return specs.SalesDocumentSpec(
        document_type=document.sales_order_type,
        sales_organization=area.sales_organization,
        distribution_channel=area.distribution_channel,
        division=area.division,
        partners=[_partner(each) for each in document.partners],
        items=[_item(each) for each in document.items],
        schedule_lines=[line for each in document.items for line in _lines(each)],
        conditions=[_condition(each) for each in document.all_conditions()],
        texts=[
            specs.Text(
                text.text_id,
                tuple(text.content.splitlines()),
                text.item_number or 0,
                text.language,
            )
            for text in document.texts
        ],
        purchase_order_by_customer=document.purchase_order_by_customer,
        purchase_order_date=document.purchase_order_date,
        document_date=document.document_date,
        requested_delivery_date=document.requested_delivery_date,
        valid_from=document.valid_from,
        valid_to=document.valid_to,
        pricing_date=document.pricing_date,
        currency=document.currency,
        terms_of_payment=document.payment_terms,
        incoterms=document.incoterms,
        incoterms_location=document.incoterms_location,
        delivery_block=document.delivery_block_reason,
        billing_block=document.billing_block_reason,
        order_reason=document.order_reason,
        reference_document=document.reference_document or "",
        reference_category=document.reference_category.value if document.reference_category else "",
    )


def _item(item: SalesDocumentItem) -> specs.SalesItemSpec:
    reference = item.reference
    return specs.SalesItemSpec(
        item_number=item.item_number,
        material=item.material,
        customer_material=item.customer_material,
        quantity=item.requested_quantity.value,
        sales_unit=item.requested_quantity.unit,
        item_category=item.item_category,
        plant=item.plant,
        short_text=item.item_text,
        reference_document=reference.document if reference else "",
        reference_item=reference.item_number if reference else 0,
        reference_category=reference.category.value if reference else "",
    )


def _lines(item: SalesDocumentItem) -> Iterator[specs.ScheduleLineSpec]:
    for line in item.schedule_lines:
        yield specs.ScheduleLineSpec(
            item.item_number,
            line.requested_quantity.value,
            line.requested_delivery_date,
            line.material_availability_date,
            line.goods_issue_date,
        )


def _condition(condition: Condition) -> specs.ManualCondition:
    return specs.ManualCondition(
        condition.condition_type,
        condition.rate,
        condition.item_number or 0,
        condition.currency or "",
        Decimal(condition.per),
        condition.unit or "",
    )


def _partner(partner: Partner) -> specs.Partner:
    given = None if partner.address is None else specs.Address(**_address_values(partner.address))
    return specs.Partner(partner.function.value, partner.customer, partner.item_number or 0, given)


def _address(address: specs.Address) -> Address:
    return Address(**_address_values(address))


def _address_values(address: Address | specs.Address) -> dict[str, str]:
    return {name: getattr(address, name) for name in _ADDRESS}


def _change(change: SalesDocumentChange, before: record.SalesDocument) -> specs.SalesDocumentChange:
    wanted_on = change.requested_delivery_date or before.requested_delivery_date
    return specs.SalesDocumentChange(
        delivery_block=change.delivery_block_reason,
        billing_block=change.billing_block_reason,
        requested_delivery_date=change.requested_delivery_date,
        items=[
            *(_item_change(each) for each in change.items),
            *(
                specs.SalesItemChange(
                    each.item_number,
                    action="I",
                    new=_item(each),
                    schedule_lines=list(_lines(each))
                    or [
                        specs.ScheduleLineSpec(
                            each.item_number, each.requested_quantity.value, wanted_on
                        )
                    ],
                )
                for each in change.added_items
            ),
        ],
        conditions=[
            _condition(each.model_copy(update={"item_number": item.item_number}))
            for item in change.added_items
            for each in item.conditions
        ],
        partners=[_partner(each) for each in change.partners],
    )


def _item_change(item: SalesDocumentItemChange) -> specs.SalesItemChange:
    quantity = item.requested_quantity
    return specs.SalesItemChange(
        item.item_number,
        quantity=quantity.value if quantity is not None else None,
        rejection_reason=item.rejection_reason,
        requested_delivery_date=item.requested_delivery_date,
    )


def posted(document: record.SalesDocument, state: SalesStatus | None) -> PostedSalesDocument:
    """Return *document* in the port's form; without *state* it is not saved."""
    currency = document.currency

    def money(amount: Decimal) -> Money:
        return Money(amount=amount, currency=currency)

    def item(each: record.SalesItem) -> PostedSalesDocumentItem:
        unit = each.sales_unit
        status = state.items[each.item_number] if state else SalesItemStatus(each.item_number)
        unscheduled = CATEGORIES[document.category] in _UNSCHEDULED
        return PostedSalesDocumentItem(
            item_number=each.item_number,
            material=each.material,
            requested_quantity=Quantity(value=each.quantity, unit=unit),
            confirmed_quantity=Quantity(
                value=Decimal(0) if unscheduled else each.confirmed_quantity, unit=unit
            ),
            item_category=each.item_category,
            plant=each.plant,
            net_amount=money(each.net_value),
            tax_amount=money(each.tax_amount),
            gross_amount=money(each.gross_value),
            cost_amount=money(each.cost),
            delivery_status=Status(status.delivery),
            billing_status=Status(status.order_billing),
            overall_status=Status(status.overall),
            rejection_reason=each.rejection_reason,
            schedule_lines=tuple(_schedule_line(line, unit) for line in each.schedule_lines),
            reference=_reference(each),
        )

    return PostedSalesDocument(
        number=document.number or "$",
        category=CATEGORIES[document.category],
        sales_order_type=document.document_type,
        sales_area=SalesArea(
            sales_organization=document.sales_organization,
            distribution_channel=document.distribution_channel,
            division=document.division,
        ),
        purchase_order_by_customer=document.purchase_order_by_customer,
        document_date=document.document_date,
        requested_delivery_date=document.requested_delivery_date,
        sold_to_party=document.sold_to,
        currency=currency,
        items=tuple(item(each) for each in document.items),
        condition_values=tuple(
            ConditionValue(
                condition_type=condition.condition_type,
                item_number=each.item_number,
                value=money(condition.value),
                tax_code=condition.tax_code,
                statistical=condition.statistical,
            )
            for each in document.items
            for condition in each.conditions
        ),
        net_amount=money(document.net_value),
        tax_amount=money(document.tax_amount),
        delivery_status=Status(state.delivery if state else ""),
        billing_status=Status(state.order_billing if state else ""),
        overall_status=Status(state.overall if state else ""),
        reference_status=Status(state.reference if state else ""),
        credit_status=CreditStatus(document.credit_status),
        delivery_block_reason=document.delivery_block,
        billing_block_reason=document.billing_block,
        payment_terms=document.terms_of_payment,
    )


def _schedule_line(line: record.ScheduleLine, unit: str) -> ScheduleLine:
    return ScheduleLine(
        requested_delivery_date=line.requested_date,
        requested_quantity=Quantity(value=line.quantity, unit=unit),
        material_availability_date=line.material_availability_date,
        goods_issue_date=line.goods_issue_date,
        confirmed_quantity=Quantity(value=line.confirmed_quantity, unit=unit),
    )


def _without_dates(line: ScheduleLine) -> ScheduleLine:
    return line.model_copy(update={"material_availability_date": None, "goods_issue_date": None})


def _reference(item: record.SalesItem) -> ItemReference | None:
    kind = CATEGORIES.get(item.reference_category)
    if not item.reference_document or kind is None or not item.reference_item:
        return None
    return ItemReference(
        category=kind, document=item.reference_document, item_number=item.reference_item
    )
