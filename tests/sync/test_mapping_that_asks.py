"""Mapping may ask the ERP: when that fails, orders wait or are held as when anything else fails."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from connector.errors import ConnectorError, ErpUnavailableError, RejectedError, TransientError
from connector.mappings.external_order import ExternalOrder
from connector.mappings.mapped_order import MappedOrder
from connector.sd_documents.values import DocumentCategory
from tests.sync.world import NO_RULES, PlainRoute, a_world, an_order

#: What asking the ERP raises for orders with this id; it is there while the trouble lasts.
TROUBLE: dict[str, ConnectorError] = {}


@pytest.fixture(autouse=True)
def no_trouble() -> Iterator[None]:
    yield
    TROUBLE.clear()


@dataclass(frozen=True, slots=True)
class AskingRoute(PlainRoute):
    """Looks something up in the ERP before it maps."""

    def map(self, order: ExternalOrder, wanted: Collection[DocumentCategory]) -> MappedOrder:
        if order.external_id in TROUBLE:
            raise TROUBLE[order.external_id]
        return PlainRoute.map(self, order, wanted)


def test_an_erp_that_is_gone_while_mapping_holds_nothing(tmp_path: Path) -> None:
    with a_world(tmp_path, route=AskingRoute(NO_RULES, "standard")) as world:
        TROUBLE["gone"] = ErpUnavailableError("the ERP does not answer")

        summary = world.receive(an_order("gone"))

        assert summary.erp_problem == "the ERP does not answer"
        assert world.held_for("gone") == []
        TROUBLE.clear()
        world.run()
        assert world.erp.calls.count("create sales order") == 1


def test_a_read_that_fails_for_the_moment_is_tried_again_and_stops_no_other(tmp_path: Path) -> None:
    with a_world(tmp_path, route=AskingRoute(NO_RULES, "standard")) as world:
        TROUBLE["busy"] = TransientError("no free session")

        world.receive(an_order("busy"), an_order("1002"))

        assert world.held_for("busy") == []
        assert world.erp.calls.count("create sales order") == 1
        TROUBLE.clear()
        world.later(minutes=5)
        world.run()
        assert world.erp.calls.count("create sales order") == 2


def test_a_read_that_is_refused_holds_its_order_alone(tmp_path: Path) -> None:
    with a_world(tmp_path, route=AskingRoute(NO_RULES, "standard")) as world:
        TROUBLE["bad"] = RejectedError("the answer is unclear", code="ERP_ANSWER_UNCLEAR")

        world.receive(an_order("bad"), an_order("1002"))

        assert len(world.held_for("bad")) == 1
        assert world.held_for("1002") == []
        assert world.erp.calls.count("create sales order") == 1
