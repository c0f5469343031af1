"""The protocol around a message: versions, headers, what is no XML, and what would harm."""

from __future__ import annotations

import pytest

from connector.simulator.soap.journal_entry import shipped_description
from tests.simulator.soap.support import (
    ENTRIES,
    MEDIA,
    SOAP_11,
    SOAP_12,
    Client,
    bulk,
    envelope,
    fault_of,
    payment,
)

BILLION_LAUGHS = """<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>"""
EXTERNAL = """<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/hostname">]>"""


def doctored(doctype: str, entity: str) -> bytes:
    body = envelope(bulk(payment())).decode().replace('<?xml version="1.0"?>', doctype)
    return body.replace("PAY-1", entity).encode()


@pytest.mark.parametrize(
    "body", [doctored(BILLION_LAUGHS, "&b;"), doctored(EXTERNAL, "&a;")], ids=["laughs", "file"]
)
def test_entities_are_refused_unread(soap: Client, body: bytes) -> None:
    answer = soap.send("POST", ENTRIES, body)
    code, text = fault_of(answer)
    assert code == "Client"
    assert "document type" in text
    assert "PAY" not in text


@pytest.mark.parametrize(
    "body",
    [b"", b"not xml", envelope(bulk(payment()))[:-30], b"<a>\xff</a>"],
    ids=["empty", "text", "cut off", "bytes"],
)
def test_what_is_no_xml_is_a_fault(soap: Client, body: bytes) -> None:
    code, text = fault_of(soap.send("POST", ENTRIES, body))
    assert code == "Client"
    assert text.startswith("XML parsing error")


def test_xml_that_is_no_envelope_is_of_a_wrong_version(soap: Client) -> None:
    for body in (b"<Envelope/>", b'<e:Envelope xmlns:e="urn:other"><e:Body/></e:Envelope>'):
        assert fault_of(soap.send("POST", ENTRIES, body))[0] == "VersionMismatch"


@pytest.mark.parametrize("payload", ["", bulk(payment()) * 2])
def test_a_body_holds_one_message(soap: Client, payload: str) -> None:
    code, text = fault_of(soap.post(ENTRIES, payload))
    assert code == "Client"
    assert "expected one" in text


@pytest.mark.parametrize("version", [SOAP_11, SOAP_12])
def test_a_header_that_must_be_understood_is_not(soap: Client, version: str) -> None:
    header = '<x:Security xmlns:x="urn:x" e:mustUnderstand="{}"/>'
    refused = soap.post(ENTRIES, bulk(payment()), version, header.format("1"))
    assert fault_of(refused)[0] == "MustUnderstand"
    assert soap.post(ENTRIES, bulk(payment()), version, header.format("0")).status == 200


def test_content_type_and_envelope_are_of_one_version(soap: Client) -> None:
    body = envelope(bulk(payment()), SOAP_12)
    answer = soap.send("POST", ENTRIES, body, media=MEDIA[SOAP_11])
    assert "content type" in fault_of(answer)[1]
    right = soap.send("POST", ENTRIES, body, media=MEDIA[SOAP_12])
    assert right.headers.get("Content-Type") == "application/soap+xml; charset=utf-8"


def test_another_operation_is_not_offered(soap: Client) -> None:
    code, text = fault_of(soap.post(ENTRIES, '<n:Other xmlns:n="urn:n"/>'))
    assert code == "Client"
    assert "not offered" in text


def test_comments_and_processing_instructions_mean_nothing(soap: Client) -> None:
    spiced = bulk(payment()).replace(
        "<CompanyCode>1000", "<!-- c --><?p i?><CompanyCode>10<!-- -->00"
    )
    assert soap.post(ENTRIES, spiced).status == 200


def test_the_wsdl_is_served_with_the_address_that_was_asked(soap: Client) -> None:
    answer = soap.send("GET", ENTRIES, query="sap-client=100&WSDL")
    assert answer.status == 200
    assert answer.body.count(f'location="http://erp.test:8000{ENTRIES}"'.encode()) == 2
    assert b"http://localhost/" not in answer.body
    assert b"http://localhost/" in shipped_description().content


@pytest.mark.parametrize(("method", "status"), [("GET", 405), ("PUT", 405), ("DELETE", 405)])
def test_other_methods_are_not_allowed(soap: Client, method: str, status: int) -> None:
    answer = soap.send(method, ENTRIES)
    assert answer.status == status
    assert "POST" in answer.headers.get("Allow")


def test_a_service_that_is_not_there_is_not_found(soap: Client) -> None:
    assert soap.send("POST", "/sap/bc/srt/scs/sap/other", b"<a/>").status == 404
    assert soap.send("POST", "/sap/bc/srt/scs/sap", b"<a/>").status == 404


def test_a_path_may_go_on_with_client_and_binding(soap: Client) -> None:
    answer = soap.post(f"{ENTRIES}/100/service/binding", bulk(payment()))
    assert answer.status == 200
