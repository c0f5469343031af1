"""
Foreign currency once more: discount, two invoices at one rate, rests of rests, yen and dinar, a
payment beyond the invoice, billing anew, and a valuation at the end of a month.

Figures by hand. A dollar is 0.92 in January, 0.90 in February, 0.95 in March, 0.94 from April on;
100 yen 0.61 and then 0.63, a dinar 3.00 and then 3.05. 10 x 100.00 USD + 19 % = 1,190.00 USD =
1,094.80 EUR in January.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from connector.reconciliation.differences import ExplainedReason
from connector.reconciliation.report import ReconciliationRun
from tests.reconciliation.company import WAYS, a_way
from tests.scenarios.bookkeeping import (
    Bookkeeping,
    explained,
    open_items,
    states,
    told,
    trading_abroad,
)
from tests.simulator.engine.support import new_erp

RATES = (
    "USD,EUR,2026-01-01,0.92",
    "USD,EUR,2026-02-01,0.90",
    "USD,EUR,2026-03-01,0.95",
    "USD,EUR,2026-04-01,0.94",
    "JPY,EUR,2026-01-01,0.0061",
    "JPY,EUR,2026-02-01,0.0063",
    "KWD,EUR,2026-01-01,3.00",
    "KWD,EUR,2026-02-01,3.05",
)


@pytest.fixture(params=WAYS)
def abroad(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bookkeeping]:
    master = trading_abroad(tmp_path, *RATES)
    with (
        new_erp(master, active_jobs=frozenset()) as erp,
        a_way(erp, request.param) as transport,
    ):
        yield Bookkeeping(erp, transport)


def realised(run: ReconciliationRun) -> list[str]:
    """What the clearings have realised: gains negative, losses positive."""
    return explained(run, ExplainedReason.EXCHANGE)


def test_the_discount_of_an_invoice_in_dollars_is_taken_at_the_rate_of_its_day(
    abroad: Bookkeeping,
) -> None:
    """595.00 x 0.92 = 547.40; 2 % = 11.90; 583.10 + 11.90 at 0.90 = 535.50: 11.90 lost."""
    _, _, invoice = abroad.sells("EXT-1", "2026-01-10", 5, currency="USD", terms_of_payment="Z314")
    abroad.paid("EXT-1", ("P-1", "583.10", "2026-02-05"))
    abroad.pays("2026-02-05", "583.10", invoice, discount=None, currency="USD", reference="P-1")

    assert open_items(abroad.closes("2026-01-31")) == {"140000 USD": "595.00 = 547.40"}
    over = abroad.closes("2026-02-28")
    assert told(over) == {}
    assert open_items(over) == {"140000 USD": "0.00 = 0.00"}
    assert explained(over, ExplainedReason.CASH_DISCOUNT) == ["11.90 USD"]
    assert realised(over) == ["11.90 EUR"]


def test_two_invoices_of_two_rates_in_one_clearing_realise_one_difference(
    abroad: Bookkeeping,
) -> None:
    """547.40 + 1,071.00 = 1,618.40; 1,785.00 x 0.95 = 1,695.75: 77.35 gained."""
    _, _, first = abroad.sells("EXT-1", "2026-01-10", 5, currency="USD")
    _, _, second = abroad.sells("EXT-2", "2026-02-10", 10, currency="USD")
    abroad.pays("2026-03-10", "1785.00", first, second, currency="USD")

    assert open_items(abroad.closes("2026-02-28")) == {"140000 USD": "1785.00 = 1618.40"}
    over = abroad.closes("2026-03-31")
    assert (told(over), realised(over)) == ({}, ["-77.35 EUR"])
    assert open_items(over) == {"140000 USD": "0.00 = 0.00"}


def test_the_rest_of_a_rest_keeps_its_invoice_and_realises_each_time(abroad: Bookkeeping) -> None:
    """
    644.80 after 500.00 at 0.90; 300.00 at 0.95 = 285.00 and 390.00 left = 370.50: 10.70 gained;
    100.00 at 0.94 and 290.00 left = 366.60: 3.90 lost; 290.00 at 0.94: nothing.
    """
    _, _, invoice = abroad.sells("EXT-1", "2026-01-10", currency="USD")
    part = abroad.pays("2026-02-10", "500.00", invoice, partial=True, currency="USD")
    rest = abroad.pays("2026-03-10", "300.00", invoice, part, difference="residual", currency="USD")
    last = abroad.pays("2026-04-10", "100.00", rest, difference="residual", currency="USD")
    abroad.pays("2026-04-20", "290.00", last, currency="USD")

    days = ("2026-01-31", "2026-02-28", "2026-03-31", "2026-04-15", "2026-04-30")
    runs = [abroad.closes(each) for each in days]
    assert [open_items(run)["140000 USD"] for run in runs] == [
        "1190.00 = 1094.80",
        "690.00 = 644.80",
        "390.00 = 370.50",
        "290.00 = 272.60",
        "0.00 = 0.00",
    ]
    gain, loss = "-10.70 EUR", "3.90 EUR"
    assert [realised(run) for run in runs] == [[], [], [gain], [gain, loss], [gain, loss]]
    short = [told(run).get("UNDERPAYMENT") for run in runs]
    assert short == [None, "690.00 USD", "390.00 USD", "290.00 USD", None]


def test_yen_without_and_dinar_with_three_decimals(abroad: Bookkeeping) -> None:
    """
    11,900 JPY = 72.59 EUR; 5,000 = 31.50, 6,900 = 43.47 against 41.09: 2.38 gained.
    12.350 + 2.347 = 14.697 KWD = 44.09 EUR; 10.000 = 30.50 and 4.697 left = 14.33: 0.74 gained.
    """
    _, _, yen = abroad.sells("EXT-1", "2026-01-10", 10, "1000", currency="JPY")
    _, _, dinar = abroad.sells("EXT-2", "2026-01-10", 10, "1.235", currency="KWD")
    part = abroad.pays("2026-02-03", "5000", yen, partial=True, currency="JPY")
    rest = abroad.pays("2026-02-03", "10.000", dinar, difference="residual", currency="KWD")
    between = abroad.closes("2026-02-03")
    abroad.pays("2026-02-10", "6900", yen, part, currency="JPY")
    abroad.pays("2026-02-10", "4.697", rest, currency="KWD")
    over = abroad.closes("2026-02-28")

    assert open_items(between) == {"140000 JPY": "6900 = 41.09", "140000 KWD": "4.697 = 14.33"}
    assert realised(between) == ["-0.74 EUR"]
    assert [str(each.difference) for each in between.pending] == ["6,900 JPY", "4.697 KWD"]
    assert open_items(over) == {"140000 JPY": "0 = 0.00", "140000 KWD": "0.000 = 0.00"}
    assert (told(over), realised(over)) == ({}, ["-2.38 EUR", "-0.74 EUR"])


def test_money_beyond_the_invoice_waits_at_its_rate_until_it_is_used(abroad: Bookkeeping) -> None:
    """
    1,300.00 for 1,190.00 at 0.90: 23.80 lost, -110.00 = -99.00 wait. 119.00 of March = 113.05; the
    9.00 left of it in April are 8.46: 5.59 lost.
    """
    _, _, invoice = abroad.sells("EXT-1", "2026-01-10", currency="USD")
    money = abroad.pays("2026-02-10", "1300.00", invoice, difference="on account", currency="USD")
    waits = abroad.closes("2026-02-10")
    _, _, later = abroad.sells("EXT-2", "2026-03-10", 1, currency="USD")
    abroad.clears("2026-04-10", money, later, residual=True)
    used = abroad.closes("2026-04-10")

    assert told(waits) == {"UNAPPLIED_CASH": "-110.00 USD"}
    assert open_items(waits) == {"140000 USD": "-110.00 = -99.00"}
    assert told(used) == {"UNDERPAYMENT": "9.00 USD"}
    assert open_items(used) == {"140000 USD": "9.00 = 8.46"}
    assert realised(used) == ["5.59 EUR", "23.80 EUR"]


def test_billed_anew_at_another_rate(abroad: Bookkeeping) -> None:
    """
    1,071.00 of 1,094.80: 23.80 lost. The cancellation is -1,094.80 as its invoice was, 1,071.00 USD
    of March are 1,017.45: -77.35. Cleared in April, -119.00 left = -111.86: 34.51 lost.
    """
    number, delivery, first = abroad.sells("EXT-1", "2026-01-10", currency="USD")
    abroad.pays("2026-02-10", "1190.00", first, currency="USD")
    cancellation = abroad.cancels("2026-03-05", first)
    second = abroad.bills_again("2026-03-06", number, delivery, "90.00", "USD")
    anew = abroad.closes("2026-03-06")
    abroad.clears("2026-04-02", cancellation, second, residual=True)
    settled = abroad.closes("2026-04-02")

    expected = {"PRICE_DIFF": "-119.00 USD", "OVERPAID_AFTER_REBILL": "-119.00 USD"}
    assert told(anew) == told(settled) == expected
    assert open_items(anew) == {"140000 USD": "-119.00 = -77.35"}
    assert open_items(settled) == {"140000 USD": "-119.00 = -111.86"}
    assert (realised(anew), realised(settled)) == (["23.80 EUR"], ["23.80 EUR", "34.51 EUR"])


def test_a_valuation_leaves_receivables_and_their_ledger_alone(abroad: Bookkeeping) -> None:
    """1,094.80 at 0.90 are 1,071.00: that is posted beside, and 35.70 are gained in March."""
    _, _, invoice = abroad.sells("EXT-1", "2026-01-10", currency="USD")
    abroad.does("2026-02-28", "value_open_items", "1000", date(2026, 2, 28))
    valued = abroad.closes("2026-02-28")
    abroad.pays("2026-03-10", "1190.00", invoice, currency="USD")
    over = abroad.closes("2026-03-31")

    assert open_items(valued) == {"140000 USD": "1190.00 = 1094.80"}
    assert (told(valued), realised(valued)) == ({}, [])
    assert (told(over), realised(over)) == ({}, ["-35.70 EUR"])


def test_a_credit_memo_in_euros_takes_nothing_off_an_invoice_in_dollars(
    abroad: Bookkeeping,
) -> None:
    """3 of 10 pieces come back and are credited in the customer's own currency: 321.30 EUR."""
    _, _, invoice = abroad.sells("EXT-1", "2026-01-10", currency="USD")
    abroad.credits("2026-02-10", invoice, 3)

    run = abroad.closes("2026-02-28")

    assert states(run) == {"open": "1 open 1,190.00 USD"}
    assert open_items(run) == {"140000 EUR": "-321.30", "140000 USD": "1190.00 = 1094.80"}
