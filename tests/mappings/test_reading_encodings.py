"""Text is read in its encoding: as marked, as told, as UTF-8, or by a guess that is said."""

from __future__ import annotations

import codecs

import pytest

from connector.errors import MessageError
from connector.mappings.raw_message import RawMessage
from tests.mappings.tiny_messages import Tiny, tiny_messages

CSV = Tiny(
    {"format": "delimited", "columns": ["order", "buyer"], "group_by": "order", "delimiter": ","},
    b"",
)
JSON = Tiny({"format": "json"}, b"")


def buyers(content: bytes, **options: str) -> list[str]:
    """Return the buyers of the orders, ``!`` for an order that cannot be read."""
    return [
        each.content["lines"][0]["buyer"] if isinstance(each, RawMessage) else "!"
        for each in CSV.read(content, **options)
    ]


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (b"", "utf-8"),
    ],
)
def test_a_byte_order_mark_says_the_encoding(mark: bytes, encoding: str) -> None:
    content = mark + "order,buyer\n1,Jürgen\n2,Ανδρέας\n3,张伟\n".encode(encoding)

    assert buyers(content) == ["Jürgen", "Ανδρέας", "张伟"]

    [found] = JSON.read(mark + '{"name": "Jürgen"}'.encode(encoding))
    assert isinstance(found, RawMessage)
    assert found.content == {"name": "Jürgen"}


@pytest.mark.parametrize(
    ("names", "encoding"),
    [
        (["Jürgen Groß"], "cp1252"),
        (["Иванов Иван Москва Тверская улица", "Пётр Петров"], "cp1251"),
        (["山田太郎 東京都渋谷区", "やまだはなこ"], "cp932"),
        (["张伟 北京市朝阳区", "王芳 上海市"], "gb18030"),
    ],
)
def test_an_encoding_that_nothing_says_is_guessed_and_the_guess_is_said(
    names: list[str], encoding: str
) -> None:
    rows = "".join(f"{number},{name}\n" for number, name in enumerate(names, 1))
    content = f"order,buyer\n{rows}".encode(encoding)

    assert buyers(content) == names
    for found in CSV.read(content):
        assert isinstance(found, RawMessage)
        assert found.notes == (
            f"the text was taken for {encoding}; say message.encoding in the channel profile",
        )


def test_a_told_encoding_is_not_guessed() -> None:
    [found] = CSV.read("order,buyer\n1,Łukasz\n".encode("cp1250"), encoding="cp1250")

    assert isinstance(found, RawMessage)
    assert found.content["lines"][0]["buyer"] == "Łukasz"
    assert found.notes == ()


def test_a_line_that_is_not_text_spoils_only_its_own_order() -> None:
    content = b"order,buyer\n1,Anna\n2,J\xfcrgen\n3,Cem\n"

    assert buyers(content, encoding="utf-8") == ["Anna", "!", "Cem"]
    wrong = CSV.read(content, encoding="utf-8")[1]
    assert "orders, line 3: the byte FC is not utf-8 text" in str(wrong)


def test_an_element_that_is_not_text_spoils_only_itself() -> None:
    content = b'[{"n": "Anna"},\n {"n": "J\xfcrgen"},\n {"n": "Cem"}]'

    found = JSON.read(content)

    assert [type(each) for each in found] == [RawMessage, MessageError, RawMessage]
    assert "orders, order 2, line 2 column 10: the byte FC is not utf-8 text" in str(found[1])


def test_what_is_not_text_beside_a_list_spoils_all_that_would_see_it() -> None:
    found = JSON.read(b'{"shop": "J\xfcrgen", "orders": [{}, {}]}', many="orders")

    assert [str(each).partition(";")[0] for each in found] == [
        "orders, line 1 column 12: the byte FC is not utf-8 text"
    ]


def test_json_lines_that_are_not_text_spoil_only_themselves() -> None:
    found = JSON.read(b'{"n": "Anna"}\n{"n": "J\xfcrgen"}\n{"n": "Cem"}\n')

    assert [type(each) for each in found] == [RawMessage, MessageError, RawMessage]
    assert "orders, line 2" in str(found[1])


def test_idocs_and_x12_are_guessed_as_well() -> None:
    tiny = tiny_messages()
    for name, old in (("x12", "Anna"), ("idoc, flat file", "4711")):
        content = tiny[name].content.decode().replace(old, "Jörg").encode("cp1252")

        [found] = tiny[name].read(content)

        assert isinstance(found, RawMessage)
        assert "Jörg" in str(found.content)
        assert "taken for cp1252" in found.notes[0]


def test_text_that_breaks_off_within_a_character_says_so() -> None:
    found = CSV.read(codecs.BOM_UTF16_LE + "order,buyer\n1,A\n2,B".encode("utf-16-le")[:-1])

    assert isinstance(found[-1], MessageError)
    assert "not utf-16-le text" in str(found[-1])
