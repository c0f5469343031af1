"""The report of a dry run as one HTML page that needs nothing from outside."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from connector.reports.coverage import Coverage
from connector.reports.mistakes import MistakeSums
from connector.reports.page_data import PLAIN_BELOW, Blocks, Details, embedded, in_page, packed
from connector.reports.tried_order import TriedOrder

_TEMPLATE: Final = "dry_run.html.j2"
#: Lines of the list in a block: all of them are read when the page is opened.
_LISTED: Final = 2_000


class DryRunPage:
    """
    Collects orders in files beside the page as they come; use it in ``with``.

    The page appears under its name when all is written; after an error there is none. It carries
    the list of orders and their details in packed blocks (as they are where there is little), of
    which it unpacks those that are looked at.

    Raises:
        OSError: the page cannot be written.
    """

    def __init__(self, path: Path, title: str) -> None:
        self._path, self._title = path, title
        self._lists = path.with_name(f".{path.name}.list")
        self._blocks = path.with_name(f".{path.name}.blocks")
        self._part = path.with_name(f".{path.name}.part")
        self._streams = [_written(self._lists), _written(self._blocks)]
        self._list = Blocks(self._streams[0], _LISTED)
        self._details = Blocks(self._streams[1])
        self._written = Details()
        self._coverage, self._sums = Coverage(), MistakeSums()
        self._orders = self._held = 0

    def __enter__(self) -> DryRunPage:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        try:
            if error is None:
                self._list.finish()
                self._details.finish()
        finally:
            for stream in self._streams:
                stream.close()
        try:
            if error is None:
                self._write()
        finally:
            for file in (self._lists, self._blocks, self._part):
                file.unlink(missing_ok=True)

    def add(self, tried: TriedOrder) -> None:
        """Take in what would become of one message."""
        self._orders += 1
        self._held += bool(tried.problems)
        self._coverage.add(tried)
        self._sums.add(tried)
        self._list.add(self._written.listed(tried))
        self._details.add(self._written.details(tried))

    def _write(self) -> None:
        environment = Environment(
            loader=PackageLoader("connector.reports"), autoescape=True, undefined=StrictUndefined
        )
        environment.filters["amount"] = "{:,f}".format
        plain = self._list.written + self._details.written < PLAIN_BELOW
        shared = embedded([self._written.texts, self._written.templates])
        with (
            self._lists.open(encoding="ascii") as lists,
            self._blocks.open(encoding="ascii") as blocks,
        ):
            pieces = environment.get_template(_TEMPLATE).generate(
                title=self._title,
                orders=self._orders,
                held=self._held,
                gaps=self._coverage.gaps(),
                sums=self._sums.sums(),
                lists=in_page(lists, plain=plain),
                blocks=in_page(blocks, plain=plain),
                shared=in_page(iter([packed(shared)]), plain=plain),
            )
            with _written(self._part) as page:
                page.writelines(pieces)
        self._part.replace(self._path)


def _written(path: Path) -> IO[str]:
    return path.open("w", encoding="utf-8", errors="replace", newline="\n")
