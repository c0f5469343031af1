"""The page is one file, loads nothing, and no text of an order becomes part of it."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from connector.mappings.mapped_order import FieldTrace
from connector.mappings.problems import Problem
from connector.reports.dry_run_html import DryRunPage, embedded
from tests.reports.conftest import Tried, an_order, mapped

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)> <!-- & ]]> \u2028 {{ 7*7 }}"


class Page(HTMLParser):
    """What a browser makes of the page: its tags, and the data of its scripts."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.scripts: dict[str, str] = {}
        self._inside: str | None = None
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]
        self._inside = (named.get("id") or "code") if tag == "script" else None

    def handle_endtag(self, tag: str) -> None:
        self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.scripts[self._inside] = self.scripts.get(self._inside, "") + data

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.scripts["lines"].strip().split("\n")]


def written(path: Path, *orders: Tried) -> str:
    with DryRunPage(path, "Dry run") as page:
        for each in orders:
            page.add(each)
    return path.read_text("utf-8")


def test_each_order_has_a_line_for_the_list_and_one_for_its_details(
    tmp_path: Path, tried: Tried
) -> None:
    page = Page(written(tmp_path / "r.html", tried))
    listed, details = page.lines
    texts = json.loads(page.scripts["texts"])
    [(kind, [field])] = details["d"]

    assert listed == ["#1", "orders.json", "119.00 EUR", [], []]
    assert kind == "sales order"
    assert field[:4] == ["currency", "EUR", "currency", "EUR"]
    assert [texts[number] for number in field[4:]] == [
        "currency = order.currency", "as the shop has it", "shop.yaml:3",
    ]  # fmt: skip


def test_no_text_of_an_order_becomes_markup_or_ends_the_script(tmp_path: Path) -> None:
    order = an_order(EVIL)
    field = FieldTrace(path=EVIL, value=EVIL, rule=EVIL, because=EVIL, source_value=EVIL)
    problem = Problem(
        code="UNKNOWN_SKU", message=f"lines[0].sku {EVIL!r} is not in t.csv", where=EVIL
    )
    evil = Tried(source=EVIL, order=order, mapped=mapped(order, field), problems=(problem,))
    plain = Tried(
        source="a", order=an_order(), problems=(problem.model_copy(update={"where": ""}),)
    )

    page, other = (
        Page(written(tmp_path / "r.html", evil)),
        Page(written(tmp_path / "p.html", plain)),
    )

    assert page.tags == other.tags
    assert page.tags.count("script") == 3
    assert "img" not in page.tags
    assert page.lines[0][0] == EVIL
    assert page.lines[1]["d"][0][1][0][1] == EVIL


def test_a_text_that_is_no_unicode_does_not_stop_the_page(tmp_path: Path, tried: Tried) -> None:
    page = Page(written(tmp_path / "r.html", tried.but(source="\ud800 broken")))

    assert page.lines[0][1] == "? broken"


def test_nothing_is_loaded_from_outside(tmp_path: Path, tried: Tried) -> None:
    content = written(tmp_path / "r.html", tried)

    assert Page(content).links == []
    assert not re.search(r"https?://|@import|url\(", content)
    assert "default-src 'none'" in content


def test_after_an_error_no_page_is_left(tmp_path: Path, tried: Tried) -> None:
    page = DryRunPage(tmp_path / "r.html", "Dry run")
    with pytest.raises(KeyError), page:
        page.add(tried)
        raise KeyError

    assert list(tmp_path.iterdir()) == []


def test_embedded_json_reads_back_as_it_was() -> None:
    assert json.loads(embedded([EVIL, "\u00fc\n\r"])) == [EVIL, "\u00fc\n\r"]
    assert not set(embedded(EVIL)) & set("<>&\u2028")


def test_texts_that_repeat_are_kept_once(tmp_path: Path, tried: Tried) -> None:
    page = Page(written(tmp_path / "r.html", *[tried] * 50))

    assert len(page.lines) == 100
    assert len(json.loads(page.scripts["texts"])) == 3
