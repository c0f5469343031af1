"""pyodata sells, delivers and issues goods in the simulated ERP, over a socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pyodata
import pytest
import requests
from pyodata.exceptions import HttpError

from connector.resources import shipped
from connector.simulator.engine.clock import SimulatedClock
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.master_data import MasterData
from connector.simulator.http.front import HttpFront
from connector.simulator.http.server import HttpErpServer
from connector.simulator.odata.face import ODataFace

ORDER = {
    "SalesOrderType": "OR",
    "SalesOrganization": "1010",
    "DistributionChannel": "10",
    "OrganizationDivision": "00",
    "SoldToParty": "10100001",
    "PurchaseOrderByCustomer": "WEB-1",
    "to_Item": [{"Material": "TG11", "RequestedQuantity": "2", "RequestedQuantityUnit": "PC"}],
}
Service = Callable[[str], Any]


@pytest.fixture
def service() -> Iterator[Service]:
    """A client of a service by the last part of its address, with a token."""
    clock = SimulatedClock(datetime(2026, 1, 5, 9, tzinfo=UTC))
    with SimulatedErp(MasterData.load(shipped("fixtures/erp")), clock) as erp:
        front = HttpFront(erp)
        ODataFace(erp, front)
        with HttpErpServer(front) as server, requests.Session() as session:
            session.auth = ("tester", "x")

            def open_service(path: str) -> Any:
                root = f"{server.url}/sap/opu/odata/sap/{path}/"
                answer = session.get(root, headers={"X-CSRF-Token": "Fetch"})
                session.headers["X-CSRF-Token"] = answer.headers["x-csrf-token"]
                return pyodata.Client(root, session)

            yield open_service


def sold(orders: Any) -> str:
    return str(orders.entity_sets.A_SalesOrder.create_entity().set(**ORDER).execute().SalesOrder)


def test_an_order_is_priced_and_found_again(service: Service) -> None:
    orders = service("API_SALES_ORDER_SRV")
    number = sold(orders)

    request = orders.entity_sets.A_SalesOrder.get_entities().expand("to_Item")
    (order,) = request.filter(
        "PurchaseOrderByCustomer eq 'WEB-1' and TotalNetAmount gt 30"
    ).execute()

    assert (order.SalesOrder, str(order.TotalNetAmount)) == (number, "35.10")
    assert [(item.SalesOrderItem, item.Material) for item in order.to_Item] == [("10", "TG11")]


def test_goods_leave_by_function_imports(service: Service) -> None:
    """pyodata 1.12 cannot read the collection they return; the delivery tells what they did."""
    number = sold(service("API_SALES_ORDER_SRV"))
    deliveries = service("API_OUTBOUND_DELIVERY_SRV;v=0002")
    request = deliveries.entity_sets.A_OutbDeliveryHeader.create_entity()
    item = {
        "ReferenceSDDocument": number,
        "ReferenceSDDocumentItem": "10",
        "ActualDeliveryQuantity": "2",
        "DeliveryQuantityUnit": "PC",
    }
    delivery = request.set(to_DeliveryDocumentItem=[item]).execute().DeliveryDocument

    for name in ("PickAllItems", "PostGoodsIssue"):
        call = getattr(deliveries.functions, name).parameter("DeliveryDocument", delivery)
        with pytest.raises(KeyError, match="EntitySet None"):
            call.execute()

    header = deliveries.entity_sets.A_OutbDeliveryHeader.get_entity(delivery).execute()
    assert header.OverallGoodsMovementStatus == "C"


def test_a_refusal_of_the_business_undoes_the_changeset(service: Service) -> None:
    orders = service("API_SALES_ORDER_SRV")
    batch, changeset = orders.create_batch(), orders.create_changeset()
    for customer in ("10100001", "99"):
        request = orders.entity_sets.A_SalesOrder.create_entity()
        changeset.add_request(request.set(**{**ORDER, "SoldToParty": customer}))
    batch.add_request(changeset)

    with pytest.raises(HttpError, match="status code: 400"):
        batch.execute()

    assert orders.entity_sets.A_SalesOrder.get_entities().count().execute() == 0
