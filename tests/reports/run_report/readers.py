"""Reads the figures of a report back from each format, without the code that wrote them."""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import html
from pypdf import PdfReader

#: By code and currency: how many, net, gross.
Breaks = dict[tuple[str, str], tuple[int, Decimal, Decimal]]
#: By account and currency: the open items.
Totals = dict[tuple[str, str], Decimal]


def added_up(rows: list[dict[str, Any]]) -> Breaks:
    """Add up breaks that are listed one by one."""
    sums: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for row in rows:
        sums[row["code"], row["currency"] or ""].append(Decimal(str(row["difference"] or 0)))
    return {
        key: (len(values), sum(values, Decimal(0)), sum((abs(v) for v in values), Decimal(0)))
        for key, values in sums.items()
    }


def aged(rows: list[dict[str, Any]]) -> Totals:
    """Add up the buckets of each account; the column of totals must say the same."""
    found = {}
    for row in rows:
        buckets = [Decimal(str(v)) for n, v in row.items() if n.startswith(("not_", "days_"))]
        total = sum(buckets, Decimal(str(row["unapplied"])))
        assert total == Decimal(str(row["total"]))
        found[row["account"], row["currency"]] = total
    return found


def csv_rows(folder: Path, part: str) -> list[dict[str, Any]]:
    with (folder / f"{part}.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def jsonl_rows(path: Path, part: str) -> list[dict[str, Any]]:
    records = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    return [record for record in records if record["type"] == part]


def html_rows(path: Path, part: str) -> list[dict[str, str]]:
    """The rows of a table by its headings."""
    page: Any = html.document_fromstring(path.read_text("utf-8"))
    (table,) = page.xpath(f"//section[@id='{part}']//table")
    heads = [head.text_content() for head in table.xpath("./thead//th")]
    return [
        dict(zip(heads, [cell.text_content() for cell in row.xpath("./td")], strict=True))
        for row in table.xpath("./tbody/tr[not(@class)]")
    ]


def html_totals(path: Path, part: str) -> list[list[str]]:
    """The lines of sums below a table."""
    page: Any = html.document_fromstring(path.read_text("utf-8"))
    return [
        [cell.text_content() for cell in row.xpath("./td") if cell.text_content()]
        for row in page.xpath(f"//section[@id='{part}']//tfoot/tr")
    ]


def pdf_text(path: Path) -> str:
    """All text of a PDF, in one line."""
    reader = PdfReader(path)
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in reader.pages))


def number(text: str) -> Decimal:
    """Read a figure as people write it."""
    return Decimal(text.replace(",", "").replace("−", "-") or "0")
