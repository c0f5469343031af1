"""Holds what was told against what was planted: the cells of the confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from connector.reconciliation.differences import Difference
from tests.mutations.planting import Expected, Mutation, Told

#: What was planted, where nothing was.
UNPLANTED: Final = "(nothing)"
#: What was told: not a thing; or the right code with another amount, state or cause.
NOTHING: Final = "nothing"
OTHERWISE: Final = "otherwise"


class Cell(NamedTuple):
    """One planted fault, or none, and what was told of it."""

    planted: str
    reported: str

    @property
    def is_right(self) -> bool:
        return self.planted == self.reported


@dataclass
class _Judge:
    told: list[Difference]
    pending: frozenset[str]
    cells: list[Cell] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def main(self, mutation: Mutation, wanted: Told) -> str:
        """Look for the difference itself; return its id, empty when it is not told."""
        found = self._take(wanted)
        if found is None:
            return ""
        wrong = self._wrong(found, wanted, cause="")
        self.cells.append(Cell(mutation.code, OTHERWISE if wrong else mutation.code))
        if wrong:
            self.problems.append(f"{mutation.name}: {wrong}: {shown(found)}")
        return found.id

    def consequence(self, mutation: Mutation, wanted: Told, cause: str) -> None:
        found = self._take(wanted)
        wrong = f"{wanted.code} is missing" if found is None else self._wrong(found, wanted, cause)
        if wrong:
            self.cells.append(Cell(mutation.code, OTHERWISE))
            self.problems.append(f"{mutation.name}: consequence: {wrong}")

    def rest(self, mutation: Mutation, expected: Expected, missing: Sequence[Told]) -> None:
        """What else is told of the victim stands in the place of what is missing, or is extra."""
        others = [each for each in self.told if touches(each, expected.marks)]
        for each in others:
            self.told.remove(each)
            self.cells.append(Cell(mutation.code, each.code.value))
            if each.code.value == mutation.code:
                self.cells[-1] = Cell(mutation.code, OTHERWISE)
            self.problems.append(f"{mutation.name}: told as well: {shown(each)}")
        for wanted in missing[len(others) :]:
            self.cells.append(Cell(mutation.code, NOTHING))
            self.problems.append(f"{mutation.name}: not told: {wanted}")

    def _take(self, wanted: Told) -> Difference | None:
        for each in self.told:
            keys = {key.name: key.value for key in each.keys}
            if each.code is wanted.code and wanted.keys.items() <= keys.items():
                self.told.remove(each)
                return each
        return None

    def _wrong(self, found: Difference, wanted: Told, cause: str) -> str:
        amount = None if found.difference is None else found.difference.amount
        if amount != wanted.amount:
            return f"amount {amount} instead of {wanted.amount}"
        if (found.id in self.pending) is not wanted.is_pending:
            return "pending" if found.id in self.pending else "a break already"
        if found.cause != cause:
            return f"cause {found.cause or 'none'} instead of {cause or 'none'}"
        return ""


def judge_all(
    planted: Sequence[tuple[Mutation, Expected]],
    told: Sequence[Difference],
    pending: frozenset[str],
) -> tuple[tuple[Cell, ...], list[str]]:
    """Return the cells of *planted*, then those of what was told of nothing that was planted."""
    judge = _Judge(list(told), pending)
    missing: list[list[Told]] = []
    for mutation, expected in planted:
        missing.append([])
        for wanted in expected.told:
            cause = judge.main(mutation, wanted)
            if not cause:
                missing[-1].append(wanted)
                continue
            for follows in expected.follows:
                judge.consequence(mutation, follows, cause)
    for (mutation, expected), of_it in zip(planted, missing, strict=True):
        judge.rest(mutation, expected, of_it)
    for each in judge.told:
        judge.cells.append(Cell(UNPLANTED, each.code.value))
        judge.problems.append(f"nothing was planted: {shown(each)}")
    return tuple(judge.cells), judge.problems


def touches(difference: Difference, marks: frozenset[str]) -> bool:
    """Tell whether a difference is about what a fault was planted in."""
    values = [key.value for key in difference.keys]
    return any(mark in value for value in values for mark in marks)


def shown(difference: Difference) -> str:
    """A difference on one line."""
    return (
        f"{difference.code.value} {difference.subject} {difference.difference} ({difference.text})"
    )
