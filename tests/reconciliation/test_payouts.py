"""Payouts of providers: their lines against payments, their totals against lines and bank."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.differences import ExplainedReason
from connector.reconciliation.movements import MoneyMovements
from connector.reconciliation.report import ReconciliationRun, Verdict
from connector.reconciliation.rules import ProviderFee, ReconciliationRules
from connector.sd_documents.values import DocumentCategory, Money
from connector.statements.model import Payout, PayoutLine, PayoutLineKind
from tests.reconciliation.books import Books, line
from tests.reconciliation.money import (
    bank_line,
    eur,
    movements,
    payout,
    payout_line,
    reconcile,
    statement,
    terms,
)

CHARGE, REFUND, FEE = PayoutLineKind.CHARGE, PayoutLineKind.REFUND, PayoutLineKind.FEE


def shop() -> Books:
    """Three orders of 119.00, paid by card and posted."""
    books = Books()
    for at in (1, 2, 3):
        name = f"EXT-{at}"
        books.sell(
            name, [line(1, "100.00")], "2026-03-01", paid=[(f"ch_{at}", "119.00", "2026-03-01")]
        )
        order = books.order(name, "2026-03-01")
        books.deliver(order, "2026-03-01")
        invoice = books.bill(order, "2026-03-01")
        receipt = books.receive(f"ch_{at}", "119.00", "2026-03-01")
        books.clear([invoice, receipt], receipt, "2026-03-01")
    return books


def charges(fee: str = "3.00") -> list[PayoutLine]:
    return [payout_line(f"txn_{at}", CHARGE, "119.00", fee, charge=f"ch_{at}") for at in (1, 2, 3)]


def in_bank(of: Payout, *, reference: str = "B-1", text: str = "STRIPE PAYOUT") -> MoneyMovements:
    return movements(
        statement(
            bank_line(reference, "2026-03-04", str(of.amount.amount), text), until="2026-03-05"
        ),
        payouts=[of],
    )


def codes(run: ReconciliationRun) -> list[tuple[str, str]]:
    return [(each.code.value, str(each.difference)) for each in run.breaks]


def test_a_payout_of_three_charges_less_fees_ties_to_payments_and_to_the_bank() -> None:
    whole = payout("po_1", "2026-03-03", "348.00", charges())

    run = reconcile(shop(), "2026-03-05", in_bank(whole))

    assert run.verdict is Verdict.RECONCILED
    assert terms(run) == {
        "received": "348.00",
        "applied": "357.00",
        "discount and differences": "0.00",
        "unapplied": "0.00",
        "not yet posted": "0.00",
        "fees of providers": "-9.00",
    }
    assert {k: v for k, v in terms(run, "stripe").items() if v != "0.00"} == {
        "paid out": "348.00",
        "charges": "357.00",
        "fees": "-9.00",
    }
    fees = [e for e in run.explained if e.reason is ExplainedReason.PROVIDER_FEE]
    assert [str(each.amount) for each in fees] == ["3.00 EUR"] * 3


def test_a_refund_in_a_payout_stands_against_the_credit_memo_of_its_order() -> None:
    books = shop()
    order = next(iter(books.sales))
    credit = books.bill(order, "2026-03-03", category=DocumentCategory.CREDIT_MEMO)
    books.clear([credit], credit, "2026-03-03")
    lines = [*charges(), payout_line("txn_4", REFUND, "-119.00", charge="ch_1")]

    run = reconcile(books, "2026-03-05", in_bank(payout("po_1", "2026-03-03", "229.00", lines)))

    assert not [each for each in run.breaks if each.code is BreakCode.REFUND_WITHOUT_CREDIT]
    assert terms(run, "stripe")["refunds"] == "-119.00"


def test_a_refund_without_any_credit_memo_is_a_break_after_its_grace() -> None:
    lines = [*charges(), payout_line("txn_4", REFUND, "-119.00", charge="ch_1")]
    whole = payout("po_1", "2026-03-03", "229.00", lines)

    early = reconcile(shop(), "2026-03-05", in_bank(whole))
    late = reconcile(shop(), "2026-03-06", in_bank(whole))

    assert [each.code.value for each in early.pending] == ["REFUND_WITHOUT_CREDIT"]
    assert codes(late) == [("REFUND_WITHOUT_CREDIT", "119.00 EUR")]


def test_a_payout_that_is_not_the_sum_of_its_lines_is_a_mismatch() -> None:
    run = reconcile(
        shop(), "2026-03-05", in_bank(payout("po_1", "2026-03-03", "340.00", charges()))
    )

    assert codes(run) == [("PAYOUT_MISMATCH", "-8.00 EUR")]
    assert terms(run, "stripe")["not explained by lines"] == "-8.00"


def test_a_manual_payout_cannot_be_decomposed() -> None:
    manual = payout("po_1", "2026-03-03", "348.00", is_decomposed=False)

    assert codes(reconcile(shop(), "2026-03-05", in_bank(manual))) == [
        ("PAYOUT_UNDECOMPOSED", "348.00 EUR")
    ]


def test_a_payout_that_the_bank_does_not_show_is_on_its_way_and_then_missing() -> None:
    whole = payout("po_1", "2026-03-03", "348.00", charges())
    other = movements(
        statement(until="2026-03-20"),
        payouts=[whole],
    )

    assert [e.code.value for e in reconcile(shop(), "2026-03-07", other).pending] == [
        "PAYOUT_MISMATCH"
    ]
    assert codes(reconcile(shop(), "2026-03-08", other)) == [("PAYOUT_MISMATCH", "-348.00 EUR")]


def test_a_bank_line_that_names_the_payout_is_it_even_with_another_amount() -> None:
    whole = payout("po_1AbC99", "2026-03-03", "348.00", charges())
    money = movements(
        statement(bank_line("B-1", "2026-03-04", "346.50", "Stripe po_1AbC99"), until="2026-03-05"),
        payouts=[whole],
    )

    assert codes(reconcile(shop(), "2026-03-05", money)) == [("PAYOUT_MISMATCH", "-1.50 EUR")]


def test_two_bank_lines_that_fit_a_payout_make_it_ambiguous() -> None:
    whole = payout("po_1", "2026-03-03", "348.00", charges())
    lines = [bank_line(name, "2026-03-04", "348.00") for name in ("B-1", "B-2")]
    money = movements(statement(*lines, until="2026-03-05"), payouts=[whole])

    assert codes(reconcile(shop(), "2026-03-05", money)) == [("AMBIGUOUS", "348.00 EUR")]


def test_a_dispute_is_a_chargeback_until_it_is_won() -> None:
    lost = payout_line("txn_5", PayoutLineKind.DISPUTE, "-119.00", "15.00", charge="ch_2")
    won = payout_line("txn_6", PayoutLineKind.DISPUTE, "119.00", "-15.00", charge="ch_2")

    run = reconcile(
        shop(), "2026-03-05", in_bank(payout("po_1", "2026-03-03", "214.00", [*charges(), lost]))
    )
    after = reconcile(
        shop(),
        "2026-03-05",
        in_bank(payout("po_1", "2026-03-03", "348.00", [*charges(), lost, won])),
    )

    assert codes(run) == [("CHARGEBACK", "134.00 EUR")]
    assert codes(after) == []


@pytest.mark.parametrize(("fee", "difference"), [("3.00", None), ("3.50", "-0.50 EUR")])
def test_a_fee_is_compared_with_what_was_agreed(fee: str, difference: str | None) -> None:
    agreed = ReconciliationRules(
        provider_fees=(
            ProviderFee(
                provider="stripe", currency="EUR", percent=Decimal(2), fixed=Decimal("0.62")
            ),
        )
    )
    total = eur("357.00").amount - 3 * Decimal(fee)
    whole = payout("po_1", "2026-03-03", str(total), charges(fee))

    run = reconcile(shop(), "2026-03-05", in_bank(whole), agreed)

    assert codes(run) == ([("FEE_UNEXPLAINED", difference)] * 3 if difference else [])


def test_a_fee_is_compared_with_what_was_posted_with_the_receipt() -> None:
    books = shop()
    mirrored = books.mirrored["EXT-1"]
    (paid,) = mirrored.payments
    books.mirrored["EXT-1"] = replace(mirrored, payments=(replace(paid, bank_charges=eur("2.50")),))

    run = reconcile(books, "2026-03-05", in_bank(payout("po_1", "2026-03-03", "348.00", charges())))

    assert codes(run) == [("FEE_UNEXPLAINED", "-0.50 EUR")]


def test_a_charge_of_no_known_payment_is_told() -> None:
    lines = [*charges(), payout_line("txn_9", CHARGE, "50.00", charge="ch_unknown")]

    run = reconcile(shop(), "2026-03-05", in_bank(payout("po_1", "2026-03-03", "398.00", lines)))

    assert codes(run) == [("PAYOUT_MISMATCH", "-50.00 EUR")]


def test_a_charge_is_found_by_its_order_where_the_provider_has_ids_of_its_own() -> None:
    lines = [
        payout_line(f"txn_{at}", CHARGE, "119.00", "3.00", charge=f"pi_{at}", order=f"#EXT-{at}")
        for at in (1, 2, 3)
    ]

    run = reconcile(shop(), "2026-03-05", in_bank(payout("po_1", "2026-03-03", "348.00", lines)))

    assert run.verdict is Verdict.RECONCILED
    assert [m.rule.value for m in run.matches if "line txn" in m.outside] == ["order in payout"] * 3


def test_a_charge_settled_in_another_currency_is_compared_as_the_buyer_saw_it() -> None:
    seen = Money(amount=Decimal("119.00"), currency="EUR")
    usd = Money(amount=Decimal("130.00"), currency="USD")
    fee = Money(amount=Decimal("4.00"), currency="USD")
    lines = [
        payout_line(f"txn_{at}", CHARGE, "0", charge=f"ch_{at}").model_copy(
            update={"gross": usd, "fee": fee, "net": usd - fee, "presentment": seen}
        )
        for at in (1, 2, 3)
    ]
    whole = payout("po_1", "2026-03-03", "0", lines).model_copy(
        update={"amount": Money(amount=Decimal("378.00"), currency="USD")}
    )

    run = reconcile(shop(), "2026-03-05", movements(payouts=[whole]))

    assert codes(run) == []
    assert terms(run)["received"] == "357.00"


def test_reading_a_payout_short_makes_the_run_incomplete() -> None:
    whole = payout("po_1", "2026-03-03", "348.00", charges()).model_copy(
        update={"problems": ("payouts.csv, line 4: no amount",)}
    )

    assert reconcile(shop(), "2026-03-05", in_bank(whole)).verdict is Verdict.INCOMPLETE
