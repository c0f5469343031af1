"""What a check finds: where it is written, what is wrong, and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from connector.errors import ConfigurationError
from connector.mappings.config_file import ConfigFile, WrongKeyError


class Level(StrEnum):
    """How bad a finding is."""

    #: It will not work, or not as it is written.
    ERROR = "error"
    #: It works, but somebody should look: something is dead, or guesses.
    WARNING = "warning"
    #: Good to know; nothing to be done.
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One finding.

    ``code`` names its kind, ``file`` and ``line`` (0 for the whole file) where it is, ``key`` the
    dotted key (empty for tables), ``problem`` what is wrong and ``hint`` what to do.
    """

    level: Level
    code: str
    file: str
    line: int
    key: str
    problem: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        key = f"{self.key} " if self.key else ""
        return f"{place}: {key}{self.problem}" + (f". {self.hint}" if self.hint else "")


@dataclass(frozen=True, slots=True)
class FindingKind:
    """A kind of finding for the documentation."""

    code: str
    level: Level
    meaning: str


#: Every kind of finding by its code.
KINDS: Final = {
    kind.code: kind
    for kind in (
        FindingKind("wrong", Level.ERROR, "The file cannot be used as it is: a key, an expression, "
                    "a table or a name is wrong."),
        FindingKind("unknown-path", Level.ERROR, "An expression reads a field that the external "
                    "order does not have: it is always empty."),
        FindingKind("value-refused", Level.ERROR, "A constant, a default or a cell of a table is "
                    "not what the ERP's field takes, such as one character too many."),
        FindingKind("never-filled", Level.WARNING, "An expression reads a field that the channel's "
                    "profile never fills: it is always empty."),
        FindingKind("unreachable", Level.WARNING, "A choice or a hold that nothing ever reaches."),
        FindingKind("unused-table", Level.WARNING, "A table that no lookup uses."),
        FindingKind("unused-lookup", Level.WARNING, "A lookup that no expression reads."),
        FindingKind("unused-calendar", Level.WARNING, "A calendar that no expression reads."),
        FindingKind("unused-column", Level.WARNING, "A column that no expression reads, and that "
                    "is neither part of the key nor a remark."),
        FindingKind("no-default", Level.WARNING, "A lookup without `missing` whose values have no "
                    "default: without a row the field stays empty, and nobody hears of it."),
        FindingKind("no-rule", Level.WARNING, "The plan creates a document that the rules do not "
                    "map: every order of the channel would be held."),
        FindingKind("old-literal", Level.WARNING, "A text in backticks: JMESPath takes it for one "
                    "today, and will not for ever. Texts stand in single quotes."),
        FindingKind("left-alone", Level.WARNING, "Files in the drop folder that nobody reads, as "
                    "their names match none of the channel's patterns."),
        FindingKind("proposal", Level.WARNING, "The file is a proposal that nobody has confirmed: "
                    "it can be tried, and is refused for real orders."),
        FindingKind("not-read", Level.NOTE, "A field that the profile fills and no rule reads."),
        FindingKind("not-planned", Level.NOTE, "A document that the rules map and the channel's "
                    "plan never wants."),
        FindingKind("package", Level.NOTE, "A function that an installed package brings."),
    )
}  # fmt: skip


def finding(
    code: str, file: ConfigFile, key: tuple[str | int, ...], problem: str, hint: str = ""
) -> Finding:
    """Return a finding of the kind *code* at *key* of *file*."""
    place = file.place(key)
    return Finding(
        level=KINDS[code].level,
        code=code,
        file=str(place.file if place is not None else file.path),
        line=place.line if place is not None else 0,
        key=".".join(str(part) for part in file.tree.written(key)),
        problem=problem,
        hint=hint,
    )


def in_table(code: str, file: Path, line: int, problem: str, hint: str = "") -> Finding:
    """Return a finding of the kind *code* in a line of a table."""
    return Finding(KINDS[code].level, code, str(file), line, "", problem, hint)


def from_error(error: ConfigurationError) -> Finding:
    """Return what *error* says as a finding."""
    if isinstance(error, WrongKeyError) and error.place is not None:
        place = error.place
        return Finding(
            Level.ERROR, "wrong", str(place.file), place.line, error.key, error.problem, error.hint
        )
    where, _, line = error.where.partition(", line ")
    number = int(line) if line.isdigit() else 0
    return Finding(
        Level.ERROR, "wrong", where if number else error.where, number, "", error.problem,
        error.hint,
    )  # fmt: skip


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return *findings* without repetitions, errors first, then by file and line."""
    levels = list(Level)
    # Documents that are like another repeat what is written once.
    once: dict[tuple[str, str, int, str], Finding] = {}
    for found in findings:
        once.setdefault((found.code, found.file, found.line, found.problem), found)
    return sorted(once.values(), key=lambda f: (levels.index(f.level), f.file, f.line, f.key))
