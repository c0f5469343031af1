"""The report of a dry run as one HTML page that needs nothing from outside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from connector.reports.coverage import Coverage
from connector.reports.money import money_rows
from connector.reports.tried_order import TriedOrder, name_of, priced_document, value_of
from connector.sd_documents.values import Money

_TEMPLATE: Final = "dry_run.html.j2"
#: What could end a script or begin markup; in JSON it may be written as an escape.
_ESCAPES: Final = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


class DryRunPage:
    """
    Collects orders in a file beside the page as they come; use it in ``with``.

    The page appears under its name when all is written; after an error there is none. Of each
    order there are two lines of JSON: what the list shows, and the details, which the page reads
    when they are opened. Texts that repeat, such as rules, are kept once.

    Raises:
        OSError: the page cannot be written.
    """

    def __init__(self, path: Path, title: str) -> None:
        self._path, self._title = path, title
        self._lines = path.with_name(f".{path.name}.lines")
        self._part = path.with_name(f".{path.name}.part")
        self._stream: IO[str] = _written(self._lines)
        self._texts: dict[str, int] = {}
        self._coverage = Coverage()
        self._orders = self._held = 0

    def __enter__(self) -> DryRunPage:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        self._stream.close()
        try:
            if error is None:
                self._write()
        finally:
            self._lines.unlink(missing_ok=True)
            self._part.unlink(missing_ok=True)

    def add(self, tried: TriedOrder) -> None:
        """Take in what would become of one message."""
        self._orders += 1
        self._held += bool(tried.problems)
        self._coverage.add(tried)
        value = value_of(tried.order) if tried.order else None
        codes = list(dict.fromkeys(problem.code for problem in tried.problems))
        notices = list(dict.fromkeys(notice.code for notice in tried.notices))
        listed = [name_of(tried), tried.source, _shown(value), codes, notices]
        self._stream.write(f"{embedded(listed)}\n{embedded(self._details(tried))}\n")

    def _details(self, tried: TriedOrder) -> dict[str, Any]:
        found: dict[str, Any] = {
            "p": [[p.code, p.message, p.where, _shown(p.amount)] for p in tried.problems],
            "n": [[n.code, n.message, n.where, _shown(n.amount)] for n in tried.notices],
        }
        if tried.mapped is not None:
            found["d"] = [
                [
                    each.document.category.name.lower().replace("_", " "),
                    [
                        [
                            field.path, field.value, field.source_path, field.source_value,
                            self._text(field.rule), self._text(field.because),
                            self._text(field.file),
                        ]
                        for field in each.trace
                    ],
                ]
                for each in tried.mapped.documents
            ]  # fmt: skip
        if tried.order is not None and tried.priced is not None:
            found["m"] = [
                [
                    row.what, _shown(row.said), _shown(row.priced),
                    _shown(row.difference) if row.difference else "", row.cause, row.remedy,
                ]
                for row in money_rows(tried.order, tried.priced, priced_document(tried))
            ]  # fmt: skip
        return found

    def _text(self, text: str) -> int:
        return self._texts.setdefault(text, len(self._texts))

    def _write(self) -> None:
        environment = Environment(
            loader=PackageLoader("connector.reports"), autoescape=True, undefined=StrictUndefined
        )
        with self._lines.open(encoding="utf-8", newline="\n") as lines:
            pieces = environment.get_template(_TEMPLATE).generate(
                title=self._title,
                orders=self._orders,
                held=self._held,
                gaps=self._coverage.gaps(),
                lines=lines,
                texts=embedded(list(self._texts)),
            )
            with _written(self._part) as page:
                page.writelines(pieces)
        self._part.replace(self._path)


def embedded(value: Any) -> str:
    """Return *value* as one line of JSON that can stand in a script of a page, whatever it says."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)


def _written(path: Path) -> IO[str]:
    # A lone surrogate, as JSON may have it, cannot be written as UTF-8.
    return path.open("w", encoding="utf-8", errors="replace", newline="\n")


def _shown(amount: Money | None) -> str:
    return f"{amount.amount:f} {amount.currency}" if amount is not None else ""
