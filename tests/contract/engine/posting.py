"""How a write goes in the reference: in one session, fenced before its commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from connector.erp.messages import ReturnRow, shipped_table
from connector.errors import ErpMessage, OutcomeUnknownError, RejectedError, TransientError
from connector.ports.erp import Point, SubmissionObserver
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.faults import ShortDumpError
from connector.simulator.engine.outcome import Message, Outcome
from connector.simulator.engine.session import Session


@dataclass(slots=True)
class Poster:
    """Writes as *user*; once it is closed, nothing goes any more."""

    engine: SimulatedErp
    user: str
    closed: bool = False

    def require_open(self) -> None:
        """Raise TransientError when it is closed."""
        if self.closed:
            raise TransientError("the ERP is closed")

    def post(
        self,
        write: Callable[[Session], Outcome],
        observer: SubmissionObserver,
        numbers: Callable[[Outcome], tuple[str, ...]] = lambda outcome: outcome.numbers,
        item_numbers: Sequence[int] = (),
    ) -> tuple[str, ...]:
        """Run *write*, commit it and return its *numbers*."""
        self.require_open()
        with self.engine.session(self.user) as session:
            observer.passed(Point.CONNECTION_OPEN)
            outcome = self._created(session, write, observer)
            found = numbers(outcome) if outcome.accepted else ()
            if not found:
                session.rollback()
                observer.passed(Point.ROLLBACK_SENT)
                raise refusal(outcome.messages, item_numbers)
            observer.created_uncommitted(found)
            observer.before_commit()
            observer.passed(Point.AFTER_FENCE_CHECK)
            self._commit(session, observer)
            return found

    def _created(
        self, session: Session, write: Callable[[Session], Outcome], observer: SubmissionObserver
    ) -> Outcome:
        observer.passed(Point.CREATE_SENT)
        try:
            outcome = write(session)
        except ShortDumpError as error:
            raise TransientError(str(error)) from error
        observer.passed(Point.CREATE_ANSWERED)
        return outcome

    def _commit(self, session: Session, observer: SubmissionObserver) -> None:
        observer.passed(Point.COMMIT_SENT)
        try:
            outcome = session.commit(wait=True)
        except ShortDumpError as error:
            raise OutcomeUnknownError(str(error)) from error
        observer.passed(Point.COMMIT_ANSWERED)
        if not outcome.accepted:
            raise OutcomeUnknownError("commit", tuple(map(_message, outcome.messages)))


def require_there(found: object, number: str) -> None:
    """Raise OutcomeUnknownError when what was posted as *number* is not *found*."""
    if found is None:
        raise OutcomeUnknownError(f"document {number} was posted and cannot be read")


def refusal(messages: Sequence[Message], item_numbers: Sequence[int] = ()) -> Exception:
    """Return the error that *messages* stand for; their rows count *item_numbers*."""
    rows = [ReturnRow(_message(each, item_numbers), each.v1, each.v2) for each in messages]
    table = shipped_table()
    found = table.refusal(rows, "the engine")
    if found is not None:
        return found
    every = tuple(row.message for row in rows)
    return RejectedError("nothing was created", every, table.code_of(every) or "NOTHING_CREATED")


def require_accepted(outcome: Outcome) -> None:
    """Raise what the messages of *outcome* stand for, if any stops it."""
    if not outcome.accepted:
        raise refusal(outcome.messages)


def first(numbers: Iterable[str]) -> str:
    """Return the only number of a write that makes one document."""
    (number,) = numbers
    return number


def _message(row: Message, item_numbers: Sequence[int] = ()) -> ErpMessage:
    of_item = "ITEM" in row.parameter and 0 < row.row <= len(item_numbers)
    return ErpMessage(
        row.type,
        row.id,
        row.number,
        row.text,
        item_number=item_numbers[row.row - 1] if of_item else None,
        field=row.field,
    )
