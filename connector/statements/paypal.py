"""
Read the settlement report of PayPal (STL, CSV).

Records begin with their type: RH and FH (heads), SH and SF (a section of one account), CH (the
column names), SB (a transaction), SC, RC and FC (how many there were). Amounts are whole numbers of
the currency's smallest unit, and CR or DR beside them says the direction. A withdrawal to the bank
(event code T04..) is a payout; it takes what was on the balance, and what stays there or was there
before is told as a line of kind reserve.

Source: PayPal settlement report specification, version 9.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from connector.errors import MessageError
from connector.sd_documents.currency import decimals_of
from connector.sd_documents.values import Money
from connector.statements.delimited import Row
from connector.statements.encodings import File, require_size, text_of
from connector.statements.model import PayoutLine, PayoutLineKind, Reading
from connector.statements.payout_parts import Gathering, payout_line
from connector.statements.values import ValueProblem, day_of, money_in_units

PAYPAL: Final = "paypal"
PAYPAL_CSV: Final = "paypal-csv"
RECORDS: Final = frozenset({"RH", "FH", "SH", "CH", "SB", "SF", "SC", "RF", "RC", "FF", "FC"})

_EXPECTED: Final = "a PayPal settlement report (records RH, FH, SH, CH, SB, SF, SC, RF, RC, FF)"
_COLUMNS: Final = (
    "Transaction ID", "Invoice ID", "PayPal Reference ID", "Transaction Event Code",
    "Transaction Completion Date", "Transaction Debit or Credit", "Gross Transaction Amount",
    "Gross Transaction Currency", "Fee Debit or Credit", "Fee Amount", "Fee Currency",
)  # fmt: skip
#: By the first three characters of the event code.
_KINDS: Final = {
    "T00": PayoutLineKind.CHARGE,
    "T03": PayoutLineKind.ADJUSTMENT,
    "T01": PayoutLineKind.FEE,
    "T11": PayoutLineKind.REFUND,
    "T12": PayoutLineKind.ADJUSTMENT,
    "T15": PayoutLineKind.RESERVE,
    "T21": PayoutLineKind.RESERVE,
}
_BY_CODE: Final = {
    "T1106": PayoutLineKind.DISPUTE,
    "T1110": PayoutLineKind.RESERVE,
    "T1111": PayoutLineKind.RESERVE,
    "T1201": PayoutLineKind.DISPUTE,
    "T1202": PayoutLineKind.DISPUTE,
    "T0107": PayoutLineKind.FEE,
    "T1108": PayoutLineKind.FEE,
    "T1109": PayoutLineKind.FEE,
}
_WITHDRAWAL: Final = "T04"


@dataclass(slots=True)
class _Section:
    """The transactions of one account, by currency."""

    account: str
    day: date | None
    columns: tuple[str, ...] = ()
    count: int = 0
    lines: dict[str, list[PayoutLine]] = field(default_factory=dict)
    withdrawals: dict[str, list[tuple[str, Money, date, str]]] = field(default_factory=dict)


def read_paypal(file: File) -> Reading:
    """
    Return the payouts of a settlement report, one per withdrawal.

    Raises:
        MessageError: it is no such report.
    """
    require_size(file)
    gathering = Gathering(file, PAYPAL)
    sections: list[_Section] = []
    ended = False
    for line, cells in _records(file):
        kind = cells[0].strip()
        if kind == "SH":
            sections.append(_section(file, line, cells))
        elif kind == "CH" and sections:
            sections[-1].columns = tuple(" ".join(cell.split()) for cell in cells)
            _require_columns(file, line, sections[-1])
        elif kind == "SB" and sections:
            section = sections[-1]
            section.count += 1
            row = Row(line, dict(zip(section.columns, map(str.strip, cells), strict=False)))
            try:
                _transaction(section, row)
            except ValueProblem as error:
                gathering.problems.append(f"{file.source}, line {line}: {error}")
        elif kind == "SC" and sections:
            _count(file, line, cells, sections[-1], gathering)
        elif kind in ("FF", "FC"):
            ended = True
    if not sections:
        raise MessageError(file.source, "no section begins in it (SH)", _EXPECTED)
    if not ended:
        gathering.problems.append(
            f"{file.source}: the report breaks off, its last record is missing"
        )
    for section in sections:
        _payouts(section, gathering)
    return gathering.reading(PAYPAL_CSV)


def _records(file: File) -> Iterator[tuple[int, list[str]]]:
    lines = text_of(file).splitlines(keepends=True)
    delimiter = "\t" if lines and "\t" in lines[0] else ","
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if cells and any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise MessageError(
            f"{file.source}, line {reader.line_num}", str(error), _EXPECTED
        ) from None


def _section(file: File, line: int, cells: list[str]) -> _Section:
    try:
        day = day_of(cells[2] if len(cells) > 2 else "")
    except ValueProblem as error:
        raise MessageError(f"{file.source}, line {line}", str(error), "the section's end") from None
    return _Section(account=cells[3].strip() if len(cells) > 3 else "", day=day)


def _require_columns(file: File, line: int, section: _Section) -> None:
    missing = [column for column in _COLUMNS if column not in section.columns]
    if missing:
        raise MessageError(
            f"{file.source}, line {line}", f"the column {missing[0]!r} is missing", _EXPECTED
        )


def _count(
    file: File, line: int, cells: list[str], section: _Section, gathering: Gathering
) -> None:
    said = cells[1].strip() if len(cells) > 1 else ""
    if said.isdigit() and int(said) != section.count:
        gathering.problems.append(
            f"{file.source}, line {line}: {section.count} transactions are there, the report "
            f"speaks of {said}"
        )


def _amount(row: Row, name: str, direction: str, currency: str) -> Money:
    money = money_in_units(row[name] or 0, currency, decimals_of(currency))
    if not money:
        return money
    if row[direction] not in ("CR", "DR"):
        raise ValueProblem(f"{row[direction]!r} in {direction!r} is neither CR nor DR")
    return money if row[direction] == "CR" else -money


def _transaction(section: _Section, row: Row) -> None:
    currency = row["Gross Transaction Currency"].upper()
    code = row["Transaction Event Code"]
    gross = _amount(row, "Gross Transaction Amount", "Transaction Debit or Credit", currency)
    fee_currency = row["Fee Currency"].upper() or currency
    fee = -_amount(row, "Fee Amount", "Fee Debit or Credit", fee_currency)
    day = day_of(row.first("Transaction Completion Date", "Transaction Initiation Date"))
    if not row["Transaction ID"]:
        raise ValueProblem("no transaction id")
    if code.startswith(_WITHDRAWAL):
        section.withdrawals.setdefault(currency, []).append(
            (row["Transaction ID"], fee - gross, day, row["Bank Reference ID"])
        )
        return
    if fee and fee.currency != currency:
        raise ValueProblem(f"the fee {fee} is not in the currency of the transaction, {currency}")
    fee = fee if fee else Money.zero(currency)
    refers = row["PayPal Reference ID"]
    section.lines.setdefault(currency, []).append(
        payout_line(
            row["Transaction ID"],
            _BY_CODE.get(code) or _KINDS.get(code[:3], PayoutLineKind.OTHER),
            (gross, fee, gross - fee),
            day,
            charge_id=refers if gross.amount < 0 and refers else row["Transaction ID"],
            order_reference=row.first("Invoice ID", "Custom Field", "Payment Tracking ID"),
            text=code,
        )
    )


def _payouts(section: _Section, gathering: Gathering) -> None:
    """Give the transactions of each currency to the withdrawal; without one they stay put."""
    for currency, lines in section.lines.items():
        withdrawals = section.withdrawals.get(currency, [])
        if len(withdrawals) != 1:
            _on_balance(section, currency, lines, gathering)
            continue
        ((payout_id, amount, day, bank_reference),) = withdrawals
        gathered = gathering.payout(payout_id)
        gathered.lines += lines
        gathered.amount, gathered.paid_on, gathered.bank_reference = amount, day, bank_reference
        rest = amount.amount - sum((line.net.amount for line in lines), Decimal(0))
        if rest:
            gathered.lines.append(
                _balance_line(payout_id, Money(amount=rest, currency=currency), day)
            )
    for currency, withdrawals in section.withdrawals.items():
        if len(withdrawals) == 1 and currency in section.lines:
            continue
        for payout_id, amount, day, bank_reference in withdrawals:
            gathered = gathering.payout(payout_id)
            gathered.amount, gathered.paid_on, gathered.bank_reference = amount, day, bank_reference
            # Several withdrawals on a day share its transactions: nobody can tell which is whose.
            gathered.is_decomposed = currency not in section.lines
            if gathered.is_decomposed:
                gathered.lines.append(_balance_line(payout_id, amount, day))


def _balance_line(payout_id: str, amount: Money, day: date) -> PayoutLine:
    return PayoutLine(
        line_id=f"{payout_id}-balance",
        kind=PayoutLineKind.RESERVE,
        gross=amount,
        fee=Money.zero(amount.currency),
        net=amount,
        happened_on=day,
        text="from the balance" if amount.amount > 0 else "left on the balance",
    )


def _on_balance(
    section: _Section, currency: str, lines: list[PayoutLine], gathering: Gathering
) -> None:
    """What was not withdrawn is a payout of nothing, whose lines stay on PayPal's balance."""
    if section.day is None:
        return
    gathered = gathering.payout(f"{section.account} {section.day.isoformat()} {currency}")
    gathered.lines += lines
    gathered.paid_on = section.day
    gathered.amount = Money.zero(currency)
    gathered.status = "on balance"
    rest = -sum((line.net.amount for line in lines), Decimal(0))
    gathered.lines.append(
        _balance_line(gathered.payout_id, Money(amount=rest, currency=currency), section.day)
    )
