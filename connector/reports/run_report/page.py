"""A report as one HTML page that needs nothing from outside: verdict, pictures, every table."""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from connector.reports.run_report.files import replacing
from connector.reports.run_report.page_pictures import drawn
from connector.reports.run_report.parts import (
    NUMBERS,
    Cell,
    Column,
    Kind,
    Part,
    money,
    plain,
    shown,
)
from connector.reports.run_report.run_report import MEANINGS, RunReport
from connector.reports.run_report.wide import (
    aged,
    equations,
    key_figures,
    rolled_breaks,
    rolled_items,
)

_TEMPLATE: Final = "reconciliation.html.j2"
#: Rows of one table: browsers are slow with more, and the other formats have them all.
MOST_ROWS: Final = 5_000
#: Parts that are open when the page is opened.
_OPEN: Final = frozenset(
    {"breaks_by_code", "breaks", "pending", "proposals", "restated", "sign_offs"}
)
#: Parts that the page shows elsewhere: at its head, in pictures, or inside the breaks.
_ELSEWHERE: Final = frozenset({"run", "evidence"})
#: Columns of texts that need room to be read.
_LONG: Final = 34
#: What the list of breaks shows; the rest opens with a break.
_BREAK_COLUMNS: Final = (
    "id", "code", "about", "outside", "erp", "difference", "currency", "first_seen_on", "age_days",
    "state", "owner", "due_on", "text",
)  # fmt: skip
_BREAK_DETAILS: Final = (
    "severity", "cause", "comments", "accepted", "what_to_do", "keys", "net", "tax", "quantity",
    "unit", "company_code", "account", "since",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PageCell:
    """A cell: what is read, and what it sorts by where that is something else."""

    text: str
    sort: str = ""


@dataclass(frozen=True, slots=True)
class PageRow:
    """A row, and what opens with it: facts by name, and evidence."""

    cells: Sequence[PageCell]
    facts: Sequence[tuple[str, str]] = ()
    evidence: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, slots=True)
class PageTable:
    """A part as the page shows it."""

    part: Part
    columns: Sequence[Column]
    rows: Iterator[PageRow]
    totals: Sequence[Sequence[str]]
    is_open: bool
    left_out: int


def write_html(report: RunReport, path: Path) -> tuple[Path, ...]:
    """
    Write *report* to *path*; the same report gives the same bytes.

    Raises:
        OSError: the file cannot be written.
    """
    environment = Environment(
        loader=PackageLoader("connector.reports"), autoescape=True, undefined=StrictUndefined
    )
    style, script = (_source(environment, f"reconciliation.{kind}") for kind in ("css", "js"))
    pieces = environment.get_template(_TEMPLATE).generate(
        report=report,
        run=report.run,
        header=report.run.header,
        meaning=MEANINGS[report.run.verdict],
        facts=[(str(name).replace("_", " "), shown(value)) for name, value in _facts(report)],
        drawn=drawn(report),
        wide=[each(report) for each in (key_figures, equations, rolled_breaks, rolled_items, aged)],
        tables=_tables(report),
        kind_of=_kind,
        most_rows=MOST_ROWS,
        style=Markup(style),  # noqa: S704  # a file of ours
        script=Markup(script),  # noqa: S704  # a file of ours
        style_hash=_hash(style),
        script_hash=_hash(script),
    )
    with (
        replacing(path) as temporary,
        temporary.open("w", encoding="utf-8", errors="replace", newline="\n") as page,
    ):
        page.writelines(pieces)
    return (path,)


def _source(environment: Environment, name: str) -> str:
    """Return a file beside the template as it is."""
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]


def _hash(text: str) -> str:
    """Return what the page's policy names an inline script or style by."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _facts(report: RunReport) -> Iterator[tuple[Cell, Cell]]:
    """Yield what is known of the run besides verdict, problems and counts, which stand above."""
    above = {"verdict", "meaning", "problem", "company", "matched", "explained", "pending",
             "breaks", "proposals"}  # fmt: skip
    for field, value in report.part("run").rows:
        if field not in above and value:
            yield field, value


def _kind(column: Column) -> str:
    """Return the class of a column's cells: figures on the right, what must not be broken."""
    if column.kind in (Kind.AMOUNT, Kind.COUNT, Kind.QUANTITY) and column.name not in NUMBERS:
        return "r"
    is_short = column.kind in (Kind.DATE, Kind.INSTANT) or column.name in ("id", "code", "currency")
    if is_short:
        return "n"
    return "t" if column.width >= _LONG else ""


def _tables(report: RunReport) -> Iterator[PageTable]:
    for part in report.parts:
        if part.name in _ELSEWHERE:
            continue
        rows = part.rows[:MOST_ROWS]
        if part.name == "breaks":
            columns: Sequence[Column] = [part.columns[part.position(n)] for n in _BREAK_COLUMNS]
            cells = _break_rows(report, part, rows)
        else:
            columns = [each for each in part.columns if _is_filled(part, each)]
            cells = _rows(part, columns, rows)
        yield PageTable(
            part=part,
            columns=columns,
            rows=cells,
            totals=tuple(_totals(part, columns)),
            is_open=part.name in _OPEN and bool(part.rows),
            left_out=len(part.rows) - len(rows),
        )


def _is_filled(part: Part, column: Column) -> bool:
    """Whether any row says something there; columns that nobody fills only cost room."""
    return not part.rows or any(cell not in (None, "") for cell in part.values(column.name))


def _rows(
    part: Part, columns: Sequence[Column], rows: Sequence[tuple[Cell, ...]]
) -> Iterator[PageRow]:
    positions = [part.position(column.name) for column in columns]
    for row in rows:
        yield PageRow([_cell(row[at]) for at in positions])


def _break_rows(
    report: RunReport, part: Part, rows: Sequence[tuple[Cell, ...]]
) -> Iterator[PageRow]:
    evidence: Mapping[str, list[Sequence[str]]] = defaultdict(list)
    for each in report.part("evidence").rows:
        evidence[str(each[0])].append([shown(cell) for cell in each[2:]])
    at = {column.name: position for position, column in enumerate(part.columns)}
    for row in rows:
        cells = [_cell(row[at[name]]) for name in _BREAK_COLUMNS]
        facts = [
            (part.columns[at[name]].title, shown(row[at[name]]))
            for name in _BREAK_DETAILS
            if row[at[name]] not in (None, "")
        ]
        yield PageRow(cells, facts, evidence.get(str(row[0]), ()))


def _cell(cell: Cell) -> PageCell:
    text, exact = shown(cell), plain(cell)
    return PageCell(text, exact if exact != text else "")


def _totals(part: Part, columns: Sequence[Column]) -> Iterator[Sequence[str]]:
    """Yield a line of sums for each currency."""
    if not part.rows or not part.adds_up:
        return
    for currency in part.currencies() or ("",):
        line = []
        for number, column in enumerate(columns):
            value = part.total(column.name, currency) if column.name in part.adds_up else None
            is_amount = column.kind is Kind.AMOUNT and value is not None
            text = ""
            if value is not None and not (is_amount and not currency):
                text = shown(money(value, currency) if is_amount else int(value))
            line.append(text or (f"Total {currency}".rstrip() if number == 0 else ""))
        yield line
