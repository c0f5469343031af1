"""
Requests that a service may be sent twice without doing them twice, where it can do that.

A write carries `RequestID` (32 characters) and `RepeatabilityCreation`; a service that honours
them answers with `RepeatabilityResult`, and to the same id again with the first answer. The id is
computed from the step and the content, so a write that is sent again after its look-ups found
nothing meets a first one that was merely late. A service repeats refusals too: once a request was
refused, the same content gets another id, or nobody's correction would ever be tried.

Source: SAP Gateway, Defining Settings for Idempotent Services. Ids are kept 12 h by default, so
this is a second guard beside the look-ups and never replaces them.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

from connector.erp.http.exchange import Answer

_REMEMBERED: Final = 10_000


class Support(StrEnum):
    """Whether a service honours request ids."""

    UNKNOWN = "unknown"
    YES = "yes"
    NO = "no"


class Repeatability:
    """What is known of one service, and the ids of its writes. May be used by any thread."""

    def __init__(self, setting: Literal["auto", "on", "off"]) -> None:
        self._setting = setting
        self.support = Support.NO if setting == "off" else Support.UNKNOWN
        self._refused: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()

    def request_id(self, reference: str, method: str, path: str, body: bytes) -> str:
        """Return the id of a write; empty where none is to be sent."""
        if not reference or self.support is Support.NO:
            return ""
        first = _id_of(reference, method, path, body)
        with self._lock:
            refusals = self._refused.get(first, 0)
        if not refusals:
            return first
        return hashlib.sha256(f"{first} {refusals}".encode()).hexdigest()[:32].upper()

    def headers(self, request_id: str, created_at: datetime) -> dict[str, str]:
        """Return what the request carries; *created_at* is aware UTC."""
        if not request_id:
            return {}
        stamp = created_at.replace(tzinfo=None).isoformat(timespec="seconds")
        return {"RequestID": request_id, "RepeatabilityCreation": stamp}

    def learn(self, answer: Answer) -> None:
        """Note from an answer to a write with an id whether the service honours ids."""
        result = answer.headers.get("RepeatabilityResult", "").strip().lower()
        if result:
            self.support = Support.NO if result == "unsupported" else Support.YES
        elif answer.is_success and self._setting == "auto":
            self.support = Support.NO

    def was_refused(self, reference: str, method: str, path: str, body: bytes) -> None:
        """Give the same content another id next time: this one's answer is a refusal for good."""
        first = _id_of(reference, method, path, body)
        with self._lock:
            self._refused[first] = self._refused.pop(first, 0) + 1
            while len(self._refused) > _REMEMBERED:
                self._refused.popitem(last=False)


def is_unsupported(answer: Answer) -> bool:
    """Tell whether a service refused a write only because it carried an id; nothing was posted."""
    result = answer.headers.get("RepeatabilityResult", "").strip().lower()
    return result == "unsupported" and not answer.is_success


def _id_of(reference: str, method: str, path: str, body: bytes) -> str:
    digest = hashlib.sha256()
    for part in (reference.encode(), method.encode(), path.encode(), body):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:32].upper()
