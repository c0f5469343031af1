"""
Each kind of difference between orders, billing and FI, from postings that users of the ERP make.

Every story begins with an order that would reconcile; one thing goes wrong, and it must be found
once, under the code that names it.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from connector.mappings.external_order import ExternalShipping, ExternalTax
from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.mirror import MirroredOrder, MirroredPayment
from connector.reconciliation.report import ReconciliationRun, Verdict
from connector.sd_documents.values import Money
from connector.simulator.engine.dunning import CustomerLineChange
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.specs import (
    AccountingDocumentSpec,
    AccountingLineSpec,
    ManualCondition,
    OpenItemRef,
    Partner,
    PaymentSpec,
    SalesDocumentChange,
    SalesItemChange,
)
from tests.reconciliation.books import day, line
from tests.reconciliation.company import Company, a_way, amounts, pays
from tests.simulator.engine.support import (
    billed,
    delivered,
    done,
    invoiced,
    issued,
    item,
    on,
    order,
)
from tests.simulator.engine.support import sold as sold_in

FAR = "2026-03-31"


def a_sale(company: Company, **more: Any) -> tuple[str, str, str]:
    """Sell 10 pieces at 100.00 on 2026-01-05, deliver and bill them; order, delivery, invoice."""
    erp = company.simulated
    on(erp, "2026-01-05")
    spec = order(item(10, "M-01", 10), purchase_order_by_customer="EXT-1", **more)
    number, delivery, invoice = invoiced(erp, spec)
    company.sells("EXT-1", [line(10, "100.00")], "2026-01-05", sales_order=number)
    return number, delivery, invoice


def codes(run: ReconciliationRun) -> list[BreakCode]:
    return [difference.code for difference in run.breaks]


def is_closed(run: ReconciliationRun) -> bool:
    return run.verdict is not Verdict.INCOMPLETE and all(i.holds for i in run.identities)


def with_payments(mirrored: MirroredOrder, *, refunds: tuple[tuple[str, str, str], ...]) -> Any:
    return replace(
        mirrored,
        refunds=tuple(
            MirroredPayment(name, "card", Money(amount=Decimal(amount), currency="EUR"), day(on))
            for name, amount, on in refunds
        ),
    )


def test_a_sales_order_that_nobody_sold_is_an_orphan_with_what_was_billed_for_it(
    company: Company,
) -> None:
    a_sale(company)
    invoiced(company.simulated, order(item(10, "M-01", 2), purchase_order_by_customer="EXT-77"))
    invoiced(company.simulated, order(item(10, "M-01", 2), purchase_order_by_customer="PHONE A"))

    run = company.reconciles("2026-01-20")

    assert codes(run) == [BreakCode.ORPHAN_SAP_ORDER]
    assert str(run.breaks[0].difference) == "238.00 EUR"
    assert amounts(run, 1)["breaks"] == "-238.00"
    assert is_closed(run)


def test_references_of_our_own_can_be_told(company: Company) -> None:
    a_sale(company)
    sold_in(company.simulated, order(item(10, "M-01", 2), purchase_order_by_customer="WEB 9"))

    assert codes(company.reconciles("2026-01-20")) == []
    found = company.reconciles("2026-01-20", own_reference_patterns=("WEB *",))
    assert codes(found) == [BreakCode.ORPHAN_SAP_ORDER]


def test_without_a_link_two_orders_with_one_reference_are_ambiguous(company: Company) -> None:
    a_sale(company)
    sold_in(company.simulated, order(item(10, "M-01", 10), purchase_order_by_customer="EXT-1"))
    (linked,) = company.mirrored
    company.mirrored[0] = replace(linked, sales_documents=(), lines=())

    run = company.reconciles("2026-01-20")

    assert codes(run) == [BreakCode.AMBIGUOUS]
    assert is_closed(run)


def test_the_same_purchase_order_number_of_another_customer_is_not_ours(company: Company) -> None:
    a_sale(company)
    other = order(item(10, "M-01", 3), customer="S-700", purchase_order_by_customer="EXT-1")
    sold_in(company.simulated, other)
    (linked,) = company.mirrored
    company.mirrored[0] = replace(linked, sales_documents=(), sold_to_party="C-100")

    run = company.reconciles("2026-01-20")

    assert run.verdict is Verdict.RECONCILED, run.breaks


def test_a_delivery_without_goods_issue_waits_and_then_breaks(company: Company) -> None:
    erp = company.simulated
    on(erp, "2026-01-05")
    number = sold_in(erp, order(item(10, "M-01", 10), purchase_order_by_customer="EXT-1"))
    delivered(erp, number, "6")
    company.sells("EXT-1", [line(10, "100.00")], "2026-01-05", sales_order=number)

    run = company.reconciles("2026-01-06")
    assert {d.code for d in run.pending} == {BreakCode.GI_MISSING, BreakCode.QTY_UNDER_DELIVERED}
    late = company.reconciles("2026-01-20")
    missing = next(d for d in late.breaks if d.code is BreakCode.GI_MISSING)
    assert (str(missing.effect), missing.quantity_difference) == ("714.00 EUR", Decimal(-6))
    assert is_closed(late)


def test_a_discount_that_was_not_handed_over_is_a_difference_of_discount(company: Company) -> None:
    erp = company.simulated
    on(erp, "2026-01-05")
    spec = order(item(10, "M-01", 10), purchase_order_by_customer="EXT-1")
    number, _, _ = invoiced(erp, spec)
    company.sells("EXT-1", [line(10, "100.00")], "2026-01-05", sales_order=number)
    _sell_with(company, allocated_discount=Decimal(50), tax=Decimal("180.50"))

    run = company.reconciles("2026-01-20")

    assert codes(run) == [BreakCode.DISCOUNT_DIFF]
    assert str(run.breaks[0].difference) == "59.50 EUR"
    assert str(run.breaks[0].net_difference) == "50.00 EUR"
    assert is_closed(run)


def test_a_discount_that_only_the_erp_grants_is_a_difference_of_discount(company: Company) -> None:
    a_sale(company, conditions=[ManualCondition("RB00", Decimal(30), 10)])

    run = company.reconciles("2026-01-20")

    assert codes(run) == [BreakCode.DISCOUNT_DIFF]
    assert str(run.breaks[0].difference) == "-35.70 EUR"


def test_another_price_beside_an_agreed_discount_is_a_difference_of_price(
    company: Company,
) -> None:
    conditions = [
        ManualCondition("PR00", Decimal("101.00"), 10),
        ManualCondition("RB00", Decimal(50), 10),
    ]
    a_sale(company, conditions=conditions)
    _sell_with(company, allocated_discount=Decimal(50), tax=Decimal("180.50"))

    run = company.reconciles("2026-01-20")

    assert codes(run) == [BreakCode.PRICE_DIFF]
    assert str(run.breaks[0].net_difference) == "10.00 EUR"


def test_freight_that_was_not_handed_over_is_a_difference_of_freight(company: Company) -> None:
    a_sale(company)
    _sell_with(company, shipping="8.00", tax=Decimal("190.00"))

    run = company.reconciles("2026-01-20")

    assert codes(run) == [BreakCode.FREIGHT_DIFF]
    assert str(run.breaks[0].difference) == "-9.52 EUR"
    assert is_closed(run)


def _sell_with(
    company: Company,
    *,
    tax: Decimal,
    allocated_discount: Decimal = Decimal(0),
    shipping: str = "",
) -> None:
    """Let the shop have granted a discount, or charged for shipping."""
    (known,) = company.mirrored
    sold = known.order.lines[0].model_copy(
        update={
            "allocated_discount": allocated_discount,
            "taxes": (ExternalTax(rate=Decimal("0.19"), amount=tax),),
        }
    )
    charged: tuple[ExternalShipping, ...] = ()
    total = Decimal(1000) - allocated_discount + tax
    if shipping:
        freight_tax = (Decimal(shipping) * Decimal("0.19")).quantize(Decimal("0.01"))
        taxes = (ExternalTax(rate=Decimal("0.19"), amount=freight_tax),)
        charged = (ExternalShipping(price=Decimal(shipping), taxes=taxes),)
        total += Decimal(shipping) + freight_tax
    totals = known.order.totals.model_copy(update={"grand_total": total})
    changed = known.order.model_copy(
        update={"lines": (sold,), "shipping": charged, "totals": totals}
    )
    company.mirrored[0] = replace(known, order=changed)


def test_a_payment_on_the_account_of_another_customer_is_found_once(company: Company) -> None:
    a_sale(company)
    on(company.simulated, "2026-01-15")
    spec = PaymentSpec("1000", "S-700", Decimal("1190.00"), "EUR", reference="P-1")
    done(company.simulated, "post_incoming_payment_with_clearing", spec)
    company.paid("EXT-1", ("P-1", "1190.00", "2026-01-15"))

    run = company.reconciles("2026-01-20")

    assert codes(run) == [BreakCode.PAYER_MISMATCH]
    assert str(run.breaks[0].difference) == "-1,190.00 EUR"
    assert is_closed(run)


def test_an_invoice_to_another_payer_than_the_order_names_is_found(company: Company) -> None:
    number, _, invoice = a_sale(company)
    company.other_payers[number] = "S-700"

    (found,) = company.reconciles("2026-01-20").breaks

    assert found.code is BreakCode.PAYER_MISMATCH
    assert found.key("billing_document") == invoice
    assert found.outside.what == "payer S-700"


def test_an_invoice_with_other_terms_than_the_order_is_found(company: Company) -> None:
    _, _, invoice = a_sale(company)
    change = CustomerLineChange(terms_of_payment="Z214", days=(14, 30, 0))
    done(company.simulated, "change_customer_line", "1000", invoice, change)

    run = company.reconciles("2026-01-20")

    assert codes(run) == [BreakCode.TERMS_MISMATCH]
    assert is_closed(run)


def test_a_due_date_that_was_put_off_by_hand_is_found_among_others(company: Company) -> None:
    _, _, invoice = a_sale(company)
    for name in ("EXT-2", "EXT-3", "EXT-4"):
        spec = order(item(10, "M-01", 1), purchase_order_by_customer=name)
        number, _, _ = invoiced(company.simulated, spec)
        company.sells(name, [line(1, "100.00")], "2026-01-05", sales_order=number)
    change = CustomerLineChange(baseline_date=day("2026-02-05"))
    done(company.simulated, "change_customer_line", "1000", invoice, change)

    (found,) = company.reconciles("2026-01-20").breaks

    assert found.code is BreakCode.TERMS_MISMATCH
    assert found.key("billing_document") == invoice


def test_an_item_posted_by_hand_is_an_orphan_and_no_money(company: Company) -> None:
    a_sale(company)
    _posts_by_hand(company, "DR", "80.00")
    _posts_by_hand(company, "DG", "-30.00")

    run = company.reconciles("2026-01-20")

    assert codes(run) == [BreakCode.ORPHAN_FI_ITEM] * 2
    assert sorted(str(b.difference) for b in run.breaks) == ["-30.00 EUR", "80.00 EUR"]
    assert amounts(run, 2)["FI posted"] == "1240.00"
    assert amounts(run, 2)["breaks"] == "-50.00"
    assert is_closed(run)


def _posts_by_hand(
    company: Company, document_type: str, amount: str, *, reference: str = ""
) -> str:
    lines = [
        AccountingLineSpec(Decimal(amount), customer="C-100"),
        AccountingLineSpec(-Decimal(amount), account="800000"),
    ]
    spec = AccountingDocumentSpec("1000", document_type, "EUR", lines, reference=reference)
    return done(company.simulated, "post_accounting_document", spec).number


def test_a_cancellation_that_is_not_cleared_with_its_invoice_is_found(
    company: Company,
) -> None:
    _, delivery, invoice = a_sale(company)
    company.simulated.settings.cancellation_clears_original = False
    done(company.simulated, "cancel_billing_document", invoice)
    billed(company.simulated, delivery)

    run = company.reconciles("2026-01-20")

    assert codes(run) == [BreakCode.CANCEL_NOT_CLEARED]
    assert is_closed(run)


def rebilled(company: Company, price: str) -> tuple[str, str]:
    """Let an invoice be paid, cancelled and billed anew at another price; order and invoice."""
    erp = company.simulated
    number, delivery, invoice = a_sale(company)
    pays(erp, "1190.00", OpenItemRef(invoice), on_day="2026-01-15", reference="P-1")
    on(erp, "2026-01-20")
    done(erp, "cancel_billing_document", invoice)
    conditions = [ManualCondition("PR00", Decimal(price), 10)]
    done(erp, "change_sales_document", number, SalesDocumentChange(conditions=conditions))
    (again,) = billed(erp, delivery)
    (known,) = company.mirrored
    total = Decimal(price) * 10
    tax = total * Decimal("0.19")
    sold = known.order.lines[0].model_copy(
        update={
            "price": Decimal(price),
            "taxes": (ExternalTax(rate=Decimal("0.19"), amount=tax),),
        }
    )
    totals = known.order.totals.model_copy(update={"grand_total": total + tax})
    changed = known.order.model_copy(update={"lines": (sold,), "totals": totals})
    company.mirrored[0] = replace(known, order=changed)
    return number, again


def test_billed_anew_for_less_after_payment_the_customer_has_paid_too_much(
    company: Company,
) -> None:
    rebilled(company, "80.00")

    run = company.reconciles("2026-01-31")

    assert codes(run) == [BreakCode.OVERPAID_AFTER_REBILL]
    assert str(run.breaks[0].difference) == "-238.00 EUR"
    assert amounts(run, 4) == {"open items": "-238.00", "G/L balance": "-238.00"}
    assert is_closed(run)


def test_billed_anew_for_more_after_payment_the_rest_is_still_owed(company: Company) -> None:
    rebilled(company, "120.00")

    run = company.reconciles("2026-03-15")

    assert codes(run) == [BreakCode.UNDERPAYMENT]
    assert str(run.breaks[0].difference) == "238.00 EUR"
    assert is_closed(run)


def test_billed_anew_for_the_same_after_payment_two_items_wait_to_be_cleared(
    company: Company,
) -> None:
    rebilled(company, "100.00")

    run = company.reconciles("2026-01-31")

    assert codes(run) == [BreakCode.CANCEL_NOT_CLEARED]
    assert is_closed(run)


def test_a_payment_in_the_shop_too_is_overpaid_once_after_re_billing(company: Company) -> None:
    rebilled(company, "80.00")
    company.paid("EXT-1", ("P-1", "1190.00", "2026-01-15"))

    run = company.reconciles("2026-01-31")

    assert codes(run) == [BreakCode.OVERPAID_AFTER_REBILL]
    assert is_closed(run)


def returned(company: Company, quantity: int = 3) -> tuple[str, str, str]:
    """Let goods of a sale come back, with the request for their credit; order, invoice, request."""
    erp = company.simulated
    number, _, invoice = a_sale(company)
    on(erp, "2026-01-12")
    request = sold_in(
        erp,
        order(
            item(10, "", quantity, reference_document=invoice, reference_item=10),
            document_type="RE",
            order_reason="101",
        ),
    )
    return number, invoice, request


def credited(company: Company, request: str, on_day: str) -> str:
    erp = company.simulated
    on(erp, on_day)
    done(erp, "change_sales_document", request, SalesDocumentChange(billing_block=""))
    (credit,) = billed(erp, request)
    return credit


def test_a_return_whose_credit_is_blocked_is_pending_and_then_a_break(company: Company) -> None:
    returned(company)

    early, late = company.reconciles("2026-01-15"), company.reconciles("2026-01-31")

    (pending,) = early.pending
    assert (pending.code, str(pending.difference)) == (BreakCode.CREDIT_PENDING, "357.00 EUR")
    assert pending.break_on.isoformat() == "2026-01-26"
    assert codes(late) == [BreakCode.CREDIT_PENDING]
    assert late.breaks[0].id == pending.id


def test_a_refund_for_a_credit_that_waits_is_no_second_difference(company: Company) -> None:
    returned(company)
    (known,) = company.mirrored
    company.mirrored[0] = with_payments(known, refunds=(("R-1", "357.00", "2026-01-13"),))

    assert codes(company.reconciles("2026-01-31")) == [BreakCode.CREDIT_PENDING]


def test_a_refund_that_nothing_in_the_erp_stands_against(company: Company) -> None:
    a_sale(company)
    (known,) = company.mirrored
    company.mirrored[0] = with_payments(known, refunds=(("R-1", "100.00", "2026-01-13"),))

    run = company.reconciles("2026-01-31")

    assert codes(run) == [BreakCode.REFUND_WITHOUT_CREDIT]
    assert str(run.breaks[0].difference) == "100.00 EUR"


def test_a_credit_memo_for_a_paid_order_wants_a_refund(company: Company) -> None:
    _, invoice, request = returned(company)
    erp = company.simulated
    pays(erp, "1190.00", OpenItemRef(invoice), on_day="2026-01-15", reference="P-1")
    company.paid("EXT-1", ("P-1", "1190.00", "2026-01-15"))
    credited(company, request, "2026-01-20")

    early, late = company.reconciles("2026-01-21"), company.reconciles("2026-02-20")

    assert [d.code for d in early.pending] == [BreakCode.CREDIT_WITHOUT_REFUND]
    assert codes(late) == [BreakCode.CREDIT_WITHOUT_REFUND]
    assert str(late.breaks[0].difference) == "-357.00 EUR"
    (known,) = company.mirrored
    company.mirrored[0] = with_payments(known, refunds=(("R-1", "357.00", "2026-01-22"),))
    assert codes(company.reconciles("2026-02-20")) == []


def test_over_delivery_is_inside_the_limit_that_the_item_has(company: Company) -> None:
    erp = company.simulated
    on(erp, "2026-02-03")
    number = sold_in(erp, order(item(10, "M-02", 100), purchase_order_by_customer="EXT-2"))
    delivery = delivered(erp, number, "104")
    issued(erp, delivery)
    billed(erp, delivery)
    company.sells("EXT-2", [line(100, "25.00")], "2026-02-03", sales_order=number)

    (over,) = company.reconciles("2026-02-04").breaks

    assert (over.code, over.severity.value) == (BreakCode.QTY_OVER_DELIVERED, "info")


@pytest.mark.parametrize(
    ("amount", "percent", "absorbed"), [("2.00", "1", True), ("2.00", "0.1", False)]
)
def test_of_amount_and_percent_the_lower_absorbs_and_what_it_did_is_counted(
    company: Company, amount: str, percent: str, absorbed: bool
) -> None:
    a_sale(company, conditions=[ManualCondition("PR00", Decimal("100.13"), 10)])
    tolerance = {
        "code": "PRICE_DIFF",
        "currency": "EUR",
        "amount": Decimal(amount),
        "percent": Decimal(percent),
    }

    run = company.reconciles("2026-01-20", tolerances=(tolerance,))

    assert codes(run) == ([] if absorbed else [BreakCode.PRICE_DIFF])
    used = [(u.code, u.currency, u.count, str(u.net), str(u.gross)) for u in run.absorbed]
    assert used == ([("PRICE_DIFF", "EUR", 1, "1.55 EUR", "1.55 EUR")] if absorbed else [])


def test_what_the_assignment_holds_is_detected_and_said(company: Company) -> None:
    a_sale(company)

    run = company.reconciles("2026-01-20")

    assert run.assignment is not None and run.assignment.content is not None
    assert run.assignment.content.value == "A"
    assert (run.assignment.told, run.assignment.hits, run.assignment.lines) == (False, 1, 1)


def test_rejected_items_are_no_incomplete_order(company: Company) -> None:
    erp = company.simulated
    on(erp, "2026-01-05")
    number = sold_in(erp, order(item(10, "M-01", 10), purchase_order_by_customer="EXT-1"))
    change = SalesDocumentChange(items=[SalesItemChange(10, rejection_reason="00")])
    done(erp, "change_sales_document", number, change)
    company.sells("EXT-1", [line(10, "100.00")], "2026-01-05", sales_order=number)

    assert codes(company.reconciles(FAR)) == [BreakCode.QTY_UNDER_DELIVERED]


def test_money_for_what_was_rejected_is_too_much_because_of_it(company: Company) -> None:
    erp = company.simulated
    on(erp, "2026-01-05")
    number = sold_in(erp, order(item(10, "M-01", 10), purchase_order_by_customer="EXT-1"))
    delivery = delivered(erp, number, "6")
    issued(erp, delivery)
    (invoice,) = billed(erp, delivery)
    change = SalesDocumentChange(items=[SalesItemChange(10, rejection_reason="00")])
    done(erp, "change_sales_document", number, change)
    company.sells("EXT-1", [line(10, "100.00")], "2026-01-05", sales_order=number)
    more = {"reference": "P-1", "difference": "on account"}
    pays(erp, "1190.00", OpenItemRef(invoice), on_day="2026-01-15", **more)
    company.paid("EXT-1", ("P-1", "1190.00", "2026-01-15"))

    rejected, too_much = company.reconciles(FAR).breaks

    assert rejected.code is BreakCode.QTY_UNDER_DELIVERED
    assert too_much.code is BreakCode.OVERPAYMENT
    assert str(too_much.difference) == str(rejected.difference) == "-476.00 EUR"
    assert too_much.cause == rejected.id


def test_an_order_whose_data_is_incomplete_waits_and_then_breaks(simulated: SimulatedErp) -> None:
    """The sales order's OData service has no field for it; RFC tells."""
    with a_way(simulated, "ecc") as transport:
        company = Company(simulated, transport)
        on(simulated, "2026-01-05")
        spec = order(
            item(10, "AC-1000", 1),
            distribution_channel="10",
            partners=[Partner("AG", "90020")],
            purchase_order_by_customer="EXT-1",
        )
        number = sold_in(simulated, spec)
        company.sells("EXT-1", [line(1, "49.90")], "2026-01-05", sales_order=number)

        early, late = company.reconciles("2026-01-06"), company.reconciles("2026-01-20")

    assert [d.code for d in early.pending] == codes(late) == [BreakCode.ORDER_INCOMPLETE]
    assert is_closed(late)


