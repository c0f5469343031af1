"""
Kill -9 with the store on PostgreSQL: nothing lost, nothing doubled, no lock left behind.

The same proof as on SQLite. Here the dead connector's transaction is taken back by the server, and
its leases are waited for: that its connection has ended does not prove that it has.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from connector.ports.erp import Point
from connector.ports.step_state import Operation
from tests.faults.connector_process import Assignment, Mark
from tests.faults.erp_process import ErpProcess, be_quiet
from tests.faults.kill_elsewhere import MomentCase, prove_moment
from tests.faults.kill_moments import Moment
from tests.faults.kill_points import Case, Stage, Undisturbed, prove, undisturbed
from tests.faults.kill_stories import STORIES, Story
from tests.postgresql_server import PostgresqlServer

PAID = STORIES[0]
ORDER = Operation.CREATE_SALES_ORDER
_MIRROR = "connector.store.mirror"

#: In the middle of transactions, and between them.
MOMENTS = (
    Moment("some tables are made", "alembic.op:create_table", True, 5),
    Moment("all tables are made, not committed", "alembic.command:upgrade", True),
    Moment("a batch is being stored", "connector.store.orders:_read_known", after=True),
    Moment("documents are mirrored, links are not", f"{_MIRROR}:_write_links"),
    Moment("all is mirrored, not committed", f"{_MIRROR}:_note_reading", True),
)


@dataclass
class OnServer(Stage):
    """As a stage; each connector has a database of its own."""

    server: PostgresqlServer = field(kw_only=True)

    def assignment(self, told: Story, **more: Any) -> Assignment:
        found = super().assignment(told, **more)
        file = found.folder / "connector.yaml"
        settings = yaml.safe_load(file.read_text("utf-8"))
        settings["store"] = {"url": self.server.new_database(empty=True)}
        file.write_text(yaml.safe_dump(settings), "utf-8")
        return found


@pytest.fixture(scope="module")
def stage(postgresql: PostgresqlServer) -> Iterator[Stage]:
    be_quiet()
    with ExitStack() as open_:
        folder = Path(open_.enter_context(tempfile.TemporaryDirectory()))
        erp = open_.enter_context(ErpProcess("ecc", folder))
        yield OnServer("ecc", folder, erp, server=postgresql)


@pytest.fixture(scope="module")
def told(stage: Stage) -> Undisturbed:
    return undisturbed(stage, PAID)


@pytest.mark.kill_proof
@pytest.mark.parametrize(
    ("operation", "point", "late"),
    [
        (ORDER, Point.AFTER_CLAIM, False),
        (ORDER, Point.AFTER_FENCE_CHECK, False),
        (ORDER, Point.COMMIT_SENT, True),
        (ORDER, Point.READ_BACK, False),
        (Operation.POST_PAYMENT, Point.COMMIT_ANSWERED, False),
    ],
)
def test_a_connector_killed_at_a_write_leaves_exactly_one_document(
    operation: Operation, point: Point, late: bool, stage: Stage, told: Undisturbed
) -> None:
    verdict = prove(Case(told, Mark(operation, 1, point), late), stage)
    assert (verdict.lost, verdict.doubled, verdict.problem) == (0, 0, "")


@pytest.mark.kill_proof
@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_a_connector_killed_in_a_transaction_leaves_nothing_half_written(
    moment: Moment, stage: Stage, told: Undisturbed
) -> None:
    verdict = prove_moment(MomentCase(told, moment), stage)
    assert (verdict.lost, verdict.doubled, verdict.problem) == (0, 0, "")
