"""
Invoices in dollars in a company that keeps its books in euros: in parts, with a rest, to the end.

Figures by hand. 20 x 100.00 USD + 19 % = 2,380.00 USD; a dollar is 0.92 in January, 0.90 in
February, 0.95 in March, 0.94 from April on:

| day   | what                        | USD on account | EUR on account | realised       |
| 01-10 | invoice 2,380.00 x 0.92     | 2,380.00       | 2,189.60       |                |
| 02-10 | partial 1,000.00 x 0.90     | 1,380.00       | 1,289.60       | nothing        |
| 03-10 | 880.00 x 0.95, rest 500.00  | 500.00         | 475.00         | 21.40 gain     |
| 04-10 | 500.00 x 0.94               | 0.00           | 0.00           | 5.00 loss      |

836.00 + 475.00 - 1,289.60 = 21.40; 475.00 - 470.00 = 5.00.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest

from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.differences import ExplainedReason
from connector.reconciliation.report import ReconciliationRun, Verdict
from connector.resources import shipped
from connector.sd_documents.payment_state import PaymentState
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.specs import ManualCondition, OpenItemRef, PaymentSpec
from connector.simulator.rfc.face import RfcFace
from connector.simulator.rfc.settings import CLEARING_FUNCTION, FaceSettings
from tests.reconciliation.books import line
from tests.reconciliation.company import LOGON, WAYS, Company, a_way
from tests.simulator.engine.support import done, invoiced, item, new_erp, on, order

RATES = (("2026-01-01", "0.92"), ("2026-02-01", "0.90"), ("2026-03-01", "0.95"))
KEY_DATES = ("2026-01-31", "2026-02-10", "2026-03-10", "2026-04-10")


@contextmanager
def trading_in_dollars(folder: Path, way: str) -> Iterator[Company]:
    """Yield a company that knows the rates, read over *way*."""
    rates = [f"USD,EUR,{since},{rate}" for since, rate in (*RATES, ("2026-04-01", "0.94"))]
    header = "from_currency,to_currency,valid_from,rate"
    (folder / "exchange_rates.csv").write_text("\n".join([header, *rates, ""]), "utf-8")
    folders = (shipped("fixtures/erp"), shipped("fixtures/erp-cases"), folder)
    with (
        new_erp(MasterData.load(*folders), active_jobs=frozenset()) as simulated,
        a_way(simulated, way) as transport,
    ):
        yield Company(simulated, transport)


@pytest.fixture(params=WAYS)
def trading(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Company]:
    with trading_in_dollars(tmp_path, request.param) as found:
        yield found


def sells(company: Company, quantity: int) -> str:
    on(company.simulated, "2026-01-10")
    spec = order(
        item(10, "M-01", quantity),
        purchase_order_by_customer="EXT-9001",
        currency="USD",
        conditions=[ManualCondition("PR00", Decimal("100.00"), 10, currency="USD")],
    )
    number, _, invoice = invoiced(company.simulated, spec)
    sold = [line(quantity, "100.00")]
    company.sells("EXT-9001", sold, "2026-01-10", sales_order=number, currency="USD")
    return invoice


def pays(company: Company, amount: str, *documents: str, on_day: str, **more: Any) -> str:
    on(company.simulated, on_day)
    items = [OpenItemRef(each) for each in documents]
    spec = PaymentSpec("1000", "C-100", Decimal(amount), "USD", items=items, **more)
    return done(company.simulated, "post_incoming_payment_with_clearing", spec).number


def on_account(run: ReconciliationRun) -> tuple[str, str]:
    """Open items in dollars and in euros; both are the balance of the ledger."""
    ties = [identity for identity in run.identities if identity.number == 4]
    assert all(identity.holds for identity in run.identities)
    by_currency = {each.scope.stated_in: str(each.left.amount.amount) for each in ties}
    return by_currency["USD"], by_currency["EUR"]


def realised(run: ReconciliationRun) -> list[str]:
    """What clearings realised, a loss positive."""
    found = [e for e in run.explained if e.reason is ExplainedReason.EXCHANGE]
    return sorted(str(each.amount) for each in found)


def state(run: ReconciliationRun) -> tuple[PaymentState, str]:
    (one,) = run.payment_states
    return one.state, str(one.open)


def test_parts_and_a_rest_in_dollars_on_each_day_and_once_more_when_all_is_over(
    trading: Company,
) -> None:
    invoice = sells(trading, 20)
    partial = pays(trading, "1000.00", invoice, on_day="2026-02-10", partial=True)
    rest = pays(trading, "880.00", invoice, partial, on_day="2026-03-10", difference="residual")
    pays(trading, "500.00", rest, on_day="2026-04-10")
    on(trading.simulated, "2026-05-02")

    runs = [trading.reconciles(key_date) for key_date in KEY_DATES]

    assert [on_account(run) for run in runs] == [
        ("2380.00", "2189.60"),
        ("1380.00", "1289.60"),
        ("500.00", "475.00"),
        ("0.00", "0.00"),
    ]
    gain, loss = "-21.40 EUR", "5.00 EUR"
    assert [realised(run) for run in runs] == [[], [], [gain], [gain, loss]]
    assert [state(run) for run in runs] == [
        (PaymentState.OPEN, "2,380.00 USD"),
        (PaymentState.PARTIALLY_PAID, "1,380.00 USD"),
        (PaymentState.PARTIALLY_PAID, "500.00 USD"),
        (PaymentState.PAID, "0.00 USD"),
    ]
    short = [[(b.code, str(b.difference)) for b in run.breaks] for run in runs]
    assert short == [
        [],
        [(BreakCode.UNDERPAYMENT, "1,380.00 USD")],
        [(BreakCode.UNDERPAYMENT, "500.00 USD")],
        [],
    ]
    assert runs[1].breaks[0].id == runs[2].breaks[0].id
    assert [row.up_to_30.amount for row in runs[1].ageing] == [Decimal("1380.00")]
    assert runs[-1].verdict is Verdict.RECONCILED


def calls(face: RfcFace, function: str, **parameters: Any) -> dict[str, Any]:
    """Call and commit as a program outside does; nothing may be refused."""
    connection = cast(Any, face.connect(**LOGON))
    try:
        answer: dict[str, Any] = connection.call(function, **parameters)
        assert not [row for row in answer["RETURN"] if row["TYPE"] in "EA"], answer["RETURN"]
        connection.call("BAPI_TRANSACTION_COMMIT", WAIT="X")
    finally:
        connection.close()
    return answer


def posted_over_rfc(simulated: SimulatedErp, face: RfcFace) -> tuple[str, str]:
    """An invoice by hand at a rate of its own, and its payment at another."""
    on(simulated, "2026-01-20")
    answer = calls(
        face,
        "BAPI_ACC_DOCUMENT_POST",
        DOCUMENTHEADER={
            "COMP_CODE": "1000",
            "DOC_TYPE": "DR",
            "DOC_DATE": "20260120",
            "PSTNG_DATE": "20260120",
        },
        ACCOUNTRECEIVABLE=[{"ITEMNO_ACC": "1", "CUSTOMER": "C-100", "PMNTTRMS": "Z030"}],
        ACCOUNTGL=[{"ITEMNO_ACC": "2", "GL_ACCOUNT": "0000800000"}],
        CURRENCYAMOUNT=[
            {
                "ITEMNO_ACC": number,
                "CURRENCY": "USD",
                "AMT_DOCCUR": Decimal(amount),
                "EXCH_RATE": Decimal("0.87500"),
            }
            for number, amount in (("1", "333.33"), ("2", "-333.33"))
        ],
    )
    invoice = str(answer["OBJ_KEY"])[:10]
    on(simulated, "2026-02-20")
    answer = calls(
        face,
        CLEARING_FUNCTION,
        COMP_CODE="1000",
        DOC_DATE="20260220",
        PSTNG_DATE="20260220",
        REF_DOC_NO="TT-20",
        CUSTOMER="C-100",
        CURRENCY="USD",
        AMOUNT=Decimal("333.33"),
        EXCH_RATE=Decimal("0.86000"),
        ITEMS=[{"COMP_CODE": "1000", "DOC_NO": invoice}],
    )
    return invoice, str(answer["DOC_NO"])


def test_rates_of_single_postings_come_in_over_the_interface(trading: Company) -> None:
    """333.33 x 0.875 = 291.66, paid at 0.86 = 286.66: 5.00 lost, and nothing is left."""
    with closing(RfcFace(trading.simulated, FaceSettings())) as face:
        invoice, payment = posted_over_rfc(trading.simulated, face)

    january = trading.reconciles("2026-01-31")
    assert on_account(january) == ("333.33", "291.66")
    document = trading.simulated.accounting_document("1000", payment)
    assert document is not None
    lines = {(each.account, each.signed_local_amount) for each in document.lines}
    assert lines == {
        ("113100", Decimal("286.66")),
        ("140000", Decimal("-291.66")),
        ("230000", Decimal("5.00")),
    }
    february = trading.reconciles("2026-02-28")
    assert on_account(february) == ("0.00", "0.00")
    assert invoice != payment
