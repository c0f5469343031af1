"""Tables as people compare them, side by side: equations, key figures, roll-forwards, ageing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from connector.reconciliation.identities import Identity
from connector.reconciliation.rows import account_text
from connector.reports.run_report.figure_parts import DIFFERENCE
from connector.reports.run_report.parts import Cell, Part, shown
from connector.reports.run_report.run_report import RunReport


@dataclass(frozen=True, slots=True)
class Wide:
    """
    A table of texts; columns from number ``right`` on are figures. ``off`` are the numbers of the
    rows that should close and do not.
    """

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: int = 1
    off: frozenset[int] = frozenset()


def equations(report: RunReport) -> Wide:
    """Return each identity in one line."""
    rows = tuple(
        (
            f"{each.number} {each.name}",
            f"{each.scope.company_code} {account_text(each.scope)} {each.scope.stated_in}",
            _equation(each),
            shown(each.difference),
        )
        for each in report.run.identities
    )
    off = frozenset(at for at, each in enumerate(report.run.identities) if not each.holds)
    return Wide("Equations", ("Comparison", "Account", "Left = right", "Left over"), rows, 3, off)


def key_figures(report: RunReport) -> Wide:
    """Return the key figures with a column for each company code and currency."""
    part = report.part("key_figures")
    figures: dict[str, dict[tuple[str, ...], str]] = {}
    columns: dict[tuple[str, ...], None] = {}
    for figure, *scope, _records, amount in part.rows:
        key = tuple(str(cell) for cell in scope)
        columns[key] = None
        figures.setdefault(str(figure), {})[key] = shown(amount)
    headings = (
        "Figure",
        *(f"{code} {currency}" + (f" ({other} documents)" if other else "")
          for code, other, currency in columns),
    )  # fmt: skip
    rows = tuple((name, *(of.get(key, "") for key in columns)) for name, of in figures.items())
    return Wide("Key figures", headings, rows)


def rolled_breaks(report: RunReport) -> Wide:
    """Return the roll-forward of breaks, a line for each currency, counts above amounts."""
    part = report.part("break_roll_forward")
    rows = tuple(
        (key[0] or "no amount", *(_count_and_amount(row) for row in rows))
        for key, rows in _blocks(part, 1)
    )
    return Wide("Roll-forward of breaks", ("Breaks", *_movements(part)), rows)


def rolled_items(report: RunReport) -> Wide:
    """Return the roll-forward of open items, a line for each account."""
    part = report.part("item_roll_forward")
    rows = tuple(
        (_account_name(key), *(shown(row[7]) for row in rows)) for key, rows in _blocks(part, 5)
    )
    return Wide("Roll-forward of open items", ("Open items", *_movements(part)), rows)


def aged(report: RunReport) -> Wide:
    """Return the ageing, a line for each account."""
    part = report.part("ageing")
    rows = tuple(
        (" ".join(str(cell) for cell in row[:4] if cell), *(shown(cell) for cell in row[4:]))
        for row in part.rows
    )
    headings = ("Account", *(column.title for column in part.columns[4:]))
    return Wide("Open items by age", headings, rows)


def _account_name(key: tuple[str, ...]) -> str:
    """Return company code, account, special G/L indicator, and what the amounts stand for."""
    *account, documents, currency = key
    of = f"({documents} documents)" if documents else ""
    return " ".join(each for each in (*account, of, currency) if each)


def _equation(identity: Identity) -> str:
    right = " + ".join(f"{term.label} {shown(term.amount)}" for term in identity.right)
    return f"{identity.left.label} {shown(identity.left.amount)} = {right}"


def _blocks(part: Part, keys: int) -> Iterator[tuple[tuple[str, ...], list[tuple[Cell, ...]]]]:
    """Yield the rows of a roll-forward that belong together, with what they have in common."""
    for key, rows in groupby(part.rows, key=lambda row: tuple(str(cell) for cell in row[:keys])):
        yield key, list(rows)


def _movements(part: Part) -> tuple[str, ...]:
    """Return what the movements are called, in their order."""
    names = dict.fromkeys(str(cell) for cell in part.values("movement"))
    return tuple({"closing": "= closing", DIFFERENCE: "left over"}.get(n, n) for n in names)


def _count_and_amount(row: tuple[Cell, ...]) -> str:
    """Return how many breaks moved so, above what they come to."""
    concerned, count, amount = row[2:]
    return f"{shown(count if concerned is None else concerned)}\n{shown(amount)}".strip()
