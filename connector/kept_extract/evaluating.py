"""
Evaluates the parts in the file, and keeps what each came to beside it.

What a part must know of the whole (its bearings) shows only when all are known; parts are evaluated
under what is expected, and all of them once more where that does not come true.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connector.kept_extract import result_bytes
from connector.kept_extract.file import ExtractFile
from connector.kept_extract.part_inputs import PartRecords
from connector.kept_extract.totals import Totals, controls_from_bytes, controls_to_bytes
from connector.reconciliation.bearings import Bearings
from connector.reconciliation.part_result import PartResult
from connector.reconciliation.parts import Part
from connector.reconciliation.run_assignment import Assignment


class Evaluator:
    """
    Evaluates parts for one run.

    ``totals`` are what all parts in the file show together, ``fingerprint`` is that of the bearings
    under which they were added up.
    """

    def __init__(self, file: ExtractFile, assignment: Assignment, totals: Totals) -> None:
        self._file, self._assignment = file, assignment
        self.totals, self.fingerprint = totals, ""

    def evaluate(self, parts: Iterable[int], bearings: Bearings) -> None:
        """
        Evaluate *parts* that are not, or that have been forgotten, under *bearings*.

        Raises:
            sqlite3.DatabaseError, ValueError: the file holds something else than was written.
        """
        for number in parts:
            records = PartRecords(self._file.pieces.content_of(number), self._assignment.key_date)
            part = Part(self._assignment, records.inputs)
            controls = records.controls
            result = part.evaluate(bearings)
            content = controls_to_bytes(controls) + result_bytes.to_bytes(result)
            self._file.parts.put(number, content, result.valid_until)
            self.totals.add(part.facts, controls)

    def forget(self, parts: Iterable[int]) -> None:
        """Forget what *parts* came to."""
        parts = sorted(parts)
        for content in self._file.parts.results_of(parts):
            controls, rest = controls_from_bytes(content)
            self.totals.take(result_bytes.facts_from_bytes(rest), controls)
        self._file.parts.remove(parts)

    def again(self, bearings: Bearings) -> None:
        """Evaluate all parts once more, under *bearings*."""
        self.totals = Totals()
        self.evaluate(self._file.parts.all(), bearings)

    def results(self) -> Iterator[PartResult]:
        """Yield what all parts came to."""
        for content in self._file.parts.results():
            _, rest = controls_from_bytes(content)
            yield result_bytes.from_bytes(rest)
