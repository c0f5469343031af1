"""
Kill -9 at every point of a write leaves neither a lost nor a doubled document.

Real processes on both sides. The sales order is proved in every run of the tests; the whole matrix
belongs to ``make kill-proof``, and prints as a table with ``python -m tests.faults.kill_proof``.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from connector.ports.erp import Point
from connector.ports.step_state import Operation
from tests.faults.erp_process import ErpProcess, be_quiet
from tests.faults.kill_proof import OPERATIONS, Case, matrix, prove

ORDER = Operation.CREATE_SALES_ORDER
FOLLOWING = [operation for operation in OPERATIONS if operation is not ORDER]
_numbers = count(1001)


@pytest.fixture(scope="module")
def erp() -> Iterator[ErpProcess]:
    be_quiet()
    with ErpProcess() as found:
        yield found


@pytest.mark.kill_proof
@pytest.mark.parametrize("case", matrix([ORDER]), ids=str)
def test_a_killed_connector_leaves_exactly_one_order(
    case: Case, erp: ErpProcess, tmp_path: Path
) -> None:
    verdict = prove(case, erp, tmp_path, next(_numbers))
    assert (verdict.lost, verdict.doubled, verdict.problem) == (0, 0, "")


@pytest.mark.kill_proof
@pytest.mark.torture
@pytest.mark.parametrize("case", matrix(FOLLOWING), ids=str)
def test_a_killed_connector_leaves_exactly_one_of_each_follow_on_document(
    case: Case, erp: ErpProcess, tmp_path: Path
) -> None:
    verdict = prove(case, erp, tmp_path, next(_numbers))
    assert (verdict.lost, verdict.doubled, verdict.problem) == (0, 0, "")


@pytest.mark.kill_proof
@pytest.mark.parametrize("late", [False, True], ids=["at once", "late"])
@pytest.mark.parametrize("point", [Point.COMMIT_SENT, Point.COMMIT_ANSWERED, Point.READ_BACK])
def test_the_proof_can_fail_sending_again_doubles_the_order(
    point: Point, late: bool, erp: ErpProcess, tmp_path: Path
) -> None:
    """The same kills, with the resolution of doubts replaced by a naive resend."""
    verdict = prove(Case(ORDER, point, late), erp, tmp_path, next(_numbers), naive=True)
    assert len(verdict.found.sales_orders) == 2
    assert verdict.problem
