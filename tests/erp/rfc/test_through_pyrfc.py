"""
The transport through the driver for SAP's library, on a stand-in with that library's strictness.

The stand-in takes what the real one takes, in the constructor as in every value, and refuses what
it refuses: any parameter that is not text, any option that it does not know, any keyword of `call`
that the function has not.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from types import ModuleType
from typing import Any

import pytest
from pydantic import SecretStr

from connector.clock import ManualClock
from connector.erp.rfc.erp import RfcErp
from connector.erp.rfc.options import RfcOptions
from connector.erp.rfc.pyrfc_driver import pyrfc_driver
from connector.errors import ErpUnavailableError, LogonRefusedError, RejectedError
from connector.resources import shipped
from connector.sd_documents.values import DocumentCategory as C
from connector.simulator.engine.clock import SimulatedClock
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.master_data import MasterData
from connector.simulator.rfc import exceptions
from connector.simulator.rfc.connection import Connection
from connector.simulator.rfc.face import RfcFace
from connector.simulator.rfc.settings import FaceSettings
from tests.contract.documents import item, sales_document
from tests.contract.observing import Observer
from tests.contract.walking import Walk, payment

NOON = datetime(2026, 1, 5, 11, tzinfo=UTC)
PARAMETERS = {"ashost": "erp.test", "sysnr": "00", "client": "100", "user": "CONNECTOR"}
#: What Connection(config=..) of pyrfc 3.3.1 knows.
OPTIONS = frozenset(
    {"dtime", "return_import_params", "rstrip", "check_date", "check_time", "timeout"}
)
#: The exceptions that pyrfc 3.3.1 offers beside its root.
EXCEPTIONS = (
    *("RFCLibError", "ABAPApplicationError", "ABAPRuntimeError", "LogonError"),
    *("CommunicationError", "ExternalRuntimeError", "ExternalApplicationError"),
    *("ExternalAuthorizationError", "RFCTypeError"),
)


class StandIn(ModuleType):
    """The module `pyrfc`, on a simulated ERP."""

    RFCError = exceptions.RFCError

    def __init__(self, face: RfcFace) -> None:
        super().__init__("pyrfc")
        self.opened: list[dict[str, Any]] = []
        self._face = face
        for name in EXCEPTIONS:
            setattr(self, name, getattr(exceptions, name))

    def Connection(self, config: Any = None, **params: Any) -> Connection:
        unknown = set(config or {}) - OPTIONS
        if unknown:
            option = sorted(unknown)[0]
            raise self.RFCError(f"Connection configuration option '{option}' is not supported")
        assert all(type(value) is str for value in params.values()), "the library would crash"
        if config and config.get("timeout") is not None:
            assert type(config["timeout"]) is int
        self.opened.append(dict(config or {}))
        return self._face.connect(config, **params)


@pytest.fixture
def face() -> Iterator[RfcFace]:
    with ExitStack() as stack:
        master = MasterData.load(shipped("fixtures/erp"), shipped("fixtures/erp-cases"))
        engine = stack.enter_context(SimulatedErp(master, SimulatedClock(NOON)))
        face = RfcFace(engine, FaceSettings(profile="s4"))
        stack.callback(face.close)
        yield face


@pytest.fixture
def pyrfc(face: RfcFace, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    module = StandIn(face)
    monkeypatch.setitem(sys.modules, "pyrfc", module)
    return module


@pytest.fixture
def erp(pyrfc: StandIn) -> Iterator[RfcErp]:
    del pyrfc
    driver = pyrfc_driver(PARAMETERS, SecretStr("x"), timeout_s=30)
    with RfcErp(driver, RfcOptions(), ManualClock(NOON)) as made:
        yield made


def test_an_order_is_taken_to_its_payment(erp: RfcErp, pyrfc: StandIn) -> None:
    walk = Walk(erp)
    invoice = walk.invoiced("REF-1", item(10, quantity="3"), item(20, "M-02", "2"))
    erp.payments.post(payment("PAY-1", *walk.items_of(invoice)), Observer())
    erp.sales_documents.simulate(sales_document("REF-2"))
    order = invoice.items[0].sales_document
    assert erp.sales_documents.find("REF-1", C.SALES_ORDER) == (order,)
    chain = erp.chains.read([order])
    assert [each.number for each in chain.billing_documents] == [invoice.number]
    assert erp.chains.changed_since("").numbers == (order,)
    assert len(erp.open_items.customer_items("1000", ["C-100"], date(2026, 1, 31))) == 2
    assert pyrfc.opened == [{"timeout": 30}], "one session was enough, and was used again"


def test_a_session_says_who_it_is(erp: RfcErp) -> None:
    answered = erp.ping()
    assert (answered.user, answered.client, answered.system_id) == ("CONNECTOR", "100", "SIM")


def test_its_exceptions_are_understood(face: RfcFace, erp: RfcErp) -> None:
    face.inject("logon failure")
    with pytest.raises(LogonRefusedError):
        erp.ping()
    face.inject("connection refused", times=5)
    with pytest.raises(ErpUnavailableError):
        erp.ping()
    face.faults.clear()
    with pytest.raises(RejectedError) as refused:
        erp.sales_documents.create(sales_document("X" * 35, customer="1001999"), Observer())
    assert refused.value.code == "CUSTOMER_NOT_IN_SALES_AREA"


def test_after_a_failed_call_nothing_goes_over_the_session_that_it_opened_anew(
    face: RfcFace, erp: RfcErp, pyrfc: StandIn
) -> None:
    """The library opens a new session inside the failing call; a commit there commits nothing."""
    face.inject("connection lost before call", on="BAPI_SALESORDER_CREATEFROMDAT2")
    with pytest.raises(ErpUnavailableError):
        erp.sales_documents.create(sales_document("REF-1"), Observer())
    assert erp.sales_documents.create(sales_document("REF-1"), Observer())
    assert len(pyrfc.opened) == 2
