"""One request and its answer as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from requests.structures import CaseInsensitiveDict


@dataclass(frozen=True, slots=True)
class Call:
    """
    A request to the ERP.

    ``path`` starts with a slash and may have a query, all percent-encoded; an address of the same
    origin will do too. ``action`` says in messages and logs what is done, without values.
    ``writes``: the ERP may post something, so a lost answer is an unknown outcome.
    """

    method: str
    path: str
    action: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    writes: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, complete; header names are compared without regard to case."""

    status: int
    headers: CaseInsensitiveDict[str]
    body: bytes
    action: str

    @property
    def is_success(self) -> bool:
        """Whether the status is of the 200s."""
        return 200 <= self.status < 300

    @property
    def media_type(self) -> str:
        """The content type without its parameters, in lower case."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
