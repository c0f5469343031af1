"""Reading: entities, collections, the query options, counts, properties, links."""

from __future__ import annotations

from typing import Any

import pytest

from connector.simulator.http.front import HttpFront
from tests.simulator.odata.protocol.book import BookErp, face_on
from tests.simulator.odata.protocol.conftest import Client, client_of


def numbers(content: Any) -> list[str]:
    return [row["SalesOrder"] for row in content["results"]]


def test_an_entity_says_who_it_is_and_where_the_rest_is_found(client: Client) -> None:
    order = client.read("A_SalesOrder('1')")

    address = f"{client.base}{client.path}/A_SalesOrder('1')"
    assert order["__metadata"]["uri"] == order["__metadata"]["id"] == address
    assert order["__metadata"]["type"] == "API_SALES_ORDER_SRV.A_SalesOrderType"
    assert order["to_Item"] == {"__deferred": {"uri": f"{address}/to_Item"}}


def test_values_have_the_forms_of_the_protocol(client: Client) -> None:
    order = client.read("A_SalesOrder('1')")

    assert order["TotalNetAmount"] == "17.55"
    assert order["CreationDate"] == "/Date(1767312000000)/"
    assert order["LastChangeDateTime"] == "/Date(1767603600000+0000)/"
    assert order["CompleteDeliveryIsDefined"] is False
    assert order["SalesGroup"] == "" and order["PricingDate"] is None


def test_a_collection_is_a_list_of_results(client: Client) -> None:
    assert numbers(client.read("A_SalesOrder")) == ["1", "2", "3"]


def test_a_key_may_be_named_and_quotes_in_it_are_doubled(client: Client, book: BookErp) -> None:
    book.add("O'1")

    assert client.read("A_SalesOrder(SalesOrder='1')")["SalesOrder"] == "1"
    assert client.read("A_SalesOrder('O''1')")["SalesOrder"] == "O'1"
    assert client.read("A_SalesOrder('O%27%271')")["__metadata"]["uri"].endswith("('O''1')")
    key = "SalesOrderItem='10',SalesOrder='1'"
    assert client.read(f"A_SalesOrderItem({key})")["Material"] == "TG11"


@pytest.mark.parametrize(
    "path",
    [
        "A_SalesOrder('9')",
        "A_Nothing",
        "A_SalesOrder('1')/to_Nothing",
        "A_SalesOrder('1')/SalesOrder/more",
        "A_SalesOrder/to_Item",
        "A_SalesOrder('1')/to_Item(SalesOrder='1',SalesOrderItem='99')",
    ],
)
def test_what_is_not_there_is_404(client: Client, path: str) -> None:
    response = client.get(path)

    assert response.status_code == 404
    assert response.json()["error"]["code"]


@pytest.mark.parametrize(
    "path",
    [
        "A_SalesOrder(1)",
        "A_SalesOrder(Wrong='1')",
        "A_SalesOrder('1','2')",
        "A_SalesOrder('1",
        "A_SalesOrder(datetime'2026-01-01T00:00:00')",
        "A_SalesOrder?$top=-1",
        "A_SalesOrder?$top=x",
        "A_SalesOrder?$nonsense=1",
        "A_SalesOrder?$inlinecount=some",
        "A_SalesOrder?$select=Nothing",
        "A_SalesOrder?$expand=Nothing",
        "A_SalesOrder?$orderby=Nothing",
        "A_SalesOrder?$filter=Nothing eq 1",
        "A_SalesOrder?$filter=SalesOrder eq 1",
        "A_SalesOrder?$filter=SalesOrder",
        "A_SalesOrder?$filter=",
        "A_SalesOrder?$top=1&$top=2",
        "A_SalesOrder('1')?$top=1",
        "A_SalesOrder/%FF",
    ],
)
def test_what_is_not_understood_is_400_with_a_reason(client: Client, path: str) -> None:
    response = client.get(path)

    assert response.status_code == 400, response.text
    assert len(response.json()["error"]["message"]["value"]) > 10


def test_a_selection_shows_nothing_else(client: Client) -> None:
    (row, *_) = client.read("A_SalesOrder?$select=SalesOrder,TotalNetAmount")["results"]

    assert sorted(row) == ["SalesOrder", "TotalNetAmount", "__metadata"]


