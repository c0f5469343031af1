"""The transport as a whole: logon, checks, what it can do, and many callers at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import ValidationError

from connector.erp.rfc.capabilities import CAPABILITIES as RFC
from connector.erp.routes import Router, require_possible
from connector.erp.soap.capabilities import CAPABILITIES
from connector.erp.soap.options import SoapOptions
from connector.errors import ConfigurationError, ErpUnavailableError, LogonRefusedError
from connector.ports.capabilities import Access, ErpOperation, Transport
from tests.contract.observing import Observer
from tests.erp.http.wire_server import Reply, WireServer, closed_port, reply
from tests.erp.soap.conftest import System
from tests.erp.soap.documents import payment
from tests.erp.soap.scripted import transport_to


def test_ping_says_who_was_asked_as_whom(system: System) -> None:
    found = system.transport().ping()
    assert (found.client, found.user, found.system_id) == ("100", "CONNECTOR", "")
    assert found.host in system.url


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (reply(401), LogonRefusedError),
        (reply(200, b"<input type='password'>", Content_Type="text/html"), LogonRefusedError),
        (reply(404), ConfigurationError),
        (reply(503), ErpUnavailableError),
    ],
)
def test_ping_tells_why_it_was_not_let_in(given: Reply, error: type[Exception]) -> None:
    with (
        WireServer([given]) as server,
        transport_to(server.url) as transport,
        pytest.raises(error),
    ):
        transport.ping()


def test_ping_of_nobody_is_an_erp_that_is_not_there() -> None:
    with (
        closed_port() as port,
        transport_to(f"http://127.0.0.1:{port}") as transport,
        pytest.raises(ErpUnavailableError),
    ):
        transport.ping()


@pytest.mark.parametrize("operation", [ErpOperation.PAYMENT, ErpOperation.SALES_ORDER])
def test_a_service_that_is_active_passes_its_probe(system: System, operation: ErpOperation) -> None:
    system.transport().probe(operation)


def test_a_service_that_is_not_active_fails_its_probe(system: System) -> None:
    transport = system.transport(path="/sap/bc/srt/scs/sap/not_there")
    with pytest.raises(ConfigurationError, match="404"):
        transport.probe(ErpOperation.PAYMENT)
    transport.probe(ErpOperation.DELIVERY)


@pytest.mark.parametrize("status", [405, 500])
def test_a_service_need_not_describe_itself(status: int) -> None:
    with WireServer([reply(status)]) as server, transport_to(server.url) as transport:
        transport.probe(ErpOperation.PAYMENT)
        assert server.received[0].target.endswith("journalentrycreaterequestconfi?wsdl")


def test_payments_may_be_routed_to_it_and_deliveries_may_not() -> None:
    tables = {Transport.SOAP: CAPABILITIES, Transport.RFC: RFC}
    require_possible({ErpOperation.PAYMENT: Transport.SOAP}, tables)
    require_possible({ErpOperation.SALES_ORDER: Transport.SOAP}, tables)
    with pytest.raises(ConfigurationError, match="possible: rfc"):
        require_possible({ErpOperation.DELIVERY: Transport.SOAP}, tables)
    router = Router({}, {}, tables)
    assert router.used() == ()
    assert set(CAPABILITIES) == set(ErpOperation)
    assert CAPABILITIES[ErpOperation.BILLING].access is Access.NONE


def test_many_callers_share_one_transport(system: System) -> None:
    transport = system.transport()

    def post(number: int) -> str:
        sent = payment(f"{number}.00", payment_reference=f"PAY-{number}")
        return str(transport.payments.post(sent, Observer()))

    with ThreadPoolExecutor(4) as pool:
        keys = list(pool.map(post, range(1, 13)))
    assert len(set(keys)) == 12
    for number, key in enumerate(keys, start=1):
        (document,) = system.payments(f"PAY-{number}")
        assert document.number in key
        assert document.lines[0].amount == number


def test_whoever_logs_on_without_being_a_user_leaves_the_author_to_the_erp(
    system: System,
) -> None:
    logon = {
        "kind": "oauth",
        "token_url": f"{system.url}/sap/bc/sec/oauth2/token",
        "client_id": "CONNECTOR",
        "client_secret": "secret",
    }
    transport = system.transport(http={"logon": logon})
    transport.payments.post(payment(), Observer())
    (document,) = system.payments()
    assert document.entered_by == "CONNECTOR"


def test_closing_twice_is_harmless(system: System) -> None:
    transport = system.transport()
    transport.close()
    transport.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"soap_version": "2"},
        {"created_by_user": "A_NAME_TOO_LONG"},
        {"wrappers": {"delivery": {"function": "Z"}}},
        {"no_such_option": 1},
    ],
)
def test_options_that_mean_nothing_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SoapOptions.model_validate(wrong)
