"""A connection opens, closes, breaks and complains as pyrfc's does."""

from __future__ import annotations

import threading
from typing import Any, cast

import pytest
from pydantic import SecretStr

from connector.simulator.rfc.connection import Connection
from connector.simulator.rfc.context import Call
from connector.simulator.rfc.exceptions import (
    ABAPApplicationError,
    ABAPRuntimeError,
    CommunicationError,
    ExternalRuntimeError,
    LogonError,
    RFCError,
    RFCLibError,
)
from connector.simulator.rfc.face import RfcFace
from tests.simulator.rfc.conftest import LOGON


def test_the_tree_of_exceptions_is_pyrfcs() -> None:
    for error in (
        ABAPApplicationError,
        ABAPRuntimeError,
        LogonError,
        CommunicationError,
        ExternalRuntimeError,
    ):
        assert issubclass(error, RFCLibError)
    assert RFCLibError.__mro__[1] is RFCError


def test_a_text_goes_there_and_back(line: Connection) -> None:
    answer = line.call("STFC_CONNECTION", REQUTEXT="Grüße, 订单")
    assert answer["ECHOTEXT"] == "Grüße, 订单"
    assert "Sysid: SIM" in answer["RESPTEXT"]


def test_a_structure_goes_there_and_back_and_gains_a_row(line: Connection) -> None:
    sent = {"RFCCHAR4": "ab", "RFCINT4": 7, "RFCDATE": "20260105", "RFCHEX3": b"\x01\x02\x03"}
    answer = line.call("STFC_STRUCTURE", IMPORTSTRUCT=sent, RFCTABLE=[sent])
    assert {name: answer["ECHOSTRUCT"][name] for name in sent} == sent
    assert len(answer["RFCTABLE"]) == 2
    assert answer["RFCTABLE"][1]["RFCINT4"] == 8


def test_a_changing_parameter_changes(line: Connection) -> None:
    answer = line.call("STFC_CHANGING", START_VALUE=33, COUNTER=50)
    assert answer == {"COUNTER": 51, "RESULT": 83}


def test_the_system_says_who_it_is(line: Connection) -> None:
    about = line.call("RFC_SYSTEM_INFO")["RFCSI_EXPORT"]
    assert (about["RFCSYSID"], about["RFCSAPRL"]) == ("SIM", "750")


def test_an_option_that_pyrfc_does_not_know_is_refused(bare_face: RfcFace) -> None:
    with pytest.raises(RFCError) as caught:
        bare_face.connect({"x": 1}, **LOGON)
    assert caught.value.args == ("Connection configuration option 'x' is not supported",)


def test_a_connection_needs_parameters(bare_face: RfcFace) -> None:
    with pytest.raises(RFCError) as caught:
        bare_face.connect()
    assert caught.value.args == ("Connection parameters missing",)


def test_a_parameter_that_is_no_text_is_refused_where_pyrfc_might_crash(
    bare_face: RfcFace,
) -> None:
    with pytest.raises(TypeError, match="client is int, not str"):
        bare_face.connect(**{**LOGON, "client": cast(str, 100)})


def test_a_connection_must_say_where_the_erp_is(bare_face: RfcFace) -> None:
    with pytest.raises(ExternalRuntimeError, match="ASHOST") as caught:
        bare_face.connect(user="tester", passwd="x")
    assert caught.value.code == 20


def test_an_unknown_parameter_is_a_field_not_found(line: Connection) -> None:
    with pytest.raises(ExternalRuntimeError) as caught:
        line.call("STFC_CONNECTION", requtext="x")
    error = caught.value
    assert error.args == ("field 'requtext' not found",)
    assert (error.code, error.key) == (20, "RFC_INVALID_PARAMETER")
    assert line.alive


def test_names_of_functions_are_in_capitals(line: Connection) -> None:
    with pytest.raises(ABAPApplicationError) as caught:
        line.call("stfc_connection")
    error = caught.value
    assert error.args == ("ID:FL Type:E Number:046 stfc_connection",)
    assert (error.code, error.key) == (5, "FU_NOT_FOUND")


def test_the_text_of_an_error_has_everything(line: Connection) -> None:
    with pytest.raises(ABAPApplicationError) as caught:
        line.call("NOPE")
    assert str(caught.value) == (
        "5 (rc=5): key=FU_NOT_FOUND, message=ID:FL Type:E Number:046 NOPE "
        "[MSG: class=FL, type=E, number=046, v1-4:=NOPE;;;]"
    )


@pytest.mark.parametrize("name", ["../functions/RFC_PING", "", "A B"])
def test_a_name_that_no_function_can_have_is_not_found(line: Connection, name: str) -> None:
    with pytest.raises(ABAPApplicationError, match="046"):
        line.call(name)


def test_a_function_name_must_be_text(line: Connection) -> None:
    with pytest.raises(RFCError) as caught:
        line.call(cast(str, 5))
    assert caught.value.args[1:] == (5, int)


