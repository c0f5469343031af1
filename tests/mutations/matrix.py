"""The confusion matrix: what was planted against what was told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tests.mutations.judging import NOTHING, OTHERWISE, UNPLANTED, Cell
from tests.mutations.mutations import MUTATIONS


class Matrix:
    """Counts cells; it is clean where only the diagonal is filled."""

    def __init__(self) -> None:
        self.cells: Counter[Cell] = Counter()

    def add(self, cells: Iterable[Cell]) -> None:
        self.cells.update(cells)

    @property
    def is_clean(self) -> bool:
        return all(cell.is_right for cell in self.cells)

    def lines(self) -> Iterable[str]:
        """
        Yield the table: one row per planted code, the right ones first.

        Columns of codes that were told wrongly are named one by one; all others hold nothing.
        """
        planted = list(dict.fromkeys([m.code for m in MUTATIONS if m.code != "short source"]))
        planted += [UNPLANTED]
        wrong = sorted(
            {cell.reported for cell in self.cells if not cell.is_right} - {NOTHING, OTHERWISE}
        )
        columns = [*wrong, OTHERWISE, NOTHING]
        width = max(map(len, planted))
        yield f"{'planted':<{width}}  {'planted':>7}  {'right':>7}  " + "  ".join(columns)
        for code in planted:
            right = self.cells[Cell(code, code)]
            whole = sum(count for cell, count in self.cells.items() if cell.planted == code)
            counts = [self.cells[Cell(code, each)] if each != code else 0 for each in columns]
            shown = "  ".join(
                f"{count or '-':>{len(each)}}" for each, count in zip(columns, counts, strict=True)
            )
            yield f"{code:<{width}}  {whole:>7}  {right:>7}  {shown}"
