"""
What a dry run found, in the form in which a page carries it: little text, much of it shared.

Fields of documents differ from order to order in their values alone. What else is known of a field
(its path, what it was read from, the rule, the reason, the line of the rule) is written once and
numbered; positions in paths are taken out, so that the tenth line of an order has what the first
has. Orders come in blocks that the page opens one at a time.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import IO, Any, Final

from connector.mappings.trace import FieldTrace
from connector.reports.mistakes import Mistake, mistakes_of
from connector.reports.money import money_rows
from connector.reports.tried_order import TriedOrder, name_of, priced_document, value_of
from connector.sd_documents.values import Money

#: Orders in a block: opening one order unpacks so many.
BLOCK: Final = 100
#: Pages with less data than this carry it as it is: any browser then shows them.
PLAIN_BELOW: Final = 1_000_000
_POSITION: Final = re.compile(r"\d+")
#: Stands for a position; a sign that no text has.
_HOLE: Final = "\ue000"
#: What could end a script or begin markup; in JSON it may be written as an escape.
_ESCAPES: Final = tuple((c, f"\\u{ord(c):04x}") for c in "<>&\u2028\u2029")


def embedded(value: Any) -> str:
    """Return *value* as one line of JSON that can stand in a script of a page, whatever it says."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for sign, escape in _ESCAPES:
        text = text.replace(sign, escape)
    return text


class Details:
    """Writes down orders; texts and templates are those that were used so far."""

    def __init__(self) -> None:
        self._texts: dict[str, int] = {"": 0}
        self._templates: dict[tuple[str, str, int, int, int], int] = {}

    @property
    def texts(self) -> Sequence[str]:
        """Texts by number."""
        return tuple(self._texts)

    @property
    def templates(self) -> Sequence[tuple[str, str, int, int, int]]:
        """Path, source path, and the numbers of rule, reason and file, by number."""
        return tuple(self._templates)

    def listed(self, tried: TriedOrder) -> list[Any]:
        """Return what the list of orders shows."""
        value = value_of(tried.order) if tried.order else None
        codes = list(dict.fromkeys(problem.code for problem in tried.problems))
        notices = list(dict.fromkeys(notice.code for notice in tried.notices))
        return [name_of(tried), tried.source, shown(value), codes, notices]

    def details(self, tried: TriedOrder) -> dict[str, Any]:
        """Return what opening an order shows: mistakes, money, documents with each field."""
        mistakes = tuple(mistakes_of(tried))
        found: dict[str, Any] = {
            "p": [_mistake(each) for each in mistakes if each.holds],
            "n": [_mistake(each) for each in mistakes if not each.holds],
        }
        if tried.mapped is not None:
            found["d"] = [
                [
                    each.document.category.name.lower().replace("_", " "),
                    [self._field(field) for field in each.trace],
                ]
                for each in tried.mapped.documents
            ]
        if tried.order is not None and tried.priced is not None:
            found["m"] = [
                [
                    row.what, shown(row.said), shown(row.priced),
                    shown(row.difference) if row.difference else "", row.cause, row.remedy,
                ]
                for row in money_rows(tried.order, tried.priced, priced_document(tried))
            ]  # fmt: skip
        return found

    def _field(self, field: FieldTrace) -> list[Any]:
        """Return template, value, source value (0: the same), positions in the paths, table row."""
        path, here = _without_positions(field.path)
        source, there = _without_positions(field.source_path)
        rule, row_of_table = _divided(field.rule)
        template = (
            path, source, self._text(rule), self._text(field.because), self._text(field.file),
        )  # fmt: skip
        number = self._templates.setdefault(template, len(self._templates))
        same = field.value == field.source_value
        row: list[Any] = [number, field.value, 0 if same else field.source_value]
        if here or there or row_of_table:
            row.append(f"{here}|{there}" if here or there else "")
        if row_of_table:
            row.append(row_of_table)
        return row

    def _text(self, text: str) -> int:
        return self._texts.setdefault(text, len(self._texts))


class Blocks:
    """Collects lines of JSON in *stream*, in blocks that are packed one by one."""

    def __init__(self, stream: IO[str], lines_per_block: int = BLOCK) -> None:
        self._stream, self._size = stream, lines_per_block
        self._lines: list[str] = []
        self.written = 0

    def add(self, value: Any) -> None:
        """Add one line."""
        self._lines.append(embedded(value))
        if len(self._lines) == self._size:
            self.finish()

    def finish(self) -> None:
        """Write what is left."""
        if self._lines:
            text = "\n".join(self._lines)
            self.written += len(text)
            self._stream.write(packed(text) + "\n")
            self._lines.clear()


def packed(text: str) -> str:
    """Return *text* as gzip in base64."""
    # A lone surrogate, as JSON may have it, cannot be written as UTF-8.
    content = text.encode("utf-8", errors="replace")
    packer = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return base64.b64encode(packer.compress(content) + packer.flush()).decode("ascii")


def unpacked(line: str) -> str:
    """Return what :func:`packed` was given."""
    return zlib.decompress(base64.b64decode(line), 16 + zlib.MAX_WBITS).decode("utf-8")


def in_page(lines: Iterator[str], *, plain: bool) -> Iterator[str]:
    """Yield each block as a script of a page, packed or *plain*."""
    kind = "text/plain" if plain else "application/gzip"
    for line in lines:
        content = unpacked(line) if plain else line.rstrip("\n")
        yield f'<script type="{kind}" class="block">{content}</script>\n'


def shown(amount: Money | None) -> str:
    """Return an amount as people read it, empty for none."""
    return f"{amount.amount:,f} {amount.currency}" if amount is not None else ""


@lru_cache(maxsize=20_000)
def _without_positions(path: str) -> tuple[str, str]:
    """Return *path* with holes for its positions, and the positions."""
    return _POSITION.sub(_HOLE, path), " ".join(_POSITION.findall(path))


def _divided(rule: str) -> tuple[str, str]:
    """Return *rule* and the row of a table that it ends with: rules are few, rows are many."""
    at = rule.rfind(" [") if rule.endswith("]") else -1
    return (rule, "") if at < 0 else (rule[:at], rule[at:])


def _mistake(each: Mistake) -> list[str]:
    return [each.code, each.message, each.where, shown(each.amount)]
