"""An observer that remembers what a write reports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from connector.errors import LeaseLostError
from connector.ports.erp import Point


@dataclass
class Observer:
    """``lost`` refuses the commit; ``at`` does something when a point is passed."""

    lost: bool = False
    at: dict[Point, Callable[[], object]] = field(default_factory=dict)
    points: list[Point] = field(default_factory=list)
    numbers: tuple[str, ...] = ()

    def created_uncommitted(self, numbers: Sequence[str]) -> None:
        self.numbers = tuple(numbers)

    def before_commit(self) -> None:
        if self.lost:
            raise LeaseLostError("another worker has the step")

    def passed(self, point: Point) -> None:
        self.points.append(point)
        if point in self.at:
            self.at[point]()
