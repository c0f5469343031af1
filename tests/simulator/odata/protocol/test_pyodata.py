"""A client that nobody here wrote, over a socket."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pyodata
import pytest
import requests
from pyodata.exceptions import HttpError

from connector.simulator.http.front import HttpFront
from connector.simulator.http.server import HttpErpServer
from connector.simulator.odata.schema import load_services
from tests.simulator.odata.protocol.book import ROOT, BookErp, face_on


@pytest.fixture
def server(front: HttpFront, book: BookErp) -> Iterator[HttpErpServer]:
    face_on(front, book)
    with HttpErpServer(front) as server:
        yield server


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.auth = ("tester", "x")
        yield session


@pytest.fixture
def orders(server: HttpErpServer, session: requests.Session) -> Any:
    """The order service, with a token in the session."""
    root = f"{server.url}{ROOT}/"
    token = session.get(root, headers={"X-CSRF-Token": "Fetch"}).headers["x-csrf-token"]
    session.headers["X-CSRF-Token"] = token
    return pyodata.Client(root, session)


@pytest.mark.parametrize("name", sorted(load_services()))
def test_the_metadata_of_each_service_is_understood(
    server: HttpErpServer, session: requests.Session, name: str
) -> None:
    service = load_services()[name]

    client = pyodata.Client(f"{server.url}/sap/opu/odata/sap/{service.path}/", session)

    assert {each.name for each in client.schema.entity_sets} == set(service.sets)
    assert {each.name for each in client.schema.function_imports} == set(service.functions)
    for type_ in service.types.values():
        if type_.is_entity:
            parsed = client.schema.entity_type(type_.name)
            assert {p.name for p in parsed.proprties()} == set(type_.properties)
            assert {n.name for n in parsed.nav_proprties} == set(type_.navigations)


def test_flags_of_sets_and_properties_arrive(orders: Any) -> None:
    sets = {each.name: each for each in orders.schema.entity_sets}

    assert sets["A_SalesOrder"].creatable
    assert not sets["A_SalesOrderSubsqntProcFlow"].creatable
    net = orders.schema.entity_type("A_SalesOrderType").proprty("TotalNetAmount")
    assert (net.typ.name, net.precision, net.scale) == ("Edm.Decimal", 16, 3)
    assert not net.creatable


def test_reading_filtering_expanding(orders: Any) -> None:
    order = orders.entity_sets.A_SalesOrder.get_entity("2").expand("to_Item").execute()

    assert [item.Material for item in order.to_Item] == ["TG11", "TG12"]
    request = orders.entity_sets.A_SalesOrder.get_entities().filter("TotalNetAmount gt 50")
    assert [each.SalesOrder for each in request.execute()] == ["2", "3"]
    selected = orders.entity_sets.A_SalesOrder.get_entities()
    selected = selected.filter(SoldToParty="10100001").select("SalesOrder").top(1)
    assert [each.SalesOrder for each in selected.execute()] == ["1"]
    assert orders.entity_sets.A_SalesOrder.get_entities().count().execute() == 3


def test_counting_all_beside_a_page(orders: Any) -> None:
    request = orders.entity_sets.A_SalesOrder.get_entities().top(1).count(inline=True)

    page = request.execute()

    assert (page.total_count, len(page)) == (3, 1)


def test_following_a_navigation(orders: Any) -> None:
    items = orders.entity_sets.A_SalesOrder.get_entity("1").nav("to_Item").get_entities().execute()

    assert [item.SalesOrderItem for item in items] == ["10", "20"]


def test_creating_with_a_deep_insert(orders: Any, book: BookErp) -> None:
    request = orders.entity_sets.A_SalesOrder.create_entity()
    request.set(
        SalesOrderType="OR",
        SoldToParty="10100001",
        to_Item=[{"Material": "TG11", "RequestedQuantity": "3"}],
    )

    order = request.execute()

    assert order.SalesOrder == "4"
    assert book.items["4", "10"]["RequestedQuantity"] == Decimal(3)


def test_changing_and_deleting(orders: Any, book: BookErp) -> None:
    item = orders.entity_sets.A_SalesOrderItem
    request = item.update_entity(SalesOrder="1", SalesOrderItem="10")
    request.set(RequestedQuantity="7")
    request.execute()

    assert book.items["1", "10"]["RequestedQuantity"] == Decimal(7)


def test_a_refusal_arrives_with_its_status(orders: Any) -> None:
    request = orders.entity_sets.A_SalesOrder.create_entity().set(SoldToParty="BAD")

    with pytest.raises(HttpError) as caught:
        request.execute()

    assert caught.value.response.status_code == 400
    assert "not maintained" in caught.value.response.text


def test_calling_a_function_import(orders: Any) -> None:
    answer = orders.functions.releaseApprovalRequest.parameter("SalesOrder", "1").execute()

    assert "releaseApprovalRequest" in str(answer)


def test_a_batch_with_a_changeset(orders: Any, book: BookErp) -> None:
    batch = orders.create_batch()
    batch.add_request(orders.entity_sets.A_SalesOrder.get_entity("1"))
    changeset = orders.create_changeset()
    changeset.add_request(orders.entity_sets.A_SalesOrder.create_entity().set(SoldToParty="A"))
    changeset.add_request(orders.entity_sets.A_SalesOrder.create_entity().set(SoldToParty="B"))
    batch.add_request(changeset)

    read, created = batch.execute()

    assert read.SalesOrder == "1"
    assert [order.SoldToParty for order in created] == ["A", "B"]
    assert book.commits == 1
