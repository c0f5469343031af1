"""Reads over HTTP, tried again where a failure may pass within seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import tenacity

from connector.clock import Clock
from connector.erp.http.options import HttpOptions
from connector.errors import ErpUnavailableError, LockedError, TransientError

_T = TypeVar("_T")
_FIRST_WAIT_S: Final = 0.2
_LONGEST_WAIT_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Retrying:
    """
    At most ``options.read_tries`` tries within ``options.read_tries_s``; never for a write.

    An ERP that is not there is left alone: whoever asked waits for it. One that says when to come
    back is waited for if that is soon.
    """

    options: HttpOptions
    clock: Clock

    def run(self, read: Callable[[], _T]) -> _T:
        """Return what *read* returns; its last error where no try succeeds."""
        tries = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self.options.read_tries)
            | tenacity.stop_before_delay(self.options.read_tries_s),
            retry=tenacity.retry_if_exception(self._may_pass),
            wait=self._wait,
            sleep=self.clock.sleep,
            reraise=True,
        )
        return tries(read)

    def _may_pass(self, error: BaseException) -> bool:
        if not isinstance(error, TransientError) or isinstance(error, LockedError):
            return False
        if error.retry_after_s is not None:
            return error.retry_after_s <= _LONGEST_WAIT_S
        return not isinstance(error, ErpUnavailableError)

    def _wait(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        asked = error.retry_after_s if isinstance(error, TransientError) else None
        own = _FIRST_WAIT_S * 2.0 ** (state.attempt_number - 1)
        return min(max(own, asked or 0.0), _LONGEST_WAIT_S)
