"""The state file's disk is full: what could not be written did not happen, now or after a start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.simulator.engine.clock import WallClock
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.faults import ShortDumpError
from connector.simulator.engine.master_data import MasterData
from tests.simulator.engine.support import item, order, sold


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "erp.sqlite3"


@pytest.fixture
def erp(master: MasterData, path: Path) -> Iterator[SimulatedErp]:
    with SimulatedErp(master, WallClock(), state_file=path) as found:
        yield found


def fill_disk(erp: SimulatedErp) -> None:
    """Let the state file take no further page, and every record need one."""
    connection = erp._core.state._connection  # type: ignore[union-attr]
    connection.execute("CREATE TABLE filler (content BLOB)")
    connection.execute(
        "CREATE TEMP TRIGGER full BEFORE INSERT ON main.sales "
        "BEGIN INSERT INTO filler VALUES (zeroblob(65536)); END"
    )
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")


def make_room(erp: SimulatedErp) -> None:
    erp._core.state._connection.execute("PRAGMA max_page_count = 1073741823")  # type: ignore[union-attr]


def test_a_unit_of_work_that_cannot_be_written_dies_and_leaves_nothing(
    erp: SimulatedErp, master: MasterData, path: Path
) -> None:
    first = sold(erp, order(item(10, "M-01", 1)))
    stock = erp.available_quantity("1000", "M-01")
    fill_disk(erp)
    with erp.session("A") as session:
        created = session.create_sales_document(order(item(10, "M-01", 2)))
        assert created.accepted
        with pytest.raises(ShortDumpError, match=r"erp\.sqlite3.*full.*Make room"):
            session.commit(wait=True)

    assert [each.number for each in erp.sales_documents()] == [first]
    assert erp.available_quantity("1000", "M-01") == stock
    assert len(erp.update_failures()) == 1
    make_room(erp)
    second = sold(erp, order(item(10, "M-01", 3)))
    assert second > erp.update_failures()[0], "the number is lost"
    erp.close()
    with SimulatedErp(master, WallClock(), state_file=path) as again:
        assert [each.number for each in again.sales_documents()] == [first, second]


def test_a_session_works_on_when_there_is_room_again(erp: SimulatedErp) -> None:
    fill_disk(erp)
    with erp.session("A") as session:
        session.create_sales_document(order(item(10, "M-01", 2)))
        with pytest.raises(ShortDumpError):
            session.commit(wait=True)
        make_room(erp)
        session.create_sales_document(order(item(10, "M-01", 2)))
        session.commit(wait=True)

    assert len(list(erp.sales_documents())) == 1