def test_a_payment_that_settled_another_orders_invoice_is_misapplied(company: Company) -> None:
    _, _, first = a_sale(company)
    spec = order(item(10, "M-01", 10), purchase_order_by_customer="EXT-2")
    number, _, second = invoiced(company.simulated, spec)
    company.sells("EXT-2", [line(10, "100.00")], "2026-01-05", sales_order=number)
    pays(company.simulated, "1190.00", OpenItemRef(second), on_day="2026-01-15", reference="P-1")
    company.paid("EXT-1", ("P-1", "1190.00", "2026-01-15"))

    run = company.reconciles("2026-01-20")

    assert codes(run) == [BreakCode.MISAPPLIED]
    assert first != second


def not_transferred(company: Company) -> str:
    """Bill a sale so that account determination fails; return the invoice."""
    erp = company.simulated
    on(erp, "2026-01-05")
    spec = order(item(10, "M-01", 10), purchase_order_by_customer="EXT-1")
    number = sold_in(erp, spec)
    delivery = delivered(erp, number)
    issued(erp, delivery)
    erp.faults.inject("account determination")
    (invoice,) = billed(erp, delivery)
    company.sells("EXT-1", [line(10, "100.00")], "2026-01-05", sales_order=number)
    return invoice


def test_an_invoice_that_was_posted_by_hand_is_found_by_its_reference(company: Company) -> None:
    invoice = not_transferred(company)
    assert codes(company.reconciles("2026-01-20")) == [BreakCode.BILLING_NOT_POSTED]

    _posts_by_hand(company, "DR", "1190.00", reference=invoice)
    run = company.reconciles("2026-01-20")

    assert run.verdict is Verdict.RECONCILED, run.breaks
    rules = {match.rule.value for match in run.matches if match.identity == 2}
    assert rules == {"reference (XBLNR)"}


def test_two_postings_with_the_invoices_reference_are_ambiguous(company: Company) -> None:
    invoice = not_transferred(company)
    for _ in range(2):
        _posts_by_hand(company, "DR", "1190.00", reference=invoice)

    run = company.reconciles("2026-01-20")

    assert codes(run) == [BreakCode.AMBIGUOUS]
    assert is_closed(run)
