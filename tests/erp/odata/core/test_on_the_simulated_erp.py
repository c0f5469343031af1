"""The faults of the line and of the gateway, by name, in the process and over a socket."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from connector.clock import ManualClock
from connector.erp.http.options import HttpOptions
from connector.erp.http.pool import HttpPool
from connector.erp.messages import shipped_table
from connector.erp.odata.errors import (
    AnswerUnclearError,
    ChangedMeanwhileError,
    VersionNeededError,
)
from connector.erp.odata.protocol import ProtocolOptions
from connector.erp.odata.repeatability import Support
from connector.erp.odata.service import ODataService, Query
from connector.erp.odata.system import ODataSystem
from connector.erp.odata.values import key, literal
from connector.erp.odata.write import Change
from connector.errors import (
    ConnectorError,
    ErpUnavailableError,
    LockedError,
    LogonRefusedError,
    OutcomeUnknownError,
    RejectedError,
    TransientError,
)
from connector.resources import shipped
from connector.simulator.engine.clock import SimulatedClock
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.settings import EngineSettings
from connector.simulator.http.front import HttpFront
from connector.simulator.http.local import LOCAL_URL, LocalAdapter
from connector.simulator.http.server import HttpErpServer
from connector.simulator.http.settings import HttpSettings
from connector.simulator.odata.face import ODataFace
from connector.simulator.odata.settings import ODataFaceSettings
from tests.erp.odata.core.gateway import write

NOON = datetime(2026, 1, 5, 11, tzinfo=UTC)
ORDERS = "API_SALES_ORDER_SRV"
SET = "A_SalesOrder"
BODY: dict[str, Any] = {
    "SalesOrderType": "OR",
    "SalesOrganization": "1010",
    "DistributionChannel": "10",
    "OrganizationDivision": "00",
    "SoldToParty": "10100001",
    "PurchaseOrderByCustomer": "PO 1",
    "to_Item": [{"Material": "TG11", "RequestedQuantity": "1"}],
}
OURS = Query(SET, {"$filter": f"PurchaseOrderByCustomer eq {literal('PO 1')}"})


@dataclass
class Line:
    """A simulated ERP and a way to it."""

    front: HttpFront
    url: str
    in_process: bool
    clock: ManualClock
    stack: ExitStack

    def system(self, logon: dict[str, Any] | None = None, **protocol: Any) -> ODataSystem:
        """Return a new client, with a session of its own."""
        options = HttpOptions.model_validate(
            {
                "base_url": self.url,
                "logon": logon or {"kind": "basic", "user": "CONNECTOR", "password": "right"},
                "client": "100",
                "allow_plain_http": True,
                "read_timeout_s": 0.5,
            }
        )
        adapter = (lambda: LocalAdapter(self.front)) if self.in_process else None
        pool = HttpPool(options, self.clock, adapter)
        self.stack.callback(pool.close)
        return ODataSystem(pool, ProtocolOptions(**protocol), shipped_table(), self.clock)

    def orders(self, **protocol: Any) -> ODataService:
        """Return the service of sales orders."""
        return self.system(**protocol).service(ORDERS)

    def posted(self) -> int:
        """Return how many orders there are with our reference, asked without any fault."""
        self.front.faults.clear()
        return self.orders().count(OURS)


@pytest.fixture(scope="session")
def master() -> MasterData:
    """The shipped company; read-only, so shared."""
    return MasterData.load(shipped("fixtures/erp"))


@pytest.fixture(params=["in process", "over a socket"])
def line(request: pytest.FixtureRequest, master: MasterData) -> Iterator[Line]:
    """A fresh ERP whose only user is CONNECTOR."""
    with ExitStack() as stack:
        settings = EngineSettings(active_jobs=frozenset())
        engine = stack.enter_context(SimulatedErp(master, SimulatedClock(NOON), settings))
        front = HttpFront(engine, HttpSettings(users={"CONNECTOR": SecretStr("right")}))
        stack.callback(front.close)
        ODataFace(engine, front, ODataFaceSettings(repeatable_services=("API_SALES_ORDER_SRV",)))
        in_process = request.param == "in process"
        url = LOCAL_URL
        if not in_process:
            server = HttpErpServer(front).start()
            stack.callback(server.close)
            url = server.url
        yield Line(front, url, in_process, ManualClock(NOON), stack)


def create(service: ODataService, **more: Any) -> str:
    return service.create(SET, BODY | more, write("order PO 1")[0]).text("SalesOrder")


def test_an_order_is_created_and_read(line: Line) -> None:
    service = line.orders()
    number = create(service)
    row = service.entity(Query(key(SET, number), {"$expand": "to_Item"}))
    assert row is not None
    assert row.text("SoldToParty") == "10100001"
    assert [each.text("Material") for each in row.rows("to_Item")] == ["TG11"]
    assert row.date("CreationDate") == NOON.date()
    assert row.decimal("TotalNetAmount") > 0
    assert line.posted() == 1


BEFORE = [
    ("no free session", ErpUnavailableError),
    ("logon failure", LogonRefusedError),
    ("password expired", LogonRefusedError),
    ("erp restarting", ErpUnavailableError),
    ("too many requests, seconds", TransientError),
    ("too many requests, date", TransientError),
    ("service unavailable, seconds", ErpUnavailableError),
    ("service unavailable, date", ErpUnavailableError),
    ("precondition failed", ChangedMeanwhileError),
    ("precondition required", VersionNeededError),
    ("html login page", LogonRefusedError),
]


@pytest.mark.parametrize(("fault", "kind"), BEFORE)
def test_a_fault_before_the_work_ends_with_nothing_posted(
    line: Line, fault: str, kind: type[ConnectorError]
) -> None:
    line.front.inject(fault, f"POST {SET}", seconds=30)
    with pytest.raises(kind) as caught:
        create(line.orders())
    assert type(caught.value) is kind
    if "seconds" in fault or "date" in fault:
        assert isinstance(caught.value, TransientError)
        assert caught.value.retry_after_s == pytest.approx(30, abs=1)
    assert line.posted() == 0


@pytest.mark.parametrize(
    ("fault", "posted"),
    [
        ("connection lost before call", 0),
        ("connection lost after call", 1),
        ("client timeout with late commit", 0),
        ("malformed json", 1),
        ("truncated json", 1),
        ("request id outdated", 0),
    ],
)
def test_a_fault_that_leaves_a_doubt_is_told_as_one(line: Line, fault: str, posted: int) -> None:
    line.front.inject(fault, f"POST {SET}")
    intent, watcher = write("order PO 1")
    with pytest.raises(OutcomeUnknownError):
        line.orders().create(SET, BODY, intent)
    assert "commit sent" in watcher.seen
    assert line.posted() == posted


def test_a_late_commit_meets_the_same_request_id(line: Line) -> None:
    """The look-ups found nothing, the write leaves again, and only then the first is done."""
    line.front.inject("client timeout with late commit", f"POST {SET}")
    service = line.orders()
    with pytest.raises(OutcomeUnknownError):
        create(service)
    line.front.release_held()
    number = create(service)
    assert line.posted() == 1
    assert number == next(service.rows(OURS)).text("SalesOrder")
    assert service.repeats_writes is Support.YES


def test_nobody_listens(line: Line) -> None:
    line.front.inject("connection refused", f"POST {SET}")
    # Over a real line the server resets after it was reached, so that is a doubt.
    kind = ErpUnavailableError if line.in_process else OutcomeUnknownError
    with pytest.raises(kind):
        create(line.orders())
    assert line.posted() == 0


def test_an_expired_token_is_renewed_and_one_order_is_posted(line: Line) -> None:
    service = line.orders()
    line.front.inject("csrf token expired", f"POST {SET}")
    create(service)
    assert line.posted() == 1


def test_a_session_that_the_erp_ended_is_begun_anew(line: Line) -> None:
    service = line.orders()
    create(service)
    line.front.sessions.end_all()
    create(service, PurchaseOrderByCustomer="PO 2")
    assert line.posted() == 1


@pytest.mark.parametrize("fault", ["field missing", "field of another type"])
def test_a_field_that_is_not_as_it_should_be_is_named(line: Line, fault: str) -> None:
    service = line.orders()
    number = create(service)
    line.front.inject(fault, f"GET {SET}", field="TotalNetAmount")
    row = service.entity(Query(key(SET, number)))
    assert row is not None
    with pytest.raises(AnswerUnclearError, match=r"A_SalesOrderType\.TotalNetAmount"):
        row.decimal("TotalNetAmount")


@pytest.mark.parametrize(
    "fault",
    [
        "malformed json",
        "truncated json",
        "connection lost before call",
        "connection lost after call",
    ],
)
def test_a_read_gets_over_two_bad_answers(line: Line, fault: str) -> None:
    service = line.orders()
    number = create(service)
    line.front.inject(fault, f"GET {SET}", times=2)
    row = service.entity(Query(key(SET, number)))
    assert row is not None and row.text("SalesOrder") == number


def test_a_stale_version_and_none_are_told_apart(line: Line) -> None:
    service = line.orders()
    path = key(SET, create(service))
    row = service.entity(Query(path))
    assert row is not None and row.etag
    line.front.erp.advance(timedelta(seconds=5))
    service.change(path, {"CustomerPaymentTerms": "NT30"}, write()[0], row.etag)
    with pytest.raises(ChangedMeanwhileError):
        service.change(path, {"CustomerPaymentTerms": "0001"}, write()[0], row.etag)
    with pytest.raises(VersionNeededError):
        service.change(path, {"CustomerPaymentTerms": "0001"}, write()[0], "")


@pytest.mark.parametrize("method", ["PATCH", "MERGE"])
def test_a_changeset_is_all_or_nothing(line: Line, method: str) -> None:
    service = line.orders(update_method=method)
    path = key(SET, create(service))

    def changes(material: str) -> list[Change]:
        row = service.entity(Query(path))
        assert row is not None
        item = {"Material": material, "RequestedQuantity": "2"}
        return [
            Change("PATCH", path, {"CustomerPaymentTerms": "NT30"}, row.etag),
            Change("POST", f"{path}/to_Item", item),
        ]

    with pytest.raises(RejectedError):
        service.changeset(changes("NO-SUCH-MATERIAL"), write()[0])
    row = service.entity(Query(path, {"$expand": "to_Item"}))
    assert row is not None
    assert row.text("CustomerPaymentTerms") != "NT30"
    assert len(row.rows("to_Item")) == 1
    service.changeset(changes("TG12"), write()[0])
    row = service.entity(Query(path, {"$expand": "to_Item"}))
    assert row is not None
    assert row.text("CustomerPaymentTerms") == "NT30"
    assert len(row.rows("to_Item")) == 2


def test_many_orders_are_read_in_one_batch(line: Line) -> None:
    service = line.orders()
    numbers = [create(service, PurchaseOrderByCustomer=f"PO {n}") for n in range(3)]
    queries = [Query(key(SET, number)) for number in (*numbers, "99999999")]
    queries.append(Query(SET, {"$filter": "SoldToParty eq '10100001'", "$top": "2"}))
    *found, missing, some = service.batch(queries)
    assert [rows[0].text("SalesOrder") for rows in found] == numbers
    assert missing == []
    assert len(some) == 2


def test_a_business_refusal_has_the_reason_of_its_message(line: Line) -> None:
    with pytest.raises(RejectedError) as caught:
        create(line.orders(), SoldToParty="77777777")
    assert caught.value.code == "CUSTOMER_NOT_IN_SALES_AREA"
    assert line.posted() == 0


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("return E", RejectedError),
        ("return A", RejectedError),
        ("short dump", OutcomeUnknownError),
        ("deadlock", OutcomeUnknownError),
    ],
)
def test_what_goes_wrong_inside_the_erp_posts_nothing_and_is_told_apart(
    line: Line, fault: str, kind: type[ConnectorError]
) -> None:
    """A dump may have come after the commit, as far as anybody outside can tell."""
    line.front.erp.faults.inject(fault, "create sales document")
    with pytest.raises(kind) as caught:
        create(line.orders())
    assert type(caught.value) is kind
    assert line.posted() == 0


def test_a_document_that_somebody_has_open_is_waited_for(line: Line) -> None:
    service = line.orders()
    path = key(SET, create(service))
    row = service.entity(Query(path))
    assert row is not None
    line.front.erp.faults.inject("document locked", "change sales document", by="MILLER")
    with pytest.raises(LockedError) as caught:
        service.change(path, {"CustomerPaymentTerms": "NT30"}, write()[0], row.etag)
    assert any("MILLER" in message.text for message in caught.value.messages)


@pytest.mark.parametrize("fault", ["warning", "duplicate purchase order", "credit block"])
def test_a_warning_beside_a_success_is_a_success(line: Line, fault: str) -> None:
    line.front.erp.faults.inject(fault, "create sales document")
    create(line.orders())
    assert line.posted() == 1


def test_an_update_that_is_terminated_after_the_commit_is_a_doubt(line: Line) -> None:
    line.front.erp.faults.inject("update terminated after commit", "commit")
    with pytest.raises(OutcomeUnknownError):
        create(line.orders())
    assert line.posted() == 0


def test_a_corrected_cause_is_not_met_by_the_refusal_of_before(line: Line) -> None:
    """The service repeats its answer to a request id; a refusal gives the next try another."""
    service = line.orders()
    line.front.erp.faults.inject("return E", "create sales document")
    with pytest.raises(RejectedError):
        create(service)
    create(service)
    assert line.posted() == 1


def test_a_token_of_oauth_opens_the_service(line: Line) -> None:
    logon = {
        "kind": "oauth",
        "token_url": f"{line.url}/sap/bc/sec/oauth2/token",
        "client_id": "CONNECTOR",
        "client_secret": "right",
    }
    service = line.system(logon=logon).service(ORDERS)
    create(service)
    line.clock.advance(timedelta(hours=2))
    line.front.erp.advance(timedelta(hours=2))
    assert service.count(OURS) == 1, "the token has ended and was renewed"


def test_a_wrong_password_is_a_refused_logon(line: Line) -> None:
    logon = {"kind": "basic", "user": "CONNECTOR", "password": "wrong"}
    with pytest.raises(LogonRefusedError):
        line.system(logon=logon).service(ORDERS).count(OURS)


def test_pages_are_followed(line: Line) -> None:
    service = line.orders()
    numbers = {create(service, PurchaseOrderByCustomer=f"PO {n}") for n in range(5)}
    assert {row.text("SalesOrder") for row in service.rows(Query(SET))} >= numbers


def test_the_description_names_the_entity_sets(line: Line) -> None:
    assert b"A_SalesOrderItem" in line.orders().metadata()
