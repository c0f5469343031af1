"""
One payout from what several reports say about it.

Totals and lines come in reports of their own, and a payout changes its status until it is paid.
Pure: reports go in, payouts come out, and what contradicts itself is a problem of the payout.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from connector.sd_documents.values import Money, total
from connector.statements.model import Payout, PayoutLine
from connector.statements.payout_parts import UNNAMED


def merged(reports: Iterable[Payout]) -> tuple[Payout, ...]:
    """
    Return one payout per provider and id from *reports*, oldest report first.

    The newest status counts. A stated amount outweighs a sum of lines, and two different stated
    amounts are a problem. Problems of a report are gone where a later report of the same payout
    has lines and no problem.
    """
    by_key: dict[tuple[str, str], list[Payout]] = defaultdict(list)
    for report in reports:
        by_key[report.provider, report.payout_id].append(report)
    payouts = [_one(parts) for parts in by_key.values()]
    return tuple(sorted(_named(payouts), key=lambda p: (p.paid_on, p.provider, p.payout_id)))


def _one(parts: Sequence[Payout]) -> Payout:
    newest = parts[-1]
    lines = {line.line_id: line for part in parts for line in part.lines}
    stated = [part for part in parts if part.is_amount_stated]
    problems = list(_standing_problems(parts))
    amounts = list(dict.fromkeys(part.amount for part in stated))
    if len(amounts) > 1:
        told = " and ".join(str(amount) for amount in amounts)
        problems.append(f"{newest.name}: its reports state different amounts, {told}")
    amount = stated[0].amount if stated else _sum(lines.values(), newest.amount.currency)
    dated = stated[-1] if stated else newest
    return newest.model_copy(
        update={
            "amount": amount,
            "paid_on": dated.paid_on,
            "lines": tuple(lines[line_id] for line_id in sorted(lines)),
            "is_amount_stated": bool(stated),
            "are_lines_reported": any(part.are_lines_reported for part in parts),
            "is_decomposed": all(part.is_decomposed for part in parts),
            "bank_reference": next(
                (part.bank_reference for part in reversed(parts) if part.bank_reference), ""
            ),
            "problems": tuple(dict.fromkeys(problems)),
        }
    )


def _sum(lines: Iterable[PayoutLine], currency: str) -> Money:
    return total((line.net for line in lines), currency)


def _standing_problems(parts: Sequence[Payout]) -> tuple[str, ...]:
    standing: tuple[str, ...] = ()
    for part in parts:
        if part.are_lines_reported and not part.problems:
            standing = ()
        standing += part.problems
    return standing


def _named(payouts: Sequence[Payout]) -> list[Payout]:
    """
    Put totals without an id to the payout with lines of that day, currency and amount.

    One that fits no payout, or several, stays a payout of its own.
    """
    unnamed = [payout for payout in payouts if payout.payout_id.startswith(UNNAMED)]
    result = {
        (payout.provider, payout.payout_id): payout
        for payout in payouts
        if not payout.payout_id.startswith(UNNAMED)
    }
    for total_only in unnamed:
        fitting = [
            payout
            for payout in result.values()
            if payout.provider == total_only.provider
            and payout.paid_on == total_only.paid_on
            and payout.amount == total_only.amount
        ]
        if len(fitting) == 1:
            (payout,) = fitting
            result[payout.provider, payout.payout_id] = payout.model_copy(
                update={
                    "is_amount_stated": True,
                    "bank_reference": payout.bank_reference or total_only.bank_reference,
                    "status": total_only.status or payout.status,
                }
            )
        else:
            result[total_only.provider, total_only.payout_id] = total_only
    return list(result.values())
