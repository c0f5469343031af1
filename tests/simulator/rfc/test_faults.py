"""What a broken line leaves behind in the ERP, and what the client sees of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.rfc.exceptions import (
    ABAPRuntimeError,
    CommunicationError,
    ExternalRuntimeError,
    LogonError,
    RFCError,
)
from connector.simulator.rfc.face import RfcFace
from connector.simulator.rfc.faults import Fault
from connector.simulator.rfc.remote import RemoteConnection, RemoteControl
from connector.simulator.rfc.server import RfcServer
from connector.simulator.rfc.settings import FaceSettings
from tests.simulator.rfc.conftest import LOGON
from tests.simulator.rfc.support import Sap, item

CREATE = "BAPI_SALESORDER_CREATEFROMDAT2"
COMMIT = "BAPI_TRANSACTION_COMMIT"


@pytest.fixture
def server(face: RfcFace) -> Iterator[RfcServer]:
    """The ERP behind a socket."""
    with RfcServer(face) as server:
        yield server


@pytest.fixture(params=["in process", "over a socket"])
def anyhow(request: pytest.FixtureRequest, face: RfcFace) -> Iterator[Sap]:
    """A connection of either kind: both meet the same faults."""
    if request.param == "in process":
        with face.connect(**LOGON) as line:
            yield Sap(line)
        return
    with RfcServer(face) as server, RemoteConnection(*server.address, **LOGON) as line:
        yield Sap(line)


def orders(erp: SimulatedErp) -> int:
    erp.run_updates()
    return erp.document_counts()["sales"]


def until(erp: SimulatedErp, count: int) -> int:
    """Wait for another thread to have made *count* orders, and return how many there are."""
    deadline = time.monotonic() + 10
    while orders(erp) < count and time.monotonic() < deadline:
        time.sleep(0.002)
    return orders(erp)


def test_a_connection_lost_before_the_call_has_done_nothing(
    face: RfcFace, erp: SimulatedErp, anyhow: Sap
) -> None:
    face.inject("connection lost before call", on=CREATE)
    with pytest.raises(CommunicationError, match="CM_NO_DATA_RECEIVED") as caught:
        anyhow.order(item())
    assert (caught.value.code, caught.value.key) == (1, "RFC_COMMUNICATION_FAILURE")
    anyhow.commit()
    assert orders(erp) == 0


def test_after_a_lost_call_the_next_one_runs_in_a_new_session(
    face: RfcFace, erp: SimulatedErp, anyhow: Sap
) -> None:
    """The commit succeeds and commits nothing: pyrfc has opened a new session silently."""
    face.inject("connection lost after call", on=CREATE)
    with pytest.raises(CommunicationError):
        anyhow.order(item())
    assert anyhow.line.alive
    assert anyhow.commit()["RETURN"]["TYPE"] == ""
    assert orders(erp) == 0


def test_a_connection_can_be_lost_between_create_and_commit(
    face: RfcFace, erp: SimulatedErp, anyhow: Sap
) -> None:
    face.inject("connection lost between create and commit", on=CREATE)
    assert anyhow.order(item(), commit=False)["SALESDOCUMENT"] != ""
    with pytest.raises(CommunicationError):
        anyhow.commit()
    assert orders(erp) == 0


def test_a_session_can_be_replaced_without_any_sign(
    face: RfcFace, erp: SimulatedErp, anyhow: Sap
) -> None:
    face.inject("silent reopen", on=CREATE)
    anyhow.order(item())
    assert orders(erp) == 0


def test_a_lost_answer_to_a_commit_does_not_undo_it(
    face: RfcFace, erp: SimulatedErp, anyhow: Sap
) -> None:
    face.inject("connection lost after commit")
    with pytest.raises(CommunicationError):
        anyhow.order(item())
    assert orders(erp) == 1


def test_a_client_that_gives_up_waiting_is_committed_later(
    face: RfcFace, erp: SimulatedErp, anyhow: Sap
) -> None:
    face.inject("client timeout with late commit")
    with pytest.raises(ExternalRuntimeError, match="canceled") as caught:
        anyhow.order(item())
    assert (caught.value.code, caught.value.key) == (7, "RFC_CANCELED")
    assert (orders(erp), face.held_calls) == (0, 1)
    assert face.release_held() == 1
    assert (orders(erp), face.held_calls) == (1, 0)


def test_a_late_commit_can_come_by_itself(face: RfcFace, erp: SimulatedErp, sap: Sap) -> None:
    face.inject("client timeout with late commit", seconds=0.01)
    with pytest.raises(ExternalRuntimeError):
        sap.order(item())
    assert until(erp, 1) == 1


def test_a_held_commit_keeps_its_client_waiting(
    face: RfcFace, erp: SimulatedErp, anyhow: Sap
) -> None:
    face.inject("commit late")
    thread = threading.Thread(target=anyhow.order, args=(item(),))
    thread.start()
    while not face.held_calls:
        time.sleep(0.002)
    assert orders(erp) == 0
    assert face.release_held() == 1
    assert orders(erp) == 1
    thread.join(10)
    assert not thread.is_alive()


def test_a_held_commit_is_lost_when_the_erp_restarts(
    face: RfcFace, erp: SimulatedErp, anyhow: Sap
) -> None:
    face.inject("commit late")
    seen: list[Exception] = []

    def order() -> None:
        try:
            anyhow.order(item())
        except CommunicationError as error:
            seen.append(error)

    thread = threading.Thread(target=order)
    thread.start()
    while not face.held_calls:
        time.sleep(0.002)
    face.drop_sessions()
    face.release_held()
    thread.join(10)
    assert (orders(erp), len(seen)) == (0, 1)


def test_a_short_dump_loses_the_unit_of_work(face: RfcFace, erp: SimulatedErp, anyhow: Sap) -> None:
    anyhow.order(item(), commit=False)
    face.inject("short dump", on="RFC_SYSTEM_INFO")
    with pytest.raises(ABAPRuntimeError) as caught:
        anyhow.call("RFC_SYSTEM_INFO")
    assert (caught.value.code, caught.value.key) == (3, "COMPUTE_INT_ZERODIVIDE")
    anyhow.commit()
    assert orders(erp) == 0


def test_a_short_dump_inside_the_engine_is_one_at_the_face(erp: SimulatedErp, anyhow: Sap) -> None:
    erp.faults.inject("short dump", on="create sales document")
    with pytest.raises(ABAPRuntimeError, match="Runtime error") as caught:
        anyhow.order(item())
    assert caught.value.code == 3


def test_a_message_that_leaves_the_function_has_class_and_number(
    face: RfcFace, anyhow: Sap
) -> None:
    face.inject("message a", on=CREATE)
    with pytest.raises(ABAPRuntimeError) as caught:
        anyhow.order(item())
    error = caught.value
    assert (error.code, error.key) == (4, "Function not supported")
    assert (error.msg_type, error.msg_class, error.msg_number) == ("A", "SR", "006")


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("connection refused", "not reached"),
        ("no free session", "conversations exceeded"),
    ],
)
def test_a_connection_may_not_come_about(face: RfcFace, fault: str, text: str) -> None:
    face.inject(fault)
    with pytest.raises(CommunicationError, match=text) as caught:
        face.connect(**LOGON)
    assert caught.value.code == 1
    face.connect(**LOGON).close()


@pytest.mark.parametrize("fault", ["logon failure", "password expired"])
def test_a_logon_may_fail(face: RfcFace, fault: str) -> None:
    face.inject(fault, times=2)
    for _ in range(2):
        with pytest.raises(LogonError):
            face.connect(**LOGON)
    face.connect(**LOGON).close()


def test_a_restart_ends_all_sessions_and_refuses_new_ones_for_a_while(
    face: RfcFace, erp: SimulatedErp, anyhow: Sap
) -> None:
    anyhow.order(item(), commit=False)
    face.inject("erp restarting", times=2)
    with pytest.raises(CommunicationError, match="not reached"):
        anyhow.commit()
    assert not anyhow.line.alive, "the reopening was refused, too"
    with pytest.raises(RFCError, match="connection is closed"):
        anyhow.commit()
    with pytest.raises(CommunicationError):
        anyhow.line.open()
    anyhow.line.open()
    anyhow.order(item())
    assert orders(erp) == 1


def test_a_fault_can_wait_for_a_later_call(face: RfcFace, sap: Sap) -> None:
    face.inject("connection lost before call", on="RFC_SYSTEM_INFO", skip=2)
    sap.call("RFC_SYSTEM_INFO")
    sap.call("RFC_SYSTEM_INFO")
    with pytest.raises(CommunicationError):
        sap.call("RFC_SYSTEM_INFO")


def test_faults_are_checked_when_they_are_injected(face: RfcFace) -> None:
    with pytest.raises(ValueError, match='known are: "connection refused"'):
        face.inject("no such fault")
    with pytest.raises(ValueError, match="at least 1"):
        face.inject("short dump", times=0)
    face.inject("short dump")
    assert face.faults.waiting() == (("short dump", "*", 1),)
    face.faults.clear()
    assert face.faults.waiting() == ()
    assert len(Fault) == 16


class Killed(BaseException):
    """The client's process ends here."""


