"""A daemon's jobs share their first logon, so that a wrong password is tried once."""

from __future__ import annotations

import threading

import pytest

from connector.daemon.first_logon import FirstLogon
from connector.errors import ErpUnavailableError, LogonRefusedError

PATIENCE_S = 20.0


def test_jobs_that_start_together_try_a_wrong_password_once() -> None:
    begun, may_answer = threading.Event(), threading.Event()
    tries: list[int] = []
    refusals: list[LogonRefusedError] = []

    def log_on() -> None:
        tries.append(1)
        begun.set()
        may_answer.wait(PATIENCE_S)
        raise LogonRefusedError("ERP logon", "the password is wrong")

    logon = FirstLogon(log_on)

    def job() -> None:
        try:
            logon.require()
        except LogonRefusedError as error:
            refusals.append(error)

    jobs = [threading.Thread(target=job) for _ in range(3)]
    for each in jobs:
        each.start()
    assert begun.wait(PATIENCE_S)
    may_answer.set()
    for each in jobs:
        each.join(PATIENCE_S)

    assert len(refusals) == 3
    assert len(tries) == 1


def test_an_erp_that_is_away_is_asked_again_and_one_that_answered_is_not() -> None:
    answers: list[Exception | None] = [ErpUnavailableError("no route"), None]

    def log_on() -> None:
        answer = answers.pop(0)
        if answer is not None:
            raise answer

    logon = FirstLogon(log_on)

    with pytest.raises(ErpUnavailableError):
        logon.require()
    logon.require()
    logon.require()

    assert answers == []
