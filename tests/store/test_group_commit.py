"""Writes of several threads share a commit; none of them spoils another's."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, event, text

from connector.store.backend import backend_of
from connector.store.group_commit import GroupCommit


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    writer = backend_of(url).writer(alone=True)
    with writer.engine.begin() as connection:
        connection.execute(text("CREATE TABLE number (value INTEGER PRIMARY KEY)"))
    yield writer.engine
    writer.close()


def test_a_write_is_there_when_the_call_returns(engine: Engine) -> None:
    commits = GroupCommit(engine)
    assert commits.run(lambda connection: _add(connection, 1)) == 1
    assert _numbers(engine) == [1]


def test_a_failed_write_is_taken_back_whole_and_raised_where_it_was_asked(engine: Engine) -> None:
    def add_two_and_fail(connection: Connection) -> None:
        _add(connection, 1)
        _add(connection, 2)
        raise LookupError("no")

    commits = GroupCommit(engine)
    with pytest.raises(LookupError, match="no"):
        commits.run(add_two_and_fail)
    commits.run(lambda connection: _add(connection, 3))
    assert _numbers(engine) == [3]


@pytest.mark.parametrize("bad", [None, 5], ids=["all good", "one fails"])
def test_what_waits_while_a_commit_runs_shares_the_next_one(
    engine: Engine, bad: int | None
) -> None:
    """The first write holds the others up; they share a transaction unless one of them fails."""
    commits = GroupCommit(engine)
    begun: list[int] = []
    event.listen(engine, "begin", lambda connection: begun.append(1))
    first_runs, go_on = threading.Event(), threading.Event()
    errors: list[str] = []

    def first(connection: Connection) -> None:
        first_runs.set()
        assert go_on.wait(20)
        _add(connection, 0)

    def write(value: int) -> None:
        def work(connection: Connection) -> None:
            _add(connection, value)
            if value == bad:
                raise ValueError(str(value))

        try:
            commits.run(work)
        except ValueError as error:
            errors.append(str(error))

    threads = [threading.Thread(target=commits.run, args=(first,))]
    threads[0].start()
    assert first_runs.wait(20)
    threads += [threading.Thread(target=write, args=(value,)) for value in range(1, 9)]
    for thread in threads[1:]:
        thread.start()
    while len(commits._waiting) < 8:
        threading.Event().wait(0.001)
    go_on.set()
    for thread in threads:
        thread.join(20)

    assert errors == ([] if bad is None else ["5"])
    assert len(begun) == (2 if bad is None else 10)
    assert _numbers(engine) == [value for value in range(9) if value != bad]


def test_when_the_commit_itself_fails_everybody_in_it_learns_so(engine: Engine) -> None:
    commits = GroupCommit(engine)

    def fail(connection: Connection) -> None:
        raise RuntimeError("disk is gone")

    event.listen(engine, "commit", fail)
    with pytest.raises(RuntimeError, match="disk is gone"):
        commits.run(lambda connection: _add(connection, 1))
    event.remove(engine, "commit", fail)
    assert _numbers(engine) == []


def _add(connection: Connection, value: int) -> int:
    connection.execute(text("INSERT INTO number VALUES (:value)"), {"value": value})
    return value


def _numbers(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return list(connection.execute(text("SELECT value FROM number ORDER BY value")).scalars())
