"""What a write reports, and what it calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from connector.errors import LeaseLostError
from connector.ports.erp import Point
from connector.simulator.rfc.context import Context
from connector.simulator.rfc.dictionary import Function, Row
from connector.simulator.rfc.face import RfcFace


@dataclass
class Observer:
    """
    ``lost`` refuses the commit; ``at`` does something when a point is passed.

    ``asked`` counts how often the fence was checked, ``at_fence`` does something then.
    """

    lost: bool = False
    at: dict[Point, Callable[[], object]] = field(default_factory=dict)
    points: list[Point] = field(default_factory=list)
    numbers: tuple[str, ...] = ()
    asked: int = 0
    at_fence: Callable[[], object] | None = None

    def created_uncommitted(self, numbers: Sequence[str]) -> None:
        self.numbers = tuple(numbers)

    def before_commit(self) -> None:
        self.asked += 1
        if self.at_fence is not None:
            self.at_fence()
        if self.lost:
            raise LeaseLostError("another worker has the step")

    @property
    def was_refused(self) -> bool:
        """Whether it is certain that nothing was posted: rolled back, or the ERP's own word."""
        return self.points[-1] in (Point.ROLLBACK_SENT, Point.COMMIT_REFUSED)

    def passed(self, point: Point) -> None:
        self.points.append(point)
        if point in self.at:
            self.at[point]()


def count_calls(face: RfcFace) -> list[str]:
    """Return a list that grows by the name of every function that is called from now on."""
    called: list[str] = []
    invoke = face.invoke

    def counting(context: Context, function: Function, imports: Row) -> Row:
        called.append(function.name)
        return invoke(context, function, imports)

    face.invoke = counting  # type: ignore[method-assign]
    return called
