"""UBL, cXML and openTRANS: their orders are read, and their other documents are called by name."""

from __future__ import annotations

from typing import Any

import pytest

from connector.errors import MessageError
from connector.mappings.raw_message import RawMessage
from tests.mappings.tiny_messages import tiny_messages

TINY = tiny_messages()


def read(name: str, content: bytes, **options: Any) -> Any:
    [found] = TINY[name].read(content, **options)
    return found


@pytest.mark.parametrize(
    ("name", "document", "meaning"),
    [
        ("ubl", "<Invoice/>", "the document is an invoice, not an order; expected a UBL Order"),
        ("ubl", "<OrderChange/>", "the document is a change of an order, not an order"),
        ("ubl", "<Ordre/>", "the document is an Ordre, not an order"),
        ("cxml", "<cXML><Message><PunchOutOrderMessage/></Message></cXML>", "a shopping cart"),
        ("cxml", "<cXML><Response/></cXML>", "the document is an answer"),
        ("opentrans", "<DISPATCHNOTIFICATION/>", "a dispatch notification, not an order"),
    ],
)
def test_another_document_is_called_by_its_name(name: str, document: str, meaning: str) -> None:
    found = read(name, document.encode())

    assert isinstance(found, MessageError)
    assert meaning in str(found)


def test_changes_of_orders_are_read_where_the_profile_says_so() -> None:
    found = read("ubl", b"<OrderChange><ID>1</ID></OrderChange>", documents=["OrderChange"])

    assert found.content == {"ID": "1", "document": "OrderChange"}


def test_an_order_in_a_business_document_header_sees_the_header() -> None:
    content = TINY["ubl"].content.partition(b"?>")[2]
    header = b"<StandardBusinessDocumentHeader><X>1.0</X></StandardBusinessDocumentHeader>"

    found = read(
        "ubl", b"<StandardBusinessDocument>" + header + content + b"</StandardBusinessDocument>"
    )

    assert found.content["ID"] == "U-1"
    assert found.content["envelope"]["StandardBusinessDocumentHeader"]["X"] == "1.0"


def test_prefixes_of_namespaces_do_not_matter() -> None:
    other = TINY["ubl"].content.replace(b"cbc:", b"x:").replace(b"xmlns:cbc", b"xmlns:x")

    assert read("ubl", other).content == TINY["ubl"].read()[0].content  # type: ignore[union-attr]


def test_several_orders_of_a_list_are_read() -> None:
    order = TINY["opentrans"].content.partition(b"?>")[2]

    found = TINY["opentrans"].read(b"<ORDER_LIST>" + order * 3 + b"</ORDER_LIST>")

    assert [isinstance(each, RawMessage) for each in found] == [True] * 3


def test_an_order_request_sees_who_sends_it() -> None:
    found = read("cxml", TINY["cxml"].content)

    assert found.content["envelope"]["payloadID"] == "1@example.com"
    credential = found.content["envelope"]["Header"]["From"]["Credential"]
    assert credential == [{"Identity": "AN01", "domain": "NetworkId"}]
    assert found.content["ItemOut"][0]["ItemDetail"]["Description"] == [
        {"text": "Torch", "lang": "en"}
    ]


def test_a_description_with_a_short_name_is_still_its_text() -> None:
    content = TINY["cxml"].content.replace(
        b">Torch</Description>", b">Torch<ShortName>T</ShortName></Description>"
    )

    detail = read("cxml", content).content["ItemOut"][0]["ItemDetail"]

    assert detail["Description"][0]["text"] == "Torch"


def test_what_a_sender_proves_itself_by_is_not_kept() -> None:
    secret = b"<SharedSecret>abracadabra</SharedSecret>"
    content = TINY["cxml"].content.replace(b"</Identity>", b"</Identity>" + secret)
    assert b"abracadabra" in content

    found = read("cxml", content)

    assert "abracadabra" not in found.raw + str(found.content)
    assert "SharedSecret" in found.raw
