"""Reading what was touched brings the same as reading everything."""

from __future__ import annotations

import random
from dataclasses import replace

from connector.reconciliation.extract import in_order
from connector.resources import shipped
from connector.simulator.engine.master_data import MasterData
from tests.mutations.diary import Diary
from tests.mutations.mutations import MUTATIONS
from tests.mutations.planting import FIRST_FAULT, Planting
from tests.mutations.snapshot import read_again, read_all
from tests.mutations.world import World
from tests.mutations.year import KEY_DATE, live_a_year
from tests.reconciliation.company import a_way
from tests.simulator.engine.support import new_erp


def test_reading_what_was_touched_brings_what_reading_everything_does() -> None:
    master = MasterData.load(shipped("fixtures/erp"), shipped("fixtures/erp-cases"))
    with new_erp(master, active_jobs=frozenset()) as erp, a_way(erp, "ecc") as transport:
        world = World(erp)
        live_a_year(world, 120, 5)
        before = read_all(world, transport)
        world.touched.clear()
        planting, diary = Planting(world, random.Random(1)), Diary(world.go_to)
        for mutation in MUTATIONS:
            diary.enter(mutation.plant(planting), FIRST_FAULT)
        diary.live(KEY_DATE)

        again = read_again(before, world, transport)
        whole = read_all(world, transport)

    expected = in_order(whole.extract)
    found = replace(again.extract, pages=expected.pages, pages_expected=expected.pages_expected)
    assert set(found.numbers_by_reference) >= set(expected.numbers_by_reference)
    for part in expected.__dataclass_fields__:
        if part not in ("numbers_by_reference", "payers"):
            assert getattr(found, part) == getattr(expected, part), part
    assert set(found.payers) == set(expected.payers)
    assert again.movements == whole.movements
