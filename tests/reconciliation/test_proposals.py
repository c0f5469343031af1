"""What bank lines without receipt pay: exact by key, else proposals, else nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.reconciliation.proposals import Proposal
from connector.reconciliation.remittance import words_of
from connector.reconciliation.report import ReconciliationRun
from connector.reconciliation.subsets import only_subset
from connector.statements.model import BankLine
from tests.reconciliation.books import TWO_PERCENT_IN_14
from tests.reconciliation.money import bank_line, movements, reconcile, statement
from tests.reconciliation.test_bank_lines import invoiced


def proposed(
    *lines: BankLine, nets: tuple[str, ...] = ("1000.00", "500.00"), known_payer: bool = False,
    discount: bool = False,
) -> tuple[Proposal, ...]:  # fmt: skip
    books, invoices = invoiced(*nets, terms_of=dict(TWO_PERCENT_IN_14) if discount else None)
    if known_payer:  # an earlier payment that was posted tells who the payer is
        receipt = books.receive("OLD", "11.90", "2026-03-03", invoice_reference=invoices[0])
        assert receipt
        lines = (bank_line("OLD", "2026-03-03", "11.90", payer="DE99"), *lines)
    return reconcile(
        books, "2026-03-20", movements(statement(*lines, until="2026-03-20"))
    ).proposals


def paid(proposal: Proposal) -> list[str]:
    return [item.key.accounting_document for item in proposal.items]


def test_a_line_that_names_an_invoice_and_pays_it_is_exact() -> None:
    (found,) = proposed(bank_line("R1", "2026-03-10", "1190.00", "RE 90000001"))

    assert found.is_exact
    assert found.rule.value == "remittance text"
    assert paid(found) == ["0090000001"]


def test_a_line_that_names_two_invoices_pays_both() -> None:
    (found,) = proposed(bank_line("R1", "2026-03-10", "1785.00", "90000001 and 90000002"))

    assert found.is_exact
    assert len(found.items) == 2


def test_the_discount_that_was_earned_is_part_of_an_exact_match() -> None:
    (found,) = proposed(
        bank_line("R1", "2026-03-12", "11662.00", "90000001"), nets=("10000.00",), discount=True
    )

    assert found.is_exact
    assert str(found.items[0].discount) == "238.00 EUR"


def test_a_line_that_names_an_invoice_and_pays_less_waits_for_a_person() -> None:
    (found,) = proposed(bank_line("R1", "2026-03-10", "1000.00", "90000001"))

    assert not found.is_exact
    assert str(found.difference) == "190.00 EUR"


def test_a_line_that_names_a_paid_invoice_is_offered_no_other_one() -> None:
    books, (first, _) = invoiced("1000.00", "1000.00")
    receipt = books.receive("R0", "1190.00", "2026-03-05")
    books.clear([first, receipt], receipt, "2026-03-05")
    again = bank_line("R1", "2026-03-10", "1190.00", "90000001")
    other = bank_line("R1", "2026-03-10", "1190.00", "for goods")

    for line, offers in ((again, 0), (other, 1)):
        money = movements(statement(line, until="2026-03-20"))
        assert len(reconcile(books, "2026-03-20", money).proposals) == offers


def test_an_invoice_that_two_lines_name_is_paid_by_neither() -> None:
    lines = [
        bank_line("R1", "2026-03-10", "1190.00", "90000001 a"),
        bank_line("R2", "2026-03-10", "1190.00", "90000001 b", payer="other"),
    ]
    assert not [each for each in proposed(*lines) if each.rule.value == "remittance text"]


def test_an_amount_that_is_unique_on_both_sides_is_a_proposal_only() -> None:
    (found,) = proposed(bank_line("R1", "2026-03-10", "595.00"))

    assert not found.is_exact
    assert found.rule.value == "amount, unique on both sides"


def test_an_amount_that_fits_two_invoices_is_nothing() -> None:
    assert proposed(bank_line("R1", "2026-03-10", "595.00"), nets=("500.00", "500.00")) == ()


def test_one_payment_for_several_invoices_of_its_payer_is_proposed() -> None:
    (found,) = proposed(
        bank_line("R1", "2026-03-10", "833.00", payer="DE99"),
        nets=("1000.00", "500.00", "200.00"),
        known_payer=True,
    )

    assert found.rule.value == "sum of several, the only one that fits"
    assert paid(found) == ["0090000002", "0090000003"]


def test_several_payments_for_one_invoice_are_proposed() -> None:
    (found,) = proposed(
        bank_line("R1", "2026-03-10", "300.00", payer="DE99"),
        bank_line("R2", "2026-03-11", "295.00", payer="DE99"),
        known_payer=True,
    )

    assert [line.bank_reference for line in found.lines] == ["R1", "R2"]
    assert paid(found) == ["0090000002"]


@given(st.lists(st.integers(1, 400), min_size=2, max_size=9), st.data())
def test_a_subset_is_found_only_where_it_is_the_only_one(
    cents: list[int], data: st.DataObject
) -> None:
    amounts = [Decimal(cent).scaleb(-2) for cent in cents]
    chosen = data.draw(st.sets(st.sampled_from(range(len(amounts))), min_size=2))
    wanted = sum((amounts[at] for at in chosen), Decimal(0))

    fitting = [
        mask
        for mask in range(1, 2 ** len(amounts))
        if mask.bit_count() > 1
        and sum((a for at, a in enumerate(amounts) if mask >> at & 1), Decimal(0)) == wanted
    ]
    found = only_subset(amounts, wanted)

    if len(fitting) == 1 and fitting[0].bit_count() <= 8:
        assert found == tuple(sorted(chosen))
    else:
        assert found is None


@pytest.mark.parametrize(
    "text",
    [
        "90000014", "0090000014", "RE90000014", "RE-90000014", "Rechnung Nr. 90000014.",
        "INV/90000014/2026", "90 000 014", "Re:#90000014",
    ],
)  # fmt: skip
def test_an_invoice_number_is_found_however_it_is_written(text: str) -> None:
    assert "90000014" in words_of(text)


@pytest.mark.parametrize("text", ["190000014", "900000145", "IBAN DE90000014123", ""])
def test_part_of_a_longer_number_is_no_number(text: str) -> None:
    assert "90000014" not in words_of(text)


def test_a_run_with_proposals_is_the_same_after_it_was_written_and_read() -> None:
    books, _ = invoiced("1000.00")
    line = bank_line("R1", "2026-03-10", "1190.00", "RE 90000001")
    run = reconcile(books, "2026-03-20", movements(statement(line, until="2026-03-20")))

    assert run.proposals
    assert ReconciliationRun.from_json(run.to_json()) == run
