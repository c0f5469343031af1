"""The records of lines from which payments are posted; each change checks the state it changes."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, insert, select, update

from connector.ports.statement_payments import (
    WAITING,
    Found,
    LineKind,
    PaymentState,
    StatementPayment,
    Suggestion,
    Way,
)
from connector.ports.step_state import CLAIMABLE, FINAL, StepState
from connector.ports.store_records import EventKind, NewEvent
from connector.store import events as event_log
from connector.store.database import Database
from connector.store.payment_steps import SqlPaymentSteps
from connector.store.schema import statement_payment as payment
from connector.store.schema import statement_payment_step as step

_OPEN: Final = frozenset({PaymentState.PROPOSED, PaymentState.READY})
_ENDED: Final = frozenset({PaymentState.POSTED, PaymentState.REFUSED, PaymentState.SETTLED})
#: What a person decides, as an event.
_DECIDED: Final = {
    PaymentState.RELEASED: EventKind.PAYMENT_RELEASED,
    PaymentState.REFUSED: EventKind.PAYMENT_REFUSED,
}


def _select() -> Select[Any]:
    return select(payment, step.c.state.label("step_state")).outerjoin(
        step, step.c.flow_id == payment.c.id
    )


class SqlStatementPayments:
    """Implements :class:`connector.ports.statement_payments.StatementPayments`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.steps = SqlPaymentSteps(database)

    def keep(self, found: Sequence[Found], *, now: datetime) -> tuple[StatementPayment, ...]:
        def work(connection: Connection) -> tuple[StatementPayment, ...]:
            return tuple(_keep(connection, each, now) for each in found)

        return self._database.write(work) if found else ()

    def find(
        self, states: Collection[PaymentState] = (), *, limit: int | None = None
    ) -> tuple[StatementPayment, ...]:
        query = _select().order_by(payment.c.id.desc()).limit(limit)
        if states:
            query = query.where(payment.c.state.in_(sorted(state.value for state in states)))
        return self._database.read(
            lambda connection: tuple(map(_record, connection.execute(query)))
        )

    def get(self, payment_id: int) -> StatementPayment:
        return self._database.read(lambda connection: _get(connection, payment_id))

    def decide(
        self,
        payment_id: int,
        state: PaymentState,
        *,
        by: str,
        comment: str,
        now: datetime,
        way: Way | None = None,
        suggestion: Suggestion | None = None,
    ) -> StatementPayment:
        def work(connection: Connection) -> StatementPayment:
            before = _get(connection, payment_id)
            values: dict[str, Any] = {
                "state": state.value,
                "decided_by": by,
                "decided_at": now,
                "comment": comment,
                "reason": "",
            }
            if way is not None:
                values["way"] = way.value
            if suggestion is not None:
                values["suggestion"] = suggestion.model_dump_json()
            changed = connection.execute(
                update(payment)
                .where(
                    payment.c.id == payment_id,
                    payment.c.state.in_(sorted(each.value for each in WAITING)),
                )
                .values(values)
            )
            if before.state not in WAITING or changed.rowcount != 1:
                raise ValueError(_stands(before))
            detail = {"payment": str(payment_id), "by": by, "comment": comment}
            if way is not None:
                detail["way"] = way.value
            event_log.append(connection, [NewEvent(_DECIDED[state], None, detail=detail)], now)
            return _get(connection, payment_id)

        return self._database.write(work)

    def end(
        self,
        payment_id: int,
        state: PaymentState,
        *,
        reason: str,
        now: datetime,
        document: str = "",
    ) -> None:
        def work(connection: Connection) -> None:
            changed = connection.execute(
                update(payment)
                .where(
                    payment.c.id == payment_id,
                    payment.c.state.not_in(sorted(each.value for each in _ENDED)),
                )
                .values(state=state.value, reason=reason, document=document)
            )
            if changed.rowcount == 1 and state is PaymentState.SETTLED:
                detail = {"payment": str(payment_id), "reason": reason}
                settled = NewEvent(EventKind.PAYMENT_SETTLED, None, detail=detail)
                event_log.append(connection, [settled], now)

        self._database.write(work)


