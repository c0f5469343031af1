"""
What a refusal is worth once a message has left.

The ERP's word alone is not enough: the same message may have been posted by an earlier try whose
answer was lost, and be refused now as a repetition. So a refusal counts when the document is not
there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from connector.erp.messages import MessageTable, ReturnRow, Verdict
from connector.errors import ConnectorError, OutcomeUnknownError


def refusal_of_rows(
    rows: Iterable[ReturnRow], table: MessageTable, action: str
) -> ConnectorError | None:
    """
    Return what *rows* mean after a call that commits by itself, None when nothing stopped it.

    A message that leaves doubt about a commit (S& 101) makes the outcome unknown.
    """
    every = tuple(rows)
    deciding = [row.message for row in every if row.decides]
    for message in deciding:
        known = table.meaning_of(message)
        if known is not None and known.verdict is Verdict.IN_DOUBT:
            return OutcomeUnknownError(f"{action}: {message}", tuple(deciding))
    return table.refusal(every, action)


def confirmed_refusal(refusal: ConnectorError, is_there: Callable[[], bool]) -> ConnectorError:
    """Return *refusal*; an unknown outcome where the document is there, or nobody can look."""
    if isinstance(refusal, OutcomeUnknownError):
        return refusal
    try:
        found = is_there()
    except ConnectorError as error:
        return OutcomeUnknownError(f"{refusal}; and it cannot be looked for: {error}")
    if found:
        return OutcomeUnknownError(f"{refusal}; and yet there is a document with its reference")
    return refusal
