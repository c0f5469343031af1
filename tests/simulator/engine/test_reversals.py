"""Taking back: cancelled invoices, reversed goods issues, deleted deliveries, what splits."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connector.resources import shipped
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.master_tables import combined, read_folder
from connector.simulator.engine.specs import (
    BillingRef,
    DeliveryRef,
    ManualCondition,
    OpenItemRef,
    PaymentSpec,
    SalesDocumentChange,
)
from tests.simulator.engine.support import (
    balance,
    billed,
    delivered,
    done,
    invoiced,
    issued,
    item,
    journal,
    new_erp,
    on,
    open_total,
    order,
    refused,
    sold,
)


def test_a_cancelled_invoice_stays_and_its_mirror_clears_it(erp: SimulatedErp) -> None:
    _, delivery, invoice = invoiced(erp, order(item(10, "M-01", 2)))

    outcome = done(erp, "cancel_billing_document", invoice)

    original, mirror = erp.billing_document(invoice), erp.billing_document(outcome.number)
    assert original is not None and mirror is not None
    assert (original.cancelled, original.transfer_status) == (True, "C")
    assert (mirror.category, mirror.billing_type, mirror.cancelled_document) == (
        "N",
        "S1",
        invoice,
    )
    assert journal(erp.accounting_document("1000", mirror.number)) == [
        ("140000", "", "238.00"),
        ("800000", "200.00", ""),
        ("175000", "38.00", ""),
    ]
    assert erp.open_items("1000", "C-100") == ()
    cleared = erp.items_cleared_by("1000", mirror.number)
    assert {each.accounting_document for each in cleared} == {invoice, mirror.number}
    assert balance(erp) == open_total(erp) == 0
    assert erp.delivery_status(delivery).billing == "A"
    assert [f"{row.type} {row.id} {row.number}" for row in outcome.messages] == ["S VF 216"]


def test_after_a_cancellation_the_delivery_is_billed_again(erp: SimulatedErp) -> None:
    _, delivery, invoice = invoiced(erp, order(item(10, "M-01", 2)))
    done(erp, "cancel_billing_document", invoice)

    (again,) = billed(erp, delivery)

    rows = [
        (row.subsequent, row.subsequent_category, row.sign, int(row.quantity))
        for row in erp.flow_after(delivery)
        if row.subsequent_category != "R"
    ]
    assert rows == [
        (invoice, "M", "+", 2),
        ("0090000002", "N", "-", 2),
        (again, "M", "+", 2),
    ]
    assert [row.subsequent for row in erp.flow_after(invoice)] == ["0090000002"]
    assert balance(erp) == Decimal("238.00")


def test_an_invoice_is_cancelled_once(erp: SimulatedErp) -> None:
    _, _, invoice = invoiced(erp, order(item(10, "M-01", 2)))
    mirror = done(erp, "cancel_billing_document", invoice).number
    assert refused(erp, "cancel_billing_document", invoice) == ["00 398"]
    assert refused(erp, "cancel_billing_document", mirror) == ["00 398"]
    assert refused(erp, "cancel_billing_document", "4711") == ["00 398"]


def test_a_paid_invoice_is_cancelled_into_an_open_credit(erp: SimulatedErp) -> None:
    _, _, invoice = invoiced(erp, order(item(10, "M-01", 2)))
    payment = PaymentSpec("1000", "C-100", Decimal("238.00"), "EUR", items=[OpenItemRef(invoice)])
    done(erp, "post_incoming_payment_with_clearing", payment)

    outcome = done(erp, "cancel_billing_document", invoice)

    assert any(row.type == "I" for row in outcome.messages)
    (credit,) = erp.open_items("1000", "C-100")
    assert (credit.accounting_document, credit.amount) == (outcome.number, Decimal("-238.00"))


def test_the_old_procedure_leaves_both_documents_open(master: MasterData) -> None:
    with new_erp(master, cancellation_clears_original=False) as erp:
        _, _, invoice = invoiced(erp, order(item(10, "M-01", 2)))
        done(erp, "cancel_billing_document", invoice)
        assert [str(each.amount) for each in erp.open_items("1000", "C-100")] == [
            "238.00",
            "-238.00",
        ]


def test_an_invoice_that_never_reached_accounting_is_closed_there(erp: SimulatedErp) -> None:
    erp.faults.inject("account determination", on="create billing documents")
    _, _, invoice = invoiced(erp, order(item(10, "M-01", 2)))
    mirror = done(erp, "cancel_billing_document", invoice).number
    found = [erp.billing_document(number) for number in (invoice, mirror)]
    assert [each.transfer_status for each in found if each] == ["E", "E"]
    assert erp.ledger_items("1000", "140000") == ()


def test_everything_is_taken_back_in_reverse_order(erp: SimulatedErp) -> None:
    number, delivery, invoice = invoiced(erp, order(item(10, "M-01", 2)))
    assert refused(erp, "reverse_goods_issue", delivery) == ["VL 444"]
    assert refused(erp, "delete_delivery", delivery) == ["VL 111"]

    done(erp, "cancel_billing_document", invoice)
    outcome = done(erp, "reverse_goods_issue", delivery)
    reversal = outcome.documents[1]
    assert reversal.items[0].movement_type == "602"
    assert journal(erp.accounting_document("1000", reversal.number)) == [
        ("792000", "110.00", ""),
        ("892000", "", "110.00"),
    ]
    status = erp.delivery_status(delivery)
    assert (status.goods_movement, status.billing) == ("A", "A")
    stock = erp.stock("1000", "M-01")
    assert stock is not None and (str(stock.unrestricted), str(stock.value)) == ("500", "27500.00")

    done(erp, "delete_delivery", delivery)
    assert erp.delivery(delivery) is None
    assert erp.sales_status(number).delivery == "A"
    assert delivered(erp, number) != delivery


def test_goods_may_be_issued_again_after_a_reversal(erp: SimulatedErp) -> None:
    delivery = delivered(erp, sold(erp, order(item(10, "M-01", 2))))
    assert refused(erp, "reverse_goods_issue", delivery) == ["00 398"]
    issued(erp, delivery)
    done(erp, "reverse_goods_issue", delivery)
    issued(erp, delivery)
    rows = [(row.subsequent_category, row.sign) for row in erp.flow_after(delivery)]
    assert rows == [("R", "+"), ("h", "-"), ("R", "+")]
    assert erp.delivery_status(delivery).goods_movement == "C"


def test_a_cancelled_credit_memo_owes_again(erp: SimulatedErp) -> None:
    _, _, invoice = invoiced(erp, order(item(10, "M-01", 2)))
    request = sold(
        erp,
        order(item(10, "", 1, reference_document=invoice, reference_item=10), document_type="CR"),
    )
    done(erp, "change_sales_document", request, SalesDocumentChange(billing_block=""))
    (memo,) = billed(erp, request)
    assert balance(erp) == Decimal("119.00")

    mirror = erp.billing_document(done(erp, "cancel_billing_document", memo).number)

    assert mirror is not None and (mirror.billing_type, mirror.category) == ("S2", "S")
    assert balance(erp) == Decimal("238.00")
    assert erp.sales_status(request).order_billing == "A"


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({"terms_of_payment": "Z214"}, "terms of payment"),
        ({"incoterms": "EXW"}, "incoterms"),
        ({"purchase_order_by_customer": "PO-2"}, "assignment"),
    ],
)
def test_a_header_field_that_differs_splits_and_is_named(
    erp: SimulatedErp, header: dict[str, str], reason: str
) -> None:
    deliveries = []
    for more in ({}, header):
        delivery = delivered(erp, sold(erp, order(item(10, "M-01", 1), **more)))
        issued(erp, delivery)
        deliveries.append(delivery)

    numbers = billed(erp, *deliveries)

    found = [erp.billing_document(number) for number in numbers]
    assert [each.split_reason for each in found if each] == [reason, reason]


def test_a_split_names_the_field_of_the_billing_document(erp: SimulatedErp) -> None:
    refs = []
    for terms in ("", "Z214"):
        delivery = delivered(erp, sold(erp, order(item(10, "M-01", 1), terms_of_payment=terms)))
        issued(erp, delivery)
        refs.append(BillingRef(delivery))
    outcome = done(erp, "create_billing_documents", refs)
    (row,) = [each for each in outcome.messages if each.type == "I"]
    assert row.text == "Invoice split: terms of payment differs (Z030 / Z214)"
    assert (row.field, row.v4) == ("ZTERM", "ZTERM")


def test_one_invoice_per_delivery_where_copy_control_says_so() -> None:
    rule = {"target": "billing", "source_type": "LF", "target_type": "F2", "routine": "single"}
    layers = [read_folder(shipped(each)) for each in ("fixtures/erp", "fixtures/erp-cases")]
    master = MasterData.from_rows(combined(*layers, {"copy_control": [rule]}))
    with new_erp(master) as erp:
        deliveries = []
        for _ in range(2):
            deliveries.append(delivered(erp, sold(erp, order(item(10, "M-01", 1)))))
            issued(erp, deliveries[-1])
        found = [erp.billing_document(number) for number in billed(erp, *deliveries)]
        assert [each.combination_criteria for each in found if each] == deliveries


def test_what_differs_in_items_only_does_not_split(erp: SimulatedErp) -> None:
    deliveries = []
    for material in ("M-01", "M-62"):
        spec = order(item(10, material, 1))
        if material == "M-62":
            spec.conditions = [ManualCondition("PR00", Decimal(5), 10)]
        delivery = delivered(erp, sold(erp, spec))
        issued(erp, delivery)
        deliveries.append(delivery)
    assert len(billed(erp, *deliveries)) == 1


def test_part_of_a_delivery_may_be_billed(erp: SimulatedErp) -> None:
    delivery = delivered(erp, sold(erp, order(item(10, "M-01", 10))))
    issued(erp, delivery)
    too_much = [BillingRef(delivery, 10, Decimal(11))]
    assert refused(erp, "create_billing_documents", too_much) == ["00 398"]
    done(erp, "create_billing_documents", [BillingRef(delivery, 10, Decimal(4))])
    assert erp.delivery_status(delivery).billing == "B"
    assert balance(erp) == Decimal("476.00")


def test_what_is_not_billed_by_delivery_is_told_apart(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "M-01", 1)))
    outcome = erp.session("T").create_billing_documents([BillingRef(number)])
    assert [f"{row.type} {row.id} {row.number}" for row in outcome.messages] == ["S VF 016"]
    assert outcome.numbers == ()


def test_changes_are_found_by_when_they_happened(erp: SimulatedErp) -> None:
    first = sold(erp, order(item(10, "M-01", 1)))
    on(erp, "2026-01-05")
    second = sold(erp, order(item(10, "M-01", 1)))
    moment = erp.clock.now()
    assert erp.changed_since("sales", moment) == (second,)

    on(erp, "2026-01-06")
    delivery = delivered(erp, first)

    assert erp.changed_since("sales", moment) == (second, first)
    assert erp.changed_since("sales", erp.clock.now()) == (first,)
    on(erp, "2026-01-07")
    issued(erp, delivery)
    assert erp.changed_since("delivery", erp.clock.now()) == (delivery,)
    billed(erp, delivery)
    assert erp.changed_since("delivery", erp.clock.now()) == (delivery,)
    assert erp.changed_since("billing", moment) == ("0090000001",)
    assert erp.changed_since("accounting", moment)[-1] == "1000/0090000001/2026"


def test_documents_are_found_from_their_predecessor(erp: SimulatedErp) -> None:
    number, delivery, invoice = invoiced(erp, order(item(10, "M-01", 1)))
    assert [each.number for each in erp.deliveries_of(number)] == [delivery]
    assert [each.number for each in erp.billing_documents_of(number)] == [invoice]
    assert [each.number for each in erp.billing_documents_of(delivery)] == [invoice]
    (posted,) = erp.accounting_documents_by_reference(invoice.lstrip("0"))
    assert posted.number == invoice
    assert refused(erp, "create_deliveries", [DeliveryRef(number)]) == ["VL 455"]
