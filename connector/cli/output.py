"""
How results reach the reader: rich on a terminal, plain lines elsewhere, JSON for programs.

Results go to standard output; progress, logs and errors to standard error.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

#: Width of tables where there is no terminal: wide enough not to cut document numbers.
PLAIN_WIDTH = 160


def console() -> Console:
    """Return the console for results, made anew: tests and pipes exchange the stream."""
    from rich.console import Console

    return Console(
        file=sys.stdout,
        width=None if sys.stdout.isatty() else PLAIN_WIDTH,
        highlight=False,
        markup=False,
        soft_wrap=False,
    )


def show(*renderables: RenderableType) -> None:
    """Print tables, trees or text for people."""
    target = console()
    for each in renderables:
        target.print(each)


def say(text: str) -> None:
    """Print one line for people."""
    typer.echo(text)


def note(text: str) -> None:
    """Print one line beside the result: to standard error."""
    typer.echo(text, file=sys.stderr)


def print_json(document: Any) -> None:
    """Print *document* as one line of JSON; Decimals, dates and enums become text."""
    typer.echo(json.dumps(document, default=str, ensure_ascii=False))


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
    """
    Return a table; columns whose name starts with ``>`` are right-aligned.

    Cells are texts or rich renderables.
    """
    from rich import box
    from rich.table import Table

    result = Table(
        title=title or None,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_header=any(column.removeprefix(">") for column in columns),
    )
    for column in columns:
        is_number = column.startswith(">")
        result.add_column(
            column.removeprefix(">"),
            justify="right" if is_number else "left",
            no_wrap=is_number,
            overflow="fold",
        )
    for row in rows:
        result.add_row(*(cell if hasattr(cell, "__rich_console__") else str(cell) for cell in row))
    return result


@contextmanager
def progress(title: str, *, quiet: bool = False, every: int = 0) -> Iterator[ProgressLine]:
    """
    Show how far a long work is: a bar on a terminal; elsewhere, as in logs, a line for *every* so
    many (none for 0); nothing when *quiet*.

    The yielded object is told with :meth:`ProgressLine.at`.
    """
    if not quiet and every and not sys.stderr.isatty():
        yield _PlainProgressLine(title, every)
        return
    if quiet or not sys.stderr.isatty():
        yield ProgressLine()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(file=sys.stderr),
        transient=True,
    ) as bar:
        yield _RichProgressLine(bar, bar.add_task(title, total=None))


class ProgressLine:
    """Progress that nobody sees."""

    def at(self, done: int, of: int | None = None, doing: str = "") -> None:
        """Note that *done* (of *of*, when known) is finished, and what is being done now."""


class _PlainProgressLine(ProgressLine):
    def __init__(self, title: str, every: int) -> None:
        self._title, self._every = title, every

    def at(self, done: int, of: int | None = None, doing: str = "") -> None:
        if done % self._every == 0:
            note(f"{doing or self._title}: {done:,}" + (f" of {of:,}" if of else ""))


class _RichProgressLine(ProgressLine):
    def __init__(self, bar: Any, task: Any) -> None:
        self._bar, self._task = bar, task

    def at(self, done: int, of: int | None = None, doing: str = "") -> None:
        more = {"description": doing} if doing else {}
        self._bar.update(self._task, completed=done, total=of, **more)
