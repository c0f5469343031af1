"""The PDF writer: a file that readers of the format can follow."""

from __future__ import annotations

import re

import pytest

from connector.simulator.odata.entities.pdf import Line, document


def test_the_table_of_positions_leads_to_every_object() -> None:
    content = document([Line("One"), Line("Two", 16)])

    start = int(re.findall(rb"startxref\n(\d+)\n%%EOF\n$", content)[0])
    table = content[start:].split(b"\n")
    assert table[0] == b"xref"
    count = int(table[1].split()[1])
    for number, entry in enumerate(table[3 : 2 + count], start=1):
        position = int(entry[:10])
        assert content[position:].startswith(b"%d 0 obj\n" % number)
    assert b"/Size %d " % count in content


def test_streams_are_as_long_as_they_say() -> None:
    content = document([Line("Text (with marks) \\ and ümlauts")])

    streams = re.findall(rb"/Length (\d+) >>\nstream\n(.*?)\nendstream", content, re.DOTALL)
    length, stream = streams[0]
    assert int(length) == len(stream)
    assert "(Text \\(with marks\\) \\\\ and ümlauts)".encode("cp1252") in stream


@pytest.mark.parametrize(("lines", "pages"), [(0, 1), (10, 1), (48, 1), (49, 2), (200, 5)])
def test_long_documents_go_on_on_further_pages(lines: int, pages: int) -> None:
    content = document([Line(f"line {number}") for number in range(lines)])

    assert len(re.findall(rb"/Type /Page ", content)) == pages
    assert b"/Count %d " % pages in content
    for number in range(lines):
        assert b"(line %d)" % number in content
