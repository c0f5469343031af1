"""Watches every point of every write: who holds what, with which fence, and whom to kill."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from connector.ports.erp import Point
from connector.ports.step_state import Operation
from connector.ports.store_records import Step
from connector.sync.context import PendingStep


class Killed(BaseException):
    """The process dies here."""


@dataclass
class Watch:
    """
    What `SyncContext.on_point` is told, kept for the invariants that concern the way and not the
    end. ``problems`` are violations seen on the way.
    """

    problems: list[str] = field(default_factory=list)
    kill_at: tuple[Operation, Point] | None = None
    #: Called at a point before anything else; used to stop a worker there.
    stop_at: tuple[Operation, Point] | None = None
    stopped: Callable[[], None] = lambda: None
    points_passed: int = 0
    _fences: dict[int, int] = field(default_factory=dict)
    _under_way: dict[int, tuple[int, int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, point: Point, step: Step | PendingStep) -> None:
        self.points_passed += 1
        if isinstance(step, Step):
            with self._lock:
                self._note(point, step)
        at = (step.operation, point)
        if at == self.stop_at:
            self.stop_at = None
            self.stopped()
        if at == self.kill_at:
            self.kill_at = None
            raise Killed

    def _note(self, point: Point, step: Step) -> None:
        highest = self._fences.get(step.id, 0)
        if point is Point.AFTER_CLAIM:
            if step.fence <= highest:
                self.problems.append(f"step {step.id} was claimed twice with fence {step.fence}")
            self._fences[step.id] = max(highest, step.fence)
            self._under_way[step.flow_id] = (step.id, step.fence)
        elif point is Point.AFTER_FENCE_CHECK:
            # Whoever claimed last is the only one that may commit.
            under_way = self._under_way.get(step.flow_id, (step.id, step.fence))
            if under_way[0] != step.id:
                self.problems.append(
                    f"step {step.id} commits while step {under_way[0]} of its flow is under way"
                )
            elif under_way[1] != step.fence:
                self.problems.append(
                    f"step {step.id} commits with fence {step.fence}, claimed is {under_way[1]}"
                )
