"""The durable state: what survives a restart, a crash, a second system on the same file."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from connector.errors import ConfigurationError
from connector.simulator.engine.clock import SimulatedClock, WallClock
from connector.simulator.engine.codec import decoded, encoded
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.settings import EngineSettings
from connector.simulator.engine.specs import (
    DeliveryRef,
    ManualCondition,
    OpenItemRef,
    PaymentSpec,
    Text,
)
from connector.simulator.engine.state import RECORDS
from tests.simulator.engine.support import START, done, invoiced, item, order, sold


def opened(master: MasterData, path: Path) -> SimulatedErp:
    """Open an ERP on a state file."""
    return SimulatedErp(master, SimulatedClock(START), EngineSettings(), path)


def seen(erp: SimulatedErp, number: str, delivery: str, invoice: str) -> tuple[object, ...]:
    """Return all that an ERP knows of a chain and of what it has moved."""
    return (
        erp.sales_document(number),
        erp.delivery(delivery),
        erp.billing_document(invoice),
        erp.accounting_document("1000", invoice),
        erp.flow_after(delivery),
        erp.open_items("1000", "C-100"),
        erp.stock("1000", "M-01"),
        erp.available_quantity("1000", "OU-1000"),
        erp.credit_exposure("1002"),
        erp.ledger_balance("1000", "140000"),
        erp.document_counts(),
        erp.changed_since("sales", START),
        erp.clock.now(),
    )


def test_everything_comes_back_after_a_restart(master: MasterData, tmp_path: Path) -> None:
    path = tmp_path / "erp.db"
    with opened(master, path) as erp:
        spec = order(
            item(10, "M-01", 100),
            purchase_order_by_customer="PO-1",
            conditions=[ManualCondition("RA00", Decimal("2.50"))],
            texts=[Text("0001", ("Grüße",))],
        )
        number, delivery, invoice = invoiced(erp, spec)
        payment = PaymentSpec(
            "1000", "C-100", Decimal("500.00"), "EUR", items=[OpenItemRef(invoice)], partial=True
        )
        done(erp, "post_incoming_payment_with_clearing", payment)
        open_order = sold(erp, order(item(10, "OU-1000", 130), customer="1002"))
        erp.advance(timedelta(hours=5))
        before = seen(erp, number, delivery, invoice)

    with opened(master, path) as erp:
        assert seen(erp, number, delivery, invoice) == before
        assert [each.number for each in erp.sales_documents_by_purchase_order("PO-1")] == [number]
        assert sold(erp, order(item(10, "M-01", 1))) == str(int(open_order) + 1).zfill(10)
        assert erp.run_job("delivery due list").numbers


def test_what_was_not_committed_does_not_come_back(master: MasterData, tmp_path: Path) -> None:
    path = tmp_path / "erp.db"
    with opened(master, path) as erp:
        session = erp.session("A")
        lost = session.create_sales_document(order(item(10, "M-01", 1))).number
        session.create_deliveries([DeliveryRef("1")])
        waiting = erp.session("B")
        waiting.create_sales_document(order(item(10, "M-01", 1)))
        waiting.commit(wait=False)
    with opened(master, path) as erp:
        assert erp.document_counts()["sales"] == 0
        assert int(sold(erp, order(item(10, "M-01", 1)))) > int(lost)


CRASHING = """
import os, sys
from pathlib import Path
from connector.resources import shipped
from connector.simulator.engine.clock import WallClock
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.specs import Partner, SalesDocumentSpec, SalesItemSpec
from decimal import Decimal
master = MasterData.load(shipped("fixtures/erp"), shipped("fixtures/erp-cases"))
erp = SimulatedErp(master, WallClock(), state_file=Path(sys.argv[1]))
spec = SalesDocumentSpec("OR", "1000", "20", "00", partners=[Partner("AG", "C-100")],
                         items=[SalesItemSpec(10, "M-01", quantity=Decimal(1))])
