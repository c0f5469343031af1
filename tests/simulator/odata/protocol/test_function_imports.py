"""Function imports."""

from __future__ import annotations

import pytest

from connector.simulator.http.front import HttpFront
from tests.simulator.odata.protocol.book import BookErp, face_on
from tests.simulator.odata.protocol.conftest import Client, client_of
from tests.simulator.odata.protocol.test_writes import etag


def test_a_function_import_returns_a_value(client: Client) -> None:
    response = client.write("POST", "releaseApprovalRequest?SalesOrder='1'")

    assert response.status_code == 200
    result = response.json()["d"]["releaseApprovalRequest"]
    assert result["Boolean"] is True


def test_a_function_import_returns_a_collection(client: Client) -> None:
    client.path = "/sap/opu/odata/sap/API_OUTBOUND_DELIVERY_SRV;v=0002"

    response = client.write("POST", "PickAllItems?DeliveryDocument='80000001'&sap-language=EN")

    (row,) = response.json()["d"]["results"]
    assert row["DeliveryDocument"] == "80000001"


def test_a_function_import_that_reads_needs_no_token(client: Client) -> None:
    client.path = "/sap/opu/odata/sap/API_BILLING_DOCUMENT_SRV"

    result = client.read("GetPDF?BillingDocument='90000001'")

    assert result["GetPDF"]["BillingDocumentBinary"] == "JVBERi0="


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "releaseApprovalRequest?SalesOrder='1'", 405),
        ("POST", "releaseApprovalRequest", 400),
        ("POST", "releaseApprovalRequest?SalesOrder=1", 400),
        ("POST", "releaseApprovalRequest?SalesOrder='9'", 400),
        ("POST", "rejectApprovalRequest?SalesOrder='1'", 501),
    ],
)
def test_a_wrong_call_of_a_function_import(
    client: Client, method: str, path: str, status: int
) -> None:
    assert client.write(method, path).status_code == status


def test_a_function_import_compares_the_etag_that_is_sent(
    client: Client, front: HttpFront, book: BookErp
) -> None:
    path = "releaseApprovalRequest?SalesOrder='1'"
    assert client.write("POST", path, If_Match="W/\"'old'\"").status_code == 412
    assert client.write("POST", path, If_Match=etag(client)).status_code == 200


def test_a_function_import_demands_the_etag_where_the_settings_say_so(
    front: HttpFront, book: BookErp
) -> None:
    face_on(front, book, etag_demanded_by_functions=True)
    client = client_of(front)

    assert client.write("POST", "releaseApprovalRequest?SalesOrder='1'").status_code == 428
