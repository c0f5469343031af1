"""The parts that list differences one by one: breaks with their state, pending, explained."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from connector.reconciliation.break_register import BreakRecord, BreakState
from connector.reconciliation.breaks import CATALOGUE
from connector.reconciliation.differences import Break, Difference, Key
from connector.reports.run_report.figure_parts import sums_by_code
from connector.reports.run_report.parts import Cell, Column, Kind, Part, money
from connector.reports.run_report.run_report import RunReport
from connector.reports.run_report.scopes import ACCOUNT, CURRENCY, account_cells
from connector.sd_documents.values import Money

_CODE: Final = Column("code", "Code", "Which kind of difference; see the break codes.", width=24)
_ABOUT: Final = Column("about", "About", "What it is about.", width=34)
_KEYS: Final = Column("keys", "Keys", "Business keys, `name=value` apart by `; `.", width=44)
_SIDES: Final = (
    Column("outside", "Outside", "Amount that the outside says; empty where it says none.",
           Kind.AMOUNT, 16),
    Column("outside_currency", "Outside in", "Its currency.", width=10),
    Column("erp", "ERP", "Amount that the ERP says; empty where it says none.", Kind.AMOUNT, 16),
    Column("erp_currency", "ERP in", "Its currency.", width=8),
    Column("difference", "Difference", "ERP minus outside; empty for a break without amount.",
           Kind.AMOUNT, 16),
    CURRENCY,
)  # fmt: skip
_DETAILS: Final = (
    Column("net", "Net", "Net part of the difference, where it is known.", Kind.AMOUNT, 14),
    Column("tax", "Tax", "Tax part of the difference, where it is known.", Kind.AMOUNT, 14),
    Column("quantity", "Quantity", "Difference of quantity, where there is one.", Kind.QUANTITY,
           10),
    Column("unit", "Unit", "Its unit.", width=6),
)  # fmt: skip
_SINCE: Final = Column("since", "Since", "Day on which it began.", Kind.DATE, 12)
_AGE: Final = Column("age_days", "Age", "Days from then to the key date.", Kind.COUNT, 7)
_WHY: Final = Column("text", "Why", "What was found.", width=70)

BREAKS = Part(
    "breaks", "Breaks", "What a person must look at, with who has it. Amounts are those of the "
    "run; state, owner, due day and comments are those of the register when the report is written.",
    (
        Column("id", "Break", "Stable id: the same break has it in every run.", width=22),
        _CODE,
        Column("severity", "Severity", "`info`, `warning` or `error`.", width=10),
        _ABOUT,
        *_SIDES,
        *ACCOUNT,
        *_DETAILS,
        Column("first_seen_on", "First seen", "Key date of the run that found it first.",
               Kind.DATE, 12),
        _SINCE, _AGE,
        Column("state", "State", "`open`, `accepted` or `resolved`.", width=10),
        Column("owner", "Owner", "Who has it; empty while nobody has.", width=18),
        Column("due_on", "Due", "Until when it is to be settled.", Kind.DATE, 12),
        Column("comments", "Comments", "What was said, the oldest first, apart by ` | `.",
               width=50),
        Column("accepted", "Accepted", "By whom, when and why; empty where it is not.", width=40),
        Column("cause", "Cause", "Step or document that brought it about, or another break.",
               width=50),
        _WHY,
        Column("what_to_do", "What to do", "What usually settles it.", width=60),
        _KEYS,
        Column("identity", "No", "Number of the comparison that found it.", Kind.COUNT, 5),
    ),
    adds_up=("difference",),
)  # fmt: skip
BREAKS_BY_CODE = Part(
    "breaks_by_code", "Breaks by category", "How many breaks there are of each code, and what "
    "they come to.",
    (
        _CODE, CURRENCY,
        Column("count", "Count", "How many, accepted ones included.", Kind.COUNT, 9),
        Column("net", "Net", "Sum with signs: opposite ones cancel.", Kind.AMOUNT, 18),
        Column("gross", "Gross", "Sum without signs.", Kind.AMOUNT, 18),
        Column("accepted", "Accepted", "How many of them somebody has accepted.", Kind.COUNT, 10),
        Column("meaning", "Meaning", "What the code says.", width=80),
    ),
    adds_up=("count", "net", "gross", "accepted"),
)  # fmt: skip
BREAKS_BY_AGE = Part(
    "breaks_by_age", "Breaks by age", "How old the breaks of each code are.",
    (
        _CODE, CURRENCY,
        Column("age", "Age", "Days from the day on which it began to the key date.", width=10),
        Column("count", "Count", "How many.", Kind.COUNT, 9),
        Column("gross", "Gross", "Sum without signs.", Kind.AMOUNT, 18),
    ),
    adds_up=("count", "gross"),
)  # fmt: skip
PENDING = Part(
    "pending", "Pending", "Differences of timing, with the day on which each becomes a break.",
    (
        Column("id", "Id", "Stable id, that of the break it would become.", width=22),
        Column("code", "Becomes", "Code of the break that it would become.", width=24),
        _ABOUT, *_SIDES, *ACCOUNT, _SINCE, _AGE,
        Column("break_on", "Break on", "Day on which it becomes a break.", Kind.DATE, 12),
        _WHY, _KEYS,
        Column("identity", "No", "Number of the comparison that found it.", Kind.COUNT, 5),
    ),
    adds_up=("difference",),
)  # fmt: skip
EXPLAINED = Part(
    "explained", "Explained", "Differences that need nobody, with their reason.",
    (
        Column("reason", "Reason", "Why nobody needs to look.", width=36),
        Column("code", "Code", "What it would be without that reason.", width=22),
        _ABOUT,
        Column("difference", "Difference", "ERP minus outside.", Kind.AMOUNT, 16),
        CURRENCY, *ACCOUNT,
        Column("net", "Net", "Net part of the difference, where it is known.", Kind.AMOUNT, 14),
        Column("tax", "Tax", "Tax part of the difference, where it is known.", Kind.AMOUNT, 14),
        _WHY, _KEYS,
        Column("identity", "No", "Number of the comparison that found it.", Kind.COUNT, 5),
    ),
    adds_up=("difference",),
)  # fmt: skip

#: Upper ends of the ages that breaks are counted by, and what they are called.
AGES: Final = ((7, "0-7"), (30, "8-30"), (60, "31-60"), (90, "61-90"))
OLDEST: Final = ">90"


def age_name(days: int) -> str:
    """Return what an age in days counts as."""
    return next((name for limit, name in AGES if days <= limit), OLDEST)


def break_parts(report: RunReport) -> tuple[Part, Part, Part]:
    """Return the breaks one by one, by code, and by age."""
    breaks, records = report.run.breaks, report.records
    listed = BREAKS.with_rows(tuple(_break(each, records.get(each.id))) for each in breaks)
    accepted: dict[tuple[str, str], int] = defaultdict(int)
    by_age: dict[tuple[str, str, str], list[Decimal]] = defaultdict(list)
    for each in breaks:
        amount = each.difference
        key = each.code.value, amount.currency if amount is not None else ""
        by_age[(*key, age_name(each.age_days))].append(
            abs(amount.amount) if amount is not None else Decimal(0)
        )
        record = records.get(each.id)
        accepted[key] += record is not None and record.state is BreakState.ACCEPTED
    meanings = {code.value: entry.definition for code, entry in CATALOGUE.items()}
    by_code = BREAKS_BY_CODE.with_rows(
        (*row, accepted[str(row[0]), str(row[1])], meanings[str(row[0])])
        for row in sums_by_code(breaks)
    )
    order = [*(name for _, name in AGES), OLDEST]
    aged = BREAKS_BY_AGE.with_rows(
        (*key, len(by_age[key]), money(sum(by_age[key], Decimal(0)), key[1]))
        for key in sorted(by_age, key=lambda key: (key[0], key[1], order.index(key[2])))
    )
    return listed, by_code, aged


def pending_part(report: RunReport) -> Part:
    """Return what is pending, the next to become a break first."""
    ordered = sorted(report.run.pending, key=lambda each: (each.break_on, each.id))
    return PENDING.with_rows(
        (
            each.id, each.code.value, each.subject, *_sides(each), *account_cells(each.scope),
            each.since, each.age_days, each.break_on, each.text, keys_text(each.keys),
            each.identity,
        )
        for each in ordered
    )  # fmt: skip


def explained_part(report: RunReport) -> Part:
    """Return every difference that is explained."""
    return EXPLAINED.with_rows(
        (
            each.reason.value, each.code.value if each.code else "", each.subject, each.amount,
            each.amount.currency, *account_cells(each.scope), each.net_difference,
            each.tax_difference, each.text, keys_text(each.keys), each.identity,
        )
        for each in report.run.explained
    )  # fmt: skip


def keys_text(keys: tuple[Key, ...]) -> str:
    """Return business keys in one line."""
    return "; ".join(f"{key.name}={key.value}" for key in keys)


def _break(found: Break, record: BreakRecord | None) -> Iterator[Cell]:
    yield from (found.id, found.code.value, found.severity.value, found.subject)
    yield from _sides(found)
    yield from account_cells(found.scope)
    yield from (found.net_difference, found.tax_difference, found.quantity_difference, found.unit)
    yield from (record.first_seen_on if record else None, found.since, found.age_days)
    yield record.state.value if record else BreakState.OPEN.value
    yield record.owner if record else found.owner
    yield record.due_on if record else None
    yield " | ".join(
        f"{each.at:%Y-%m-%d} {each.by}: {each.text}" for each in (record.comments if record else ())
    )
    accepted = record.acceptance if record and record.state is BreakState.ACCEPTED else None
    yield f"{accepted.by}, {accepted.at:%Y-%m-%d}: {accepted.reason}" if accepted else ""
    yield cause_text(found, record)
    yield from (found.text, CATALOGUE[found.code].what_to_do, keys_text(found.keys))
    yield found.identity


def cause_text(found: Break, record: BreakRecord | None) -> str:
    """Say what brought a break about, empty where nobody knows."""
    cause = dict(record.cause) if record else {}
    if found.cause:
        cause.setdefault("break", found.cause)
    return "; ".join(f"{name.replace('_', ' ')}: {value}" for name, value in cause.items())


def _sides(each: Difference) -> tuple[Cell, ...]:
    return (
        *_with_currency(each.outside.amount),
        *_with_currency(each.erp.amount),
        *_with_currency(each.difference),
    )


def _with_currency(amount: Money | None) -> tuple[Cell, Cell]:
    return amount, amount.currency if amount is not None else ""
