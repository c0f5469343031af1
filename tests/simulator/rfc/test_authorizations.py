"""A function or a table that is denied is refused as a real ERP refuses it."""

from __future__ import annotations

import pytest

from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.rfc.exceptions import ABAPApplicationError, ABAPRuntimeError
from connector.simulator.rfc.face import RfcFace
from connector.simulator.rfc.settings import FaceSettings
from tests.simulator.rfc.conftest import LOGON


def test_a_denied_function_ends_the_session_and_others_go_on(erp: SimulatedErp) -> None:
    face = RfcFace(erp, FaceSettings(denied=frozenset({"STFC_CONNECTION"})))
    with face.connect(**LOGON) as line:
        with pytest.raises(ABAPRuntimeError) as raised:
            line.call("STFC_CONNECTION", REQUTEXT="hello")
        answer = line.call("RFC_SYSTEM_INFO")

    assert raised.value.key == "RFC_NO_AUTHORITY"
    assert "STFC_CONNECTION" in raised.value.message
    assert answer["RFCSI_EXPORT"]["RFCSYSID"] == "SIM"
    face.close()


def test_a_denied_table_is_refused_before_anything_is_read(erp: SimulatedErp) -> None:
    face = RfcFace(erp, FaceSettings(denied=frozenset({"VBAK"})))
    with face.connect(**LOGON) as line:
        with pytest.raises(ABAPApplicationError) as raised:
            line.call("RFC_READ_TABLE", QUERY_TABLE="VBAK", NO_DATA="X")
        other = line.call("RFC_READ_TABLE", QUERY_TABLE="VBRK", NO_DATA="X")

    assert raised.value.key == "NOT_AUTHORIZED"
    assert other["DATA"] == []
    face.close()
