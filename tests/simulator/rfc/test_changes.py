"""Finding what changed: by date and time, by time stamp, and by change documents."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.simulator.engine.clock import SimulatedClock
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.master_data import MasterData
from connector.simulator.rfc.face import RfcFace
from tests.simulator.engine.support import START
from tests.simulator.rfc.conftest import LOGON
from tests.simulator.rfc.support import Sap, item

HOUR = timedelta(hours=1)


@pytest.fixture
def orders(sap: Sap, erp: SimulatedErp) -> list[str]:
    """Twenty orders of 9:00 local time; an hour later one is changed and another delivered."""
    numbers = [sap.number(item(material="M-07")) for _ in range(20)]
    erp.advance(HOUR)
    sap.call(
        "BAPI_SALESORDER_CHANGE",
        SALESDOCUMENT=numbers[3],
        ORDER_HEADER_IN={"DLV_BLOCK": "01"},
        ORDER_HEADER_INX={"UPDATEFLAG": "U", "DLV_BLOCK": "X"},
    )
    sap.commit()
    sap.deliver(numbers[7])
    return numbers


@pytest.fixture
def reads(erp: SimulatedErp, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The numbers of the sales documents that are looked at."""
    seen: list[str] = []
    original = erp.sales_document

    def counted(number: str) -> Any:
        seen.append(number)
        return original(number)

    monkeypatch.setattr(erp, "sales_document", counted)
    yield seen


def test_a_change_leaves_a_change_document_and_a_creation_does_not(
    sap: Sap, orders: list[str]
) -> None:
    rows = sap.table(
        "CDHDR", "OBJECTID USERNAME UDATE UTIME TCODE CHANGE_IND", "OBJECTCLAS = 'VERKBELEG'"
    )
    assert rows == [[orders[3], "TESTER", "20260102", "100000", "VA02", "U"]]
    assert sap.table("CDHDR", "OBJECTID", "OBJECTCLAS = 'LIEFERUNG'") == []


def test_each_kind_has_its_object_class(sap: Sap, erp: SimulatedErp, orders: list[str]) -> None:
    delivery = sap.deliver(orders[0])
    sap.issue(delivery)
    invoice = sap.bill(delivery)["SUCCESS"][0]["BILL_DOC"]
    sap.call("BAPI_BILLINGDOC_CANCEL1", BILLINGDOCUMENT=invoice)
    sap.commit()
    assert sap.table("CDHDR", "OBJECTCLAS OBJECTID", f"OBJECTID = '{delivery}'") == [
        ["LIEFERUNG", delivery]
    ]
    assert sap.table("CDHDR", "OBJECTCLAS OBJECTID", "OBJECTCLAS = 'FAKTBELEG'") == [
        ["FAKTBELEG", invoice]
    ]
    assert sap.table("CDHDR", "OBJECTID", "OBJECTCLAS = 'DEBI'") == []


def test_change_documents_are_found_by_date_and_time(
    sap: Sap, erp: SimulatedErp, orders: list[str]
) -> None:
    where = "OBJECTCLAS = 'VERKBELEG' AND UDATE = '20260102' AND UTIME >= '{}'"
    assert sap.table("CDHDR", "OBJECTID", where.format("100000")) == [[orders[3]]]
    assert sap.table("CDHDR", "OBJECTID", where.format("100001")) == []
    assert sap.table("CDHDR", "OBJECTID", "UDATE > '20260102'") == []
    assert erp.change_documents("sales", START + 2 * HOUR) == ()


@pytest.mark.parametrize(
    ("where", "looked_at"),
    [
        ("UPD_TMSTMP >= '20260102090000'", 2),
        ("UPD_TMSTMP > '20260102090000.0000000' AND LIFSK = '01'", 2),
        ("ERDAT = '20260102' AND ERZET >= '093000'", 2),
        ("ERDAT >= '20260103'", 0),
        ("ERDAT = '20260102' AND ERZET >= 'noon'", 20),
        ("ERDAT >= '20260102' AND ERZET >= '093000'", 20),
    ],
)
def test_only_what_can_have_changed_is_looked_at(
    sap: Sap, orders: list[str], reads: list[str], where: str, looked_at: int
) -> None:
    sap.table("VBAK", "VBELN", where)
    assert len(reads) == looked_at
    assert looked_at in (0, 20) or set(reads) == {orders[3], orders[7]}


def test_a_time_stamp_moves_with_followers_and_never_stands_still(
    sap: Sap, orders: list[str]
) -> None:
    moved = sap.table("VBAK", "VBELN", "UPD_TMSTMP >= '20260102090000'")
    assert [row[0] for row in moved] == [orders[3], orders[7]]
    (before,) = sap.table("VBAK", "UPD_TMSTMP", f"VBELN = '{orders[3]}'")
    sap.call(
        "BAPI_SALESORDER_CHANGE",
        SALESDOCUMENT=orders[3],
        ORDER_HEADER_IN={"DLV_BLOCK": ""},
        ORDER_HEADER_INX={"UPDATEFLAG": "U", "DLV_BLOCK": "X"},
    )
    sap.commit()
    (after,) = sap.table("VBAK", "UPD_TMSTMP", f"VBELN = '{orders[3]}'")
    assert after > before, "the clock stands still, the stamp does not"


def test_after_a_restart_the_last_change_is_still_known(master: MasterData, tmp_path: Path) -> None:
    path = tmp_path / "erp.db"
    for start in (True, False):
        with SimulatedErp(master, SimulatedClock(START), None, path) as erp:
            face = RfcFace(erp)
            with face.connect(**LOGON) as line:
                sap = Sap(line)
                if start:
                    number = sap.number(item())
                    delivery = sap.deliver(number)
                    erp.advance(HOUR)
                    sap.issue(delivery)
                rows = sap.table("CDHDR", "OBJECTCLAS OBJECTID UTIME")
                assert rows == [["LIEFERUNG", delivery, "100000"]]
            face.close()
