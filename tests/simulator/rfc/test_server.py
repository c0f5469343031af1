"""A client in another process meets the same ERP as one in the same process."""

from __future__ import annotations

import io
import json
import socket
import struct
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from connector.simulator.rfc.call_log import CallLog
from connector.simulator.rfc.exceptions import (
    ABAPApplicationError,
    ABAPRuntimeError,
    CommunicationError,
    ExternalRuntimeError,
    LogonError,
)
from connector.simulator.rfc.face import RfcFace
from connector.simulator.rfc.remote import RemoteConnection, RemoteControl
from connector.simulator.rfc.server import RfcServer
from tests.simulator.rfc.conftest import LOGON
from tests.simulator.rfc.test_values import ACCEPTED


@pytest.fixture
def server(bare_face: RfcFace) -> Iterator[RfcServer]:
    """The face without business functions, behind a socket."""
    with RfcServer(bare_face) as server:
        yield server


@pytest.fixture
def remote(server: RfcServer) -> Iterator[RemoteConnection]:
    """A connection to it."""
    with RemoteConnection(*server.address, **LOGON) as remote:
        yield remote


@pytest.mark.parametrize(("field", "value", "read"), ACCEPTED)
def test_values_survive_the_line(
    remote: RemoteConnection, field: str, value: Any, read: Any
) -> None:
    answer = remote.call("Z_TEST_TYPES", IS={field: value}, IT=[{field: value}, {}])
    assert answer["ES"][field] == read
    assert type(answer["ES"][field]) is type(read)
    assert answer["IT"][0][field] == read
    assert len(answer["IT"]) == 2


def test_scalar_results_keep_their_type(remote: RemoteConnection) -> None:
    answer = remote.call("Z_TEST_TYPES", IS={"NETWR": "12.5"}, CV_COUNT=3)
    assert (str(answer["EV_NETWR"]), answer["CV_COUNT"]) == ("12.50", 3)
    assert isinstance(answer["EV_NETWR"], Decimal)


def test_a_wrong_value_never_leaves_the_client(server: RfcServer) -> None:
    sent: list[str] = []
    with RemoteConnection(*server.address, on_sent=sent.append, **LOGON) as remote:
        with pytest.raises(TypeError, match="numeric string"):
            remote.call("Z_TEST_TYPES", IS={"POSNR": 1})
        with pytest.raises(ExternalRuntimeError, match="'NO' not found"):
            remote.call("Z_TEST_TYPES", NO=1)
        assert sent == []
        remote.call("Z_TEST_TYPES")
    assert sent == ["Z_TEST_TYPES"]


def test_a_client_knows_when_a_request_is_on_its_way_and_when_it_is_answered(
    server: RfcServer,
) -> None:
    seen: list[str] = []
    with RemoteConnection(
        *server.address,
        on_sent=lambda name: seen.append(f"sent {name}"),
        on_answered=lambda name: seen.append(f"answered {name}"),
        **LOGON,
    ) as remote:
        remote.call("STFC_CONNECTION", REQUTEXT="x")
    assert seen == ["sent STFC_CONNECTION", "answered STFC_CONNECTION"]


def test_errors_keep_class_and_attributes(server: RfcServer) -> None:
    with RemoteConnection(*server.address, **LOGON) as remote:
        with pytest.raises(ABAPApplicationError) as caught:
            remote.call("NOPE")
        assert caught.value.msg_v1 == "NOPE"
        server.face.inject("message a", on="RFC_SYSTEM_INFO")
        with pytest.raises(ABAPRuntimeError) as dumped:
            remote.call("RFC_SYSTEM_INFO")
    assert (dumped.value.code, dumped.value.msg_class, dumped.value.msg_number) == (4, "SR", "006")


def test_a_refused_logon_leaves_no_socket_behind(server: RfcServer) -> None:
    server.face.inject("logon failure")
    with pytest.raises(LogonError, match="Name or password"):
        RemoteConnection(*server.address, **LOGON)