def test_expanding_shows_what_a_navigation_leads_to(client: Client) -> None:
    order = client.read("A_SalesOrder('2')?$expand=to_Item/to_SalesOrder,to_Partner")

    items = order["to_Item"]["results"]
    assert [each["SalesOrderItem"] for each in items] == ["10", "20"]
    assert items[0]["to_SalesOrder"]["SalesOrder"] == "2"
    assert order["to_Partner"] == {"results": []}


def test_a_selection_reaches_into_what_is_expanded(client: Client) -> None:
    query = "$expand=to_Item&$select=SalesOrder,to_Item/Material"

    order = client.read(f"A_SalesOrder('2')?{query}")

    assert sorted(order) == ["SalesOrder", "__metadata", "to_Item"]
    assert sorted(order["to_Item"]["results"][0]) == ["Material", "__metadata"]


def test_a_star_selects_all_properties_and_no_navigation(client: Client) -> None:
    order = client.read("A_SalesOrder('2')?$select=*")

    assert "TotalNetAmount" in order
    assert "to_Item" not in order


def test_nothing_expanded_is_null(client: Client, book: BookErp) -> None:
    del book.orders["1"]

    item = client.read("A_SalesOrderItem(SalesOrder='1',SalesOrderItem='10')?$expand=to_SalesOrder")

    assert item["to_SalesOrder"] is None
    path = "A_SalesOrderItem(SalesOrder='1',SalesOrderItem='10')/to_SalesOrder"
    assert client.get(path).status_code == 404


def test_order_top_and_skip(client: Client) -> None:
    assert numbers(client.read("A_SalesOrder?$orderby=TotalNetAmount desc")) == ["3", "2", "1"]
    query = "$orderby=SoldToParty,TotalNetAmount desc"
    assert numbers(client.read(f"A_SalesOrder?{query}")) == ["3", "1", "2"]
    assert numbers(client.read("A_SalesOrder?$orderby=CreationDate")) == ["3", "1", "2"]
    assert numbers(client.read("A_SalesOrder?$top=1&$skip=1")) == ["2"]
    assert numbers(client.read("A_SalesOrder?$top=0")) == []


def test_the_count_is_of_all_that_satisfy_the_filter(client: Client) -> None:
    query = "$filter=SoldToParty eq '10100001'&$inlinecount=allpages&$top=1"

    page = client.read(f"A_SalesOrder?{query}")

    assert (page["__count"], numbers(page)) == ("2", ["1"])
    assert client.get("A_SalesOrder/$count").text == "3"
    assert client.get("A_SalesOrder/$count?$filter=SoldToParty eq '10100001'").text == "2"
    assert client.get("A_SalesOrder('1')/to_Item/$count").text == "2"


def test_a_long_collection_comes_in_pages(front: HttpFront, book: BookErp) -> None:
    face_on(front, book, page_size=2)
    client = client_of(front)

    first = client.read("A_SalesOrder?$inlinecount=allpages&$filter=TotalNetAmount gt 1")

    assert (numbers(first), first["__count"]) == (["1", "2"], "3")
    following = first["__next"]
    assert following.startswith(f"{client.base}{client.path}/A_SalesOrder?")
    second = client.session.get(following, headers={"Accept": "application/json"}).json()["d"]
    assert numbers(second) == ["3"]
    assert "__next" not in second


def test_top_counts_over_all_pages(front: HttpFront, book: BookErp) -> None:
    for number in range(4, 9):
        book.add(str(number))
    face_on(front, book, page_size=2)
    client = client_of(front)
    page = client.read("A_SalesOrder?$top=5&$skip=1")
    found = numbers(page)

    while "__next" in page:
        page = client.session.get(page["__next"], headers={"Accept": "application/json"}).json()[
            "d"
        ]
        found += numbers(page)

    assert found == ["2", "3", "4", "5", "6"]


def test_a_property_by_itself_and_its_raw_value(client: Client) -> None:
    assert client.read("A_SalesOrder('1')/TotalNetAmount") == {"TotalNetAmount": "17.55"}
    response = client.get("A_SalesOrder('1')/TotalNetAmount/$value")
    assert response.text == "17.55"
    assert response.headers["Content-Type"].startswith("text/plain")
    assert client.get("A_SalesOrder('1')/PricingDate/$value").status_code == 404


def test_links_are_addresses_alone(client: Client) -> None:
    links = client.read("A_SalesOrder('1')/$links/to_Item")["results"]
    assert [link["uri"].rpartition("/")[2] for link in links] == [
        "A_SalesOrderItem(SalesOrder='1',SalesOrderItem='10')",
        "A_SalesOrderItem(SalesOrder='1',SalesOrderItem='20')",
    ]
    path = "A_SalesOrderItem(SalesOrder='1',SalesOrderItem='10')/$links/to_SalesOrder"
    assert client.read(path)["uri"].endswith("/A_SalesOrder('1')")


