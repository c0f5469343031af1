"""XML becomes plain values by stable rules, and nothing that a document refers to is resolved."""

from __future__ import annotations

from typing import Any

import pytest

from connector.errors import MessageError
from connector.mappings.raw_message import RawMessage
from tests.mappings.tiny_messages import Tiny, tiny_messages

PLAIN = Tiny({"format": "xml"}, b"")
ORDERS = tiny_messages()["xml"]


def content(text: str, **options: Any) -> Any:
    [found] = PLAIN.read(text.encode(), **options)
    assert isinstance(found, RawMessage), found
    return found.content


def error(tiny: Tiny, text: str | bytes, **options: Any) -> str:
    found = tiny.read(text if isinstance(text, bytes) else text.encode(), **options)
    [wrong] = [each for each in found if isinstance(each, MessageError)]
    return str(wrong)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<o><id> 1 </id></o>", {"id": "1"}),
        ("<o><id/></o>", {"id": ""}),
        ('<o><m c="EUR">1</m></o>', {"m": "1", "m_c": "EUR"}),
        ('<o><m c="EUR">1</m><m>2</m></o>', {"m": [{"text": "1", "c": "EUR"}, {"text": "2"}]}),
        ('<o no="7"><id>1</id></o>', {"id": "1", "no": "7"}),
        ('<o id="7"><id>1</id></o>', {"id": "1", "@id": "7"}),
        ('<o><a x="1">2</a><a_x>3</a_x></o>', {"a": "2", "a_x": "3"}),
        ("<o>so <b>1</b> much</o>", {"b": "1", "text": "so  much"}),
        ('<o><t xml:lang="de">x</t></o>', {"t": "x", "t_lang": "de"}),
        ("<o><!-- no --><?no?><t><![CDATA[<x>]]></t></o>", {"t": "<x>"}),
        ('<p:o xmlns:p="urn:p"><p:t p:a="1">x</p:t></p:o>', {"t": "x", "t_a": "1"}),
        ("<o><t>&amp;&#228;</t></o>", {"t": "&ä"}),
    ],
)
def test_elements_become_plain_values(text: str, expected: dict[str, Any]) -> None:
    assert content(text) == expected


def test_what_the_profile_says_to_repeat_is_a_list_even_where_there_is_one() -> None:
    one = "<o><n>1</n><p><n>2</n></p></o>"

    assert content(one, repeated=["n"]) == {"n": [{"text": "1"}], "p": {"n": [{"text": "2"}]}}
    assert content(one, repeated=["p/n"]) == {"n": "1", "p": {"n": [{"text": "2"}]}}


def test_an_element_taken_as_text_has_its_own_text_or_all_inside_it() -> None:
    text = "<o><a>own<b>inner</b></a><c><d>x</d><d>y</d></c></o>"

    assert content(text, text_only=["a", "c"]) == {"a": "own", "c": "xy"}


def test_names_of_given_namespaces_keep_a_prefix() -> None:
    text = '<o xmlns="urn:a" xmlns:z="urn:z"><id>1</id><z:id>2</z:id></o>'

    assert content(text, prefixes={"x": "urn:z"}) == {"id": "1", "x_id": "2"}


def test_orders_are_found_wherever_they_stand_and_see_what_stands_before_them() -> None:
    text = "<a><shop>K</shop><b><order><id>1</id></order><order><id>2</id></order></b><c/></a>"

    first, second = ORDERS.read(text.encode())

    assert isinstance(first, RawMessage)
    assert isinstance(second, RawMessage)
    assert first.content == {"id": "1", "envelope": {"shop": "K", "b": ""}}
    assert second.content == {"id": "2", "envelope": {"shop": "K", "b": ""}}
    assert (first.source, second.source) == ("orders, order 1, line 1", "orders, order 2, line 1")


