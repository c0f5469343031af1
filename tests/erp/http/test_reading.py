"""Which failures of a read are tried again, and how patiently."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from connector.clock import ManualClock
from connector.erp.http.options import BasicLogon, HttpOptions
from connector.erp.http.reading import Retrying
from connector.errors import ErpUnavailableError, LockedError, RejectedError, TransientError

START = datetime(2026, 11, 22, 8, tzinfo=UTC)


class Scripted:
    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "read"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def retrying(clock: ManualClock) -> Retrying:
    logon = BasicLogon(user="U", password=SecretStr("p"))
    return Retrying(HttpOptions(base_url="https://erp", logon=logon), clock)


def test_a_passing_failure_is_tried_three_times(retrying: Retrying) -> None:
    twice = Scripted(TransientError("a"), TransientError("b"))
    assert (retrying.run(twice), twice.calls) == ("read", 3)
    always = Scripted(*[TransientError(str(number)) for number in range(9)])
    with pytest.raises(TransientError, match="2"):
        retrying.run(always)
    assert always.calls == 3


def test_an_erp_that_says_when_is_waited_for_if_that_is_soon(
    retrying: Retrying, clock: ManualClock
) -> None:
    soon = Scripted(ErpUnavailableError("busy", (), 4))
    assert retrying.run(soon) == "read"
    assert clock.now() == START + timedelta(seconds=4)
    late = Scripted(TransientError("too many", (), 60))
    with pytest.raises(TransientError):
        retrying.run(late)
    assert late.calls == 1


@pytest.mark.parametrize(
    "error",
    [ErpUnavailableError("not there"), LockedError("4711", "MILLER"), RejectedError("no")],
)
def test_what_does_not_pass_within_seconds_is_not_tried_again(
    retrying: Retrying, error: Exception
) -> None:
    once = Scripted(error)
    with pytest.raises(type(error)):
        retrying.run(once)
    assert once.calls == 1