session = erp.session("A")
committed = session.create_sales_document(spec).number
session.commit(wait=True)
lost = session.create_sales_document(spec).number
sys.stdout.write(committed + " " + lost)
sys.stdout.flush()
os._exit(9)
"""


def test_a_crash_loses_no_commit_and_hands_no_number_out_twice(
    master: MasterData, tmp_path: Path
) -> None:
    path = tmp_path / "erp.db"
    done_process = subprocess.run(
        [sys.executable, "-c", CRASHING, str(path)], capture_output=True, text=True, check=False
    )
    assert done_process.returncode == 9, done_process.stderr
    committed, lost = done_process.stdout.split()

    with opened(master, path) as erp:
        assert erp.sales_document(committed) is not None
        assert erp.sales_document(lost) is None
        assert int(sold(erp, order(item(10, "M-01", 1)))) > int(lost)


def test_reset_empties_the_file_and_starts_the_numbers_again(
    master: MasterData, tmp_path: Path
) -> None:
    path = tmp_path / "erp.db"
    with opened(master, path) as erp:
        invoiced(erp, order(item(10, "M-01", 1)))
        erp.faults.inject("return E")
        erp.reset()
        assert set(erp.document_counts().values()) == {0}
        stock = erp.stock("1000", "M-01")
        assert stock is not None and stock.unrestricted == 500
    with opened(master, path) as erp:
        assert set(erp.document_counts().values()) == {0}
        assert sold(erp, order(item(10, "M-01", 1))) == "0000000001"


def test_two_systems_never_share_a_state(master: MasterData, tmp_path: Path) -> None:
    path = tmp_path / "erp.db"
    with (
        opened(master, path),
        pytest.raises(ConfigurationError, match="Close the other simulator"),
    ):
        opened(master, path)


def test_a_file_that_is_something_else_is_left_alone(master: MasterData, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("these are my notes, not a database, and long enough to be looked at")
    with pytest.raises(ConfigurationError, match=r"notes\.txt.*damaged") as caught:
        opened(master, path)
    assert "other simulator" not in str(caught.value)
    assert path.read_text().startswith("these are my notes")


def test_a_state_of_another_version_is_refused(master: MasterData, tmp_path: Path) -> None:
    path = tmp_path / "erp.db"
    opened(master, path).close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE meta SET value = 'simulated-erp 99' WHERE name = 'format'")
    connection.commit()
    connection.close()
    with pytest.raises(ConfigurationError, match="simulated-erp 99"):
        opened(master, path)


def test_a_folder_that_is_not_there_is_named(master: MasterData, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="missing"):
        opened(master, tmp_path / "missing" / "erp.db")


def test_the_wall_clock_keeps_its_lead(master: MasterData, tmp_path: Path) -> None:
    path = tmp_path / "erp.db"
    with SimulatedErp(master, WallClock(), state_file=path) as erp:
        erp.advance(timedelta(days=400))
        before = erp.clock.now()
    with SimulatedErp(master, WallClock(), state_file=path) as erp:
        assert erp.clock.now() >= before


def test_every_record_survives_its_encoding(erp: SimulatedErp) -> None:
    number, delivery, invoice = invoiced(
        erp, order(item(10, "M-01", 7), conditions=[ManualCondition("HD00", Decimal("0.10"))])
    )
    movement = next(
        row.subsequent for row in erp.flow_after(delivery) if row.subsequent_category == "R"
    )
    records = {
        "sales": erp.sales_document(number),
        "delivery": erp.delivery(delivery),
        "billing": erp.billing_document(invoice),
        "material": erp.material_document(movement),
        "accounting": erp.accounting_document("1000", invoice),
        "flow": erp.flow_after(number)[0],
        "stock": erp.stock("1000", "M-01"),
    }
    for kind, record in records.items():
        again = decoded(RECORDS[kind], encoded(record))
        assert again == record
        assert repr(again) == repr(record)
