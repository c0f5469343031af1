"""Atom and XML: what a client gets that asks for nothing else."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from lxml import etree

from tests.simulator.odata.protocol.book import BookErp
from tests.simulator.odata.protocol.conftest import Client

NAMES = {
    "a": "http://www.w3.org/2005/Atom",
    "app": "http://www.w3.org/2007/app",
    "d": "http://schemas.microsoft.com/ado/2007/08/dataservices",
    "m": "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata",
}
ENTRY = """<?xml version="1.0" encoding="utf-8"?>
<entry xmlns="http://www.w3.org/2005/Atom"
  xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices"
  xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">
  <link rel="http://schemas.microsoft.com/ado/2007/08/dataservices/related/to_Item"
    type="application/atom+xml;type=feed" title="to_Item">
    <m:inline><feed>
      <entry><content type="application/xml"><m:properties>
        <d:Material>TG11</d:Material><d:RequestedQuantity>2</d:RequestedQuantity>
      </m:properties></content></entry>
    </feed></m:inline>
  </link>
  <content type="application/xml"><m:properties>
    <d:SoldToParty>10100001</d:SoldToParty>
    <d:SalesOrderDate>2026-01-05T00:00:00</d:SalesOrderDate>
    <d:PricingDate m:null="true"/>
  </m:properties></content>
</entry>"""


def xml(response: requests.Response) -> Any:
    return etree.fromstring(response.content)


@pytest.fixture
def atom(client: Client) -> Client:
    client.accept = "*/*"
    return client


def test_an_entry_has_its_properties_links_and_etag(atom: Client) -> None:
    response = atom.get("A_SalesOrder('1')")

    entry = xml(response)
    assert response.headers["Content-Type"].startswith("application/atom+xml;type=entry")
    assert entry.get(f"{{{NAMES['m']}}}etag") == response.headers["ETag"]
    properties = entry.find("a:content/m:properties", NAMES)
    assert properties.findtext("d:TotalNetAmount", namespaces=NAMES) == "17.55"
    assert properties.findtext("d:CreationDate", namespaces=NAMES) == "2026-01-02T00:00:00"
    null = properties.find("d:PricingDate", NAMES)
    assert null.get(f"{{{NAMES['m']}}}null") == "true"
    links = {link.get("title"): link.get("href") for link in entry.findall("a:link", NAMES)}
    assert links["to_Item"] == "A_SalesOrder('1')/to_Item"


def test_a_feed_has_entries_a_count_and_what_is_expanded(atom: Client) -> None:
    feed = xml(atom.get("A_SalesOrder?$inlinecount=allpages&$expand=to_Item&$top=2"))

    assert feed.findtext("m:count", namespaces=NAMES) == "3"
    entries = feed.findall("a:entry", NAMES)
    assert len(entries) == 2
    inner = entries[0].findall("a:link/m:inline/a:feed/a:entry", NAMES)
    assert len(inner) == 2


def test_the_service_document_is_a_workspace(atom: Client) -> None:
    response = atom.get("/")

    hrefs = [each.get("href") for each in xml(response).iterfind(".//app:collection", NAMES)]
    assert "A_SalesOrder" in hrefs
    assert response.headers["Content-Type"].startswith("application/atomsvc+xml")


def test_properties_links_and_function_results(atom: Client) -> None:
    value = xml(atom.get("A_SalesOrder('1')/TotalNetAmount"))
    assert (etree.QName(value).localname, value.text) == ("TotalNetAmount", "17.55")
    links = xml(atom.get("A_SalesOrder('1')/$links/to_Item"))
    assert len(links.findall("d:uri", NAMES)) == 2
    result = xml(atom.write("POST", "releaseApprovalRequest?SalesOrder='1'"))
    assert result.findtext("d:Boolean", namespaces=NAMES) == "true"


def test_the_format_is_chosen_by_the_query_before_the_header(atom: Client) -> None:
    assert atom.get("A_SalesOrder?$format=json").json()["d"]["results"]
    assert xml(atom.get("A_SalesOrder?$format=atom", Accept="application/json")) is not None
    assert atom.get("A_SalesOrder", Accept="application/xml,application/json;q=0.5").text[0] == "<"
    assert atom.get("A_SalesOrder", Accept="application/json;odata=verbose").json()
    assert atom.get("A_SalesOrder", Accept="text/csv").status_code == 406
    assert atom.get("A_SalesOrder?$format=csv").status_code == 406


def test_errors_are_xml_as_well(atom: Client) -> None:
    response = atom.get("A_SalesOrder('9')")

    error = xml(response)
    assert response.headers["Content-Type"].startswith("application/xml")
    assert error.findtext("m:code", namespaces=NAMES) == "/IWBEP/CM_MGW_RT/020"
    assert "A_SalesOrderType" in error.findtext("m:message", namespaces=NAMES)


def test_an_entry_is_created_with_what_is_inline(atom: Client, book: BookErp) -> None:
    response = atom.write(
        "POST", "A_SalesOrder", ENTRY.encode(), Content_Type="application/atom+xml"
    )

    assert response.status_code == 201, response.text
    assert book.orders["4"]["SoldToParty"] == "10100001"
    assert book.items["4", "10"]["Material"] == "TG11"


def test_an_entry_is_changed(atom: Client, book: BookErp) -> None:
    content = ENTRY.partition("<link")[0] + "<content" + ENTRY.rpartition("<content")[2]
    content = content.replace("10100001", "10100002")

    response = atom.write(
        "MERGE",
        "A_SalesOrder('1')",
        content.encode(),
        Content_Type="application/atom+xml",
        If_Match="*",
    )

    assert response.status_code == 204, response.text
    assert book.orders["1"]["SoldToParty"] == "10100002"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<entry>",
        b"<feed xmlns='http://www.w3.org/2005/Atom'/>",
        b"<!DOCTYPE e [<!ENTITY x 'y'>]><entry xmlns='http://www.w3.org/2005/Atom'/>",
    ],
)
def test_what_is_no_entry_is_refused(atom: Client, body: bytes) -> None:
    response = atom.write("POST", "A_SalesOrder", body, Content_Type="application/xml")

    assert response.status_code == 400


def test_a_text_that_xml_cannot_carry_is_cleaned(atom: Client, book: BookErp) -> None:
    book.orders["1"]["PurchaseOrderByCustomer"] = "a\x00b\x1f<&>"

    entry = xml(atom.get("A_SalesOrder('1')"))

    found = entry.findtext(".//d:PurchaseOrderByCustomer", namespaces=NAMES)
    assert found == "ab<&>"
