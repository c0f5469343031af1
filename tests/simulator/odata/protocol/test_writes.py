"""Creating, changing and deleting; tokens, ETags and what a client may set."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from connector.simulator.http.front import HttpFront
from tests.simulator.odata.protocol.book import BookErp, face_on
from tests.simulator.odata.protocol.conftest import Client, client_of

ORDER: dict[str, Any] = {
    "SalesOrderType": "OR",
    "SoldToParty": "10100001",
    "SalesOrderDate": "/Date(1767571200000)/",
    "CompleteDeliveryIsDefined": True,
    "to_Item": {
        "results": [
            {"Material": "TG11", "RequestedQuantity": "2", "RequestedQuantityUnit": "PC"},
            {"Material": "TG12", "RequestedQuantity": "1.5"},
        ]
    },
}


def etag(client: Client, number: str = "1") -> str:
    return client.get(f"A_SalesOrder('{number}')").headers["ETag"]


def test_a_deep_insert_is_one_unit_of_work(client: Client, book: BookErp) -> None:
    response = client.write("POST", "A_SalesOrder", ORDER)

    assert response.status_code == 201
    order = response.json()["d"]
    assert response.headers["Location"] == order["__metadata"]["uri"]
    assert response.headers["ETag"] == order["__metadata"]["etag"]
    materials = [item["Material"] for item in order["to_Item"]["results"]]
    assert (order["SalesOrder"], materials) == ("4", ["TG11", "TG12"])
    assert "__deferred" in order["to_Partner"]
    assert book.items["4", "20"]["RequestedQuantity"] == Decimal("1.5")
    assert book.commits == 1


def test_a_list_stands_for_results_and_a_link_read_before_is_ignored(client: Client) -> None:
    content = {
        **ORDER,
        "__metadata": {"type": "API_SALES_ORDER_SRV.A_SalesOrderType"},
        "to_Item": [{"Material": "TG11"}],
        "to_Partner": {"__deferred": {"uri": "http://elsewhere.test/"}},
    }

    created = client.write("POST", "A_SalesOrder", {"d": content})

    assert created.status_code == 201
    assert len(created.json()["d"]["to_Item"]["results"]) == 1


def test_a_success_carries_the_messages_of_the_erp(client: Client) -> None:
    message = json.loads(client.write("POST", "A_SalesOrder", ORDER).headers["sap-message"])

    assert (message["code"], message["severity"]) == ("V1/311", "success")
    assert message["details"] == []


def test_a_refusal_carries_the_messages_and_nothing_is_done(client: Client, book: BookErp) -> None:
    response = client.write("POST", "A_SalesOrder", {**ORDER, "SoldToParty": "BAD"})

    assert response.status_code == 400
    error = response.json()["error"]
    assert error["code"] == "VP/199"
    assert error["message"] == {"lang": "en", "value": "Sold-to party BAD not maintained"}
    assert error["innererror"]["errordetails"][0]["severity"] == "error"
    assert error["innererror"]["application"]["service_id"] == "API_SALES_ORDER_SRV"
    assert book.commits == 0


def test_an_update_that_terminates_is_a_failure_of_the_system(
    client: Client, book: BookErp
) -> None:
    book.commit_fails = True

    response = client.write("POST", "A_SalesOrder", ORDER)

    assert (response.status_code, response.json()["error"]["code"]) == (500, "S&/101")
    assert len(book.orders) == 3


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"Nonsense": "1"}, "Nonsense"),
        ({"SalesOrderType": 1}, "SalesOrderType"),
        ({"SalesOrderType": "ABCDE"}, "4 characters"),
        ({"CompleteDeliveryIsDefined": "X"}, "true or false"),
        ({"SalesOrderDate": "5.1.2026"}, "SalesOrderDate"),
        ({"TotalNetAmount": "1"}, "cannot be created"),
        ({"to_Item": [{"RequestedQuantity": 2}]}, "RequestedQuantity"),
        ({"to_Item": [{"RequestedQuantity": "2.0001"}]}, "3 decimals"),
        ({"to_Item": [{"RequestedQuantity": "1234567890123"}]}, "15 digits"),
        ({"to_Item": [{"RequestedQuantity": "two"}]}, "decimal number"),
        ({"to_Item": ["x"]}, "to_Item"),
        ({"to_Nothing": []}, "to_Nothing"),
    ],
)
def test_what_does_not_fit_its_property_is_named(
    client: Client, change: dict[str, Any], said: str
) -> None:
    response = client.write("POST", "A_SalesOrder", {**ORDER, **change})

    assert response.status_code == 400
    assert said in response.json()["error"]["message"]["value"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b'{"a": NaN}', b"\xff", b"[" * 9000])
def test_a_body_that_is_no_object_is_refused(client: Client, body: bytes) -> None:
    response = client.write("POST", "A_SalesOrder", body, Content_Type="application/json")

    assert response.status_code == 400


def test_another_content_type_is_refused(client: Client) -> None:
    response = client.write("POST", "A_SalesOrder", b"a=1", Content_Type="text/csv")

    assert response.status_code == 415


def test_a_decimal_number_is_taken_where_the_settings_say_so(
    front: HttpFront, book: BookErp
) -> None:
    face_on(front, book, decimal_numbers=True, read_only_properties="ignore")
    client = client_of(front)
    content = {"to_Item": [{"RequestedQuantity": 2.5}], "TotalNetAmount": "1"}

    assert client.write("POST", "A_SalesOrder", content).status_code == 201
    assert book.items["4", "10"]["RequestedQuantity"] == Decimal("2.5")
    assert "TotalNetAmount" not in book.orders["4"]


def test_an_initial_value_of_a_property_that_cannot_be_set_asks_for_nothing(
    client: Client,
) -> None:
    content = {**ORDER, "TotalNetAmount": "0.00", "LastChangeDate": None, "SalesOrder": ""}

    assert client.write("POST", "A_SalesOrder", content).status_code == 201


def test_an_item_is_created_below_its_order(client: Client, book: BookErp) -> None:
    response = client.write("POST", "A_SalesOrder('1')/to_Item", {"Material": "TG20"})

    assert response.status_code == 201
    assert book.items["1", "90"]["Material"] == "TG20"
    assert response.json()["d"]["SalesOrder"] == "1"
    assert client.write("POST", "A_SalesOrder('9')/to_Item", {}).status_code == 404


@pytest.mark.parametrize("method", ["PATCH", "MERGE"])
def test_a_change_touches_only_what_was_sent(client: Client, book: BookErp, method: str) -> None:
    content = {"SoldToParty": "10100002"}

    response = client.write(method, "A_SalesOrder('1')", content, If_Match=etag(client))

    assert (response.status_code, response.content) == (204, b"")
    assert book.orders["1"]["SoldToParty"] == "10100002"
    assert book.orders["1"]["PurchaseOrderByCustomer"] == "O'Neill 1"
    assert response.headers["ETag"] == etag(client)


def test_put_resets_what_was_not_sent(client: Client, book: BookErp) -> None:
    content = {"SoldToParty": "10100002"}

    response = client.write("PUT", "A_SalesOrder('1')", content, If_Match="*")

    assert response.status_code == 204
    assert book.orders["1"]["PurchaseOrderByCustomer"] == ""
    assert book.orders["1"]["TotalNetAmount"] == Decimal("17.55")


def test_an_entity_may_be_sent_back_as_it_was_read(client: Client, book: BookErp) -> None:
    book.orders["1"]["LastChangeDateTime"] = book.clock.now() + timedelta(microseconds=1234)
    order = client.read("A_SalesOrder('1')")
    order["SalesGroup"] = "001"
    order["to_Partner"] = {"results": []}

    for method in ("PATCH", "PUT"):
        response = client.write(method, "A_SalesOrder('1')", order, If_Match="*")
        assert response.status_code == 204, response.text
    order["TotalNetAmount"] = "1"
    assert client.write("PATCH", "A_SalesOrder('1')", order, If_Match="*").status_code == 400
    assert client.write("PUT", "A_SalesOrder('1')", order, If_Match="*").status_code == 204
    assert book.orders["1"]["TotalNetAmount"] == Decimal("17.55")


@pytest.mark.parametrize("method", ["PATCH", "MERGE", "PUT", "DELETE"])
def test_post_may_carry_another_method(client: Client, method: str) -> None:
    content = None if method == "DELETE" else {"SalesGroup": "001"}

    response = client.write(
        "POST", "A_SalesOrder('1')", content, X_HTTP_Method=method, If_Match=etag(client)
    )

    assert response.status_code == 204


def test_a_change_needs_the_etag_and_the_right_one(client: Client, book: BookErp) -> None:
    old = etag(client)
    content = {"SalesGroup": "001"}

    assert client.write("PATCH", "A_SalesOrder('1')", content).status_code == 428
    assert client.write("PATCH", "A_SalesOrder('1')", content, If_Match=old).status_code == 204
    stale = client.write("PATCH", "A_SalesOrder('1')", content, If_Match=old)
    assert stale.status_code == 412
    assert client.write("DELETE", "A_SalesOrder('1')").status_code == 428
    assert "1" in book.orders


def test_the_etag_is_not_demanded_where_the_settings_say_so(
    front: HttpFront, book: BookErp
) -> None:
    face_on(front, book, etag_demanded=False)
    client = client_of(front)

    assert client.write("PATCH", "A_SalesOrder('1')", {"SalesGroup": "1"}).status_code == 204
    wrong = client.write("PATCH", "A_SalesOrder('1')", {}, If_Match="W/\"'x'\"")
    assert wrong.status_code == 412


def test_an_entity_without_etag_needs_none(client: Client, book: BookErp) -> None:
    path = "A_SalesOrderItem(SalesOrder='1',SalesOrderItem='10')"

    assert client.write("PATCH", path, {"RequestedQuantity": "5"}).status_code == 204
    assert book.items["1", "10"]["RequestedQuantity"] == Decimal(5)


def test_deleting_takes_the_entity_away(client: Client, book: BookErp) -> None:
    assert client.write("DELETE", "A_SalesOrder('1')", If_Match=etag(client)).status_code == 204
    assert "1" not in book.orders


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "A_SalesOrderSubsqntProcFlow"),
        ("PATCH", "A_SalesOrderItem"),
        ("DELETE", "A_SalesOrder"),
        ("POST", "A_SalesOrder('1')"),
        ("PATCH", "A_SalesOrder('1')/SoldToParty"),
        ("POST", "$metadata"),
        ("POST", ""),
    ],
)
def test_what_the_service_does_not_offer_is_405(client: Client, method: str, path: str) -> None:
    response = client.write(method, path, {}, If_Match="*")

    assert response.status_code == 405
    assert response.headers["Allow"]


def test_a_key_or_a_fixed_property_cannot_be_changed(client: Client) -> None:
    same = client.write("PATCH", "A_SalesOrder('1')", {"SalesOrder": "1"}, If_Match="*")
    assert same.status_code == 204
    wrong: list[dict[str, Any]] = [{"SalesOrder": "2"}, {"TotalNetAmount": "9"}, {"to_Item": [{}]}]
    for content in wrong:
        response = client.write("PATCH", "A_SalesOrder('1')", content, If_Match="*")
        assert response.status_code == 400