def test_a_closed_connection_refuses_calls(bare_face: RfcFace) -> None:
    line = bare_face.connect(**LOGON)
    line.close()
    line.close()
    with pytest.raises(RFCError) as caught:
        line.call("STFC_CONNECTION")
    assert caught.value.args == (
        "Remote function module 'STFC_CONNECTION' invocation rejected because "
        "the connection is closed",
    )
    assert not isinstance(caught.value, RFCLibError)


def test_a_closed_connection_refuses_a_ping(bare_face: RfcFace) -> None:
    line = bare_face.connect(**LOGON)
    line.ping()
    line.close()
    with pytest.raises(ExternalRuntimeError) as caught:
        line.ping()
    error = caught.value
    assert error.args == ("An invalid handle 'RFC_CONNECTION_HANDLE' was passed to the API call",)
    assert (error.code, error.key) == (13, "RFC_INVALID_HANDLE")


def test_a_closed_connection_knows_nothing_of_itself(bare_face: RfcFace) -> None:
    with bare_face.connect(**LOGON) as line:
        attributes = line.get_connection_attributes()
        assert (attributes["user"], attributes["sysId"]) == ("TESTER", "SIM")
        assert (attributes["client"], attributes["isoLanguage"]) == ("100", "EN")
    assert not line.alive
    assert not line.is_valid()
    assert not line
    assert line.get_connection_attributes() == {}


def test_a_session_ends_with_its_connection(bare_face: RfcFace) -> None:
    with bare_face.connect(**LOGON), bare_face.connect(**LOGON):
        assert bare_face.open_sessions == 2
    assert bare_face.open_sessions == 0


def test_a_connection_that_is_forgotten_is_closed(bare_face: RfcFace) -> None:
    line = bare_face.connect(**LOGON)
    del line
    assert bare_face.open_sessions == 0


def test_a_function_describes_itself(line: Connection) -> None:
    described = line.get_function_description("stfc_changing")
    assert described.name == "STFC_CHANGING"
    assert [(p["name"], p["direction"], p["parameter_type"]) for p in described.parameters] == [
        ("START_VALUE", "RFC_IMPORT", "RFCTYPE_INT"),
        ("COUNTER", "RFC_CHANGING", "RFCTYPE_INT"),
        ("RESULT", "RFC_EXPORT", "RFCTYPE_INT"),
    ]


def test_a_wrong_password_is_a_logon_error(bare_face: RfcFace) -> None:
    bare_face.settings.users = {"tester": SecretStr("right")}
    with pytest.raises(LogonError, match="Name or password is incorrect") as caught:
        bare_face.connect(**LOGON)
    assert (caught.value.code, caught.value.key) == (2, "RFC_LOGON_FAILURE")
    bare_face.connect(**{**LOGON, "passwd": "right"}).close()


def test_wrong_passwords_lock_the_user(bare_face: RfcFace) -> None:
    bare_face.settings.users = {"TESTER": SecretStr("right")}
    bare_face.settings.wrong_passwords_allowed = 2
    for _ in range(2):
        with pytest.raises(LogonError, match="incorrect"):
            bare_face.connect(**LOGON)
    with pytest.raises(LogonError, match="User is locked"):
        bare_face.connect(**{**LOGON, "passwd": "right"})


def test_only_one_client_exists(bare_face: RfcFace) -> None:
    with pytest.raises(LogonError, match="Client 800"):
        bare_face.connect(**{**LOGON, "client": "800"})


def test_sessions_run_out(bare_face: RfcFace) -> None:
    bare_face.settings.sessions = 1
    with (
        bare_face.connect(**LOGON),
        pytest.raises(CommunicationError, match="max no of 1 conversations") as caught,
    ):
        bare_face.connect(**LOGON)
    assert caught.value.code == 1


def test_a_connection_that_two_threads_use_breaks(bare_face: RfcFace) -> None:
    inside, leave = threading.Event(), threading.Event()

    def slow(call: Call) -> dict[str, Any]:
        inside.set()
        leave.wait(10)
        return {"ECHOTEXT": call.text("REQUTEXT")}

    bare_face.register("STFC_CONNECTION", slow)
    line = bare_face.connect(**LOGON)
    first = threading.Thread(target=line.call, args=("STFC_CONNECTION",))
    first.start()
    inside.wait(10)
    with pytest.raises(ExternalRuntimeError) as caught:
        line.call("STFC_CONNECTION")
    leave.set()
    first.join(10)
    assert caught.value.key == "RFC_ILLEGAL_STATE"
    assert not line.alive


def test_a_function_that_is_not_remote_enabled_is_refused(line: Connection) -> None:
    with pytest.raises(ABAPRuntimeError, match="cannot be used for 'remote' calls") as caught:
        line.call("POSTING_INTERFACE_CLEARING", I_AUGLV="EINGZAHL", I_TCODE="FB05")
    assert (caught.value.code, caught.value.key) == (3, "CALL_FUNCTION_NOT_REMOTE")
