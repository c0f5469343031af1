"""
Read the settlement details report of Adyen (CSV): one batch is one payout.

Debit and credit stand in columns of their own, and from our side. The row ``MerchantPayout`` is
the payout itself: it takes the batch's balance to the bank.

Source: Adyen documentation, settlement details report, standard columns and journal types.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Final

from connector.sd_documents.values import Money
from connector.statements.delimited import Row, read_rows
from connector.statements.encodings import File
from connector.statements.model import PayoutLineKind, Reading
from connector.statements.payout_parts import Gathering, derived_line_id, payout_line
from connector.statements.values import ValueProblem, day_of, money_of

ADYEN: Final = "adyen"
ADYEN_CSV: Final = "adyen-csv"

COLUMNS: Final = (
    "Merchant Account", "Psp Reference", "Merchant Reference", "Creation Date", "Type",
    "Modification Reference", "Gross Currency", "Gross Debit (GC)", "Gross Credit (GC)",
    "Net Currency", "Net Debit (NC)", "Net Credit (NC)", "Batch Number",
)  # fmt: skip
_FEES: Final = ("Commission (NC)", "Markup (NC)", "Scheme Fees (NC)", "Interchange (NC)")
_KINDS: Final = {
    "settled": PayoutLineKind.CHARGE,
    "settledbulk": PayoutLineKind.CHARGE,
    "refunded": PayoutLineKind.REFUND,
    "refundedbulk": PayoutLineKind.REFUND,
    "refundedreversed": PayoutLineKind.REFUND,
    "chargeback": PayoutLineKind.DISPUTE,
    "secondchargeback": PayoutLineKind.DISPUTE,
    "chargebackreversed": PayoutLineKind.DISPUTE,
    "fee": PayoutLineKind.FEE,
    "misccosts": PayoutLineKind.FEE,
    "paymentcost": PayoutLineKind.FEE,
    "invoicededuction": PayoutLineKind.FEE,
    "merchantpayin": PayoutLineKind.ADJUSTMENT,
    "depositcorrection": PayoutLineKind.RESERVE,
    "reserveadjustment": PayoutLineKind.RESERVE,
    "balancetransfer": PayoutLineKind.RESERVE,
}
_PAYOUT: Final = "merchantpayout"


def read_adyen(file: File) -> Reading:
    """
    Return the payouts of a settlement details report.

    Raises:
        MessageError: it is no such report.
    """
    gathering = Gathering(file, ADYEN)
    seen: Counter[str] = Counter()
    for row in read_rows(file, COLUMNS, "an Adyen settlement details report"):
        batch = row["Batch Number"]
        payout_id = f"{row['Merchant Account']} {batch}" if batch else ""
        work = partial(_row, gathering, row, payout_id, seen)
        gathering.attempt(f"line {row.line}", payout_id, work)
    return gathering.reading(ADYEN_CSV)


def _row(gathering: Gathering, row: Row, payout_id: str, seen: Counter[str]) -> None:
    if not payout_id:
        raise ValueProblem("no batch number")
    gathered = gathering.payout(payout_id)
    kind = row["Type"].lower()
    net = _signed(row, "Net", "(NC)", row["Net Currency"])
    happened_on = day_of(row.first("Booking Date", "Creation Date"))
    if kind == _PAYOUT:
        gathered.amount = -net
        gathered.paid_on = happened_on
        gathered.bank_reference = row["Modification Reference"]
        return
    fee = _fee(row, net.currency)
    gross_currency = row["Gross Currency"].upper() or net.currency
    presentment: Money | None = None
    if gross_currency != net.currency:
        presentment = _signed(row, "Gross", "(GC)", gross_currency)
    gross = net + fee
    kind_of_line = _KINDS.get(kind, PayoutLineKind.OTHER)
    gathered.lines.append(
        payout_line(
            derived_line_id((payout_id, *row.values.values()), seen),
            kind_of_line,
            (gross, fee, net),
            happened_on,
            charge_id=row["Psp Reference"],
            order_reference=row["Merchant Reference"],
            presentment=presentment,
            text=row["Type"],
        )
    )
    if presentment is None and (row["Gross Debit (GC)"] or row["Gross Credit (GC)"]):
        stated = _signed(row, "Gross", "(GC)", gross_currency)
        if stated != gross:
            raise ValueProblem(f"net {net} with fees of {fee} is not the gross amount {stated}")


def _signed(row: Row, side: str, suffix: str, currency: str) -> Money:
    credit = money_of(row[f"{side} Credit {suffix}"] or "0", currency)
    return credit - money_of(row[f"{side} Debit {suffix}"] or "0", currency)


def _fee(row: Row, currency: str) -> Money:
    total = Money.zero(currency)
    for column in _FEES:
        total = total + money_of(row[column] or "0", currency)
    return total
