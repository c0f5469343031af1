"""
Whatever people do around the end of a year, a run says the same whether numbers begin again or not.

One history is told twice: to an ERP whose numbers of accounting begin again in January, as real
ones do, and to one that goes on counting. Only numbers may differ.
"""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.reconciliation.report import ReconciliationRun
from connector.resources import shipped
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.master_tables import combined, read_folder
from tests.reconciliation.company import Company, a_way
from tests.reconciliation.test_histories_in_simulated_erp import CHAIN, Story, histories
from tests.simulator.engine.support import new_erp

#: The first half is told before, the second after the end of the year.
HALVES = (date(2026, 8, 1), date(2027, 1, 1))
KEY_DATES = ("2026-12-31", "2027-01-20", "2027-05-31")


def masters() -> dict[str, MasterData]:
    layers = [read_folder(shipped(each)) for each in ("fixtures/erp", "fixtures/erp-cases")]
    ranges = [each for layer in layers for each in layer.get("number_ranges", ())]
    counting = [{**each, "year_dependent": ""} for each in ranges]
    return {
        "begin again": MasterData.from_rows(combined(*layers)),
        "go on": MasterData.from_rows(combined(*layers, {"number_ranges": counting})),
    }


def told(master: MasterData, way: str, steps: list[str], seed: int) -> list[dict[str, Any]]:
    """Tell the history; return what runs for all key dates say, without any number."""
    with (
        new_erp(master, active_jobs=frozenset()) as simulated,
        a_way(simulated, way) as transport,
    ):
        company = Company(simulated, transport)
        story = Story(company, random.Random(seed))
        for story.day in HALVES:
            story.tell(steps)
        return [said(company.reconciles(key_date)) for key_date in KEY_DATES]


def said(run: ReconciliationRun) -> dict[str, Any]:
    return {
        "verdict": run.verdict,
        "identities": [
            (each.number, each.scope, each.left, each.right, each.difference)
            for each in run.identities
        ],
        "breaks": sorted((each.code.value, str(each.difference)) for each in run.breaks),
        "pending": sorted((each.code.value, str(each.difference)) for each in run.pending),
        "states": run.payment_states,
        "ageing": run.ageing,
        "reasons": run.ageing_reasons,
        "payers": run.payers,
    }


@pytest.mark.parametrize("way", ["ecc", "s4"])
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=histories, seed=st.integers(0, 2**32))
def test_a_run_says_the_same_whether_numbers_begin_again_or_go_on(
    way: str, steps: list[str], seed: int
) -> None:
    both = masters()
    half = [*CHAIN, "pay", *CHAIN, *steps]

    assert told(both["begin again"], way, half, seed) == told(both["go on"], way, half, seed)
