"""An ERP that asked to be left alone is left alone, by everybody and for as long as it asked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from requests.structures import CaseInsensitiveDict

from connector.clock import ManualClock
from connector.erp.http.exchange import Answer, Call
from connector.erp.http.rest import Rest
from connector.errors import ErpUnavailableError

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CALL = Call("GET", "/sap/opu/odata/sap/API_SALES_ORDER_SRV", "read")


def answer(status: int, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, CaseInsensitiveDict(named), b"", "read")


@pytest.mark.parametrize(
    "asking",
    [
        answer(429, Retry_After="60"),
        answer(503, Retry_After="60"),
        answer(503, Retry_After="Mon, 02 Mar 2026 12:01:00 GMT"),
        # The ERP's clock is an hour ahead: both dates are its own.
        answer(
            429,
            Retry_After="Mon, 02 Mar 2026 13:01:00 GMT",
            Date="Mon, 02 Mar 2026 13:00:00 GMT",
        ),
    ],
)
def test_nothing_is_sent_before_the_time_is_over(asking: Answer) -> None:
    clock = ManualClock(NOON)
    rest = Rest(clock)
    rest.note(asking)
    clock.sleep(59)

    with pytest.raises(ErpUnavailableError, match="another 1 s") as raised:
        rest.require(CALL)
    assert raised.value.retry_after_s == 1
    clock.sleep(1)
    rest.require(CALL)


@pytest.mark.parametrize("said", [answer(503), answer(200, Retry_After="60"), answer(429)])
def test_an_erp_that_asks_for_nothing_is_asked_again_at_once(said: Answer) -> None:
    rest = Rest(ManualClock(NOON))
    rest.note(said)

    rest.require(CALL)


def test_the_longest_time_asked_for_counts() -> None:
    clock = ManualClock(NOON)
    rest = Rest(clock)
    rest.note(answer(503, Retry_After="60"))
    rest.note(answer(429, Retry_After="5"))
    clock.sleep(10)

    with pytest.raises(ErpUnavailableError):
        rest.require(CALL)
