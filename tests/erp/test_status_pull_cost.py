"""What a status pull costs in calls, over each transport: it follows what changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks.open_orders import OpenOrders, open_orders
from connector.sync.status import pull

FEW, MANY = 6, 40
LONG = timedelta(hours=3)
CHANGES = (0, 1, 5, 10)


@dataclass(frozen=True, slots=True)
class Cost:
    """Calls of a pull, and how many chains it read."""

    calls: int
    chains: int


@contextmanager
def company(folder: Path, profile: str, orders: int) -> Iterator[OpenOrders]:
    """Yield a company whose orders are all known to the connector, batches being of five."""
    folder.mkdir()
    with open_orders(folder, profile, orders, read_batch=5) as found:
        for _ in range(2):
            pull(found.context)
            found.wait(LONG)
        yield found


def cost_of(found: OpenOrders, changed: int = 0) -> Cost:
    """Return what a pull costs after *changed* orders were delivered."""
    found.deliver(changed)
    before = found.meter.calls
    pulled = pull(found.context)
    return Cost(found.meter.calls - before, pulled.flows_read)


@pytest.fixture(scope="module", params=["ecc", "s4"])
def profile(request: pytest.FixtureRequest) -> str:
    """The kind of system."""
    return str(request.param)


@pytest.fixture(scope="module")
def costs(profile: str, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Cost]:
    """What pulls cost where many orders are open, by how many changed."""
    with company(tmp_path_factory.mktemp(profile) / "many", profile, MANY) as found:
        costs = {}
        for changed in CHANGES:
            costs[changed] = cost_of(found, changed)
            found.wait(LONG)
        return costs


def test_a_pull_costs_the_same_calls_however_many_orders_are_open(
    tmp_path: Path, profile: str, costs: dict[int, Cost]
) -> None:
    with company(tmp_path / "few", profile, FEW) as found:
        nothing = cost_of(found)
        found.wait(LONG)
        one = cost_of(found, 1)

    assert (nothing, one) == (costs[0], costs[1])


def test_a_pull_reads_the_chains_that_changed_and_no_other(costs: dict[int, Cost]) -> None:
    assert {changed: cost.chains for changed, cost in costs.items()} == {n: n for n in CHANGES}


def test_calls_grow_with_the_batches_of_changed_chains_and_not_with_each_of_them(
    costs: dict[int, Cost],
) -> None:
    assert costs[0].calls < costs[5].calls <= costs[1].calls
    assert costs[5].calls < costs[10].calls < 2 * costs[5].calls


def test_what_was_pulled_is_not_read_again_nor_are_others_of_that_hour(
    tmp_path: Path, profile: str
) -> None:
    with company(tmp_path / "company", profile, FEW) as found:
        first = cost_of(found, 3)
        found.wait(timedelta(minutes=1))
        nothing = cost_of(found)
        found.wait(timedelta(minutes=1))
        another = cost_of(found, 1)

    assert [cost.chains for cost in (first, nothing, another)] == [3, 0, 1]
