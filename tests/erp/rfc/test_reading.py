"""Reads are tried again where that can help, and only there."""

from __future__ import annotations

import pytest

from connector.clock import ManualClock
from connector.erp.messages import shipped_table
from connector.erp.rfc.reading import TRIES, Reads
from connector.erp.rfc.session import SessionPool
from connector.errors import (
    ConfigurationError,
    ErpUnavailableError,
    LogonRefusedError,
    RejectedError,
)
from connector.sd_documents.sales_document import SalesArea
from connector.simulator.rfc.exceptions import (
    LogonError,
    connection_lost,
    connection_refused,
    function_not_found,
)
from tests.erp.rfc.conftest import ScriptedLibrary


@pytest.fixture
def reads(pool: SessionPool, clock: ManualClock) -> Reads:
    return Reads(pool, shipped_table(), clock)


def test_a_lost_line_is_tried_again_in_a_new_session(
    reads: Reads, library: ScriptedLibrary
) -> None:
    library.answers["X"] = [connection_lost(), {"OK": 1}]
    assert reads.run(lambda session: session.call("X")) == {"OK": 1}
    assert len(library.connections) == 2


def test_three_tries_are_all_and_take_less_than_half_a_minute(
    reads: Reads, library: ScriptedLibrary, clock: ManualClock
) -> None:
    started = clock.now()
    library.refusals = [connection_refused("erp") for _ in range(TRIES + 1)]
    with pytest.raises(ErpUnavailableError):
        reads.run(lambda session: session.call("X"))
    assert len(library.refusals) == 1
    assert (clock.now() - started).total_seconds() < 30


def test_a_refused_password_is_tried_once(reads: Reads, library: ScriptedLibrary) -> None:
    """Each further try would count towards the user's lock."""
    library.refusals = [LogonError("wrong"), LogonError("wrong")]
    with pytest.raises(LogonRefusedError):
        reads.run(lambda session: session.call("X"))
    assert len(library.refusals) == 1


def test_what_would_fail_again_is_not_tried_again(reads: Reads, library: ScriptedLibrary) -> None:
    library.answers["X"] = [function_not_found("X")]
    with pytest.raises(ConfigurationError):
        reads.run(lambda session: session.call("X"))
    assert len(library.calls) == 1


def test_an_answer_that_cannot_be_understood_is_refused_by_name(
    reads: Reads, library: ScriptedLibrary
) -> None:
    library.answers["X"] = [{"DATE": "2026-01-05"}]
    with pytest.raises(RejectedError, match="cannot be understood") as caught:
        reads.run(lambda session: int(session.call("X")["DATE"]))
    assert caught.value.code == "ERP_ANSWER_UNCLEAR"
    assert len(library.calls) == 1


def test_what_is_missing_or_does_not_fit_is_named_without_its_value(
    reads: Reads, library: ScriptedLibrary
) -> None:
    """A value that does not fit may be a name, and messages are logged."""
    library.answers["X"] = [{}]
    with pytest.raises(RejectedError, match="'SALESDOCUMENT' is missing"):
        reads.run(lambda session: session.call("X")["SALESDOCUMENT"])
    with pytest.raises(RejectedError) as caught:
        reads.run(lambda session: SalesArea.model_validate({"division": "Erika Beispiel"}))
    assert "SalesArea" in str(caught.value)
    assert "Erika" not in str(caught.value)
