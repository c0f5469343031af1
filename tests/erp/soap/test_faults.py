"""The faults of the line and of the ERP, by name: what becomes of a payment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest

from connector.errors import (
    ConnectorError,
    ErpUnavailableError,
    LogonRefusedError,
    OutcomeUnknownError,
    TransientError,
)
from connector.simulator.engine.master_data import MasterData
from tests.contract.observing import Observer
from tests.erp.soap.conftest import System, open_system
from tests.erp.soap.documents import payment

SERVICE = "journalentrycreaterequestconfi"


@pytest.fixture
def online(master: MasterData) -> Iterator[System]:
    with ExitStack() as stack:
        yield open_system(master, stack, over_a_socket=True)


@pytest.mark.parametrize(
    ("fault", "error", "posted"),
    [
        ("connection lost before call", OutcomeUnknownError, 0),
        ("connection lost after call", OutcomeUnknownError, 1),
        ("malformed xml", OutcomeUnknownError, 1),
        ("truncated xml", OutcomeUnknownError, 1),
        ("no free session", ErpUnavailableError, 0),
        ("erp restarting", ErpUnavailableError, 0),
        ("logon failure", LogonRefusedError, 0),
        ("password expired", LogonRefusedError, 0),
        ("html login page", LogonRefusedError, 0),
        ("too many requests, seconds", TransientError, 0),
        ("too many requests, date", TransientError, 0),
        ("service unavailable, seconds", ErpUnavailableError, 0),
        ("service unavailable, date", ErpUnavailableError, 0),
    ],
)
def test_a_fault_is_taken_for_what_it_is_and_nothing_is_sent_again(
    online: System, fault: str, error: type[ConnectorError], posted: int
) -> None:
    online.front.inject(fault, on=SERVICE)
    transport = online.transport()
    with pytest.raises(error) as raised:
        transport.payments.post(payment(), Observer())
    assert type(raised.value) is error
    assert len(online.payments()) == posted
    if posted:
        assert len(transport.payments.find("PAY-1", "1000", "C-100")) == 1
    else:
        online.advance(timedelta(seconds=2))
        transport.payments.post(payment(), Observer())
        assert len(online.payments()) == 1


@pytest.mark.parametrize(
    "field", ["AccountingDocument", "FiscalYear", "CompanyCode", "SeverityCode", "TypeID"]
)
@pytest.mark.parametrize("fault", ["field missing", "field of another type"])
def test_an_answer_with_a_broken_field_never_names_another_document(
    online: System, fault: str, field: str
) -> None:
    online.front.inject(fault, on=SERVICE, field=field)
    transport = online.transport()
    try:
        key = transport.payments.post(payment(), Observer())
    except OutcomeUnknownError:
        key = None
    (found,) = transport.payments.find("PAY-1", "1000", "C-100")
    assert key in (None, found)
    assert len(online.payments()) == 1


def test_an_answer_without_its_document_number_leaves_doubt(online: System) -> None:
    online.front.inject("field missing", on=SERVICE, field="AccountingDocument")
    with pytest.raises(OutcomeUnknownError):
        online.transport().payments.post(payment(), Observer())


def test_a_client_that_gave_up_finds_the_payment_later(online: System) -> None:
    online.front.inject("client timeout with late commit", on=SERVICE)
    transport = online.transport(http={"read_timeout_s": 0.2})
    with pytest.raises(OutcomeUnknownError):
        transport.payments.post(payment(), Observer())
    assert transport.payments.find("PAY-1", "1000", "C-100") == ()
    online.front.release_held()
    assert len(transport.payments.find("PAY-1", "1000", "C-100")) == 1
