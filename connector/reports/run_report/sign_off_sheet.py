"""The sheet that is signed: verdict, equations, roll-forward, breaks, ageing, hashes, two names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from connector.reconciliation.sign_off import Role
from connector.reports.run_report.files import replacing
from connector.reports.run_report.parts import Part, money, shown
from connector.reports.run_report.pdf_pages import RGB, Pages
from connector.reports.run_report.run_report import MEANINGS, RunReport
from connector.reports.run_report.wide import (
    Wide,
    aged,
    equations,
    rolled_breaks,
    rolled_items,
)

_COLOURS: Final[dict[str, RGB]] = {
    "good": (46, 125, 50), "waiting": (178, 106, 0), "bad": (183, 28, 28),
}  # fmt: skip
#: Problems that the sheet names; all are in the other formats.
_MOST_PROBLEMS: Final = 6


def write_pdf(report: RunReport, path: Path, font: Path | None = None) -> tuple[Path, ...]:
    """
    Write the sheet to *path*; the same report gives the same bytes.

    *font* is a TrueType font for what the shipped one lacks, such as Chinese.

    Raises:
        OSError: *font* cannot be read, or the file cannot be written.
    """
    header = report.run.header
    pages = Pages(f"{header.run_id}   key date {header.key_date}", header.finished_at, font)
    pages.set_title(f"Reconciliation {header.key_date} {header.run_id}")
    _Sheet(report, pages).write()
    with replacing(path) as temporary:
        temporary.write_bytes(bytes(pages.output()))
    return (path,)


class _Sheet:
    """Puts the sheet together, part by part."""

    def __init__(self, report: RunReport, pages: Pages) -> None:
        self._report, self._pages = report, pages

    def write(self) -> None:
        """Write all of it."""
        self._title()
        self._facts()
        if self._report.has_figures:
            self._identities()
            self._endings()
            self._breaks()
            self._roll_forwards()
            self._ageing()
        else:
            self._pages.line_of("No figure of this day is known.")
        self._signatures()
        if self._pages.missing:
            signs = ", ".join(f"U+{ord(sign):04X}" for sign in sorted(self._pages.missing))
            self._pages.line_of(
                f"The font has no sign for {signs}: name one that has, in "
                "reconciliation.reports.font of the settings.",
                7.5,
                grey=True,
            )

    def _title(self) -> None:
        report, pages = self._report, self._pages
        header = report.run.header
        pages.line_of(report.company or f"Company code {', '.join(header.company_codes)}", 10)
        pages.line_of(f"Reconciliation of receivables at {header.key_date}", 16, bold=True)
        pages.ln(2)
        problems = report.problems
        lines = [MEANINGS[report.run.verdict], *problems[:_MOST_PROBLEMS]]
        if len(problems) > _MOST_PROBLEMS:
            lines.append(f"and {len(problems) - _MOST_PROBLEMS} more")
        pages.banner(report.run.verdict.value, "\n".join(lines), _COLOURS[report.tone])
        pages.ln(2)

    def _facts(self) -> None:
        header, run = self._report.run.header, self._report.run
        previous = header.previous
        rules = " ".join(p for p in (header.rules_version, header.rules_sha256[:16]) if p)
        facts = (
            ("Company codes", ", ".join(header.company_codes)),
            ("Currencies", ", ".join(header.currencies) or "all"),
            ("Key date", f"{header.key_date}, end of day in {header.time_zone}"),
            ("Read at", f"{header.started_at:%Y-%m-%d %H:%M:%S} UTC"),
            ("Run", f"{header.run_id} ({header.mode.value})"),
            ("Rules", rules),
            ("Run before", f"{previous.run_id}, {previous.key_date}" if previous else "none"),
            ("Program", f"sd-connector {header.program_version}"),
            ("Restated", f"{len(run.restated.figures)} figures" if run.restated else "nothing"),
        )
        pages = self._pages
        for name, value in facts:
            pages.label(name, 28, 8.5)
            pages.line_of(value, 8.5)

    def _identities(self) -> None:
        self._pages.heading("Equations")
        table = equations(self._report)
        if table.rows:
            self._grid(table, (38, 30, 92, 20), bold_last=True)
        else:
            self._pages.line_of("Nothing was compared.")

    def _endings(self) -> None:
        run = self._report.run
        lines = [
            f"Matched {run.match_count:,}, explained {len(run.explained):,}, pending "
            f"{len(run.pending):,}, breaks {len(run.breaks):,}, proposals {len(run.proposals):,}."
        ]
        lines += [
            f"Explained, {row[0]}: {shown(row[2])}, net {shown(row[3])} {row[1]}."
            for row in self._part("explained_by_reason").rows
        ]
        lines += [
            f"Absorbed by tolerance, {use.code.value}: {use.count} with {shown(use.gross)} "
            f"{use.currency} (net {shown(use.net)})."
            for use in run.absorbed
        ]
        self._pages.heading("What became of it")
        for line in lines:
            self._pages.line_of(line)

    def _breaks(self) -> None:
        part = self._part("breaks_by_code")
        self._pages.heading("Breaks by category")
        if not part.rows:
            self._pages.line_of("There are none.")
            return
        rows = [[shown(cell) for cell in row[:6]] for row in part.rows]
        for currency in part.currencies():
            totals = (
                shown(money(part.total(name, currency), currency))
                if name in ("net", "gross")
                else shown(int(part.total(name, currency)))
                for name in ("count", "net", "gross", "accepted")
            )
            rows.append(["all", currency, *totals])
        headings = ("Category", "Currency", "Count", "Net", "Gross", "Accepted")
        self._pages.grid(headings, rows, (58, 20, 18, 34, 34, 16), right=2)

    def _roll_forwards(self) -> None:
        self._pages.heading("Roll-forward")
        opens = self._report.run.roll_forward and self._report.run.roll_forward.opens_from
        if not opens:
            self._pages.line_of("There is no run before that it could open from.")
        else:
            text = (
                f"From {opens.key_date}, run {opens.run_id}. Signs are those with which it counts."
            )
            self._pages.line_of(text, 8, grey=True)
        breaks, items = rolled_breaks(self._report), rolled_items(self._report)
        if breaks.rows:
            self._pages.ln(1)
            self._grid(breaks, (16, *(20,) * 8), size=7.6)
        if items.rows:
            self._pages.ln(1.5)
            self._grid(items, (24, *(19,) * 8), size=7.6)

    def _ageing(self) -> None:
        table = aged(self._report)
        self._pages.heading(table.title)
        if table.rows:
            self._grid(table, (26, 12, *(20,) * 7), size=7.6, bold_last=True)
        else:
            self._pages.line_of("There are none.")

    def _signatures(self) -> None:
        report, pages = self._report, self._pages
        if pages.will_page_break(62):
            pages.add_page()
        pages.heading("Sign-off")
        if report.run.content_hash:
            pages.line_of(f"Content hash   {report.run.content_hash}", 8.5)
        head = report.head
        pages.line_of(f"Head of the log   entry {head.sequence}, {head.hash}", 8.5)
        signed = report.sign_off
        if signed is not None and signed.void_because:
            pages.ln(1)
            pages.banner("VOID", f"The sign-off is void: {signed.void_because}", _COLOURS["bad"])
        elif not report.may_be_signed:
            pages.line_of("A run that is not complete cannot be signed.", 9, bold=True)
            return
        pages.ln(2)
        rows = []
        for role in (Role.PREPARER, Role.REVIEWER):
            found = signed.by(role) if signed is not None else None
            rows.append(
                (
                    role.value.capitalize(),
                    found.name if found else "",
                    f"{found.at:%Y-%m-%d %H:%M} UTC" if found else "",
                    found.note if found else "",
                    f"signed over {found.content_hash[:16]}" if found else "\n\n\n",
                )
            )
        headings = ("", "Name", "Date", "Note", "Signature")
        pages.grid(headings, rows, (22, 40, 34, 44, 40), right=5)

    def _grid(
        self, table: Wide, widths: Sequence[int], *, size: float = 8.2, bold_last: bool = False
    ) -> None:
        self._pages.grid(
            table.headings, table.rows, widths, right=table.right, size=size, bold_last=bold_last
        )

    def _part(self, name: str) -> Part:
        return self._report.part(name)
