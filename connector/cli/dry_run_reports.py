"""What a dry run leaves besides its table: page, workbook, coverage, and what mistakes cost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import typer

from connector.cli.output import show, table

if TYPE_CHECKING:
    from connector.bootstrap.channel_setup import ChannelSetup
    from connector.reports.mistakes import MistakeSums
    from connector.sync.dry_run import DryRunResult


class Report(AbstractContextManager[object], Protocol):
    """A report that takes in orders one by one, and is written when its ``with`` ends."""

    def add(self, tried: DryRunResult, /) -> None:
        """Take in what would become of one message."""


def begun_reports(
    html: Path | None, xlsx: Path | None, coverage: Path | None, setup: ChannelSetup
) -> Iterator[Report]:
    """Yield the reports that are wanted; raises typer.BadParameter where there is no folder."""
    for path, option in ((html, "--html"), (xlsx, "--xlsx"), (coverage, "--coverage")):
        if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
            raise typer.BadParameter(
                f"{path} cannot be written: it must be a file in a folder that exists",
                param_hint=option,
            )
    if html is not None:
        from connector.reports.dry_run_html import DryRunPage

        yield DryRunPage(html, f"Dry run of the channel {setup.name}")
    if xlsx is not None:
        from connector.reports.dry_run_xlsx import DryRunWorkbook

        yield DryRunWorkbook(xlsx)
    if coverage is not None:
        from connector.reports.coverage_book import SUFFIXES, CoverageBook

        if coverage.suffix.lower() not in SUFFIXES:
            raise typer.BadParameter(
                f"{coverage.name} must end with {' or '.join(SUFFIXES)}", param_hint="--coverage"
            )
        yield CoverageBook(coverage, setup.route.rules)


def show_costs(costs: MistakeSums) -> None:
    """Print what mistakes would cost, where there are any."""
    rows = [
        (
            each.kind, each.code, "yes" if each.holds else "no", f"{each.orders:,}",
            f"{each.times:,}", f"{each.amount:,f} {each.currency}" if each.currency else "",
            each.example,
        )
        for each in costs.sums()
    ]  # fmt: skip
    if rows:
        columns = ("Kind", "Code", "Holds", ">Orders", ">Times", ">Concerns", "Example")
        show(table("What mistakes would cost", columns, rows))
