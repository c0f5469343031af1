"""What was sold against what was billed: each thing that can go wrong has its own code."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from connector.mappings.external_order import ExternalTotals
from connector.reconciliation import rows
from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.differences import ExplainedReason
from connector.reconciliation.report import Verdict
from connector.reconciliation.rules import ReconciliationRules, ToleranceRule
from connector.sd_documents.status import CreditStatus
from connector.sd_documents.values import DocumentCategory, ItemReference, Money
from tests.reconciliation.books import Books, day, line


def sold(quantity: int = 10, price: str = "80.00", on: str = "2026-02-02") -> Books:
    books = Books()
    books.sell("EXT-1", [line(quantity, price)], on)
    return books


def delivered(quantity: int = 10, price: str = "80.00") -> tuple[Books, str]:
    books = sold(quantity, price)
    order = books.order("EXT-1", "2026-02-02")
    books.deliver(order, "2026-02-03")
    return books, order


def test_an_order_that_the_erp_does_not_have_waits_one_day_and_then_is_missing() -> None:
    books = sold()

    on_the_day = books.reconcile("2026-02-02")
    the_day_after = books.reconcile("2026-02-03")

    (pending,) = on_the_day.pending
    (missing,) = the_day_after.breaks
    assert on_the_day.verdict is Verdict.WITH_PENDING
    assert pending.break_on == day("2026-02-03")
    assert missing.code is BreakCode.MISSING_ORDER
    assert str(missing.difference) == "-952.00 EUR"
    assert missing.id == pending.id
    assert missing.owner == ""


def test_a_held_order_says_why_it_is_missing() -> None:
    books = sold()
    books.mirrored["EXT-1"] = replace(books.mirrored["EXT-1"], hold="UNKNOWN_SKU: add it")

    (missing,) = books.reconcile("2026-02-05").breaks

    assert missing.text == "UNKNOWN_SKU: add it"


def test_test_orders_and_orders_after_the_key_date_are_left_out() -> None:
    books = sold(on="2026-02-06")
    test = books.sell("EXT-T", [line(1, "1.00")], "2026-02-01")
    mirrored = books.mirrored[test]
    books.mirrored[test] = replace(
        mirrored, order=mirrored.order.model_copy(update={"is_test": True})
    )

    run = books.reconcile("2026-02-05")

    assert run.verdict is Verdict.RECONCILED
    assert run.identities == ()


def test_an_order_cancelled_before_it_reached_the_erp_is_no_difference() -> None:
    books = sold()
    books.mirrored["EXT-1"] = replace(books.mirrored["EXT-1"], cancelled_on=day("2026-02-03"))

    assert books.reconcile("2026-02-05").verdict is Verdict.RECONCILED
    assert books.reconcile("2026-02-02").pending, "the cancellation is later than this key date"


def test_an_order_cancelled_outside_but_alive_in_the_erp_is_a_difference() -> None:
    books = sold()
    books.order("EXT-1", "2026-02-02")
    books.mirrored["EXT-1"] = replace(books.mirrored["EXT-1"], cancelled_on=day("2026-02-03"))

    (alive,) = books.reconcile("2026-02-05").breaks

    assert alive.code is BreakCode.QTY_DIFF
    assert str(alive.difference) == "952.00 EUR"


def test_a_second_sales_order_with_the_same_reference_is_a_duplicate() -> None:
    books, order = delivered()
    books.bill(order, "2026-02-04")
    second = books.order("EXT-1", "2026-02-02", linked=False)
    books.bill(second, "2026-02-04")

    run = books.reconcile("2026-02-05")

    (duplicate,) = run.breaks
    assert duplicate.code is BreakCode.DUPLICATE_ORDER
    assert duplicate.key("sales_order") == second
    assert str(duplicate.difference) == "952.00 EUR"
    assert all(identity.holds for identity in run.identities)


def test_an_order_is_found_by_its_reference_when_the_link_is_missing() -> None:
    books = sold()
    order = books.order("EXT-1", "2026-02-02", linked=False)
    books.deliver(order, "2026-02-03")
    books.bill(order, "2026-02-04")

    run = books.reconcile("2026-02-05")

    assert run.verdict is Verdict.RECONCILED
    assert "purchase order by customer" in {match.rule.value for match in run.matches}


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("delivery_block_reason", "01", "delivery block 01"),
        ("credit_status", CreditStatus.NOT_OK, "blocked by the credit check"),
    ],
)
def test_a_block_is_named_as_the_reason_that_nothing_was_billed(
    field: str, value: str, text: str
) -> None:
    books = sold()
    order = books.order("EXT-1", "2026-02-02")
    books.sales[order] = books.sales[order].model_copy(update={field: value})

    (pending,) = books.reconcile("2026-02-04").pending
    (blocked,) = books.reconcile("2026-02-05").breaks

    assert blocked.code is pending.code is BreakCode.ORDER_BLOCKED
    assert blocked.text == text


def test_a_billing_block_is_named_once_the_goods_have_left() -> None:
    books, order = delivered()
    books.sales[order] = books.sales[order].model_copy(update={"billing_block_reason": "08"})

    (blocked,) = books.reconcile("2026-02-20").breaks

    assert (blocked.code, blocked.text) == (BreakCode.ORDER_BLOCKED, "billing block 08")


def test_goods_that_left_and_were_not_billed_are_pending_for_three_days() -> None:
    books, _ = delivered()

    (pending,) = books.reconcile("2026-02-05").pending
    (missing,) = books.reconcile("2026-02-06").breaks

    assert pending.code is missing.code is BreakCode.MISSING_BILLING
    assert pending.break_on == day("2026-02-06")
    assert str(missing.difference) == "-952.00 EUR"


def test_goods_issued_after_the_key_date_have_not_left_yet() -> None:
    books, _ = delivered()

    (pending,) = books.reconcile("2026-02-02").pending

    assert pending.code is BreakCode.QTY_UNDER_DELIVERED


def test_part_of_an_item_waits_for_billing_and_part_for_delivery() -> None:
    books = sold()
    order = books.order("EXT-1", "2026-02-02")
    books.deliver(order, "2026-02-03", {10: 6})
    books.bill(order, "2026-02-04", {10: 4})

    run = books.reconcile("2026-02-04")

    found = sorted((p.code.value, f"{p.quantity_difference}", str(p.effect)) for p in run.pending)
    assert found == [
        ("MISSING_BILLING", "-2", "190.40 EUR"),
        ("QTY_UNDER_DELIVERED", "-4", "380.80 EUR"),
    ]


def test_what_was_never_issued_is_under_delivered_once_the_wanted_day_is_over() -> None:
    books = sold()
    order = books.order("EXT-1", "2026-02-02")
    books.deliver(order, "2026-02-03", {10: 9})
    books.bill(order, "2026-02-03", {10: 9})

    (short,) = books.reconcile("2026-02-05").breaks

    assert short.code is BreakCode.QTY_UNDER_DELIVERED
    assert short.quantity_difference == -1
    assert str(short.difference) == "-95.20 EUR"


def test_a_rejected_item_is_short_at_once_and_says_the_reason() -> None:
    books = sold()
    order = books.order("EXT-1", "2026-02-02")
    document = books.sales[order]
    books.sales[order] = document.model_copy(
        update={"items": (document.items[0].model_copy(update={"rejection_reason": "52"}),)}
    )

    (short,) = books.reconcile("2026-02-02").breaks

    assert short.code is BreakCode.QTY_UNDER_DELIVERED
    assert "rejected with reason 52" in short.text


def test_a_service_is_billed_without_any_delivery() -> None:
    books = Books("4000", "CNY")
    books.sell("EXT-16", [line(16, "150.00", "A2")], "2026-05-18")
    order = books.order("EXT-16", "2026-05-18", relevant_for_delivery=False)

    (due,) = books.reconcile("2026-05-19").pending
    books.bill(order, "2026-05-20")
    billed = books.reconcile("2026-05-20")

    assert due.code is BreakCode.MISSING_BILLING
    assert billed.verdict is Verdict.RECONCILED


def test_another_price_in_the_erp_is_a_price_difference_with_its_tax() -> None:
    books = sold()
    order = books.order("EXT-1", "2026-02-02", lines=[line(10, "81.00")])
    books.deliver(order, "2026-02-03")
    books.bill(order, "2026-02-04")

    (wrong,) = books.reconcile("2026-02-05").breaks

    assert wrong.code is BreakCode.PRICE_DIFF
    assert wrong.key("part") == "item 10"
    assert str(wrong.net_difference) == "10.00 EUR"
    assert str(wrong.tax_difference) == "1.90 EUR"


def test_prices_that_are_wrong_in_opposite_directions_do_not_cancel_out() -> None:
    books = Books()
    books.sell("EXT-1", [line(1, "50.00"), line(1, "50.00")], "2026-02-02")
    order = books.order("EXT-1", "2026-02-02", lines=[line(1, "55.00"), line(1, "45.00")])
    books.deliver(order, "2026-02-03")
    books.bill(order, "2026-02-04")

    run = books.reconcile("2026-02-05")

    assert sorted(str(b.difference) for b in run.breaks) == ["-5.95 EUR", "5.95 EUR"]
    assert {b.code for b in run.breaks} == {BreakCode.PRICE_DIFF}


def test_an_invoice_that_prices_anew_differs_from_its_order() -> None:
    books, order = delivered()
    invoice = books.bill(order, "2026-02-04", posted=False)
    document = books.billing[invoice]
    dearer = document.items[0].model_copy(
        update={
            "net_amount": books.money(Decimal("808.00")),
            "tax_amount": books.money(Decimal("153.52")),
        }
    )
    books.billing[invoice] = document.model_copy(
        update={"items": (dearer,), "accounting_document": invoice}
    )
    books.post(invoice, "RV", "2026-02-04", "961.52", billing_document=invoice)

    (wrong,) = books.reconcile("2026-02-05").breaks

    assert wrong.code is BreakCode.PRICE_DIFF
    assert str(wrong.difference) == "9.52 EUR"


def test_another_tax_rate_is_more_than_rounding() -> None:
    books = sold()
    order = books.order("EXT-1", "2026-02-02", lines=[line(10, "80.00", "A2")])
    books.deliver(order, "2026-02-03")
    books.bill(order, "2026-02-04")

    (wrong,) = books.reconcile("2026-02-05").breaks

    assert wrong.code is BreakCode.TAX_CODE_DIFF
    assert str(wrong.difference) == "-96.00 EUR"


def test_a_gross_price_that_no_net_price_can_express_is_a_rounding_of_tax() -> None:
    """3 x 9.99 with tax is 29.97; net 25.18 and 19 % of it are 29.96."""
    books = Books()
    books.sell("EXT-1", [line(1, "25.18")], "2026-02-02")
    mirrored = books.mirrored["EXT-1"]
    (only,) = mirrored.order.lines
    tax = only.taxes[0].model_copy(update={"amount": Decimal("4.79")})
    gross = only.model_copy(
        update={"price": Decimal("9.99"), "quantity": Decimal(3), "taxes": (tax,)}
    )
    order = mirrored.order.model_copy(
        update={
            "lines": (gross,),
            "taxes_included": True,
            "totals": ExternalTotals(grand_total=Decimal("29.97")),
        }
    )
    books.mirrored["EXT-1"] = replace(mirrored, order=order)
    number = books.order("EXT-1", "2026-02-02")
    books.deliver(number, "2026-02-02")
    books.bill(number, "2026-02-02")

    (rounding,) = books.reconcile("2026-02-03").breaks

    assert rounding.code is BreakCode.TAX_ROUNDING
    assert str(rounding.difference) == "-0.01 EUR"


def test_a_tolerance_explains_small_differences_and_is_counted() -> None:
    books = sold(quantity=1, price="100.00")
    order = books.order("EXT-1", "2026-02-02", lines=[line(1, "100.50")])
    books.deliver(order, "2026-02-03")
    books.bill(order, "2026-02-04")
    agreed = ToleranceRule(
        code=BreakCode.PRICE_DIFF, currency="EUR", amount=Decimal(1), percent=Decimal(1)
    )

    run = books.reconcile("2026-02-05", ReconciliationRules(tolerances=(agreed,)))

    (absorbed,) = run.explained
    assert absorbed.reason is ExplainedReason.TOLERANCE
    assert absorbed.code is BreakCode.PRICE_DIFF
    assert str(absorbed.amount) == "0.60 EUR"
    assert run.verdict is Verdict.RECONCILED


def test_the_lower_of_amount_and_percent_limits_a_tolerance() -> None:
    books = sold(quantity=1, price="10.00")
    order = books.order("EXT-1", "2026-02-02", lines=[line(1, "10.50")])
    books.deliver(order, "2026-02-03")
    books.bill(order, "2026-02-04")
    agreed = ToleranceRule(
        code=BreakCode.PRICE_DIFF, currency="EUR", amount=Decimal(1), percent=Decimal(1)
    )

    run = books.reconcile("2026-02-05", ReconciliationRules(tolerances=(agreed,)))

    assert [b.code for b in run.breaks] == [BreakCode.PRICE_DIFF]


def test_a_total_that_the_channel_did_not_add_up_is_shown_as_such() -> None:
    books = Books()
    books.sell("EXT-1", [line(1, "100.00")], "2026-02-02", grand_total="120.00")
    order = books.order("EXT-1", "2026-02-02")
    books.deliver(order, "2026-02-03")
    books.bill(order, "2026-02-04")

    (wrong,) = books.reconcile("2026-02-05").breaks

    assert (wrong.code, wrong.key("part")) == (BreakCode.PRICE_DIFF, "total")
    assert str(wrong.difference) == "-1.00 EUR"


def test_another_quantity_in_the_sales_order_is_found_before_anything_is_billed() -> None:
    books = sold()
    books.order("EXT-1", "2026-02-02", lines=[line(12, "80.00")])

    run = books.reconcile("2026-02-02")

    (more,) = run.breaks
    assert more.code is BreakCode.QTY_DIFF
    assert more.quantity_difference == 2
    assert str(more.difference) == "190.40 EUR"


def test_a_sales_order_in_another_currency_is_a_mismatch_and_not_an_amount() -> None:
    books, order = delivered()
    document = books.sales[order]
    dollars = Books(currency="USD")
    dollars.sell("EXT-1", [line(10, "80.00")], "2026-02-02")
    other = dollars.sales[dollars.order("EXT-1", "2026-02-02")]
    books.sales[order] = other.model_copy(update={"number": document.number})

    run = books.reconcile("2026-02-05")

    assert [b.code for b in run.breaks] == [BreakCode.CURRENCY_MISMATCH]
    assert all(identity.holds for identity in run.identities)


def test_an_amount_shifted_by_the_decimals_of_its_currency_is_no_price_difference() -> None:
    books = Books("3000", "KWD")
    books.sell("EXT-1", [line(4, "12.500", "A0")], "2026-02-02")
    order = books.order("EXT-1", "2026-02-02", lines=[line(4, "125.000", "A0")])
    books.deliver(order, "2026-02-03")
    books.bill(order, "2026-02-04")

    (shifted,) = books.reconcile("2026-02-05").breaks

    assert shifted.code is BreakCode.CURRENCY_SCALE
    assert str(shifted.difference) == "450.000 KWD"


def test_a_cancelled_invoice_that_was_billed_again_counts_once() -> None:
    books, order = delivered()
    first = books.bill(order, "2026-02-04")
    storno = books.bill(order, "2026-02-05", category=DocumentCategory.INVOICE_CANCELLATION)
    books.cancel(first, storno, "2026-02-05")
    books.bill(order, "2026-02-06")

    between = books.reconcile("2026-02-05")
    after = books.reconcile("2026-02-06")

    assert [p.code for p in between.pending] == [BreakCode.MISSING_BILLING]
    assert after.verdict is Verdict.RECONCILED
    assert [str(i.right[0].amount) for i in after.identities if i.number == 1] == ["952.00 EUR"]


def test_a_credit_memo_over_a_return_is_explained_and_lowers_what_was_billed() -> None:
    books, order = delivered()
    invoice = books.bill(order, "2026-02-10")
    returns = books.order("EXT-1", "2026-02-12", lines=[line(3, "80.00")], linked=False)
    document = books.sales[returns]
    item = document.items[0].model_copy(
        update={
            "reference": ItemReference(
                category=DocumentCategory.INVOICE, document=invoice, item_number=10
            )
        }
    )
    books.sales[returns] = document.model_copy(
        update={"category": DocumentCategory.RETURNS_ORDER, "items": (item,)}
    )
    books.bill(returns, "2026-02-20", category=DocumentCategory.CREDIT_MEMO)

    run = books.reconcile("2026-02-28")

    (credit,) = run.explained
    assert credit.reason is ExplainedReason.CREDIT_MEMO
    assert str(credit.amount) == "-285.60 EUR"
    (first,) = [identity for identity in run.identities if identity.number == 1]
    assert [str(term.amount.amount) for term in (first.left, *first.right)] == [
        "952.00",
        "666.40",
        "0.00",
        "285.60",
        "0.00",
    ]
    assert run.verdict is Verdict.RECONCILED


def test_a_document_that_no_link_leads_to_is_a_gap_in_the_flow() -> None:
    books, order = delivered()
    invoice = books.bill(order, "2026-02-04")
    books.links = [link for link in books.links if link.subsequent.document != invoice]

    (gap,) = books.reconcile("2026-02-05").breaks

    assert (gap.code, gap.key("document")) == (BreakCode.LINK_GAP, invoice)
    assert gap.difference is None


def test_a_channel_without_prices_is_compared_by_quantity_alone() -> None:
    books, order = delivered()
    mirrored = books.mirrored["EXT-1"]
    (only,) = mirrored.order.lines
    books.mirrored["EXT-1"] = replace(
        mirrored,
        order=mirrored.order.model_copy(
            update={
                "lines": (only.model_copy(update={"price": None, "taxes": ()}),),
                "totals": ExternalTotals(),
            }
        ),
    )
    books.bill(order, "2026-02-04")

    run = books.reconcile("2026-02-05")

    assert run.verdict is Verdict.RECONCILED
    assert run.identities[0].left.amount == Money(amount=Decimal(952), currency="EUR")


def test_the_record_behind_a_break_is_named_with_its_hash() -> None:
    books = sold()
    order = books.order("EXT-1", "2026-02-02", lines=[line(10, "81.00")])

    (wrong,) = books.reconcile("2026-02-02").breaks

    sources = {evidence.source: evidence for evidence in wrong.evidence}
    assert sources["external order"].key == "shop/EXT-1"
    assert sources["sales order"].key == order
    assert all(len(evidence.sha256) == 64 for evidence in wrong.evidence)


@pytest.mark.parametrize(("taxes_included", "price"), [(False, "80.00"), (True, "95.20")])
def test_a_channel_that_knows_its_tax_only_in_total_is_compared_in_total(
    taxes_included: bool, price: str
) -> None:
    """952.00 with 152.00 of tax, said once with and once without tax in the prices."""
    books, order = delivered()
    mirrored = books.mirrored["EXT-1"]
    only = mirrored.order.lines[0].model_copy(update={"price": Decimal(price), "taxes": ()})

    def says(tax: str) -> list[tuple[str, str]]:
        totals = ExternalTotals(tax=Decimal(tax))
        told = {"lines": (only,), "totals": totals, "taxes_included": taxes_included}
        books.mirrored["EXT-1"] = replace(mirrored, order=mirrored.order.model_copy(update=told))
        run = books.reconcile("2026-02-05")
        assert all(identity.holds for identity in run.identities)
        endings = [(b.code.value, str(b.difference)) for b in run.breaks]
        return endings + [(e.reason.value, str(e.tax_difference)) for e in run.explained]

    books.bill(order, "2026-02-04")

    assert says("152.00") == []
    # With tax in the prices the total stays: a cent has only changed sides, and nobody owes it.
    inside, outside = ExplainedReason.TAX_INSIDE_PRICE.value, BreakCode.TAX_ROUNDING.value
    assert says("152.01") == [(inside if taxes_included else outside, "-0.01 EUR")]
    assert inside not in dict(says("152.02")), "more than a cent for the only line"


def with_tax_inside(
    books: Books, taxes: tuple[str, str], prices: tuple[str, str] = ("11.90", "10.70")
) -> None:
    """Let EXT-1 say its two lines (10.00 net each, A1 and A2) at prices with *taxes* in them."""
    mirrored = books.mirrored["EXT-1"]
    lines = tuple(
        each.model_copy(
            update={
                "price": Decimal(price),
                "taxes": (each.taxes[0].model_copy(update={"amount": Decimal(tax)}),),
            }
        )
        for each, price, tax in zip(mirrored.order.lines, prices, taxes, strict=True)
    )
    total = sum(map(Decimal, prices), Decimal(0))
    told = {
        "lines": lines,
        "taxes_included": True,
        "totals": ExternalTotals(grand_total=total, tax=sum(map(Decimal, taxes), Decimal(0))),
    }
    books.mirrored["EXT-1"] = replace(mirrored, order=mirrored.order.model_copy(update=told))


def two_rates() -> Books:
    books = Books()
    books.sell("EXT-1", [line(1, "10.00"), line(1, "10.00", "A2")], "2026-02-02")
    order = books.order("EXT-1", "2026-02-02")
    books.deliver(order, "2026-02-03")
    books.bill(order, "2026-02-04")
    return books


def test_a_cent_between_net_and_tax_of_the_same_gross_is_explained_and_shown() -> None:
    """Prices with tax: the customer owes 22.60 either way, whose tax is 2.60 or 2.61."""
    books = two_rates()
    with_tax_inside(books, ("1.91", "0.70"))

    run = books.reconcile("2026-02-05")

    (rounding,) = run.explained
    assert rounding.reason is ExplainedReason.TAX_INSIDE_PRICE
    assert rounding.code is BreakCode.TAX_ROUNDING
    assert rows.explained_rows(run) == [
        (
            "tax rounding inside tax-included prices",
            rounding.subject,
            "0.00 EUR",
            "0.01 EUR",
            "-0.01 EUR",
            "same gross, its tax is rounded otherwise",
        )
    ]
    assert run.breaks == ()
    assert run.verdict is Verdict.RECONCILED
    explained = next(term for term in run.identities[0].right if term.label == "explained")
    assert (str(explained.amount), explained.count) == ("0.00 EUR", 1)


def test_an_invoice_that_splits_the_gross_otherwise_than_its_order_has_no_wrong_price() -> None:
    books = two_rates()
    with_tax_inside(books, ("1.90", "0.70"))
    (number,) = books.billing
    first, second = books.billing[number].items
    moved = first.model_copy(
        update={
            "net_amount": Money(amount=Decimal("9.99"), currency="EUR"),
            "tax_amount": Money(amount=Decimal("1.91"), currency="EUR"),
        }
    )
    books.billing[number] = books.billing[number].model_copy(update={"items": (moved, second)})

    run = books.reconcile("2026-02-05")

    assert run.breaks == ()
    (rounding,) = run.explained
    assert rounding.reason is ExplainedReason.TAX_INSIDE_PRICE
    assert (str(rounding.net_difference), str(rounding.tax_difference)) == ("-0.01 EUR", "0.01 EUR")


def test_opposite_cents_of_gross_prices_hide_each_other_no_more_than_net_ones() -> None:
    """22.60 on both sides, yet one line was billed a cent too low and the other too high."""
    books = two_rates()
    with_tax_inside(books, ("1.91", "0.69"), ("11.91", "10.69"))

    run = books.reconcile("2026-02-05")

    found = sorted((b.key("part"), b.code, str(b.difference)) for b in run.breaks)
    assert found == [
        ("tax code A1", BreakCode.TAX_ROUNDING, "-0.01 EUR"),
        ("tax code A2", BreakCode.TAX_ROUNDING, "0.01 EUR"),
    ]
    assert run.explained == ()


def test_more_than_a_cent_for_each_line_is_no_rounding_even_inside_the_price() -> None:
    books = two_rates()
    with_tax_inside(books, ("1.95", "0.70"))

    run = books.reconcile("2026-02-05")

    assert run.explained == ()
    assert [str(b.tax_difference) for b in run.breaks] != []
    assert run.verdict is Verdict.BREAKS