def kill(at: str) -> RemoteConnection | None:
    raise Killed(at)


@pytest.mark.parametrize(
    ("function", "moment", "left"),
    [
        (CREATE, "sent", 0),
        (CREATE, "answered", 0),
        (COMMIT, "sent", 1),
        (COMMIT, "answered", 1),
    ],
)
def test_what_a_killed_client_leaves_depends_on_where_it_was(
    server: RfcServer, erp: SimulatedErp, function: str, moment: str, left: int
) -> None:
    """The ERP finishes what it has received, and forgets what was not committed."""

    def die(name: str) -> None:
        if name == function:
            kill(moment)

    with RemoteConnection(
        *server.address,
        on_sent=die if moment == "sent" else None,
        on_answered=die if moment == "answered" else None,
        **LOGON,
    ) as line:
        with pytest.raises(Killed):
            Sap(line).order(item())
        line.close()
    assert until(erp, left) == left
    deadline = time.monotonic() + 10
    while server.face.open_sessions and time.monotonic() < deadline:
        time.sleep(0.002)
    assert orders(erp) == left


def test_a_commit_held_back_is_done_although_its_client_is_gone(
    server: RfcServer, erp: SimulatedErp
) -> None:
    def die(name: str) -> None:
        if name == COMMIT:
            kill("sent")

    with RemoteControl(*server.address) as control:
        control("inject", name="commit late")
        with (
            RemoteConnection(*server.address, on_sent=die, **LOGON) as line,
            pytest.raises(Killed),
        ):
            Sap(line).order(item())
        while not control("held calls"):
            time.sleep(0.002)
        assert orders(erp) == 0
        assert control("release held") == 1
        assert control("document counts")["sales"] == 1


