"""What is paid back over the bank, from postings in the simulated ERP."""

from __future__ import annotations

from connector.reconciliation.movements import MoneyMovements
from tests.reconciliation.money import bank_line, movements, statement
from tests.scenarios.bookkeeping import Bookkeeping, the, told


def bank(invoice: str, until: str) -> MoneyMovements:
    """Two payments of one invoice, one of them sent back, and rent."""
    lines = (
        ("R1", "2026-01-12", "1190.00", f"invoice {invoice}"),
        ("R2", "2026-01-13", "1190.00", f"invoice {invoice}"),
        ("B1", "2026-01-20", "-1190.00", f"invoice {invoice} was paid twice"),
        ("S1", "2026-01-20", "-770.00", "rent January"),
    )
    found = [bank_line(ref, on, amount, text) for ref, on, amount, text in lines if on <= until]
    return movements(statement(*found, until=until))


def test_a_payment_made_twice_is_sent_back_over_the_bank(books: Bookkeeping) -> None:
    _, _, invoice = books.sells("EXT-1", "2026-01-05")
    books.pays("2026-01-12", "1190.00", invoice, reference="R1")
    books.pays("2026-01-13", "1190.00", reference="R2")
    assert told(books.closes("2026-01-15", bank(invoice, "2026-01-15"))) == {
        "DUPLICATE_PAYMENT": "-1,190.00 EUR"
    }

    missing = books.closes("2026-01-20", bank(invoice, "2026-01-20"))
    assert told(missing) == {
        "DUPLICATE_PAYMENT": "-1,190.00 EUR",
        "MISSING_PAYMENT": "-1,190.00 EUR",
    }
    assert "FI has no outgoing payment" in the(missing, "MISSING_PAYMENT").text

    books.pays_back("2026-01-21", "1190.00")
    posted = books.closes("2026-01-21", bank(invoice, "2026-01-21"))
    assert told(posted) == {"DUPLICATE_PAYMENT": "-1,190.00 EUR"}
    assert [source.left_out for source in posted.sources if source.left_out] == [1], "the rent"


def test_a_credit_memo_that_is_paid_out_and_cleared_is_settled(books: Bookkeeping) -> None:
    _, _, invoice = books.sells("EXT-1", "2026-01-05")
    receipt = bank_line("R1", "2026-01-12", "1190.00", f"invoice {invoice}")
    books.pays("2026-01-12", "1190.00", invoice, reference="R1")
    memo = books.credits("2026-01-14", invoice, 2)
    refund = bank_line("B1", "2026-01-20", "-238.00", f"credit memo {memo}")
    books.clears("2026-01-21", memo, books.pays_back("2026-01-20", "238.00"))

    run = books.closes("2026-01-21", movements(statement(receipt, refund, until="2026-01-21")))

    assert "MISSING_PAYMENT" not in told(run)
    assert any("B1" in each.outside for each in run.matches)
