"""
Payouts one after the other: refunds of earlier orders, disputes, reserves, doubles, a cent short.

Figures by hand: each order is 1 x 100.00 + 19 % = 119.00, the provider keeps 3.75 of each charge.
Two charges: 238.00 - 7.50 = 230.50; three: 357.00 - 11.25 = 345.75.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from connector.reconciliation.differences import ExplainedReason
from connector.reconciliation.movements import MoneyMovements
from connector.sd_documents.values import Money
from connector.statements.model import Payout, PayoutLine, PayoutLineKind
from tests.reconciliation.money import bank_line, movements, payout, payout_line, statement, terms
from tests.scenarios.bookkeeping import Bookkeeping, explained, open_items, told, waiting

CHARGE, REFUND, FEE = PayoutLineKind.CHARGE, PayoutLineKind.REFUND, PayoutLineKind.FEE
DISPUTE, RESERVE = PayoutLineKind.DISPUTE, PayoutLineKind.RESERVE


def sells(books: Bookkeeping, count: int, on_day: str = "2026-03-02") -> list[str]:
    """Orders paid by card and posted charge by charge; returns their invoices."""
    invoices = []
    for n in range(1, count + 1):
        invoices.append(books.sells(f"EXT-{n}", on_day, 1)[2])
        books.paid(f"EXT-{n}", (f"ch_{n}", "119.00", on_day))
    posted_on = max("2026-03-05", on_day)
    for n, invoice in enumerate(invoices, start=1):
        books.pays(posted_on, "119.00", invoice, reference=f"ch_{n}")
    return invoices


def charges(*numbers: int) -> list[PayoutLine]:
    return [payout_line(f"t{n}", CHARGE, "119", "3.75", charge=f"ch_{n}") for n in numbers]


def banked(payouts: Sequence[Payout], *lines: tuple[str, str, str], until: str) -> MoneyMovements:
    """Payouts with bank lines of day, amount and the payout that they name."""
    known = [
        bank_line(f"B{n}", on, amount, f"STRIPE {name}")
        for n, (on, amount, name) in enumerate(lines, start=1)
    ]
    return movements(statement(*known, until=until), payouts=payouts, gateways=["card"])


def of_provider(books: Bookkeeping, key_date: str, money: MoneyMovements) -> dict[str, str]:
    found = terms(books.closes(key_date, money), "stripe")
    return {name: amount for name, amount in found.items() if Decimal(amount)}


def test_a_refund_in_a_later_payout_that_goes_the_other_way(books: Bookkeeping) -> None:
    """119.00 - 3.75 - 119.00 = -3.75: the provider takes money, and the credit memo is settled."""
    invoices = sells(books, 3)
    books.credits("2026-03-06", invoices[0], 1)
    first = payout("po_1001", "2026-03-04", "230.50", charges(1, 2))
    refund = payout_line("t4", REFUND, "-119", charge="ch_1", on="2026-03-08")
    second = payout("po_1002", "2026-03-09", "-3.75", [*charges(3), refund])
    money = banked(
        [first, second],
        ("2026-03-05", "230.50", "po_1001"),
        ("2026-03-10", "-3.75", "po_1002"),
        until="2026-03-25",
    )

    assert told(books.closes("2026-03-08", money)) == {"CREDIT_WITHOUT_REFUND": "-119.00 EUR"}
    assert told(books.closes("2026-03-25", money)) == {}
    assert of_provider(books, "2026-03-25", money) == {
        "paid out": "226.75", "charges": "357.00", "refunds": "-119.00", "fees": "-11.25",
    }  # fmt: skip


def test_a_dispute_is_lost_money_until_it_is_won_and_its_fee_stays(books: Bookkeeping) -> None:
    """-119.00 - 15.00 = -134.00; won: 119.00 come back, and 15.00 are kept."""
    sells(books, 3)
    taken = payout_line("d1", DISPUTE, "-119", "15.00", charge="ch_2", on="2026-03-10")
    back = payout_line("d2", DISPUTE, "119", charge="ch_2", on="2026-03-28")
    payouts = [
        payout("po_1001", "2026-03-04", "345.75", charges(1, 2, 3)),
        payout("po_1002", "2026-03-11", "-134.00", [taken]),
        payout("po_1003", "2026-03-30", "119.00", [back]),
    ]
    money = banked(
        payouts,
        ("2026-03-05", "345.75", "po_1001"),
        ("2026-03-12", "-134.00", "po_1002"),
        ("2026-03-31", "119.00", "po_1003"),
        until="2026-04-05",
    )

    lost, won = books.closes("2026-03-25", money), books.closes("2026-04-05", money)

    assert told(lost) == {"CHARGEBACK": "134.00 EUR"}
    assert told(won) == {"CHARGEBACK": "15.00 EUR"}
    assert lost.breaks[0].id == won.breaks[0].id
    assert (
        won.breaks[0].text == "the payment came back, and the provider kept a fee for the dispute"
    )


def test_a_dispute_that_finance_has_posted_is_owed_by_the_buyer_and_missed_by_nobody(
    books: Bookkeeping,
) -> None:
    """The receipt is reversed: 119.00 are owed again, 134.00 are gone; won, it is posted anew."""
    _, _, invoice = books.sells("EXT-1", "2026-03-02", 1)
    books.paid("EXT-1", ("ch_1", "119.00", "2026-03-02"))
    receipt = books.pays("2026-03-05", "119.00", invoice, reference="ch_1")
    taken = payout_line("d1", DISPUTE, "-119", "15.00", charge="ch_1", on="2026-03-10")
    back = payout_line("d2", DISPUTE, "119", "-15.00", charge="ch_1", on="2026-03-28")
    payouts = [
        payout("po_1001", "2026-03-04", "115.25", charges(1)),
        payout("po_1002", "2026-03-11", "-134.00", [taken]),
        payout("po_1003", "2026-03-30", "134.00", [back]),
    ]
    money = banked(
        payouts,
        ("2026-03-05", "115.25", "po_1001"),
        ("2026-03-12", "-134.00", "po_1002"),
        ("2026-03-31", "134.00", "po_1003"),
        until="2026-04-05",
    )
    books.does("2026-03-13", "reset_clearing", "1000", receipt, reverse=True)
    posted = books.closes("2026-03-13", money)
    won = books.closes("2026-03-31", money)
    books.pays("2026-04-02", "119.00", invoice, reference="ch_1")

    assert told(posted) == {"CHARGEBACK": "134.00 EUR"}
    assert open_items(posted) == {"140000 EUR": "119.00"}
    assert told(won) == {"MISSING_PAYMENT": "119.00 EUR"}
    assert told(books.closes("2026-04-02", money)) == {}


def test_what_the_provider_held_back_comes_with_a_later_payout(books: Bookkeeping) -> None:
    """345.75 - 35.70 = 310.05, and 35.70 a month later."""
    sells(books, 3)
    held = payout_line("r1", RESERVE, "-35.70")
    free = payout_line("r2", RESERVE, "35.70", on="2026-04-03")
    payouts = [
        payout("po_1001", "2026-03-04", "310.05", [*charges(1, 2, 3), held]),
        payout("po_1002", "2026-04-04", "35.70", [free]),
    ]
    money = banked(
        payouts,
        ("2026-03-05", "310.05", "po_1001"),
        ("2026-04-05", "35.70", "po_1002"),
        until="2026-04-06",
    )

    march, april = books.closes("2026-03-31", money), books.closes("2026-04-06", money)

    assert (told(march), told(april)) == ({}, {})
    held_back = ExplainedReason.HELD_BY_PROVIDER
    assert explained(march, held_back) == ["-35.70 EUR"]
    assert explained(april, held_back) == ["-35.70 EUR", "35.70 EUR"]


def test_a_charge_that_is_paid_out_twice_and_one_in_two_parts(books: Bookkeeping) -> None:
    """ch_1 comes as 119.00 twice: 119.00 too much; ch_2 as 60.00 and 59.00: right."""
    sells(books, 2)
    lines = [
        *charges(1),
        payout_line("t2", CHARGE, "60", "1.90", charge="ch_2"),
        payout_line("t3", CHARGE, "59", "1.85", charge="ch_2"),
        payout_line("t4", CHARGE, "119", "3.75", charge="ch_1"),
    ]
    paid = payout("po_1001", "2026-03-04", "345.75", lines)
    money = banked([paid], ("2026-03-05", "345.75", "po_1001"), until="2026-03-25")

    run = books.closes("2026-03-25", money)

    assert told(run) == {"PAYOUT_MISMATCH": "-119.00 EUR"}
    assert run.breaks[0].subject == "shop EXT-1"


def test_over_the_end_of_a_month_and_a_cent_short(books: Bookkeeping) -> None:
    """Paid out on 03-31, in the bank on 04-01 with 230.49."""
    sells(books, 2, "2026-03-30")
    paid = payout("po_1001", "2026-03-31", "230.50", charges(1, 2))
    known = [
        statement(bank_line("A", "2026-03-27", "1.00", "X"), until="2026-03-31"),
        statement(
            bank_line("B", "2026-04-01", "230.49", "STRIPE po_1001"),
            until="2026-04-05", number="2", opening="1.00",
        ),
    ]  # fmt: skip
    money = movements(*known, payouts=[paid], gateways=["card"])

    march, april = books.closes("2026-03-31", money), books.closes("2026-04-05", money)

    assert told(march) == {"PAYOUT_MISMATCH": "-230.50 EUR", "MISSING_PAYMENT": "1.00 EUR"}
    assert waiting(march)["PAYOUT_MISMATCH"] == "2026-04-05"
    assert told(april) == {"PAYOUT_MISMATCH": "-0.01 EUR", "MISSING_PAYMENT": "1.00 EUR"}


def test_refunds_and_credit_memos_that_do_not_meet(books: Bookkeeping) -> None:
    """EXT-1 is paid back without a credit, EXT-2 has a credit and no money back."""
    invoices = sells(books, 3)
    books.credits("2026-03-06", invoices[1], 1)
    refund = payout_line("r1", REFUND, "-119", charge="ch_1", on="2026-03-06")
    paid = payout("po_1001", "2026-03-07", "226.75", [*charges(1, 2, 3), refund])
    money = banked([paid], ("2026-03-08", "226.75", "po_1001"), until="2026-03-30")

    early, late = books.closes("2026-03-08", money), books.closes("2026-03-25", money)

    expected = {"REFUND_WITHOUT_CREDIT": "119.00 EUR", "CREDIT_WITHOUT_REFUND": "-119.00 EUR"}
    assert told(early) == told(late) == expected
    assert waiting(early) == {
        "REFUND_WITHOUT_CREDIT": "2026-03-09",
        "CREDIT_WITHOUT_REFUND": "2026-03-20",
    }
    assert waiting(late) == {}


def test_one_refund_that_the_provider_paid_twice(books: Bookkeeping) -> None:
    """Two pieces for 238.00, one comes back: 119.00 are credited, 238.00 were paid back."""
    _, _, invoice = books.sells("EXT-1", "2026-03-02", 2)
    books.paid("EXT-1", ("ch_1", "238.00", "2026-03-02"))
    books.pays("2026-03-05", "238.00", invoice, reference="ch_1")
    books.credits("2026-03-06", invoice, 1)
    books.refunds("EXT-1", "re_1", "119.00", "2026-03-06")
    lines = [
        payout_line("t1", CHARGE, "238", "7.20", charge="ch_1"),
        payout_line("r1", REFUND, "-119", charge="ch_1", on="2026-03-06"),
        payout_line("r2", REFUND, "-119", charge="ch_1", on="2026-03-07"),
    ]
    paid = payout("po_1001", "2026-03-09", "-7.20", lines)
    money = banked([paid], ("2026-03-10", "-7.20", "po_1001"), until="2026-03-30")

    assert told(books.closes("2026-03-30", money)) == {"REFUND_WITHOUT_CREDIT": "119.00 EUR"}


def test_a_buyer_paid_in_dollars_and_the_provider_pays_out_euros(books: Bookkeeping) -> None:
    """119.00 EUR, and 119.00 USD for 107.10 EUR: 226.10 - 3.75 - 3.55 - 0.71 - 10.00 = 208.09."""
    _, _, first = books.sells("EXT-1", "2026-03-02", 1)
    books.paid("EXT-1", ("ch_1", "119.00", "2026-03-02"))
    _, _, second = books.sells("EXT-2", "2026-03-02", 1, currency="USD")
    books.paid("EXT-2", ("ch_2", "119.00", "2026-03-02"))
    books.pays("2026-03-05", "119.00", first, reference="ch_1")
    books.pays("2026-03-05", "119.00", second, reference="ch_2", currency="USD")
    dollars = Money(amount=Decimal("119.00"), currency="USD")
    lines = [
        *charges(1),
        payout_line("t2", CHARGE, "107.10", "3.55", charge="ch_2", presentment=dollars),
        payout_line("v1", FEE, "-0.71"),
        payout_line("m1", FEE, "-10.00"),
    ]
    paid = payout("po_1001", "2026-03-04", "208.09", lines)
    money = banked([paid], ("2026-03-05", "208.09", "po_1001"), until="2026-03-30")

    run = books.closes("2026-03-25", money)

    assert told(run) == {}
    fees = explained(run, ExplainedReason.PROVIDER_FEE)
    assert fees == ["0.71 EUR", "3.55 EUR", "3.75 EUR", "10.00 EUR"]
    assert open_items(run) == {"140000 EUR": "0.00", "140000 USD": "0.00 = 0.00"}
