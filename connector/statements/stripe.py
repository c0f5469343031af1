"""
Read Stripe: balance transactions and payouts of the API, and the payout reconciliation report.

The API gives amounts in the currency's smallest unit as Stripe has it, the report in major units.
A manual payout does not say what it consists of: the provider cannot decompose it.

Source: Stripe API reference (balance transactions, payouts), report payout_reconciliation.itemized.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from connector.errors import MessageError
from connector.sd_documents.currency import decimals_of
from connector.sd_documents.values import Money
from connector.statements.delimited import Row, read_rows
from connector.statements.encodings import File
from connector.statements.json_reports import JsonObject, objects, read_json, text_in
from connector.statements.model import PayoutLineKind, Reading
from connector.statements.payout_parts import Gathering, payout_line
from connector.statements.values import ValueProblem, day_of, day_of_epoch, money_in_units, money_of

STRIPE: Final = "stripe"
STRIPE_JSON: Final = "stripe-json"
STRIPE_CSV: Final = "stripe-csv"

COLUMNS: Final = (
    "automatic_payout_id", "automatic_payout_effective_at", "balance_transaction_id", "currency",
    "gross", "fee", "net", "reporting_category",
)  # fmt: skip

#: In the API these have two decimals, the last two of them always zeros.
_TWO_DECIMALS: Final = frozenset({"ISK", "UGX"})
_KINDS: Final = {
    "charge": PayoutLineKind.CHARGE,
    "payment": PayoutLineKind.CHARGE,
    "partial_capture_reversal": PayoutLineKind.REFUND,
    "refund": PayoutLineKind.REFUND,
    "payment_refund": PayoutLineKind.REFUND,
    "refund_failure": PayoutLineKind.REFUND,
    "payment_failure_refund": PayoutLineKind.REFUND,
    "dispute": PayoutLineKind.DISPUTE,
    "dispute_reversal": PayoutLineKind.DISPUTE,
    "fee": PayoutLineKind.FEE,
    "stripe_fee": PayoutLineKind.FEE,
    "network_cost": PayoutLineKind.FEE,
    "application_fee": PayoutLineKind.FEE,
    "tax": PayoutLineKind.FEE,
    "tax_fee": PayoutLineKind.FEE,
    "adjustment": PayoutLineKind.ADJUSTMENT,
    "other_adjustment": PayoutLineKind.ADJUSTMENT,
    "risk_reserved_funds": PayoutLineKind.RESERVE,
    "reserve_transaction": PayoutLineKind.RESERVE,
    "reserved_funds": PayoutLineKind.RESERVE,
    "payment_reserve": PayoutLineKind.RESERVE,
}
_PAYOUT: Final = frozenset({"payout", "transfer"})
_EXPECTED: Final = "a list of Stripe balance transactions with their payout, or payouts"
_METADATA: Final = ("payment_metadata[order_id]", "payment_metadata[order_number]", "order_id")


def is_stripe_json(content: Any) -> bool:
    """Tell whether *content* is an answer of Stripe's API."""
    return any(isinstance(each.get("object"), str) for each in objects(content))


def read_stripe_json(file: File) -> Reading:
    """
    Return the payouts in answers of the API.

    Balance transactions do not name their payout. They belong to the one payout that is among
    them, as in the list that the API gives for one payout.

    Raises:
        MessageError: it is no JSON, or holds neither payouts nor a payout's transactions.
    """
    gathering = Gathering(file, STRIPE)
    pages, expected = 0, 0
    for answer in _answers(read_json(file)):
        pages += 1
        expected += 2 if answer.get("has_more") is True else 1
        _answer(gathering, answer, file)
    payouts = gathering.finish()
    if not payouts and not gathering.problems:
        raise MessageError(file.source, "neither payouts nor transactions are in it", _EXPECTED)
    problems = list(gathering.problems)
    if expected > pages:
        problems.append(f"{file.source}: the list goes on (has_more), and the next page is missing")
    return Reading(
        source=file.source,
        sha256=file.sha256,
        format=STRIPE_JSON,
        payouts=payouts,
        pages=pages,
        pages_expected=expected,
        problems=tuple(problems),
        notes=gathering.note_texts(),
    )


def _answers(content: Any) -> list[JsonObject]:
    """Return the lists in *content*; single objects are one list, and pages of a list are one."""
    found = list(objects(content))
    lists = [each for each in found if each.get("object") == "list"]
    singles = [each for each in found if each.get("object") != "list"]
    data = [each for page in lists for each in objects(page.get("data", []))] + singles
    # A list goes on where its last page says so.
    goes_on = bool(lists) and lists[-1].get("has_more") is True
    return [{"data": data, "has_more": goes_on}]


def _answer(gathering: Gathering, answer: JsonObject, file: File) -> None:
    entries: list[JsonObject] = answer["data"]
    for payout in entries:
        if payout.get("object") == "payout":
            where = f"payout {text_in(payout, 'id')}"
            gathering.attempt(where, text_in(payout, "id"), partial(_payout, gathering, payout))
    transactions = [each for each in entries if each.get("object") == "balance_transaction"]
    totals = [each for each in transactions if text_in(each, "type") in _PAYOUT]
    ids = {_source_id(total) for total in totals} or {
        text_in(each, "id") for each in entries if each.get("object") == "payout"
    }
    if transactions and len(ids) != 1:
        found = f"{len(ids)} payouts" if ids else "no payout"
        raise MessageError(
            file.source, f"{len(transactions)} balance transactions with {found}", _EXPECTED
        )
    for payout_id in ids if transactions else ():
        for transaction in transactions:
            where = f"balance transaction {text_in(transaction, 'id')}"
            work = partial(_transaction, gathering, payout_id, transaction)
            gathering.attempt(where, payout_id, work)
        gathering.payout(payout_id).are_lines_reported = True


