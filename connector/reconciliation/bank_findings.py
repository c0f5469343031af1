"""What is told of a bank line that does not agree."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.differences import Evidence, Finding, Scope, Side, evidence_of
from connector.reconciliation.identities import PAYMENTS_TO_RECEIPTS
from connector.reconciliation.receipts import Receipt
from connector.sd_documents.values import Money
from connector.statements.model import BankLine


def bank_finding(
    code: BreakCode,
    line: BankLine,
    scope: Scope,
    difference: Decimal,
    *,
    text: str,
    receipt: Receipt | None = None,
    break_on: date | None = None,
    absorbable: bool = False,
) -> Finding:
    """State what is wrong with *line*; *receipt* is what FI has for it."""
    settled = Money(amount=receipt.settled, currency=receipt.currency) if receipt else None
    return Finding(
        code=code,
        identity=PAYMENTS_TO_RECEIPTS,
        scope=scope,
        subject=subject_of(line),
        keys=keys_of(line),
        outside=Side(what=f"bank line {line.bank_reference}", amount=line.amount),
        erp=Side(what=f"FI document {receipt}" if receipt else "no receipt", amount=settled),
        difference=difference,
        since=line.booking_date,
        text=text,
        evidence=_evidence(line, receipt),
        break_on=break_on,
        absorbable=absorbable,
    )


def subject_of(line: BankLine) -> str:
    """Name *line* in the words of people."""
    return f"bank line {line.bank_reference}"


def keys_of(line: BankLine) -> dict[str, str]:
    """Return the business keys of *line*."""
    return {"bank_account": line.bank_account, "bank_reference": line.bank_reference}


def _evidence(line: BankLine, receipt: Receipt | None) -> tuple[Evidence, ...]:
    lines = receipt.lines if receipt is not None else ()
    return (
        evidence_of("bank line", str(line.key), line, str(line.amount)),
        *(evidence_of("FI item", f"{each.key}/{each.line_item}", each) for each in lines),
    )
