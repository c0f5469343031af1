"""
Read Shopify Payments: payouts and balance transactions of the REST API, and both CSV exports.

Payouts state totals, transactions what they consist of; each may come alone, and the store puts
them together by payout id.

Source: Shopify Admin REST, resources Payout and Transactions; CSV exports of the payouts page.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any, Final

from connector.errors import MessageError
from connector.sd_documents.values import Money
from connector.statements.delimited import Row, read_rows
from connector.statements.encodings import File
from connector.statements.json_reports import JsonObject, objects, read_json, text_in
from connector.statements.model import PayoutLineKind, Reading
from connector.statements.payout_parts import UNNAMED, Gathering, derived_line_id, payout_line
from connector.statements.values import ValueProblem, day_of, money_of

SHOPIFY: Final = "shopify"
SHOPIFY_JSON: Final = "shopify-json"
SHOPIFY_TRANSACTIONS_CSV: Final = "shopify-transactions-csv"
SHOPIFY_PAYOUTS_CSV: Final = "shopify-payouts-csv"

TRANSACTION_COLUMNS: Final = (
    "Transaction Date", "Type", "Payout Status", "Payout Date", "Payout ID", "Amount", "Fee", "Net",
    "Currency",
)  # fmt: skip
PAYOUT_COLUMNS: Final = ("Payout Date", "Status", "Total", "Currency")

_KINDS: Final = {
    "charge": PayoutLineKind.CHARGE,
    "refund": PayoutLineKind.REFUND,
    "refund_failure": PayoutLineKind.REFUND,
    "dispute": PayoutLineKind.DISPUTE,
    "chargeback": PayoutLineKind.DISPUTE,
    "adjustment": PayoutLineKind.ADJUSTMENT,
    "debit": PayoutLineKind.ADJUSTMENT,
    "credit": PayoutLineKind.ADJUSTMENT,
    "reserve": PayoutLineKind.RESERVE,
    "fee": PayoutLineKind.FEE,
}
#: Movements between the balance and the bank: they are the payout, no line of it.
_TOTALS: Final = frozenset({"payout", "payout_failure", "payout_cancellation"})
_PENDING: Final = "in no payout yet and left out"
_TEST: Final = "test transactions left out"
_EXPECTED: Final = "payouts or transactions of Shopify Payments"


def is_shopify_json(content: Any) -> bool:
    """Tell whether *content* is an answer about Shopify payouts."""
    keys = {"payouts", "payout", "transactions"}
    return any(keys & each.keys() for each in objects(content))


def read_shopify_json(file: File) -> Reading:
    """
    Return the payouts and transactions of one or several answers of the REST API.

    Raises:
        MessageError: it is no JSON, or holds neither.
    """
    gathering = Gathering(file, SHOPIFY)
    content = read_json(file)
    if not is_shopify_json(content):
        raise MessageError(file.source, "no payouts and no transactions are in it", _EXPECTED)
    told: set[str] = set()
    pages = 0
    for answer in objects(content):
        pages += 1
        for payout in objects(answer.get("payouts", answer.get("payout", []))):
            where = f"payout {text_in(payout, 'id')}"
            told.add(text_in(payout, "id"))
            gathering.attempt(where, text_in(payout, "id"), partial(_header, gathering, payout))
        for number, transaction in enumerate(objects(answer.get("transactions", [])), 1):
            where = f"transaction {number} ({text_in(transaction, 'id')})"
            payout_id = text_in(transaction, "payout_id")
            gathering.attempt(where, payout_id, partial(_transaction, gathering, transaction))
    for payout_id in told:
        gathered = gathering.payout(payout_id)
        gathered.are_lines_reported = bool(gathered.lines or gathered.problems)
    return gathering.reading(SHOPIFY_JSON, pages)


def _header(gathering: Gathering, payout: JsonObject) -> None:
    if not text_in(payout, "id"):
        raise ValueProblem("the payout has no id")
    gathered = gathering.payout(text_in(payout, "id"))
    gathered.amount = money_of(text_in(payout, "amount"), text_in(payout, "currency"))
    gathered.status = text_in(payout, "status")
    gathered.paid_on = day_of(text_in(payout, "date"))
    gathered.bank_reference = text_in(payout, "external_trace_id")


def _transaction(gathering: Gathering, transaction: JsonObject) -> None:
    if transaction.get("test") is True:
        gathering.notes[_TEST] += 1
        return
    payout_id = text_in(transaction, "payout_id")
    if not payout_id:
        gathering.notes[_PENDING] += 1
        return
    gathered = gathering.payout(payout_id)
    gathered.status = gathered.status or text_in(transaction, "payout_status")
    currency = text_in(transaction, "currency")
    net = money_of(text_in(transaction, "net"), currency)
    kind, happened = text_in(transaction, "type"), text_in(transaction, "processed_at")
    if kind in _TOTALS:
        _total(gathering, payout_id, kind, net, happened)
        return
    order = text_in(transaction, "source_order_id")
    gathered.lines.append(
        payout_line(
            text_in(transaction, "id"),
            _KINDS.get(kind, PayoutLineKind.OTHER),
            (
                money_of(text_in(transaction, "amount"), currency),
                money_of(text_in(transaction, "fee") or "0", currency),
                net,
            ),
            day_of(happened),
            charge_id=text_in(transaction, "source_order_transaction_id")
            or text_in(transaction, "source_id"),
            order_reference=order,
            text=kind,
        )
    )


def _total(gathering: Gathering, payout_id: str, kind: str, net: Money, happened: str) -> None:
    """The movement to the bank states the amount of its payout, with the other sign."""
    gathered = gathering.payout(payout_id)
    if kind == "payout":
        gathered.amount = gathered.amount or -net
        gathered.paid_on = gathered.paid_on or day_of(happened)
    else:
        gathered.status = "failed" if kind == "payout_failure" else "canceled"


def read_shopify_transactions(file: File) -> Reading:
    """
    Return the payouts that the rows of a transactions export belong to.

    Raises:
        MessageError: it is no such export.
    """
    gathering = Gathering(file, SHOPIFY)
    seen: Counter[str] = Counter()
    for row in read_rows(file, TRANSACTION_COLUMNS, "a Shopify transactions export"):
        payout_id = row["Payout ID"]
        gathering.attempt(
            f"line {row.line}", payout_id, partial(_transaction_row, gathering, row, seen)
        )
    return gathering.reading(SHOPIFY_TRANSACTIONS_CSV)


def _transaction_row(gathering: Gathering, row: Row, seen: Counter[str]) -> None:
    payout_id = row["Payout ID"]
    if not payout_id:
        gathering.notes[_PENDING] += 1
        return
    gathered = gathering.payout(payout_id)
    gathered.status = row["Payout Status"]
    gathered.paid_on = day_of(row["Payout Date"])
    currency = row["Currency"]
    gross, net = money_of(row["Amount"], currency), money_of(row["Net"], currency)
    presentment: Money | None = None
    if row["Presentment Currency"] not in ("", currency) and row["Presentment Amount"]:
        presentment = money_of(row["Presentment Amount"], row["Presentment Currency"])
        # The export shows refunds in the buyer's currency without a sign.
        presentment = -presentment if gross.amount < 0 < presentment.amount else presentment
    kind = row["Type"].lower()
    gathered.lines.append(
        payout_line(
            derived_line_id((payout_id, *row.values.values()), seen),
            _KINDS.get(kind, PayoutLineKind.OTHER),
            (gross, money_of(row["Fee"] or "0", currency), net),
            day_of(row["Transaction Date"]),
            charge_id=row["Checkout"],
            order_reference=row["Order"],
            presentment=presentment,
            text=kind,
        )
    )


def read_shopify_payouts(file: File) -> Reading:
    """
    Return the payouts of a payouts export. It has no ids: day, currency and total name them.

    Raises:
        MessageError: it is no such export.
    """
    gathering = Gathering(file, SHOPIFY)
    for row in read_rows(file, PAYOUT_COLUMNS, "a Shopify payouts export"):
        payout_id = row.first("Payout ID", "ID") or (
            f"{UNNAMED}{row['Payout Date']} {row['Total']} {row['Currency']}"
        )
        work = partial(_payout_row, gathering, row, payout_id)
        gathering.attempt(f"line {row.line}", payout_id, work)
    return gathering.reading(SHOPIFY_PAYOUTS_CSV)


def _payout_row(gathering: Gathering, row: Row, payout_id: str) -> None:
    gathered = gathering.payout(payout_id)
    gathered.are_lines_reported = False
    gathered.amount = money_of(row["Total"], row["Currency"])
    gathered.status = row["Status"].lower()
    gathered.paid_on = day_of(row["Payout Date"])
    gathered.bank_reference = row["Bank Reference"]
