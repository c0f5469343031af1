"""Bank lines against receipts in FI: by what both carry, and never by amount alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.movements import MoneyMovements
from connector.reconciliation.report import ReconciliationRun, Verdict
from tests.reconciliation.books import NET_30, TWO_PERCENT_IN_14, Books, line
from tests.reconciliation.money import bank_line, movements, reconcile, statement, terms


def invoiced(*amounts: str, terms_of: Mapping[str, Any] | None = None) -> tuple[Books, list[str]]:
    """Orders of the given net amounts, each billed on 2026-03-02."""
    books = Books()
    numbers = []
    for at, amount in enumerate(amounts, start=1):
        books.sell(f"EXT-{at}", [line(1, amount)], "2026-03-01")
        order = books.order(f"EXT-{at}", "2026-03-01")
        books.deliver(order, "2026-03-01")
        numbers.append(books.bill(order, "2026-03-02", terms=terms_of or NET_30))
    return books, numbers


def codes(run: ReconciliationRun) -> list[tuple[str, str]]:
    return [(each.code.value, str(each.difference)) for each in run.breaks]


def rules_of(run: ReconciliationRun) -> list[str]:
    return [each.rule.value for each in run.matches if each.outside.startswith("bank line")]


def duplicate_payment(*, later_invoice: bool = False) -> Books:
    """Worked case C10: the second payment stays on account; in the variant a later one uses it."""
    books, (invoice,) = invoiced("1000.00")
    first = books.receive("BANKREF-1", "1190.00", "2026-03-10")
    books.clear([invoice, first], first, "2026-03-10")
    second = books.receive("BANKREF-2", "1190.00", "2026-03-11")
    if later_invoice:
        books.sell("EXT-2", [line(1, "750.00")], "2026-05-01")
        order = books.order("EXT-2", "2026-05-01")
        books.deliver(order, "2026-05-01")
        next_invoice = books.bill(order, "2026-05-02")
        books.clear([next_invoice, second], "1400000099", "2026-05-12")
        # What is cleared nets to the residual credit, so the ledger does not move again.
        books.post("1400000099", "AB", "2026-05-12", "-297.50")
        books.ledger.pop()
    return books


def feed(until: str) -> MoneyMovements:
    return movements(
        statement(
            bank_line("BANKREF-1", "2026-03-10", "1190.00", "90000001"),
            bank_line("BANKREF-2", "2026-03-11", "1190.00", "90000001"),
            until=until,
        )
    )


def test_a_payment_made_twice_is_one_break_over_what_is_left_of_it() -> None:
    run = reconcile(duplicate_payment(), "2026-04-30", feed("2026-04-30"))

    assert codes(run) == [("DUPLICATE_PAYMENT", "-1,190.00 EUR")]
    assert terms(run) == {
        "received": "2380.00",
        "applied": "1190.00",
        "discount and differences": "0.00",
        "unapplied": "1190.00",
        "not yet posted": "0.00",
    }


def test_the_break_keeps_its_id_while_a_later_invoice_uses_the_money_up() -> None:
    before = reconcile(duplicate_payment(), "2026-04-30", feed("2026-04-30"))
    after = reconcile(duplicate_payment(later_invoice=True), "2026-05-12", feed("2026-05-12"))

    assert codes(after) == [("DUPLICATE_PAYMENT", "-297.50 EUR")]
    assert [each.id for each in after.breaks] == [each.id for each in before.breaks]


def test_a_receipt_is_found_by_the_bank_reference_it_was_posted_under() -> None:
    books, (invoice,) = invoiced("1000.00")
    receipt = books.receive("BANKREF-1", "1190.00", "2026-03-10")
    books.clear([invoice, receipt], receipt, "2026-03-10")

    run = reconcile(
        books,
        "2026-03-12",
        movements(statement(bank_line("BANKREF-1", "2026-03-10", "1190.00"), until="2026-03-12")),
    )

    assert rules_of(run) == ["payment reference"]
    assert run.verdict is Verdict.RECONCILED


def test_a_receipt_without_reference_is_found_by_the_invoice_that_the_text_names() -> None:
    books, (invoice,) = invoiced("1000.00")
    receipt = books.receive("", "1190.00", "2026-03-10")
    books.clear([invoice, receipt], receipt, "2026-03-10")
    named = bank_line("R1", "2026-03-10", "1190.00", "Invoice RE-0090000001 thank you")

    run = reconcile(books, "2026-03-12", movements(statement(named, until="2026-03-12")))

    assert rules_of(run) == ["remittance text"]
    assert run.verdict is Verdict.RECONCILED


def test_an_amount_alone_matches_nothing() -> None:
    books, (invoice,) = invoiced("1000.00")
    receipt = books.receive("", "1190.00", "2026-03-10")
    books.clear([invoice, receipt], receipt, "2026-03-10")

    run = reconcile(
        books,
        "2026-03-20",
        movements(statement(bank_line("R1", "2026-03-10", "1190.00"), until="2026-03-20")),
    )

    assert codes(run) == [("MISSING_PAYMENT", "1,190.00 EUR")]
    assert terms(run)["not yet posted"] == "1190.00"


def test_two_lines_that_name_one_receipt_are_ambiguous() -> None:
    books, (invoice,) = invoiced("1000.00")
    receipt = books.receive("", "1190.00", "2026-03-10")
    books.clear([invoice, receipt], receipt, "2026-03-10")
    lines = [
        bank_line("R1", "2026-03-10", "1190.00", "90000001 first"),
        bank_line("R2", "2026-03-10", "1190.00", "90000001 second", payer="other"),
    ]

    run = reconcile(books, "2026-03-12", movements(statement(*lines, until="2026-03-12")))

    assert {code for code, _ in codes(run)} == {"AMBIGUOUS"}


def test_a_discount_taken_in_time_is_explained_and_closes_the_identity() -> None:
    books, (invoice,) = invoiced("10000.00", terms_of=dict(TWO_PERCENT_IN_14))
    receipt = books.receive("R1", "11900.00", "2026-03-12")
    books.clear([invoice, receipt], receipt, "2026-03-12")

    run = reconcile(
        books,
        "2026-03-13",
        movements(statement(bank_line("R1", "2026-03-12", "11662.00"), until="2026-03-13")),
    )

    assert run.verdict is Verdict.RECONCILED
    assert terms(run)["received"] == "11662.00"
    assert terms(run)["discount and differences"] == "-238.00"


def test_money_that_settled_another_invoice_than_the_payer_named_is_misapplied() -> None:
    books, (wanted, other) = invoiced("1000.00", "1000.00")
    receipt = books.receive("R1", "1190.00", "2026-03-10")
    books.clear([other, receipt], receipt, "2026-03-10")
    named = bank_line("R1", "2026-03-10", "1190.00", f"for {wanted}")

    run = reconcile(books, "2026-03-12", movements(statement(named, until="2026-03-12")))

    (found,) = [each for each in run.breaks if each.code is BreakCode.MISAPPLIED]
    assert "the payer names 90000001, the money settled 90000002" in found.text


def test_a_missing_statement_number_makes_the_run_incomplete() -> None:
    books, _ = invoiced()
    run = reconcile(
        books,
        "2026-03-12",
        movements(
            statement(until="2026-03-10", number="11"), statement(until="2026-03-12", number="13")
        ),
    )

    assert run.verdict is Verdict.INCOMPLETE
    (source,) = [each for each in run.sources if each.system == "bank"]
    assert any("statement 12 is missing" in problem for problem in source.problems)


def test_a_statement_that_ends_long_before_the_key_date_makes_the_run_incomplete() -> None:
    books, _ = invoiced()
    run = reconcile(books, "2026-03-31", movements(statement(until="2026-03-10")))

    assert run.verdict is Verdict.INCOMPLETE


def test_the_same_lines_in_any_order_give_the_same_content_hash() -> None:
    lines = [
        bank_line("BANKREF-1", "2026-03-10", "1190.00", "90000001"),
        bank_line("BANKREF-2", "2026-03-11", "1190.00", "90000001"),
    ]
    hashes = {
        reconcile(
            duplicate_payment(),
            "2026-04-30",
            movements(statement(*each, until="2026-04-30")),
        ).content_hash
        for each in (lines, lines[::-1])
    }
    assert len(hashes) == 1


def returned_debit(*, reversed_in_fi: bool) -> ReconciliationRun:
    """A direct debit of 1,190.00 that the bank took back after two days."""
    books, (invoice,) = invoiced("1000.00")
    receipt = books.receive("R1", "1190.00", "2026-03-10")
    if reversed_in_fi:
        books.post("1400000050", "DZ", "2026-03-12", "1190.00", reference="R1-BACK")
        books.clear([receipt, "1400000050"], "1400000050", "2026-03-12")
    else:
        books.clear([invoice, receipt], receipt, "2026-03-10")
    lines = [
        bank_line("R1", "2026-03-10", "1190.00"),
        bank_line("R1-BACK", "2026-03-12", "-1190.00", is_reversal=True),
    ]
    return reconcile(books, "2026-03-13", movements(statement(*lines, until="2026-03-13")))


def test_a_payment_that_the_bank_took_back_and_fi_still_has_is_a_chargeback() -> None:
    run = returned_debit(reversed_in_fi=False)

    assert codes(run) == [("CHARGEBACK", "1,190.00 EUR")]
    assert terms(run)["received"] == "0.00"
    assert (terms(run)["applied"], terms(run)["not yet posted"]) == ("1190.00", "-1190.00")


def test_a_payment_taken_back_by_bank_and_fi_alike_is_nothing() -> None:
    run = returned_debit(reversed_in_fi=True)

    assert codes(run) == []
    assert terms(run)["received"] == terms(run)["applied"] == "0.00"
    assert rules_of(run) == ["payment reference"] * 2


def test_a_discount_that_was_granted_after_its_deadline_is_unearned() -> None:
    books, (invoice,) = invoiced("1000.00", terms_of=dict(TWO_PERCENT_IN_14))
    receipt = books.receive("BANKREF-1", "1190.00", "2026-03-29")
    books.clear([invoice, receipt], receipt, "2026-03-29")
    line_of_bank = bank_line("BANKREF-1", "2026-03-29", "1166.20", "90000001")
    feed_of_bank = movements(statement(line_of_bank, until="2026-03-31"))

    run = reconcile(books, "2026-03-31", feed_of_bank)

    assert codes(run) == [("UNEARNED_DISCOUNT", "23.80 EUR")]
    assert terms(run)["discount and differences"] == "-23.80"


def test_the_rest_of_an_invoice_is_paid_for_the_invoice_that_the_text_names() -> None:
    """500.00 leave a rest of 690.00; what pays the rest is matched by the invoice's number."""
    books, (invoice,) = invoiced("1000.00")
    first = books.receive("", "1190.00", "2026-03-10", document="1400000001")
    books.clear([invoice, first], first, "2026-03-10")
    books.post("1400000002", "DZ", "2026-03-10", "690.00", invoice_reference=invoice)
    last = books.receive("", "690.00", "2026-03-20", document="1400000003")
    books.clear(["1400000002", last], last, "2026-03-20")

    run = reconcile(
        books,
        "2026-03-22",
        movements(
            statement(bank_line("BANKREF-9", "2026-03-20", "690.00", invoice), until="2026-03-22")
        ),
    )

    assert rules_of(run) == ["remittance text"]
    assert "MISSING_PAYMENT" not in [code for code, _ in codes(run)]


def test_two_credits_used_together_share_what_is_left_of_them() -> None:
    """1,190.00 of two credits of 800.00 are used: 410.00 are left, of the later one."""
    books, (invoice,) = invoiced("1000.00")
    one = books.receive("BANKREF-1", "800.00", "2026-03-05")
    two = books.receive("BANKREF-2", "800.00", "2026-03-06")
    books.clear([invoice, one, two], "1400000099", "2026-03-10")
    books.post("1400000099", "AB", "2026-03-10", "-410.00")
    books.ledger.pop()

    feed = statement(
        bank_line("BANKREF-1", "2026-03-05", "800.00"),
        bank_line("BANKREF-2", "2026-03-06", "800.00"),
        until="2026-03-12",
    )
    run = reconcile(books, "2026-03-12", movements(feed))

    found = {label: amount for label, amount in terms(run).items() if amount != "0.00"}
    assert found == {"received": "1600.00", "applied": "1190.00", "unapplied": "410.00"}
