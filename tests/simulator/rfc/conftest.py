"""A face whose functions need no business behind them, and a function with a field of each type."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, cast

import pytest

from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.rfc.connection import Connection
from connector.simulator.rfc.context import Call
from connector.simulator.rfc.dictionary import Dictionary
from connector.simulator.rfc.face import RfcFace
from tests.simulator.rfc.support import Sap

LOGON: dict[str, Any] = {
    "ashost": "erp.test",
    "sysnr": "00",
    "client": "100",
    "user": "tester",
    "passwd": "x",
}

ROW = {
    "structure": "ZTEST_ROW",
    "fields": {
        "VBELN": "CHAR 10",
        "POSNR": "NUMC 6",
        "NETWR": "CURR 15.2",
        "AUDAT": "DATS 8",
        "ERZET": "TIMS 6",
        "CNT": "INT4 10",
        "I1": "INT1 3",
        "I2": "INT2 5",
        "I8": "INT8 19",
        "HEX": "RAW 4",
        "FL": "FLTP 16",
        "STR": "STRG 0",
        "XSTR": "RSTR 0",
    },
}
FUNCTION = {
    "function": "Z_TEST_TYPES",
    "parameters": {
        "IS": "import structure ZTEST_ROW",
        "IV_TEXT": "import CHAR 10 optional",
        "ES": "export structure ZTEST_ROW",
        "EV_NETWR": "export CURR 15.2",
        "CV_COUNT": "changing INT4 10",
        "IT": "tables ZTEST_ROW",
    },
}


class _NoBusiness:
    """Stands in for the ERP where a test calls no business function."""

    today = date(2026, 1, 5)

    def session(self, user: str) -> _NoBusiness:
        assert user
        return self

    def rollback(self) -> None:
        """There is nothing to forget."""

    def close(self) -> None:
        """There is nothing to forget."""

    def run_updates(self) -> int:
        return 0

    def release_updates(self) -> int:
        return 0

    def document_counts(self) -> dict[str, int]:
        return {}


def echo(call: Call) -> dict[str, Any]:
    """Z_TEST_TYPES: what came in as IS goes out as ES."""
    sent = call.structure("IS")
    return {"ES": sent, "EV_NETWR": sent.get("NETWR", 0)}


@pytest.fixture
def bare_face() -> Iterator[RfcFace]:
    """A face without business functions, with Z_TEST_TYPES."""
    dictionary = Dictionary.from_fixtures()
    dictionary.add_structure(ROW)
    dictionary.add(FUNCTION)
    face = RfcFace(cast(SimulatedErp, _NoBusiness()), dictionary=dictionary)
    face.register("Z_TEST_TYPES", echo)
    yield face
    face.close()


@pytest.fixture
def line(bare_face: RfcFace) -> Iterator[Connection]:
    """A connection to the face without business functions."""
    with bare_face.connect(**LOGON) as connection:
        yield connection


@pytest.fixture
def face(erp: SimulatedErp) -> Iterator[RfcFace]:
    """Its RFC face."""
    face = RfcFace(erp)
    yield face
    face.close()


@pytest.fixture
def sap(face: RfcFace) -> Iterator[Sap]:
    """A connection to it, with short words for what tests do again and again."""
    with face.connect(**LOGON) as line:
        yield Sap(line)
