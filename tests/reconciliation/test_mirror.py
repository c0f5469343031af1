"""What the store holds about orders, as reconciliation reads it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from connector.mappings.external_order import (
    ExternalLine,
    ExternalOrder,
    ExternalPayment,
    ExternalPaymentKind,
)
from connector.ports.step_state import Operation, StepState
from connector.ports.store_records import Flow, FlowView, Hold, Step
from connector.reconciliation.mirror import link_lines, mirrored_order
from connector.sd_documents.partners import Partner, PartnerFunction
from connector.sd_documents.payment import AccountingDocumentKey, IncomingPayment
from connector.sd_documents.sales_document import SalesArea, SalesDocumentItem
from connector.sd_documents.sales_order import SalesOrder
from connector.sd_documents.values import Money, Quantity

BERLIN = ZoneInfo("Europe/Berlin")
#: Past midnight in Berlin, still the day before in UTC.
LATE = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)


def external_line(line_id: str, sku: str = "") -> ExternalLine:
    return ExternalLine(line_id=line_id, sku=sku, quantity=Decimal(2), price=Decimal(5))


def item(number: int, material: str, quantity: int = 2) -> SalesDocumentItem:
    return SalesDocumentItem(
        item_number=number,
        material=material,
        requested_quantity=Quantity(value=Decimal(quantity), unit="PC"),
    )


def sales_order() -> SalesOrder:
    return SalesOrder(
        sales_order_type="OR",
        sales_area=SalesArea(sales_organization="1000", distribution_channel="10", division="00"),
        purchase_order_by_customer="SH-1",
        requested_delivery_date=date(2026, 3, 4),
        currency="EUR",
        partners=(Partner(function=PartnerFunction.SOLD_TO_PARTY, customer="0000001000"),),
        items=(item(10, "M-1", 24),),
    )


def payment() -> IncomingPayment:
    return IncomingPayment(
        payment_reference="SHOP-77",
        company_code="1000",
        payer="0000001000",
        document_date=date(2026, 3, 2),
        posting_date=date(2026, 3, 2),
        received=Money(amount=Decimal(10), currency="EUR"),
        bank_account="113100",
        cash_discount=Money.zero("EUR"),
    )


def step(operation: Operation, key: str, state: StepState, payload: str, *numbers: str) -> Step:
    return Step(
        id=1,
        flow_id=1,
        operation=operation,
        sequence_key=key,
        state=state,
        fence=1,
        attempt=1,
        order_version=1,
        created_at=LATE,
        payload=payload,
        numbers=numbers,
    )


def view(*steps: Step, holds: tuple[Hold, ...] = ()) -> FlowView:
    order = ExternalOrder(
        channel="shop",
        external_id="1",
        ordered_at=LATE,
        currency="EUR",
        lines=(external_line("a", "SKU-1"),),
        payments=(
            ExternalPayment(
                payment_id="77",
                gateway="card",
                amount=Decimal("10.00"),
                currency="EUR",
                paid_at=LATE,
            ),
            ExternalPayment(
                payment_id="78",
                kind=ExternalPaymentKind.REFUNDED,
                gateway="card",
                amount=Decimal("3.00"),
                currency="EUR",
                paid_at=LATE,
            ),
        ),
    )
    flow = Flow(
        id=1,
        channel="shop",
        external_id="1",
        order_name="#1",
        plan="standard",
        reference="SH-1",
        version=1,
        checked_version=1,
        writes=0,
        mirrored_writes=0,
        wakes=0,
        created_at=LATE,
        due_at=None,
        closed_at=None,
    )
    return FlowView(flow=flow, order=order, steps=steps, holds=holds)


def test_days_are_those_of_the_company_and_not_of_greenwich() -> None:
    mirrored = mirrored_order(view(), BERLIN, view().order)

    assert mirrored.ordered_on == mirrored.received_on == date(2026, 3, 2)
    assert mirrored.payments[0].paid_on == date(2026, 3, 2)


def test_a_finished_step_names_its_sales_order_and_an_unfinished_one_does_not() -> None:
    order = sales_order().model_dump_json()
    done = step(Operation.CREATE_SALES_ORDER, "1", StepState.DONE, order, "4711")
    unsure = step(Operation.CREATE_SALES_ORDER, "1", StepState.IN_DOUBT, order, "4711")

    assert mirrored_order(view(done), BERLIN, view().order).sales_documents == ("0000004711",)
    assert mirrored_order(view(unsure), BERLIN, view().order).sales_documents == ()


def test_quantities_are_those_that_were_sent_in_the_sales_unit() -> None:
    order = sales_order().model_dump_json()
    done = step(Operation.CREATE_SALES_ORDER, "1", StepState.DONE, order, "4711")

    mirrored = mirrored_order(view(done), BERLIN, view().order)

    (link,) = mirrored.lines
    assert (link.line_id, link.item_number) == ("a", 10)
    assert link.quantity == Quantity(value=Decimal(24), unit="PC")
    assert mirrored.sales_organization == "1000"


def test_a_posted_payment_names_its_receipt_and_refunds_are_no_receipts() -> None:
    posted = step(
        Operation.POST_PAYMENT,
        "77",
        StepState.DONE,
        payment().model_dump_json(),
        "1000/1400000001/2026",
    )

    (only,) = mirrored_order(view(posted), BERLIN, view().order).payments

    assert only.reference == "SHOP-77"
    assert only.accounting_document == AccountingDocumentKey(
        company_code="1000", accounting_document="1400000001", fiscal_year=2026
    )


def test_a_payment_that_was_prepared_but_not_posted_has_a_reference_and_no_receipt() -> None:
    waiting = step(Operation.POST_PAYMENT, "77", StepState.RETRY_WAIT, payment().model_dump_json())

    (only,) = mirrored_order(view(waiting), BERLIN, view().order).payments

    assert only.reference == "SHOP-77"
    assert only.accounting_document is None


def test_open_holds_are_told_with_reason_and_message() -> None:
    hold = Hold(
        id=1, flow_id=1, step_id=None, reason="UNKNOWN_SKU", message="add it", heals=True,
        opened_at=LATE,
    )  # fmt: skip

    assert mirrored_order(view(holds=(hold,)), BERLIN, view().order).hold == "UNKNOWN_SKU: add it"


def test_lines_and_items_of_equal_number_are_linked_by_position() -> None:
    lines = (external_line("a"), external_line("b"))

    links = link_lines(lines, lines, (item(10, "M-1"), item(20, "M-2")))

    assert [(link.line_id, link.item_number) for link in links] == [("a", 10), ("b", 20)]


def test_otherwise_lines_are_linked_by_article_when_it_is_unique() -> None:
    lines = (external_line("a", "M-1"), external_line("b", "M-2"), external_line("c", "M-2"))

    links = link_lines(lines, lines, (item(10, "M-2"), item(20, "M-1")))

    assert [(link.line_id, link.item_number) for link in links] == [("a", 20)]


def test_a_line_that_changed_after_it_was_sent_is_converted_as_it_was_then() -> None:
    """Two boxes became 24 pieces; three boxes are 36, and an added line has no item."""
    before = (external_line("a"),)
    after = (before[0].model_copy(update={"quantity": Decimal(3)}), external_line("b"))

    (link,) = link_lines(after, before, (item(10, "M-1", 24),))

    assert link.quantity == Quantity(value=Decimal(36), unit="PC")
