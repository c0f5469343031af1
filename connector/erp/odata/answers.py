"""What becomes of an answer that is understood badly, before and after something was posted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError

from connector.erp.hold_reasons import HoldReason
from connector.errors import ConnectorError, OutcomeUnknownError, RejectedError

#: What reading a value of no known release raises.
_UNCLEAR = (ValueError, LookupError, ArithmeticError)


@contextmanager
def understood() -> Iterator[None]:
    """
    Turn what cannot be understood into RejectedError, as no other try will read it differently.

    The text says what did not fit, without values: they may be names.
    """
    try:
        yield
    except _UNCLEAR as error:
        raise RejectedError(
            f"an answer of the ERP cannot be understood: {_described(error)}",
            code=HoldReason.ERP_ANSWER_UNCLEAR.value,
        ) from error


@contextmanager
def after_posting(what: str) -> Iterator[None]:
    """Turn every failure into OutcomeUnknownError: *what* was posted, and nobody has seen it."""
    try:
        yield
    except OutcomeUnknownError:
        raise
    except (ConnectorError, *_UNCLEAR) as error:
        words = str(error) if isinstance(error, ConnectorError) else _described(error)
        raise OutcomeUnknownError(f"{what} was reported as posted, then: {words}") from error


def _described(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{error.title} {'.'.join(map(str, first['loc']))}: {first['msg']}"
    kind = "is missing" if isinstance(error, LookupError) else ""
    return f"{error} {kind}".rstrip()