def test_a_plus_in_a_query_is_a_blank(client: Client) -> None:
    query = "$filter=PurchaseOrderByCustomer+eq+'O''Neill+2'"

    assert numbers(client.read(f"A_SalesOrder?{query}")) == ["2"]


def test_a_source_is_told_what_it_need_not_read(client: Client, book: BookErp) -> None:
    client.read(
        "A_SalesOrder?$filter=(SalesOrder eq '1' or SalesOrder eq '2') and "
        "CreationDate ge datetime'2026-01-02T00:00:00' "
        "and (TotalNetAmount gt 5 or SalesOrder eq '3')"
    )

    (narrowing,) = book.narrowings
    assert narrowing.one_of("SalesOrder") == ("1", "2")
    assert str(narrowing.at_least("CreationDate")) == "2026-01-02"
    assert narrowing.at_least("TotalNetAmount") is None


def test_leading_zeros_of_a_number_make_no_difference_in_a_filter(client: Client) -> None:
    for text in ("SalesOrder eq '0000000002'", "'0002' eq SalesOrder"):
        assert numbers(client.read(f"A_SalesOrder?$filter={text}")) == ["2"]
    text = "SoldToParty ne '0010100001' and SalesOrder ne 'x'"
    assert numbers(client.read(f"A_SalesOrder?$filter={text}")) == ["2"]
    rows = client.read("A_SalesOrderItem?$filter=SalesOrderItem eq '000010'")["results"]
    assert len(rows) == 3
    assert client.read("A_SalesOrder?$filter=TransactionCurrency eq '0'")["results"] == []


def test_a_filter_may_follow_a_navigation_to_one_entity(client: Client) -> None:
    rows = client.read("A_SalesOrderItem?$filter=to_SalesOrder/TotalNetAmount gt 200")["results"]

    assert {row["SalesOrder"] for row in rows} == {"3"}


def test_a_property_that_cannot_be_filtered_is_refused(client: Client) -> None:
    path = "A_SalesOrderPrecdgProcFlow?$filter=OverallSDProcessStatus eq 'A'"

    assert client.get(path).status_code == 400


def test_an_unchanged_entity_is_not_sent_again(client: Client) -> None:
    etag = client.get("A_SalesOrder('1')").headers["ETag"]

    assert client.get("A_SalesOrder('1')", If_None_Match=etag).status_code == 304
    assert client.get("A_SalesOrder('1')", If_None_Match="W/\"'x'\"").status_code == 200


def test_head_is_a_get_without_a_body(client: Client) -> None:
    response = client.ask("HEAD", "A_SalesOrder", None)

    assert response.status_code == 200
    assert response.content == b""


def test_the_service_document_lists_the_entity_sets(client: Client) -> None:
    sets = client.read("/")["EntitySets"]

    assert "A_SalesOrder" in sets
    assert len(sets) == 23


def test_an_unknown_service_or_version_is_refused(client: Client) -> None:
    client.path = "/sap/opu/odata/sap/API_NOTHING_SRV"
    response = client.get("/")
    assert (response.status_code, response.json()["error"]["code"]) == (403, "/IWFND/MED/170")
    client.path = "/sap/opu/odata/sap/API_OUTBOUND_DELIVERY_SRV;v=0003"
    assert client.get("/").status_code == 403


@pytest.mark.parametrize("version", ["", ";v=0002", ";v=2", ";o=LOCAL;v=0002"])
def test_a_service_is_found_with_its_version_or_without(client: Client, version: str) -> None:
    client.path = f"/sap/opu/odata/sap/API_OUTBOUND_DELIVERY_SRV{version}"

    assert "A_OutbDeliveryHeader" in client.read("/")["EntitySets"]


def test_the_older_release_has_fewer_sets(front: HttpFront, book: BookErp) -> None:
    face_on(front, book, releases={"API_SALES_ORDER_SRV": "2020"})

    assert len(client_of(front).read("/")["EntitySets"]) == 11


def test_a_release_that_does_not_exist_is_named() -> None:
    from connector.simulator.odata.schema import load_services

    with pytest.raises(ValueError, match="2026, 2020"):
        load_services({"API_SALES_ORDER_SRV": "1999"})
