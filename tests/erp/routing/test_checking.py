"""What a check makes of each way in which an ERP may answer, or not answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from connector.clock import ManualClock
from connector.erp.checking import (
    OperationChecked,
    Outcome,
    Question,
    check_operations,
    check_transports,
    differing_systems,
)
from connector.erp.routes import Router, TransportParts
from connector.errors import (
    ConfigurationError,
    ConnectorError,
    ErpMessage,
    ErpUnavailableError,
    LogonRefusedError,
    NotAuthorizedError,
    RejectedError,
)
from connector.ports.capabilities import Access, Capability, ErpOperation, Transport
from connector.ports.erp import ErpSystem

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
QUESTION = Question("1000", date(2026, 11, 16))
REFUSAL = RejectedError("no", (ErpMessage("E", "VP", "199", "unknown customer"),))


class Everything:
    """A part whose every call raises *error*, or answers nothing."""

    def __init__(self, error: ConnectorError | None = None) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Callable[..., tuple[()]]:
        def answer(*_: Any) -> tuple[()]:
            if self._error is not None:
                raise self._error
            return ()

        return answer


def system(system_id: str = "S4H", client: str = "100") -> ErpSystem:
    return ErpSystem(system_id, client, "U", "host", "756", 0.02, NOON)


def raising(error: Exception) -> Callable[..., Any]:
    def _raise(*_: Any) -> Any:
        raise error

    return _raise


def router(**transports: TransportParts) -> Router:
    """Route the first operations over the first transport, the rest over the last."""
    ways = [Transport(name) for name in transports]
    routes = {each: ways[0] if i < 6 else ways[-1] for i, each in enumerate(ErpOperation)}
    able = dict.fromkeys(ErpOperation, Capability(Access.CREATE))
    return Router(
        routes, {Transport(n): p for n, p in transports.items()}, dict.fromkeys(ways, able)
    )


def parts(
    error: ConnectorError | None = None,
    ping: Callable[[], ErpSystem] = system,
    probe: Callable[[ErpOperation], None] | None = None,
) -> TransportParts:
    part: Any = Everything(error)
    return TransportParts(
        ping=ping,
        close=lambda: None,
        sales_documents=part,
        deliveries=part,
        billing_documents=part,
        payments=part,
        open_items=part,
        chains=part,
        master_data=part,
        probe=probe,
    )


def checked(found: Router) -> dict[ErpOperation, OperationChecked]:
    transports = {each.transport: each for each in check_transports(found)}
    operations = check_operations(found, transports, QUESTION, ManualClock(NOON))
    return {each.operation: each for each in operations}


def outcomes(found: Router) -> set[Outcome]:
    return {each.outcome for each in checked(found).values()}


def test_an_erp_that_answers_works() -> None:
    assert outcomes(router(rfc=parts())) == {Outcome.WORKS}


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (NotAuthorizedError("X", "no", "S_RFC RFC_NAME=X"), Outcome.NOT_AUTHORIZED),
        (LogonRefusedError("ERP logon", "locked"), Outcome.NOT_AUTHORIZED),
        (ErpUnavailableError("gone"), Outcome.UNREACHABLE),
        (ConfigurationError("X", "no such function"), Outcome.FAILED),
    ],
)
def test_each_failure_is_told_apart(error: ConnectorError, outcome: Outcome) -> None:
    found = checked(router(rfc=parts(error)))

    assert {each.outcome for each in found.values()} == {outcome}
    assert all(str(error) == each.problem for each in found.values())
    authorization = getattr(error, "authorization", "")
    assert {each.authorization for each in found.values()} == {authorization}


def test_an_erp_that_knows_no_such_customer_has_let_us_ask() -> None:
    found = checked(router(rfc=parts(REFUSAL)))

    asked_for_nobody = (
        ErpOperation.SIMULATION,
        ErpOperation.BILLING_PDF,
        ErpOperation.OPEN_ITEMS,
    )
    assert {found[each].outcome for each in asked_for_nobody} == {Outcome.WORKS}
    assert found[ErpOperation.DELIVERY].outcome is Outcome.FAILED


def test_an_answer_that_cannot_be_understood_is_a_failure() -> None:
    unclear = RejectedError("an answer cannot be understood", code="ERP_ANSWER_UNCLEAR")

    assert outcomes(router(rfc=parts(unclear))) == {Outcome.FAILED}


def test_a_probe_may_find_what_the_reads_did_not() -> None:
    missing = NotAuthorizedError("RFC_READ_TABLE LIPS", "no", "S_TABU_NAM TABLE=LIPS ACTVT=03")

    found = checked(router(rfc=parts(probe=raising(missing))))

    assert {each.authorization for each in found.values()} == {missing.authorization}


def test_what_goes_over_a_transport_without_logon_is_not_tried() -> None:
    refused = raising(LogonRefusedError("ERP logon", "wrong password"))

    found = checked(router(rfc=parts(), odata=parts(REFUSAL, refused)))

    by_transport = {each.transport: each.outcome for each in found.values()}
    assert by_transport == {Transport.RFC: Outcome.WORKS, Transport.ODATA: Outcome.NOT_TRIED}


@pytest.mark.parametrize(
    ("other", "warnings"),
    [
        (system(), 0),
        (system(system_id=""), 0),
        (system(system_id="", client=""), 0),
        (system(client="200"), 1),
        (system(system_id="S4P", client="200"), 2),
    ],
)
def test_transports_that_lead_to_different_systems_are_told(
    other: ErpSystem, warnings: int
) -> None:
    found = router(rfc=parts(), odata=parts(ping=lambda: other))

    told = differing_systems({each.transport: each for each in check_transports(found)})

    assert len(told) == warnings
    assert all("rfc: " in each and "odata: " in each for each in told)
