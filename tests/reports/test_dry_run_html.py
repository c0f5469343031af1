"""The page is one file, loads nothing, and no text of an order becomes part of it."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from connector.mappings.problems import Problem
from connector.mappings.trace import FieldTrace
from connector.reports.dry_run_html import DryRunPage
from connector.reports.page_data import embedded, unpacked
from tests.reports.conftest import Tried, an_order, mapped

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)> <!-- & ]]> \u2028 {{ 7*7 }}"


class Page(HTMLParser):
    """What a browser makes of the page: its tags, and the data of its scripts."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.kinds: set[str] = set()
        self._scripts: dict[str, list[str]] = {"shared": [], "lists": [], "blocks": []}
        self._place = ""
        self._kind: str | None = None
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]
        if named.get("id") in self._scripts:
            self._place = named["id"] or ""
        self._kind = (named.get("type") or "code") if tag == "script" else None
        if self._kind not in (None, "code"):
            self.kinds.add(str(self._kind))
            self._scripts[self._place].append("")

    def handle_endtag(self, tag: str) -> None:
        self._kind = None

    def handle_data(self, data: str) -> None:
        if self._kind not in (None, "code"):
            self._scripts[self._place][-1] += data

    def _lines(self, place: str) -> list[Any]:
        return [
            json.loads(line)
            for script in self._scripts[place]
            for line in (unpacked(script) if self.kinds == {"application/gzip"} else script).split(
                "\n"
            )
        ]

    @property
    def listed(self) -> list[Any]:
        return self._lines("lists")

    @property
    def details(self) -> list[Any]:
        return self._lines("blocks")

    @property
    def blocks(self) -> int:
        return len(self._scripts["blocks"])

    @property
    def texts(self) -> list[str]:
        found: list[str] = self._lines("shared")[0][0]
        return found

    @property
    def templates(self) -> list[Any]:
        found: list[Any] = self._lines("shared")[0][1]
        return found


def written(path: Path, *orders: Tried) -> str:
    with DryRunPage(path, "Dry run") as page:
        for each in orders:
            page.add(each)
    return path.read_text("utf-8")


def test_each_order_has_a_line_for_the_list_and_one_for_its_details(
    tmp_path: Path, tried: Tried
) -> None:
    page = Page(written(tmp_path / "r.html", tried))
    [listed], [details] = page.listed, page.details
    [(kind, [field])] = details["d"]
    path, source, *numbers = page.templates[field[0]]

    assert listed == ["#1", "orders.json", "119.00 EUR", [], []]
    assert kind == "sales order"
    assert (path, field[1:], source) == ("currency", ["EUR", 0], "currency")
    assert [page.texts[number] for number in numbers] == [
        "currency = order.currency", "as the shop has it", "shop.yaml:3",
    ]  # fmt: skip


def test_fields_of_all_lines_share_what_is_known_of_them(tmp_path: Path) -> None:
    order = an_order()
    fields = [
        FieldTrace(
            path=f"items[{position}].material", value=f"M-{position}", source_value=f"A-{position}",
            source_path=f"lines[{position}].sku",
            rule=f"material = sku.material [t.csv: A-{position}]",
        )
        for position in range(12)
    ]  # fmt: skip
    page = Page(written(tmp_path / "r.html", Tried(order=order, mapped=mapped(order, *fields))))

    [(_, rows)] = page.details[0]["d"]
    assert page.templates == [["items[\ue000].material", "lines[\ue000].sku", 1, 0, 0]]
    assert page.texts == ["", "material = sku.material"]
    assert rows[11] == [0, "M-11", "A-11", "11|11", " [t.csv: A-11]"]


def test_a_large_page_is_packed_in_blocks_and_a_small_one_is_not(
    tmp_path: Path, tried: Tried, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = Page(written(tmp_path / "s.html", *[tried] * 250))
    monkeypatch.setattr("connector.reports.dry_run_html.PLAIN_BELOW", 1000)
    large = Page(written(tmp_path / "l.html", *[tried] * 250))

    assert (small.kinds, large.kinds) == ({"text/plain"}, {"application/gzip"})
    assert small.blocks == large.blocks == 3
    assert small.listed == large.listed
    assert small.details == large.details
    assert len(large.details) == 250


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
    assert page.tags.count("script") == 4
    assert "img" not in page.tags
    assert page.listed[0][0] == EVIL
    assert page.details[0]["d"][0][1][0][1] == EVIL


def test_a_text_that_is_no_unicode_does_not_stop_the_page(tmp_path: Path, tried: Tried) -> None:
    page = Page(written(tmp_path / "r.html", tried.but(source="\ud800 broken")))

    assert page.listed[0][1] == "? broken"


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
