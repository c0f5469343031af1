"""The names under which faults and the call log know a request."""

from __future__ import annotations

import pytest

from connector.simulator.http.messages import Headers, HttpRequest
from connector.simulator.http.operations import matches, names_of, operation_names

ROOT = "/sap/opu/odata/sap/API_OUTBOUND_DELIVERY_SRV;v=0002"


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("POST", "/PostGoodsIssue", "POST PostGoodsIssue"),
        ("GET", "/A_OutbDeliveryHeader('80000001')", "GET A_OutbDeliveryHeader"),
        (
            "GET",
            "/A_OutbDeliveryHeader('8/0')/to_Item(A='1',B='2')",
            "A_OutbDeliveryHeader/to_Item",
        ),
        ("GET", "/A_OutbDeliveryHeader%28'8'%29/to_Item", "to_Item"),
        ("GET", "/$metadata", "GET $metadata"),
        ("GET", "", "API_OUTBOUND_DELIVERY_SRV"),
    ],
)
def test_a_request_has_the_names_of_what_it_asks_for(method: str, path: str, name: str) -> None:
    assert name in names_of(HttpRequest(method, ROOT + path))


def test_a_tunnelled_method_is_the_one_meant() -> None:
    headers = Headers([("X-HTTP-Method", "MERGE")])
    names = names_of(HttpRequest("POST", f"{ROOT}/A_OutbDeliveryHeader('1')", headers=headers))

    assert "MERGE A_OutbDeliveryHeader" in names
    assert "POST A_OutbDeliveryHeader" not in names


def test_a_batch_has_the_names_of_its_operations() -> None:
    body = b"--b\r\n\r\nPOST A_OutbDeliveryHeader HTTP/1.1\r\n\r\n{}\r\nGET A_X('1') HTTP/1.1\r\n"

    names = names_of(HttpRequest("POST", f"{ROOT}/$batch", body=body))

    assert {"POST A_OutbDeliveryHeader", "GET A_X", "POST $batch"} <= set(names)


def test_a_soap_message_has_the_name_of_its_action() -> None:
    headers = Headers([("SOAPAction", '"http://sap.com/xi/JournalEntryCreateRequest"')])

    names = names_of(HttpRequest("POST", "/sap/bc/srt/scs/sap/entry", headers=headers))

    assert "JournalEntryCreateRequest" in names
    assert "POST entry" in names


def test_a_pattern_may_leave_parts_open() -> None:
    names = operation_names("GET", "A_SalesOrder('1')?$expand=x")

    assert matches("*", names)
    assert matches("GET A_Sales*", names)
    assert not matches("POST A_Sales*", names)
