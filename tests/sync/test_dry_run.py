"""The dry run says what would become of each message, and writes nothing anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from connector.errors import ErpMessage, ErpUnavailableError, MessageError, RejectedError
from connector.mappings.external_order import ExternalTotals
from connector.mappings.inbound_order import InboundOrder
from connector.resources import shipped
from connector.sd_documents.sales_document import PostedSalesDocument, SalesDocument
from connector.sync.dry_run import run
from connector.sync.plan import load_plan
from tests.sync.world import NO_RULES, PlainRoute, World, an_order, inbound

ROUTE = PlainRoute(NO_RULES, "standard")
PLAN = load_plan(shipped("config/plans/standard.yaml"))


def test_without_an_erp_orders_are_mapped_and_problems_named() -> None:
    broken = MessageError("b.json", "no JSON", "an object")
    messages: list[InboundOrder | MessageError] = [
        inbound(an_order()),
        broken,
        inbound(an_order("1002", sku="UNKNOWN")),
    ]

    good, unreadable, unknown = run(messages, ROUTE, PLAN)

    assert good.would_be_created
    assert good.mapped is not None
    assert good.priced is None
    assert (unreadable.order, [p.code for p in unreadable.problems]) == (
        None,
        ["UNREADABLE_MESSAGE"],
    )
    assert [problem.code for problem in unknown.problems] == ["UNKNOWN_SKU"]
    assert unknown.source == "1002.json"


def test_with_simulation_the_erps_price_is_compared_and_nothing_is_written(world: World) -> None:
    wrong = ExternalTotals(tax=Decimal("19.00"), grand_total=Decimal("120.00"))
    messages = [inbound(an_order()), inbound(an_order("1002", totals=wrong))]

    good, differs = run(messages, ROUTE, PLAN, world.erp.sales_documents.simulate)

    assert good.would_be_created
    assert good.priced is not None
    assert good.priced.total_amount.amount == Decimal("119.00")
    assert not differs.would_be_created
    assert set(world.erp.calls) == {"simulate"}
    assert not world.erp.books.sales
    assert world.store.flows.ids() == ()


def test_what_the_erp_refuses_to_price_is_a_problem_of_that_order_alone() -> None:
    def simulate(document: SalesDocument) -> PostedSalesDocument:
        message = ErpMessage("E", "V1", "382", "Material is not defined")
        raise RejectedError("refused", (message, message), code="UNKNOWN_MATERIAL")

    [result] = run([inbound(an_order())], ROUTE, PLAN, simulate)
    [problem] = result.problems
    assert problem.code == "UNKNOWN_MATERIAL"
    assert problem.message.count("Material is not defined") == 1


def test_an_erp_that_does_not_answer_ends_the_dry_run(world: World) -> None:
    world.erp.is_down = True
    with pytest.raises(ErpUnavailableError):
        list(run([inbound(an_order())], ROUTE, PLAN, world.erp.sales_documents.simulate))


def test_the_dry_run_holds_what_the_real_run_holds(world: World) -> None:
    """One path: whatever the dry run says is what becomes of the orders."""
    wrong = ExternalTotals(tax=Decimal("18.00"), grand_total=Decimal("118.00"))
    orders = [
        an_order("1"),
        an_order("2", sku="UNKNOWN"),
        an_order("3", totals=wrong),
        an_order("4", attributes={"hold": "look"}),
    ]
    simulate = world.erp.sales_documents.simulate
    said = {
        result.source: sorted(problem.code for problem in result.problems)
        for result in run([inbound(order) for order in orders], ROUTE, PLAN, simulate)
    }

    world.receive(*orders)

    became = {f"{order.external_id}.json": world.held_for(order.external_id) for order in orders}
    assert {source: sorted(reasons) for source, reasons in became.items()} == said


def test_an_erp_that_fails_every_write_is_never_asked_for_one(world: World) -> None:
    class NoWrites:
        """All of the ERP port, of which only the pricing of sales documents can be touched."""

        @property
        def sales_documents(self) -> NoWrites:
            return self

        def simulate(self, document: SalesDocument) -> PostedSalesDocument:
            return world.erp.sales_documents.simulate(document)

        def __getattr__(self, name: str) -> None:
            raise AssertionError(f"the dry run reached for {name}")

    orders = [inbound(an_order(str(number))) for number in range(20)]
    orders.append(inbound(an_order("x", sku="UNKNOWN")))

    results = list(run(orders, ROUTE, PLAN, NoWrites().sales_documents.simulate))

    assert [result.would_be_created for result in results] == [True] * 20 + [False]
    assert set(world.erp.calls) == {"simulate"}
    assert not world.erp.books.sales


def test_messages_are_taken_one_by_one_as_results_are_asked_for() -> None:
    taken: list[str] = []

    def messages() -> Iterator[InboundOrder]:
        for number in range(1000):
            taken.append(str(number))
            yield inbound(an_order(str(number)))

    results = run(messages(), ROUTE, PLAN)
    next(results)
    next(results)

    assert taken == ["0", "1"]
