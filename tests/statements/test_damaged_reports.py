"""Whatever a file holds: it is read, or refused with the reason. Nothing else ever happens."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from connector.errors import MessageError
from connector.resources import shipped
from connector.statements.reading import FORMATS, read_statements

REPORTS = sorted(shipped("fixtures/finance/statements").iterdir())


def is_read_or_refused(content: bytes, report_format: str = "auto") -> None:
    try:
        reading = read_statements(content, "a.txt", report_format)
    except MessageError as error:
        assert error.expected
    else:
        assert reading.model_dump_json()


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.name)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_damaged_report_is_read_or_refused(path: Path, data: st.DataObject) -> None:
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        length = data.draw(st.integers(0, 30))
        content[at : at + length] = data.draw(
            st.one_of(
                st.binary(max_size=12),
                st.sampled_from([b"", b'"', b",", b"\n", b"9" * 40, b"-", b"<a>", b"\x00", b"{}"]),
            )
        )
    is_read_or_refused(bytes(content))


@pytest.mark.parametrize("report_format", FORMATS)
@settings(max_examples=25, deadline=None)
@given(content=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
@example(content=b"\x1c")  # nothing but what separates files: no line has anything in it
def test_anything_is_read_or_refused_as_any_format(report_format: str, content: bytes) -> None:
    is_read_or_refused(content, report_format)


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.name)
def test_a_report_cut_short_anywhere_is_refused_or_incomplete(path: Path) -> None:
    content = path.read_bytes()
    for at in range(0, len(content), max(len(content) // 40, 1)):
        is_read_or_refused(content[:at])
