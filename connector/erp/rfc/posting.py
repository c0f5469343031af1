"""
How every write goes: create, fence check, commit with WAIT, read back.

1. A session is leased; the function is called; its rows of type E and A decide.
2. Refused, or no number came back: roll back and raise. Nothing was posted.
3. The observer learns the numbers, checks its fence and notes that the commit is about to leave.
4. BAPI_TRANSACTION_COMMIT with WAIT='X'. From here on every failure is an unknown outcome.
5. The document is read back: a number is no document, and a commit that ran in a session which the
   library silently opened anew commits nothing and reports success. Where many are written at one
   time they are looked at together, after the session was given back.

Nothing here is ever tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import structlog

from connector.erp.hold_reasons import HoldReason
from connector.erp.messages import MessageTable, ReturnRow
from connector.erp.rfc.errors import outcome_unknown, translated
from connector.erp.rfc.messages import return_rows
from connector.erp.rfc.reading import UNREADABLE, unclear
from connector.erp.rfc.session import CallFailed, Session, SessionPool
from connector.errors import (
    ConnectorError,
    LeaseLostError,
    OutcomeUnknownError,
    RejectedError,
)
from connector.ports.erp import Point, SubmissionObserver

COMMIT: Final = "BAPI_TRANSACTION_COMMIT"
ROLLBACK: Final = "BAPI_TRANSACTION_ROLLBACK"

_log = structlog.get_logger(__name__)

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Posting:
    """
    One write.

    ``numbers`` picks the numbers of the new documents out of the answer; empty numbers mean that
    nothing was created. ``read_back`` raises OutcomeUnknownError unless the documents are there
    as wanted; ``look`` likewise, without the session, which is free by then. ``item_numbers`` are
    those that were sent, in order, for the messages; ``rows_in`` names the parameters with
    messages. ``commits_itself`` is for functions that do. ``for_session`` gives further
    parameters, known only when it is known who is logged on.
    """

    function: str
    parameters: Mapping[str, Any]
    numbers: Callable[[Answer], tuple[str, ...]]
    read_back: Callable[[Session, tuple[str, ...]], None] | None = None
    look: Callable[[tuple[str, ...]], None] | None = None
    item_numbers: Sequence[int] = ()
    commits_itself: bool = False
    rows_in: Sequence[str] = ("RETURN",)
    for_session: Callable[[Session], Mapping[str, Any]] | None = None

    def run(self, session: Session) -> dict[str, Any]:
        """Call the function."""
        more = self.for_session(session) if self.for_session is not None else {}
        return session.call(self.function, **{**self.parameters, **more})


@dataclass(frozen=True, slots=True)
class Poster:
    """Runs postings in sessions of the pool."""

    pool: SessionPool
    table: MessageTable

    def post(self, posting: Posting, observer: SubmissionObserver) -> tuple[str, ...]:
        """
        Post, commit, read back, and return the numbers.

        Raises:
            ErpUnavailableError, TransientError, LockedError, LogonRefusedError,
            ConfigurationError, RejectedError, LeaseLostError: nothing was posted.
            OutcomeUnknownError: raised only after ``observer.before_commit`` was passed.
        """
        with self.pool.session() as session:
            observer.passed(Point.CONNECTION_OPEN)
            if posting.commits_itself:
                numbers = self._post_at_once(session, posting, observer)
            else:
                answer = self._create(session, posting, observer)
                numbers = self._accepted(session, posting, answer, observer)
                observer.created_uncommitted(numbers)
                self._check_fence(session, observer)
                self._commit(session, posting, numbers, observer)
        if posting.look is not None:
            with _posted_already(posting):
                posting.look(numbers)
        _log.info("posted", function=posting.function, documents=numbers)
        return numbers

    def _create(
        self, session: Session, posting: Posting, observer: SubmissionObserver
    ) -> dict[str, Any]:
        session.listen(lambda function: observer.passed(Point.CREATE_SENT))
        try:
            answer = posting.run(session)
        except CallFailed as failure:
            raise translated(failure.error, failure.function, self.table) from failure.error
        finally:
            session.listen(None)
        observer.passed(Point.CREATE_ANSWERED)
        return answer

    def _accepted(
        self, session: Session, posting: Posting, answer: Answer, observer: SubmissionObserver
    ) -> tuple[str, ...]:
        numbers: tuple[str, ...] = ()
        refusal: ConnectorError | None
        try:
            numbers = posting.numbers(answer)
            refusal = self._refusal(posting, answer, numbers)
        except UNREADABLE as error:
            refusal = unclear(error, posting.function)
        if refusal is None:
            return numbers
        if _rolled_back(session):
            observer.passed(Point.ROLLBACK_SENT)
        _log.info("refused", function=posting.function, error=type(refusal).__name__)
        raise refusal

    def _refusal(
        self, posting: Posting, answer: Answer, numbers: tuple[str, ...]
    ) -> ConnectorError | None:
        rows = _rows(posting, answer)
        refusal = self.table.refusal(rows, posting.function)
        if refusal is None and not numbers:
            messages = tuple(row.message for row in rows)
            words = "; ".join(str(message) for message in messages) or "without a message"
            code = self.table.code_of(messages) or HoldReason.NOTHING_CREATED.value
            return RejectedError(
                f"{posting.function}: the ERP created nothing: {words}", messages, code
            )
        return refusal

    def _check_fence(self, session: Session, observer: SubmissionObserver) -> None:
        try:
            observer.before_commit()
        except LeaseLostError:
            _rolled_back(session)
            raise
        observer.passed(Point.AFTER_FENCE_CHECK)

    def _commit(
        self,
        session: Session,
        posting: Posting,
        numbers: tuple[str, ...],
        observer: SubmissionObserver,
    ) -> None:
        session.listen(lambda function: observer.passed(Point.COMMIT_SENT))
        with _posted_already(posting):
            answer = session.call(COMMIT, WAIT="X")
            session.listen(None)
            observer.passed(Point.COMMIT_ANSWERED)
            failed = [row.message for row in return_rows(answer.get("RETURN")) if row.decides]
            if failed:
                words = "; ".join(str(message) for message in failed)
                raise OutcomeUnknownError(f"{posting.function}: commit: {words}", tuple(failed))
            if posting.read_back is not None:
                posting.read_back(session, numbers)

    def _post_at_once(
        self, session: Session, posting: Posting, observer: SubmissionObserver
    ) -> tuple[str, ...]:
        """Post with a function that commits by itself: the fence comes before the call."""
        self._check_fence(session, observer)
        session.listen(lambda function: observer.passed(Point.COMMIT_SENT))
        with _posted_already(posting):
            answer = posting.run(session)
            session.listen(None)
            observer.passed(Point.COMMIT_ANSWERED)
            numbers = posting.numbers(answer)
            if numbers:
                observer.created_uncommitted(numbers)
            refusal = self._refusal(posting, answer, numbers)
            if refusal is None:
                session.call(COMMIT, WAIT="X")
                if posting.read_back is not None:
                    posting.read_back(session, numbers)
            elif numbers:
                # It named documents and an error: which of both holds has to be looked up.
                raise outcome_unknown(refusal, posting.function)
        if refusal is not None:
            observer.passed(Point.COMMIT_REFUSED)
            _rolled_back(session)
            raise refusal
        return numbers


@contextmanager
def _posted_already(posting: Posting) -> Iterator[None]:
    """Whatever fails once the commit may have left is an unknown outcome."""
    try:
        yield
    except (OutcomeUnknownError, LeaseLostError):
        raise
    except CallFailed as failure:
        raise outcome_unknown(failure.error, posting.function) from failure.error
    except Exception as error:
        # A defect of ours and an error that says nothing was posted included: what came after
        # the commit cannot know, only a look into the ERP can.
        raise outcome_unknown(error, posting.function) from error


def _rows(posting: Posting, answer: Answer) -> tuple[ReturnRow, ...]:
    rows: list[ReturnRow] = []
    for name in posting.rows_in:
        rows.extend(return_rows(answer.get(name), posting.item_numbers))
    return tuple(rows)


def _rolled_back(session: Session) -> bool:
    """Roll back; a session that cannot be is thrown away, and its unit of work with it."""
    try:
        session.call(ROLLBACK)
    except CallFailed as failure:
        _log.info("rollback failed, session dropped", error=type(failure.error).__name__)
        return False
    return True