def test_orders_see_what_stands_before_the_first_of_them_and_not_what_is_between() -> None:
    batch = "<b><day>{0}</day><order><id>{0}1</id></order><x/><order><id>{0}2</id></order></b>"
    text = f"<a><shop>K</shop>{batch.format(1)}<y/>{batch.format(2)}</a>"

    found = [each.content for each in ORDERS.read(text.encode()) if isinstance(each, RawMessage)]

    assert [each["id"] for each in found] == ["11", "12", "21", "22"]
    assert [each["envelope"] for each in found] == [
        {"shop": "K", "b": {"day": day}} for day in ("1", "1", "2", "2")
    ]


def test_orders_with_too_much_around_them_are_refused() -> None:
    text = f"<a>{'<x/>' * 10_001}<order/></a>"

    assert "more than 10,000 elements stand before the orders" in error(ORDERS, text)


def test_orders_before_a_break_are_read() -> None:
    text = "<a><order><id>1</id></order>\n<order><id>2</order></a>"

    first, broken = ORDERS.read(text.encode())

    assert isinstance(first, RawMessage)
    assert isinstance(broken, MessageError)
    assert "orders, line 2 column" in str(broken)
    assert "this order and all after it are lost" in str(broken)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the message is empty; expected an element order"),
        ("  \n", "the message is empty"),
        ("text", "orders, line 1 column 1: not XML: Start tag expected"),
        ("<a><b></a>", "not XML: Opening and ending tag mismatch"),
        ("<a/>", "the document is an a, not an order; expected an element order"),
        ("<order", "not XML"),
        ("<order><a>&x;</a></order>", "not XML: Entity 'x' not defined"),
    ],
)
def test_what_cannot_be_read_says_where_and_what_was_expected(text: str, message: str) -> None:
    assert message in error(ORDERS, text)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "declared",
    [
        '<!ENTITY x "y">',
        '<!ENTITY x SYSTEM "file:///etc/passwd">',
        '<!ENTITY x SYSTEM "http://127.0.0.1:1/x">',
        '<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;',
        f'<!ENTITY l0 "ha">{LAUGHS}',
    ],
)
def test_documents_that_declare_entities_are_refused(declared: str) -> None:
    text = f'<!DOCTYPE order [{declared}]><order a="&lt;"><a>&x;&l9;</a></order>'

    wrong = error(ORDERS, text)

    assert "passwd" not in wrong or "declares" in wrong
    assert "declares entities" in wrong or "not XML" in wrong


def test_a_document_type_is_tolerated_and_never_fetched() -> None:
    text = '<!DOCTYPE o SYSTEM "http://127.0.0.1:1/o.dtd"><o><id>1</id></o>'

    assert content(text) == {"id": "1"}


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16", "windows-1252"])
def test_the_declared_encoding_counts(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><o><n>Jürgen</n></o>'

    [found] = PLAIN.read(text.encode(encoding))

    assert isinstance(found, RawMessage)
    assert found.content == {"n": "Jürgen"}


def test_a_told_encoding_counts_more_than_a_declared_one() -> None:
    text = '<?xml version="1.0" encoding="utf-8"?><o><n>Jürgen</n></o>'

    [found] = PLAIN.read(text.encode("cp1252"), encoding="cp1252")

    assert isinstance(found, RawMessage)
    assert found.content == {"n": "Jürgen"}


def test_more_levels_than_allowed_are_refused() -> None:
    text = "<o>" + "<a>" * 100 + "</a>" * 100 + "</o>"

    assert "more than 64 levels" in error(PLAIN, text)
    assert "not XML" in error(PLAIN, "<a>" * 100_000)


def test_a_document_larger_than_allowed_is_refused_and_many_small_orders_are_not() -> None:
    one = f"<order><id>{'1' * 50}</id></order>"

    assert "at most 60 (message.max_bytes" in error(ORDERS, one, max_bytes=60)
    assert len(ORDERS.read(f"<a>{one * 5_000}</a>".encode(), max_bytes=100_000)) == 5_000
