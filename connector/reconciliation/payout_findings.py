"""What is told of a payout that does not agree, or of a line of one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.differences import (
    Evidence,
    ExplainedReason,
    Finding,
    Scope,
    Side,
    evidence_of,
)
from connector.reconciliation.identities import PAYMENTS_TO_RECEIPTS
from connector.reconciliation.payout_lines import LineMatch
from connector.sd_documents.values import Money
from connector.statements.model import Payout, PayoutLine


def payout_finding(
    code: BreakCode,
    payout: Payout,
    scope: Scope,
    difference: Decimal | None,
    *,
    text: str,
    keys: Mapping[str, str] | None = None,
    break_on: date | None = None,
) -> Finding:
    """*keys* are filled where it is about the bank, and not about the lines."""
    return Finding(
        code=code,
        identity=PAYMENTS_TO_RECEIPTS,
        scope=scope,
        subject=payout.name,
        keys={
            "provider": payout.provider,
            "payout": payout.payout_id,
            **({"side": "bank"} if keys is not None else {}),
        },
        outside=Side(what=payout.name, amount=payout.amount),
        erp=Side(what="bank" if keys is not None else "lines"),
        difference=difference,
        since=payout.paid_on,
        text=text,
        break_on=break_on,
        evidence=_evidence(payout, ()),
    )


def line_finding(
    code: BreakCode,
    match: LineMatch,
    scope: Scope,
    difference: Money | None,
    *,
    text: str,
    keys: Mapping[str, str] | None = None,
    break_on: date | None = None,
    absorbable: bool = False,
    explained_by: ExplainedReason | None = None,
) -> Finding:
    """*keys* name what it is about, where that is not the line itself."""
    payout, line = match.payout, match.line
    of_line = {"payout": payout.payout_id, "line": line.line_id}
    return Finding(
        code=code,
        identity=PAYMENTS_TO_RECEIPTS,
        scope=scope,
        subject=match.order.mirrored.subject if match.order else f"{payout.name} {line.line_id}",
        keys={"provider": payout.provider, **(keys or of_line)},
        outside=Side(what=f"{payout.name}, line {line.line_id}", amount=line.gross),
        erp=Side(
            what=f"payment {match.payment.payment.payment_id}" if match.payment else "nothing",
            amount=match.payment.payment.amount if match.payment else None,
        ),
        difference=None if difference is None else difference.amount,
        since=line.happened_on,
        text=text,
        break_on=break_on,
        evidence=_evidence(payout, (line,)),
        absorbable=absorbable,
        explained_by=explained_by,
    )


def _evidence(payout: Payout, lines: Iterable[PayoutLine]) -> tuple[Evidence, ...]:
    return (
        evidence_of("payout", payout.name, payout.model_copy(update={"lines": ()})),
        *(evidence_of("payout line", str(payout.key_of(each)), each) for each in lines),
    )
