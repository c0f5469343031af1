"""Sessions are bounded, owned by one thread, and never used again after a failure."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from connector.clock import ManualClock
from connector.erp.rfc.session import CallFailed, Session, SessionPool
from connector.errors import (
    ConfigurationError,
    ErpUnavailableError,
    LogonRefusedError,
    TransientError,
)
from connector.simulator.rfc.exceptions import LogonError, classic_exception, connection_refused
from tests.erp.rfc.conftest import ScriptedLibrary


def test_a_session_is_used_again(library: ScriptedLibrary, pool: SessionPool) -> None:
    library.answers["RFC_PING"] = [{}]
    for _ in range(3):
        with pool.session() as session:
            session.call("RFC_PING")
    assert len(library.connections) == 1
    assert pool.open_sessions == 1


def test_a_session_that_saw_an_exception_is_closed_and_thrown_away(
    library: ScriptedLibrary, pool: SessionPool
) -> None:
    """Even after an ordinary exception of a function: the library may have opened another."""
    library.answers["X"] = [classic_exception("NO_DATA"), {}]
    with pytest.raises(CallFailed), pool.session() as session:
        session.call("X")
    assert [c.closed for c in library.connections] == [True]
    with pool.session() as session:
        session.call("X")
    assert [c.closed for c in library.connections] == [True, False]


def test_a_swallowed_exception_still_costs_the_session(
    library: ScriptedLibrary, pool: SessionPool
) -> None:
    library.answers["X"] = [classic_exception("NO_DATA")]
    with pool.session() as session, pytest.raises(CallFailed):
        session.call("X")
    assert library.connections[0].closed
    assert pool.open_sessions == 0


def test_an_exception_of_the_caller_costs_the_session(
    library: ScriptedLibrary, pool: SessionPool
) -> None:
    with pytest.raises(KeyError), pool.session():
        raise KeyError("a bug")
    assert library.connections[0].closed


def test_no_more_sessions_are_opened_than_allowed(
    library: ScriptedLibrary, pool: SessionPool
) -> None:
    with (
        pool.session(),
        pool.session(),
        pytest.raises(TransientError, match="all 2 sessions with the ERP were busy"),
        pool.session(),
    ):
        pass
    assert len(library.connections) == 2


def test_a_waiting_caller_gets_the_session_that_comes_back(
    library: ScriptedLibrary, clock: ManualClock, pool: SessionPool
) -> None:
    pool = replace(pool, limit=1, wait_s=5)
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with pool.session():
            entered.set()
            leave.wait(5)

    holder = threading.Thread(target=hold)
    holder.start()
    assert entered.wait(5)
    threading.Timer(0.05, leave.set).start()
    with pool.session():
        pass
    holder.join(5)
    assert len(library.connections) == 1
    del clock


def test_a_session_refuses_a_thread_that_does_not_own_it(pool: SessionPool) -> None:
    refused: list[str] = []

    def steal(session: Session) -> None:
        try:
            session.call("RFC_PING")
        except RuntimeError as error:
            refused.append(str(error))

    with pool.session() as session:
        thief = threading.Thread(target=steal, args=(session,))
        thief.start()
        thief.join(5)
    assert refused == ["a session was used by a thread that does not own it"]
    assert pool.open_sessions == 0


def test_a_session_that_rested_long_is_asked_for_a_sign_of_life(
    library: ScriptedLibrary, pool: SessionPool, clock: ManualClock
) -> None:
    with pool.session():
        pass
    clock.advance(timedelta(seconds=30))
    with pool.session():
        pass
    assert library.pings == 0
    clock.advance(timedelta(seconds=61))
    with pool.session():
        pass
    assert (library.pings, len(library.connections)) == (1, 1)


def test_a_session_that_died_at_rest_is_replaced(
    library: ScriptedLibrary, pool: SessionPool, clock: ManualClock
) -> None:
    with pool.session():
        pass
    clock.advance(timedelta(hours=8))
    library.dead = True
    with pool.session():
        assert [c.closed for c in library.connections] == [True, False]
    assert pool.open_sessions == 1


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (LogonError("wrong"), LogonRefusedError),
        (connection_refused("erp"), ErpUnavailableError),
        (TypeError("connection parameter client is int"), ConfigurationError),
    ],
)
def test_a_failed_logon_leaves_the_place_free(
    library: ScriptedLibrary, pool: SessionPool, failure: Exception, expected: type[Exception]
) -> None:
    library.refusals = [failure, failure, failure]
    for _ in range(3):
        with pytest.raises(expected), pool.session():
            pass
    with pool.session():
        pass
    assert pool.open_sessions == 1


def test_closing_ends_resting_sessions_and_those_that_come_back(
    library: ScriptedLibrary, pool: SessionPool
) -> None:
    with pool.session():
        pass
    with pool.session(), pool.session():
        pool.close()
    pool.close()
    assert all(connection.closed for connection in library.connections)
    assert pool.open_sessions == 0
    with pytest.raises(TransientError, match="are closed"), pool.session():
        pass


def test_only_the_one_who_listens_is_told_that_a_call_left(
    library: ScriptedLibrary, pool: SessionPool
) -> None:
    library.answers["X"] = [{}]
    heard: list[str] = []
    with pool.session() as session:
        session.listen(heard.append)
        session.call("X")
    with pool.session() as session:
        session.call("X")
    assert heard == ["X"]
