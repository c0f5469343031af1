"""Which pictures the page has: ageing, breaks by category and age, and money by week."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import count, groupby
from typing import Final

from connector.reconciliation.ageing import Bucket
from connector.reconciliation.cash_flow import CashFlowRow, CashPeriod
from connector.reports.run_report.difference_parts import AGES, OLDEST
from connector.reports.run_report.parts import number_of, shown
from connector.reports.run_report.pictures import Bar, Picture, columns, stacked_rows
from connector.reports.run_report.run_report import RunReport
from connector.sd_documents.values import Money

#: Accounts that are drawn, the largest first; the tables have them all.
MOST_DRAWN: Final = 6
#: Categories of breaks that are drawn, those with most breaks first.
_MOST_CODES: Final = 16


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture and the table that says the same in figures."""

    picture: Picture
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    legend: tuple[tuple[str, str], ...] = ()


def drawn(report: RunReport) -> Iterator[Drawn]:
    """Yield the pictures of *report*; none where there is nothing to see."""
    numbers = count(1)
    yield from _breaks(report, numbers)
    yield from _ageing(report, numbers)
    yield from _cash(report, numbers)


def _breaks(report: RunReport, numbers: Iterator[int]) -> Iterator[Drawn]:
    part = report.part("breaks_by_age")
    if not part.rows:
        return
    names = [*(name for _, name in AGES), OLDEST]
    counts: dict[str, dict[str, int]] = {}
    for row in part.rows:
        ages = counts.setdefault(str(row[0]), dict.fromkeys(names, 0))
        ages[str(row[2])] += int(number_of(row[3]))
    codes = sorted(counts, key=lambda code: (-sum(counts[code].values()), code))
    rows = [
        (
            code,
            [
                Bar(
                    f"{name} days", Decimal(counts[code][name]), str(counts[code][name]), f"age{at}"
                )
                for at, name in enumerate(names)
                if counts[code][name]
            ],
        )
        for code in codes[:_MOST_CODES]
    ]
    table = tuple((code, *(shown(counts[code][name]) for name in names)) for code in codes)
    yield Drawn(
        stacked_rows("Breaks by category and age in days", rows, next(numbers)),
        ("Category", *names),
        table,
        tuple((f"age{at}", f"{name} days") for at, name in enumerate(names)),
    )


def _ageing(report: RunReport, numbers: Iterator[int]) -> Iterator[Drawn]:
    rows = sorted(report.run.ageing, key=lambda row: abs(row.total.amount), reverse=True)
    for row in sorted(rows[:MOST_DRAWN], key=lambda row: row.scope.sort_key):
        scope = row.scope
        account = " ".join(
            part for part in (scope.company_code, scope.reconciliation_account,
                              scope.special_gl_indicator, scope.currency) if part
        )  # fmt: skip
        bars = [
            Bar(bucket.value, row.amount(bucket).amount, short(row.amount(bucket)), f"bucket{at}")
            for at, bucket in enumerate(Bucket)
        ]
        table = tuple((bucket.value, shown(row.amount(bucket))) for bucket in Bucket)
        yield Drawn(
            columns(f"Open items of {account} by days overdue", bars, next(numbers)),
            ("Days overdue", scope.currency),
            (*table, ("total", shown(row.total))),
        )


def _cash(report: RunReport, numbers: Iterator[int]) -> Iterator[Drawn]:
    groups = [
        (key, list(rows))
        for key, rows in groupby(
            report.run.cash_flow, key=lambda row: (row.company_code, row.currency)
        )
    ]
    groups.sort(key=lambda each: sum(abs(row.expected.amount) for row in each[1]), reverse=True)
    for (company_code, currency), rows in sorted(groups[:MOST_DRAWN], key=lambda each: each[0]):
        bars: list[Bar] = []
        table: list[tuple[str, ...]] = []
        # What came in stands on the left, what is expected on the right, as time goes.
        for row in rows:
            if row.received_items:
                bars.append(_bar(row, row.received, "received"))
        for row in rows:
            if row.expected_items:
                kind = "overdue" if row.period is CashPeriod.OVERDUE else "expected"
                bars.append(_bar(row, row.expected, kind))
        for row in rows:
            table.append((_name(row), shown(row.received), shown(row.expected)))
        yield Drawn(
            columns(f"Money of {company_code} in {currency} by week", bars, next(numbers)),
            ("Week of", f"Received {currency}", f"Expected {currency}"),
            tuple(table),
            tuple((kind, kind) for kind in dict.fromkeys(bar.kind for bar in bars)),
        )


def _bar(row: CashFlowRow, amount: Money, kind: str) -> Bar:
    return Bar(_name(row), amount.amount, short(amount), kind)


def _name(row: CashFlowRow) -> str:
    if row.begins_on is None:
        return row.period.value
    return f"{row.begins_on:%d %b}"


def short(amount: Money) -> str:
    """Return an amount as the label of a bar has room for it; the table has all of it."""
    value = amount.amount
    for limit, letter in ((Decimal(10**9), "bn"), (Decimal(10**6), "m"), (Decimal(10**3), "k")):
        if abs(value) >= limit:
            return f"{value / limit:,.1f} {letter}".replace("-", "−")
    return shown(amount) if value else ""
