"""What a dry run tells of one message: a row of its table, a line of JSON, or all for reports."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from connector.reports.mistakes import Mistake, MistakeSum
    from connector.sync.dry_run import DryRunResult


class Wanted(NamedTuple):
    """What is told of each message; the *trace* stands in the line of JSON."""

    line: bool
    trace: bool
    result: bool


class Piece(NamedTuple):
    """What is told of one message; what is not wanted is empty."""

    would_be_created: bool
    row: tuple[str, ...]
    line: str
    result: DryRunResult | None
    name: str = ""
    mistakes: tuple[Mistake, ...] = ()


def piece_of(result: DryRunResult, wanted: Wanted) -> Piece:
    """Return what is *wanted* of *result*: the row where it is not the line."""
    from connector.reports.mistakes import mistakes_of
    from connector.reports.tried_order import name_of

    mistakes = tuple(mistakes_of(result))
    return Piece(
        result.would_be_created,
        () if wanted.line else _row(result),
        _line(result, mistakes, trace=wanted.trace) if wanted.line else "",
        result if wanted.result else None,
        name_of(result),
        mistakes,
    )


def _row(result: DryRunResult) -> tuple[str, ...]:
    order, priced = result.order, result.priced
    documents = [
        f"{mapped.document.category.name.lower()} ({len(mapped.document.items)} items)"
        for mapped in (result.mapped.documents if result.mapped else ())
    ]
    return (
        result.source,
        (order.order_name or order.external_id) if order else "",
        "\n".join(documents),
        str(priced.net_amount) if priced else "",
        str(priced.tax_amount) if priced else "",
        "would be created" if result.would_be_created else result.problems[0].code,
        "\n".join(problem.message for problem in result.problems),
    )


def plain_sum(found: MistakeSum) -> dict[str, Any]:
    """Return what the mistakes of one code would cost, for JSON."""
    return {
        "kind": found.kind,
        "code": found.code,
        "holds": found.holds,
        "orders": found.orders,
        "times": found.times,
        "amount": str(found.amount) if found.currency else None,
        "currency": found.currency,
        "example": found.example,
    }


def _line(result: DryRunResult, mistakes: tuple[Mistake, ...], *, trace: bool) -> str:
    return json.dumps(_plain(result, mistakes, trace=trace), default=str, ensure_ascii=False)


def _plain_mistake(each: Mistake) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "code": each.code,
        "holds": each.holds,
        "where": each.where,
        "rule": each.rule,
        "concerns": each.amount.model_dump(mode="json") if each.amount else None,
    }


def _plain(result: DryRunResult, mistakes: tuple[Mistake, ...], *, trace: bool) -> dict[str, Any]:
    mapped, priced = result.mapped, result.priced
    found: dict[str, Any] = {
        "source": result.source,
        "channel": result.order.channel if result.order else "",
        "external_id": result.order.external_id if result.order else "",
        "order_name": result.order.order_name if result.order else "",
        "would_be_created": result.would_be_created,
        "problems": [problem.model_dump(mode="json") for problem in result.problems],
        "notices": [notice.model_dump(mode="json") for notice in result.notices],
        "mistakes": [_plain_mistake(each) for each in mistakes],
        "documents": [
            each.document.model_dump(mode="json") for each in (mapped.documents if mapped else ())
        ],
        "payments": [
            payment.model_dump(mode="json") for payment in (mapped.payments if mapped else ())
        ],
        "priced": priced.model_dump(mode="json") if priced else None,
    }
    if trace:
        found["trace"] = [
            [field._asdict() for field in each.trace]
            for each in (mapped.documents if mapped else ())
        ]
    return found
