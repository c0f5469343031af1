"""A write and what has to be told about it, shared by every write of a service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.ports.erp import Point, SubmissionObserver


@dataclass(slots=True)
class Write:
    """
    One intent to write, which may need several requests.

    ``reference`` names the step towards the ERP: with it and the content of each request the
    repeatability id is computed, so that the same request always carries the same id. The fence
    is checked once, before the first request leaves.
    """

    observer: SubmissionObserver
    reference: str = ""
    _announced: bool = field(default=False, init=False)

    def about_to_leave(self) -> None:
        """
        Check the fence with the connection open and nothing sent; later calls do nothing.

        Raises:
            LeaseLostError: another worker has the step; nothing may be sent.
        """
        if self._announced:
            return
        self.observer.passed(Point.CONNECTION_OPEN)
        self.observer.before_commit()
        self._announced = True
        self.observer.passed(Point.AFTER_FENCE_CHECK)

    def passed(self, point: Point) -> None:
        """Tell the observer."""
        self.observer.passed(point)


@dataclass(frozen=True, slots=True)
class Change:
    """
    One write of a changeset.

    ``method`` is POST, PATCH, MERGE, PUT or DELETE; PATCH becomes MERGE where the options say so.
    ``body`` holds JSON values as `values.json_*` makes them.
    """

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    etag: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
