"""Reads: tried again when nothing but the line or a busy ERP was in the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from pydantic import ValidationError
from tenacity import (
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    stop_after_delay,
    wait_exponential,
    wait_random,
)

from connector.clock import Clock
from connector.erp.hold_reasons import HoldReason
from connector.erp.messages import MessageTable
from connector.erp.rfc.errors import translated
from connector.erp.rfc.session import CallFailed, Session, SessionPool
from connector.errors import RejectedError, TransientError

T = TypeVar("T")

#: No further try is begun after the third, or after half a minute.
TRIES = 3
LONGEST_S = 30
#: What reading raises where a field is missing, or of another type than every known release gives.
UNREADABLE: Final = (ValueError, LookupError, ArithmeticError, TypeError, AttributeError)


@dataclass(frozen=True, slots=True)
class Reads:
    """Runs reads in a session of the pool. Writes never go through here."""

    pool: SessionPool
    table: MessageTable
    clock: Clock

    def run(self, work: Callable[[Session], T]) -> T:
        """
        Return what *work* reads, in at most three tries.

        *work* starts from the beginning in every try, so it must only read.

        Raises:
            ErpUnavailableError, TransientError: three tries failed.
            RejectedError, ConfigurationError: another try would fail alike.
        """
        tries = Retrying(
            stop=stop_after_attempt(TRIES) | stop_after_delay(LONGEST_S),
            wait=wait_exponential(multiplier=0.1, max=4) + wait_random(0, 0.1),
            retry=retry_if_exception_type(TransientError),
            sleep=self.clock.sleep,
            reraise=True,
        )
        result: T = tries(self._once, work)
        return result

    def _once(self, work: Callable[[Session], T]) -> T:
        try:
            with self.pool.session() as session:
                return work(session)
        except CallFailed as failure:
            raise translated(failure.error, failure.function, self.table) from failure.error
        except UNREADABLE as error:
            # No other try will read it differently.
            raise unclear(error) from error


def unclear(error: Exception, function: str = "") -> RejectedError:
    """Return what it means that an answer (of *function*) holds what no known release gives."""
    where = f"{function}: " if function else ""
    return RejectedError(
        f"{where}an answer of the ERP cannot be understood: {_described(error)}",
        code=HoldReason.ERP_ANSWER_UNCLEAR.value,
    )


def _described(error: Exception) -> str:
    """Say what did not fit, without values: they may be names."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{error.title} {'.'.join(map(str, first['loc']))}: {first['msg']}"
    kind = "is missing" if isinstance(error, LookupError) else ""
    return f"{error} {kind}".rstrip()
