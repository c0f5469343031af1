"""What the histories have found, kept as stories of their own."""

from __future__ import annotations

from pathlib import Path

from connector.sync.passes import run_pass
from tests.proof.company import a_proven_company
from tests.proof.invariants import violations
from tests.proof.orders import Wanted


def test_a_pass_outlives_an_erp_without_a_free_session(tmp_path: Path) -> None:
    """All sessions of the ERP are taken when the pass logs on: it says so, and goes on later."""
    with a_proven_company(tmp_path) as proven:
        proven.company.face.inject("no free session", times=3)
        summary = run_pass(proven.context)
        assert "no free session" in summary.erp_problem

        proven.receive(Wanted("EXT-1001", paid=True))
        proven.come_to_rest()
        assert violations(proven.evidence()) == {}
