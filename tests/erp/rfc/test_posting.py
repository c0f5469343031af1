"""A write: when it is surely refused, when it is in doubt, and what the observer learns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector.erp.messages import shipped_table
from connector.erp.rfc.posting import COMMIT, ROLLBACK, Poster, Posting
from connector.erp.rfc.session import Session, SessionPool
from connector.errors import (
    ErpUnavailableError,
    LeaseLostError,
    LockedError,
    OutcomeUnknownError,
    RejectedError,
    TransientError,
)
from connector.ports.erp import Point
from connector.simulator.rfc.exceptions import (
    LogonError,
    cancelled,
    connection_lost,
    short_dump,
)
from tests.erp.rfc.conftest import RecordingObserver, ScriptedLibrary, return_row

CREATE = "BAPI_CREATE"
READ = "READ"
SAVED = {"NUMBER": "0000000007", "RETURN": [return_row("S", "V1", "311")]}
COMMITTED: dict[str, Any] = {"RETURN": {"TYPE": "", "ID": "", "NUMBER": "000", "MESSAGE": ""}}


def posting(**more: Any) -> Posting:
    def read_back(session: Session, numbers: tuple[str, ...]) -> None:
        if not session.call(READ)["FOUND"]:
            raise OutcomeUnknownError(f"{numbers[0]} is not there")

    return Posting(
        function=CREATE,
        parameters={"A": "1"},
        numbers=lambda answer: (answer["NUMBER"],) if answer["NUMBER"] else (),
        read_back=read_back,
        **more,
    )


@pytest.fixture
def poster(pool: SessionPool, library: ScriptedLibrary) -> Poster:
    library.answers = {
        CREATE: [SAVED],
        COMMIT: [COMMITTED],
        ROLLBACK: [COMMITTED],
        READ: [{"FOUND": True}],
    }
    return Poster(pool, shipped_table())


def test_a_write_passes_its_points_in_order(
    poster: Poster, library: ScriptedLibrary, observer: RecordingObserver
) -> None:
    assert poster.post(posting(), observer) == ("0000000007",)
    assert observer.points == [
        Point.CONNECTION_OPEN,
        Point.CREATE_SENT,
        Point.CREATE_ANSWERED,
        Point.AFTER_FENCE_CHECK,
        Point.COMMIT_SENT,
        Point.COMMIT_ANSWERED,
    ]
    assert observer.numbers == ("0000000007",)
    assert library.calls == [(CREATE, {"A": "1"}), (COMMIT, {"WAIT": "X"}), (READ, {})]
    assert len(library.connections) == 1


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (return_row("E", "VP", "199"), RejectedError),
        (return_row("A", "ZZ", "001"), RejectedError),
        (return_row("E", "V1", "042"), LockedError),
        (return_row("E", "V1", "043"), TransientError),
    ],
)
def test_a_refused_create_is_rolled_back(
    poster: Poster,
    library: ScriptedLibrary,
    observer: RecordingObserver,
    row: dict[str, Any],
    expected: type[Exception],
) -> None:
    library.answers[CREATE] = [{"NUMBER": "", "RETURN": [row]}]
    with pytest.raises(expected):
        poster.post(posting(), observer)
    assert library.functions == [CREATE, ROLLBACK]
    assert observer.points[-1] is Point.ROLLBACK_SENT
    assert observer.fence_checks == 0


def test_a_create_without_number_and_without_error_created_nothing(
    poster: Poster, library: ScriptedLibrary, observer: RecordingObserver
) -> None:
    library.answers[CREATE] = [{"NUMBER": "", "RETURN": [return_row("S", "VL", "461")]}]
    with pytest.raises(RejectedError) as caught:
        poster.post(posting(), observer)
    assert caught.value.code == "NOT_RELEVANT"
    assert library.functions == [CREATE, ROLLBACK]
    library.answers[CREATE] = [{"NUMBER": "", "RETURN": []}]
    with pytest.raises(RejectedError) as caught:
        poster.post(posting(), observer)
    assert caught.value.code == "NOTHING_CREATED"


def test_a_number_beside_an_error_row_is_no_document(
    poster: Poster, library: ScriptedLibrary, observer: RecordingObserver
) -> None:
    library.answers[CREATE] = [SAVED | {"RETURN": [return_row("E", "VE", "108")]}]
    with pytest.raises(RejectedError):
        poster.post(posting(), observer)
    assert library.functions == [CREATE, ROLLBACK]


def test_a_rollback_that_fails_costs_the_session_and_keeps_the_reason(
    poster: Poster, library: ScriptedLibrary, observer: RecordingObserver
) -> None:
    library.answers[CREATE] = [{"NUMBER": "", "RETURN": [return_row("E", "VP", "199")]}]
    library.answers[ROLLBACK] = [connection_lost()]
    with pytest.raises(RejectedError, match="VP 199"):
        poster.post(posting(), observer)
    assert Point.ROLLBACK_SENT not in observer.points
    assert library.connections[0].closed


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (connection_lost(), ErpUnavailableError),
        (short_dump("TIME_OUT", "Time limit exceeded"), TransientError),
        (cancelled(), TransientError),
        (TypeError("an string is required, received", 5, "of type", int, "A"), RejectedError),
    ],
)
def test_a_create_that_fails_has_posted_nothing(
    poster: Poster,
    library: ScriptedLibrary,
    observer: RecordingObserver,
    failure: Exception,
    expected: type[Exception],
) -> None:
    """Without a commit a unit of work leaves nothing, whatever became of its session."""
    library.answers[CREATE] = [failure]
    with pytest.raises(expected):
        poster.post(posting(), observer)
    assert observer.fence_checks == 0
    assert library.connections[0].closed


@pytest.mark.parametrize(
    "failure",
    [connection_lost(), cancelled(), short_dump("BLOCKED_COMMIT", "blocked"), LogonError("no")],
)
def test_a_commit_that_fails_is_in_doubt(
    poster: Poster, library: ScriptedLibrary, observer: RecordingObserver, failure: Exception
) -> None:
    library.answers[COMMIT] = [failure]
    with pytest.raises(OutcomeUnknownError):
        poster.post(posting(), observer)
    assert library.functions == [CREATE, COMMIT]
    assert library.connections[0].closed


@pytest.mark.parametrize("number", ["101", "150"])
def test_a_failed_update_is_in_doubt(
    poster: Poster, library: ScriptedLibrary, observer: RecordingObserver, number: str
) -> None:
    library.answers[COMMIT] = [{"RETURN": return_row("E", "S&", number)}]
    with pytest.raises(OutcomeUnknownError, match=f"S& {number}"):
        poster.post(posting(), observer)


def test_a_commit_that_committed_nothing_is_found_out_by_reading_back(
    poster: Poster, library: ScriptedLibrary, observer: RecordingObserver
) -> None:
    """The library opened a new session silently; its commit succeeds and saves nothing."""
    library.answers[READ] = [{"FOUND": False}]
    with pytest.raises(OutcomeUnknownError, match="is not there"):
        poster.post(posting(), observer)


@pytest.mark.parametrize("failure", [connection_lost(), {"SOMETHING": "else"}])
def test_a_read_back_that_fails_is_in_doubt(
    poster: Poster, library: ScriptedLibrary, observer: RecordingObserver, failure: Any
) -> None:
    library.answers[READ] = [failure]
    with pytest.raises(OutcomeUnknownError):
        poster.post(posting(), observer)


def test_nothing_is_called_twice(
    poster: Poster, library: ScriptedLibrary, observer: RecordingObserver
) -> None:
    library.answers[COMMIT] = [connection_lost(), COMMITTED]
    with pytest.raises(OutcomeUnknownError):
        poster.post(posting(), observer)
    assert library.functions.count(CREATE) == library.functions.count(COMMIT) == 1


def test_a_worker_that_lost_its_lease_rolls_back_and_does_not_commit(
    poster: Poster, library: ScriptedLibrary, observer: RecordingObserver
) -> None:
    observer.lost = True
    with pytest.raises(LeaseLostError):
        poster.post(posting(), observer)
    assert library.functions == [CREATE, ROLLBACK]
    assert Point.AFTER_FENCE_CHECK not in observer.points
    assert library.connections[0].closed


def test_a_function_that_commits_by_itself_is_fenced_before_the_call(
    poster: Poster, library: ScriptedLibrary, observer: RecordingObserver
) -> None:
    assert poster.post(posting(commits_itself=True), observer) == ("0000000007",)
    assert observer.points == [
        Point.CONNECTION_OPEN,
        Point.AFTER_FENCE_CHECK,
        Point.COMMIT_SENT,
        Point.COMMIT_ANSWERED,
    ]
    observer.lost = True
    library.calls.clear()
    with pytest.raises(LeaseLostError):
        poster.post(posting(commits_itself=True), observer)
    assert CREATE not in library.functions


@pytest.mark.parametrize("failure", [connection_lost(), short_dump("TIME_OUT", "too long")])
def test_a_function_that_commits_by_itself_is_in_doubt_when_it_fails(
    poster: Poster, library: ScriptedLibrary, observer: RecordingObserver, failure: Exception
) -> None:
    library.answers[CREATE] = [failure]
    with pytest.raises(OutcomeUnknownError):
        poster.post(posting(commits_itself=True), observer)


@pytest.mark.parametrize(
    "failure", [ErpUnavailableError("gone"), RejectedError("refused"), KeyError("FOUND")]
)
@pytest.mark.parametrize("commits_itself", [True, False])
def test_what_fails_once_it_may_have_been_posted_is_in_doubt_whatever_it_says_itself(
    poster: Poster, observer: RecordingObserver, commits_itself: bool, failure: Exception
) -> None:
    def fails(session: Session, numbers: tuple[str, ...]) -> None:
        raise failure

    with pytest.raises(OutcomeUnknownError):
        poster.post(replace(posting(commits_itself=commits_itself), read_back=fails), observer)


def test_a_function_that_commits_by_itself_and_refuses_has_posted_nothing(
    poster: Poster, library: ScriptedLibrary, observer: RecordingObserver
) -> None:
    library.answers[CREATE] = [{"NUMBER": "", "RETURN": [return_row("E", "VF", "017")]}]
    with pytest.raises(RejectedError):
        poster.post(posting(commits_itself=True), observer)
    library.answers[CREATE] = [SAVED | {"RETURN": [return_row("E", "VF", "017")]}]
    with pytest.raises(OutcomeUnknownError):
        poster.post(posting(commits_itself=True), observer)