def _payout(gathering: Gathering, payout: JsonObject) -> None:
    gathered = gathering.payout(text_in(payout, "id"))
    gathered.are_lines_reported = False
    gathered.is_decomposed = payout.get("automatic") is not False
    gathered.status = text_in(payout, "status")
    gathered.amount = _units(payout, "amount")
    gathered.paid_on = day_of_epoch(payout.get("arrival_date") or payout.get("created"))
    trace = payout.get("trace_id")
    traced = text_in(trace, "value") if isinstance(trace, dict) else ""
    gathered.bank_reference = traced or text_in(payout, "statement_descriptor")


def _transaction(gathering: Gathering, payout_id: str, transaction: JsonObject) -> None:
    gathered = gathering.payout(payout_id)
    net = _units(transaction, "net")
    if text_in(transaction, "type") in _PAYOUT:
        gathered.amount = gathered.amount or -net
        gathered.paid_on = gathered.paid_on or day_of_epoch(
            transaction.get("available_on") or transaction.get("created")
        )
        return
    category = text_in(transaction, "reporting_category") or text_in(transaction, "type")
    source = transaction.get("source")
    detail: JsonObject = source if isinstance(source, dict) else {}
    gathered.lines.append(
        payout_line(
            text_in(transaction, "id"),
            _kind(category),
            (_units(transaction, "amount"), _units(transaction, "fee"), net),
            day_of_epoch(transaction.get("created")),
            charge_id=_charge_id(transaction, detail),
            order_reference=_order(detail),
            presentment=_presentment(transaction, detail),
            text=category,
        )
    )


def _units(content: JsonObject, name: str) -> Money:
    currency = text_in(content, "currency").upper()
    decimals = 2 if currency in _TWO_DECIMALS else decimals_of(currency)
    return money_in_units(content.get(name), currency, decimals)


def _kind(category: str) -> PayoutLineKind:
    return _KINDS.get(category, PayoutLineKind.OTHER)


def _source_id(transaction: JsonObject) -> str:
    source = transaction.get("source")
    return text_in(source, "id") if isinstance(source, dict) else text_in(transaction, "source")


def _charge_id(transaction: JsonObject, detail: JsonObject) -> str:
    """A refund or dispute names the charge that it takes back, where it is told in full."""
    charge = detail.get("charge")
    if isinstance(charge, dict):
        return text_in(charge, "id")
    return text_in(detail, "charge") or _source_id(transaction)


def _order(detail: JsonObject) -> str:
    metadata = detail.get("metadata")
    found: JsonObject = metadata if isinstance(metadata, dict) else {}
    return text_in(found, "order_id") or text_in(found, "order_number")


def _presentment(transaction: JsonObject, detail: JsonObject) -> Money | None:
    currency = text_in(detail, "currency").upper()
    if not currency or currency == text_in(transaction, "currency").upper():
        return None
    money = _units(detail, "amount")
    return -money if _units(transaction, "amount").amount < 0 < money.amount else money


def read_stripe_report(file: File) -> Reading:
    """
    Return the payouts of a payout reconciliation report, itemized.

    Raises:
        MessageError: it is no such report.
    """
    gathering = Gathering(file, STRIPE)
    for row in read_rows(file, COLUMNS, "a Stripe payout reconciliation report"):
        payout_id = row["automatic_payout_id"]
        gathering.attempt(f"line {row.line}", payout_id, partial(_row, gathering, row))
    return gathering.reading(STRIPE_CSV)


def _row(gathering: Gathering, row: Row) -> None:
    payout_id, category = row["automatic_payout_id"], row["reporting_category"]
    if not payout_id:
        gathering.notes["in no automatic payout and left out"] += 1
        return
    if not row["balance_transaction_id"]:
        raise ValueProblem("no balance_transaction_id")
    currency = row["currency"]
    gathered = gathering.payout(payout_id)
    gathered.paid_on = day_of(row["automatic_payout_effective_at"])
    net = money_of(row["net"], currency)
    if category in _PAYOUT:
        gathered.amount = -net
        return
    gross = money_of(row["gross"], currency)
    facing = row["customer_facing_currency"].upper()
    presentment: Money | None = None
    if facing not in ("", currency.upper()) and row["customer_facing_amount"]:
        presentment = money_of(row["customer_facing_amount"], facing)
    happened = row.first("created", "created_utc", "available_on", "automatic_payout_effective_at")
    gathered.lines.append(
        payout_line(
            row["balance_transaction_id"],
            _kind(category),
            (gross, money_of(row["fee"] or "0", currency), net),
            day_of(happened),
            charge_id=row.first("charge_id", "source_id"),
            order_reference=row.first(*_METADATA),
            presentment=presentment,
            text=category,
        )
    )
