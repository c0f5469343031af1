"""Looking for what a step in doubt may have posted: only exactly what was sent is ours."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connector.clock import ManualClock
from connector.ports.step_state import Operation, StepState
from connector.ports.store_records import Flow, FlowView, Step
from connector.sd_documents.billing_document import BillingRequest
from connector.sd_documents.delivery import DeliveryRequest, DeliveryRequestItem
from connector.sd_documents.payment import AccountingDocumentKey, IncomingPayment
from connector.sd_documents.sales_document import SalesDocument
from connector.sd_documents.status import Status
from connector.sd_documents.values import DocumentCategory, ItemReference, Money, Quantity
from connector.sync.look_up import Found, content_differences, look_up
from connector.sync.writes import GoodsIssueRequest, Payload, payload_text
from tests.sync.in_memory_books import priced
from tests.sync.in_memory_erp import InMemoryErp
from tests.sync.world import NO_RULES, START, PlainRoute, an_order

TODAY = START.date()
ORDER = "0000000001"
EUR = "EUR"


@pytest.fixture
def erp() -> InMemoryErp:
    """An ERP with one order of 100 pieces."""
    found = InMemoryErp(ManualClock(START))
    found.books.sales[ORDER] = priced(_sent(), ORDER, TODAY)
    return found


def test_a_split_delivery_is_found_whole(erp: InMemoryErp) -> None:
    """One request, two deliveries: together they are what was sent."""
    erp.books.add_delivery("0080000001", [(_item(), _pieces(60))], TODAY)
    erp.books.add_delivery("0080000002", [(_item(), _pieces(40))], TODAY)
    assert _look(erp, Operation.CREATE_DELIVERY, _delivery(100)) == Found(
        ("0080000001", "0080000002")
    )


def test_a_delivery_that_was_known_before_is_not_the_one_that_was_sent(erp: InMemoryErp) -> None:
    erp.books.add_delivery("0080000001", [(_item(), _pieces(40))], TODAY)
    assert _look(erp, Operation.CREATE_DELIVERY, _delivery(40), known=("0080000001",)) == Found()
    erp.books.add_delivery("0080000002", [(_item(), _pieces(40))], TODAY)
    assert _look(erp, Operation.CREATE_DELIVERY, _delivery(40), known=("0080000001",)) == Found(
        ("0080000002",)
    )


@pytest.mark.parametrize("quantity", [39, 41])
def test_a_delivery_of_another_quantity_is_a_conflict(erp: InMemoryErp, quantity: int) -> None:
    erp.books.add_delivery("0080000001", [(_item(), _pieces(quantity))], TODAY)
    found = _look(erp, Operation.CREATE_DELIVERY, _delivery(40))
    assert not found.numbers
    assert "0080000001" in found.conflict


def test_a_goods_issue_is_read_off_the_delivery(erp: InMemoryErp) -> None:
    erp.books.add_delivery("0080000001", [(_item(), _pieces(100))], TODAY)
    request = GoodsIssueRequest(delivery=erp.books.deliveries["0080000001"], actual_date=TODAY)
    assert _look(erp, Operation.POST_GOODS_ISSUE, request) == Found()
    erp.books.issue_on("0080000001", TODAY)
    assert _look(erp, Operation.POST_GOODS_ISSUE, request) == Found(("0080000001",))
    del erp.books.deliveries["0080000001"]
    assert "no longer exists" in _look(erp, Operation.POST_GOODS_ISSUE, request).conflict


def test_a_partly_issued_delivery_is_a_conflict(erp: InMemoryErp) -> None:
    erp.books.add_delivery("0080000001", [(_item(), _pieces(50)), (_item(), _pieces(50))], TODAY)
    delivery = erp.books.deliveries["0080000001"]
    first = delivery.items[0].model_copy(update={"goods_movement_status": Status.COMPLETELY})
    erp.books.deliveries["0080000001"] = delivery.model_copy(
        update={"items": (first, delivery.items[1])}
    )
    request = GoodsIssueRequest(delivery=delivery, actual_date=TODAY)
    assert "partly issued" in _look(erp, Operation.POST_GOODS_ISSUE, request).conflict


def test_an_invoice_is_found_by_what_it_bills(erp: InMemoryErp) -> None:
    erp.books.add_delivery("0080000001", [(_item(), _pieces(60))], TODAY)
    erp.books.add_delivery("0080000002", [(_item(), _pieces(40))], TODAY)
    request = BillingRequest(
        preceding=("0080000001", "0080000002"),
        preceding_category=DocumentCategory.DELIVERY,
        billing_date=TODAY,
    )
    assert _look(erp, Operation.CREATE_BILLING_DOCUMENT, request) == Found()
    erp.books.add_billing("0090000001", ["0080000001"], TODAY)
    half = _look(erp, Operation.CREATE_BILLING_DOCUMENT, request)
    assert "0090000001 bill other quantities" in half.conflict
    erp.books.add_billing("0090000002", ["0080000002"], TODAY)
    split = _look(erp, Operation.CREATE_BILLING_DOCUMENT, request)
    assert split == Found(("0090000001", "0090000002"))


def test_a_cancelled_invoice_is_not_the_one_that_was_sent(erp: InMemoryErp) -> None:
    erp.books.add_delivery("0080000001", [(_item(), _pieces(100))], TODAY)
    erp.books.add_billing("0090000001", ["0080000001"], TODAY)
    erp.books.billing["0090000001"] = erp.books.billing["0090000001"].model_copy(
        update={"is_cancelled": True}
    )
    request = BillingRequest(
        preceding=("0080000001",),
        preceding_category=DocumentCategory.DELIVERY,
        billing_date=TODAY,
    )
    assert _look(erp, Operation.CREATE_BILLING_DOCUMENT, request) == Found()


def test_a_payment_is_found_by_its_reference_and_checked_by_its_amount(erp: InMemoryErp) -> None:
    payment = _payment("119.00")
    assert _look(erp, Operation.POST_PAYMENT, payment) == Found()
    erp.books.add_payment(_key("1400000001"), payment)
    assert _look(erp, Operation.POST_PAYMENT, payment) == Found(("1000/1400000001/2026",))
    erp.books.add_payment(_key("1400000002"), payment)
    assert "all carry 'R1'" in _look(erp, Operation.POST_PAYMENT, payment).conflict


def test_the_number_that_the_erp_named_counts_even_if_the_reference_was_altered(
    erp: InMemoryErp,
) -> None:
    """An exit in the ERP may rewrite the purchase order number; the number is still ours."""
    erp.books.sales[ORDER] = erp.books.sales[ORDER].model_copy(
        update={"purchase_order_by_customer": "REWRITTEN"}
    )
    found = _look(erp, Operation.CREATE_SALES_ORDER, _sent(), provisional=(ORDER,))
    assert found == Found((ORDER,))


def test_a_document_that_is_named_but_cannot_be_read_is_for_a_person(erp: InMemoryErp) -> None:
    erp.sales_documents.read = lambda numbers, category=None: ()  # type: ignore[method-assign]
    found = _look(erp, Operation.CREATE_SALES_ORDER, _sent())
    assert "cannot be read" in found.conflict


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sales_order_type": "ZZ"}, "sales_order_type"),
        ({"sold_to_party": "0000009999"}, "sold_to_party"),
        ({"currency": "USD"}, "currency"),
        ({"category": DocumentCategory.QUOTATION}, "category"),
        ({"items": ()}, "items[10]"),
    ],
)
def test_each_difference_in_content_is_named(
    erp: InMemoryErp, change: dict[str, object], field: str
) -> None:
    altered = erp.books.sales[ORDER].model_copy(update=change)
    assert content_differences(_sent(), altered) == (field,)


def test_leading_zeros_and_items_that_the_erp_added_are_no_difference(erp: InMemoryErp) -> None:
    there = erp.books.sales[ORDER]
    added = there.items[0].model_copy(update={"item_number": 11})
    altered = there.model_copy(update={"sold_to_party": "1000", "items": (*there.items, added)})
    assert content_differences(_sent(), altered) == ()


def _sent() -> SalesDocument:
    mapped = PlainRoute(NO_RULES, "standard").map(
        an_order(quantity="100"), [DocumentCategory.SALES_ORDER]
    )
    document = mapped.document(DocumentCategory.SALES_ORDER)
    assert document is not None
    return document


def _look(
    erp: InMemoryErp,
    operation: Operation,
    payload: Payload,
    *,
    known: tuple[str, ...] = (),
    provisional: tuple[str, ...] = (),
) -> Found:
    step = Step(
        id=1,
        flow_id=1,
        operation=operation,
        sequence_key="1",
        state=StepState.IN_DOUBT,
        fence=1,
        attempt=1,
        order_version=1,
        created_at=START,
        payload=payload_text(payload),
        known_before=known,
        provisional_numbers=provisional,
    )
    flow = Flow(1, "shop", "1001", "", "standard", "W-1001", 1, 1, 1, 1, 0, START, None, None)
    order = erp.books.sales[ORDER]
    return look_up(erp, step, FlowView(flow, an_order(), sales_documents=(order,)))


def _item() -> ItemReference:
    return ItemReference(category=DocumentCategory.SALES_ORDER, document=ORDER, item_number=10)


def _pieces(quantity: int) -> Quantity:
    return Quantity(value=Decimal(quantity), unit="PC")


def _delivery(quantity: int) -> DeliveryRequest:
    item = DeliveryRequestItem(preceding=_item(), quantity=_pieces(quantity))
    return DeliveryRequest(items=(item,), due_date=TODAY)


def _key(number: str) -> AccountingDocumentKey:
    return AccountingDocumentKey(company_code="1000", accounting_document=number, fiscal_year=2026)


def _payment(amount: str) -> IncomingPayment:
    return IncomingPayment(
        payment_reference="R1",
        company_code="1000",
        payer="0000001000",
        document_date=date(2026, 3, 1),
        posting_date=TODAY,
        received=Money(amount=Decimal(amount), currency=EUR),
        bank_account="113100",
        cash_discount=Money.zero(EUR),
    )