def _keep(connection: Connection, found: Found, now: datetime) -> StatementPayment:
    row = connection.execute(_select().where(payment.c.line_key == found.key)).one_or_none()
    if row is None:
        return _add(connection, found, now)
    known = _record(row)
    # What the line carries in FI was settled when it was first seen.
    suggestion = _carrying(found.suggestion, row.reference)
    state = PaymentState.READY if found.is_exact else PaymentState.PROPOSED
    if known.state is PaymentState.HELD and known.step_state in {None, StepState.REJECTED}:
        # Nothing was posted: when a person lets it go, what holds by now is posted.
        connection.execute(
            update(payment)
            .where(payment.c.id == known.id, payment.c.state == known.state.value)
            .values(suggestion=suggestion.model_dump_json())
        )
        return _get(connection, known.id)
    is_same = known.suggestion == suggestion and known.state is state
    if is_same or known.state not in _OPEN or _is_under_way(known.step_state):
        return known
    connection.execute(
        update(payment)
        .where(payment.c.id == known.id, payment.c.state == known.state.value)
        .values(state=state.value, suggestion=suggestion.model_dump_json(), way=_way(found))
    )
    if state is PaymentState.PROPOSED and known.state is not state:
        _proposed(connection, known.id, suggestion, now)
    return _get(connection, known.id)


def _add(connection: Connection, found: Found, now: datetime) -> StatementPayment:
    reference = _free_reference(connection, found)
    suggestion = _carrying(found.suggestion, reference)
    state = PaymentState.READY if found.is_exact else PaymentState.PROPOSED
    made = connection.execute(
        insert(payment)
        .values(
            line_key=found.key,
            kind=found.kind.value,
            state=state.value,
            company_code=suggestion.company_code,
            reference=reference,
            suggestion=suggestion.model_dump_json(),
            way=_way(found),
            reason="",
            found_at=now,
            decided_by="",
            decided_at=None,
            comment="",
            document="",
        )
        .returning(payment.c.id)
    ).scalar_one()
    if state is PaymentState.PROPOSED:
        _proposed(connection, made, suggestion, now)
    return _get(connection, made)


def _proposed(
    connection: Connection, payment_id: int, suggestion: Suggestion, now: datetime
) -> None:
    detail = {"payment": str(payment_id), "rule": suggestion.rule}
    event_log.append(connection, [NewEvent(EventKind.PAYMENT_PROPOSED, None, detail=detail)], now)


def _way(found: Found) -> str:
    preferred = found.suggestion.preferred
    return preferred.value if found.is_exact and preferred is not None else ""


def _free_reference(connection: Connection, found: Found) -> str:
    """Two bank accounts may give the same short reference: the second line's is made of its key."""
    taken = connection.execute(
        select(payment.c.id).where(
            payment.c.company_code == found.suggestion.company_code,
            payment.c.reference == found.suggestion.reference,
        )
    ).first()
    if taken is None:
        return found.suggestion.reference
    return f"BL{hashlib.sha256(found.key.encode()).hexdigest()[:14]}".upper()


def _carrying(suggestion: Suggestion, reference: str) -> Suggestion:
    if suggestion.reference == reference:
        return suggestion
    postings = tuple(
        each.model_copy(
            update={"payment": each.payment.model_copy(update={"payment_reference": reference})}
        )
        for each in suggestion.postings
    )
    return suggestion.model_copy(update={"reference": reference, "postings": postings})


def _is_under_way(state: StepState | None) -> bool:
    return state is not None and state not in CLAIMABLE and state not in FINAL


def _get(connection: Connection, payment_id: int) -> StatementPayment:
    row = connection.execute(_select().where(payment.c.id == payment_id)).one_or_none()
    if row is None:
        raise KeyError(payment_id)
    return _record(row)


def _stands(record: StatementPayment) -> str:
    who = f" by {record.decided_by}" if record.decided_by else ""
    document = f", document {record.document}" if record.document else ""
    return f"payment {record.id} waits for nobody: it is {record.state.value}{who}{document}"


def _record(row: Row[Any]) -> StatementPayment:
    return StatementPayment(
        id=row.id,
        key=row.line_key,
        kind=LineKind(row.kind),
        state=PaymentState(row.state),
        suggestion=Suggestion.model_validate_json(row.suggestion),
        found_at=row.found_at,
        way=Way(row.way) if row.way else None,
        reason=row.reason,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        comment=row.comment,
        document=row.document,
        step_state=StepState(row.step_state) if row.step_state else None,
    )