def test_a_client_gives_up_after_its_own_time_limit(server: RfcServer, erp: SimulatedErp) -> None:
    server.face.inject("commit late")
    with RemoteConnection(*server.address, **LOGON) as line:
        sap = Sap(line)
        sap.order(item(), commit=False)
        with pytest.raises(ExternalRuntimeError, match="canceled"):
            line.call(COMMIT, {"timeout": 0.05}, WAIT="X")
        assert orders(erp) == 0
        server.face.release_held()
        assert until(erp, 1) == 1


def test_the_engine_can_be_worked_from_outside(server: RfcServer, erp: SimulatedErp) -> None:
    with (
        RemoteControl(*server.address) as control,
        RemoteConnection(*server.address, **LOGON) as line,
    ):
        control("inject in engine", name="return E", on="create sales document")
        answer = Sap(line).order(item(), commit=False)
        assert answer["RETURN"][0]["TYPE"] == "E"
        number = Sap(line).number(item())
        before = erp.clock.now()
        control("advance", seconds=3600)
        assert (erp.clock.now() - before).total_seconds() == 3600
        erp.settings.active_jobs = frozenset({"delivery due list"})
        assert control("run job", job="delivery due list") == ["0080000001"]
        assert number == "0000000001"
        control("set latency", seconds=0.0)


def test_eight_sessions_overlap_their_latency(erp: SimulatedErp) -> None:
    """Each call waits until all eight are waiting, which only overlapping calls ever are."""
    together = threading.Barrier(8, timeout=20)

    def wait_for_the_others(_: float) -> None:
        together.wait()

    face = RfcFace(erp, FaceSettings(latency_s=0.001), sleep=wait_for_the_others)

    def work(address: tuple[str, int]) -> str:
        with RemoteConnection(*address, **LOGON) as line:
            return str(line.call("STFC_CONNECTION", REQUTEXT="x")["ECHOTEXT"])

    with RfcServer(face) as served, ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, [served.address] * 8)) == ["x"] * 8
    face.close()