def test_nobody_listens_at_a_closed_port(bare_face: RfcFace) -> None:
    with RfcServer(bare_face) as server:
        address = server.address
    with pytest.raises(CommunicationError, match="not reached") as caught:
        RemoteConnection(*address, **LOGON)
    assert caught.value.code == 1


def test_a_ping_goes_over_the_line(server: RfcServer, remote: RemoteConnection) -> None:
    remote.ping()
    server.face.drop_sessions()
    with pytest.raises(CommunicationError):
        remote.ping()


def test_attributes_come_from_the_erp(remote: RemoteConnection) -> None:
    assert remote.get_connection_attributes()["partnerHost"] == "simulated-erp"


def test_a_session_ends_when_its_client_hangs_up(server: RfcServer) -> None:
    with RemoteConnection(*server.address, **LOGON):
        assert server.face.open_sessions == 1
    deadline = time.monotonic() + 10
    while server.face.open_sessions and time.monotonic() < deadline:
        time.sleep(0.002)
    assert server.face.open_sessions == 0


def test_noise_on_the_port_is_hung_up_on(server: RfcServer) -> None:
    with socket.create_connection(server.address, 5) as noise:
        noise.sendall(struct.pack(">I", 5) + b"hello")
        assert noise.recv(1) == b""
    with socket.create_connection(server.address, 5) as noise:
        noise.sendall(b"\xff\xff\xff\xff")
        assert noise.recv(1) == b""


def test_controls_work_from_outside(server: RfcServer, remote: RemoteConnection) -> None:
    with RemoteControl(*server.address) as control:
        control("inject", name="connection lost before call", on="STFC_CONNECTION")
        assert control("waiting faults") == [["connection lost before call", "STFC_CONNECTION", 1]]
        with pytest.raises(CommunicationError, match="CM_NO_DATA_RECEIVED"):
            remote.call("STFC_CONNECTION")
        assert control("waiting faults") == []
        assert remote.call("STFC_CONNECTION", REQUTEXT="again")["ECHOTEXT"] == "again"


def test_a_wrong_control_says_what_there_is(server: RfcServer) -> None:
    with RemoteControl(*server.address) as control:
        with pytest.raises(ValueError, match="release held"):
            control("no such")
        with pytest.raises(ValueError, match="unknown connection fault"):
            control("inject", name="no such")
        with pytest.raises(ValueError, match="set latency"):
            control("set latency", minutes=1)


def test_the_log_has_a_line_per_call_and_no_values(bare_face: RfcFace) -> None:
    stream = io.StringIO()
    bare_face.call_log = CallLog(stream)
    with bare_face.connect(**LOGON) as line:
        line.call("Z_TEST_TYPES", IS={"VBELN": "secret"}, IT=[{"VBELN": "secret"}])
        bare_face.inject("short dump")
        with pytest.raises(ABAPRuntimeError):
            line.call("STFC_CONNECTION", REQUTEXT="secret")
    lines = [json.loads(text) for text in stream.getvalue().splitlines()]
    assert [entry["function"] for entry in lines] == ["Z_TEST_TYPES", "STFC_CONNECTION"]
    assert lines[0]["rows"] == {"IT": 1}
    assert lines[1]["error"] == {
        "class": "ABAPRuntimeError",
        "code": 3,
        "key": "COMPUTE_INT_ZERODIVIDE",
    }
    assert "secret" not in stream.getvalue()


def test_the_latency_is_waited_once_per_call(bare_face: RfcFace) -> None:
    waited: list[float] = []
    face = RfcFace(bare_face.erp, sleep=waited.append)
    face.settings.latency_s = 0.02
    with face.connect(**LOGON) as line:
        line.call("STFC_CONNECTION")
        line.call("RFC_SYSTEM_INFO")
    assert waited == [0.02, 0.02]
