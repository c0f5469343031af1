"""Places for sessions: no more than the limit, the last that rested first, none after the end."""

from __future__ import annotations

import threading

import pytest

from connector.erp.places import Places
from connector.errors import TransientError


def test_no_more_are_given_away_than_there_are() -> None:
    places = Places[str](2, 0)
    assert (places.take(), places.take()) == (None, None)

    with pytest.raises(TransientError, match="all 2 sessions with the ERP were busy for 0 s"):
        places.take()

    places.release()
    assert places.take() is None
    assert places.in_use == 2


def test_who_waits_gets_the_place_that_becomes_free() -> None:
    places = Places[str](1, 10)
    places.take()
    got: list[str | None] = []
    waiting = threading.Thread(target=lambda: got.append(places.take()))
    waiting.start()

    assert places.rest("session")
    waiting.join(10)

    assert got == ["session"]


def test_the_session_that_rested_last_is_used_again_first() -> None:
    places = Places[str](2, 0)
    places.take(), places.take()
    places.rest("one")
    places.rest("other")

    assert places.in_use == 2
    assert (places.take(), places.take()) == ("other", "one")


def test_a_session_that_comes_back_after_the_end_is_not_kept() -> None:
    """Nobody would close it any more: whoever gives it back has to."""
    places = Places[str](2, 0)
    places.take(), places.take()
    places.rest("resting")

    assert places.close() == ("resting",)
    assert not places.rest("leased")
    assert places.close() == ()
    assert places.in_use == 0
    with pytest.raises(TransientError, match="closed"):
        places.take()


def test_who_waits_is_told_when_no_more_are_given_away() -> None:
    places = Places[str](1, 10)
    places.take()
    told: list[str] = []

    def wait() -> None:
        try:
            places.take()
        except TransientError as error:
            told.append(str(error))

    waiting = threading.Thread(target=wait)
    waiting.start()
    places.close()
    waiting.join(10)

    assert told == ["the sessions with the ERP are closed: the connector stops"]
