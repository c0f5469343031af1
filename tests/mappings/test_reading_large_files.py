"""Files of any size are read in memory that does not depend on it."""

from __future__ import annotations

import itertools
import tracemalloc
from pathlib import Path

import pytest

from benchmarks.reading_memory import KINDS, MIB, Kind, measured, write_file
from connector.errors import MessageError
from connector.mappings.inbound_order import InboundOrder
from connector.mappings.profile import load_profile
from connector.mappings.reading import read_order_file

NAMES = [kind.name for kind in KINDS]
PROFILE = """
channel: kiosk
message: {format: xml, order: order, repeated: [line]}
order:
  external_id: id
  ordered_at: instant('2026-11-22T10:00:00Z')
  currency: "'EUR'"
  lines: {each: line, line_id: "'1'", sku: text, quantity: "`1`"}
"""
XML = Kind(
    "XML",
    PROFILE,
    "<orders>",
    lambda number: f"<order><id>{number}</id>{'<line>A</line>' * 5}</order>",
    "</orders>",
)


def file_of(folder: Path, kind: Kind, size: int) -> Path:
    path = folder / "orders.txt"
    write_file(path, kind, size)
    return path


@pytest.mark.parametrize("kind", [*KINDS, XML], ids=[*NAMES, "XML"])
def test_the_first_orders_come_before_the_file_is_read(tmp_path: Path, kind: Kind) -> None:
    path = file_of(tmp_path, kind, 8 * MIB)
    profile = load_profile(path.with_suffix(".yaml"))
    reading = read_order_file(profile, path)
    assert isinstance(next(reading), InboundOrder)

    tracemalloc.start()
    found = list(itertools.islice(reading, 100))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del reading

    assert len(found) == 100
    assert not any(isinstance(each, MessageError) for each in found)
    assert peak < 2 * MIB


@pytest.mark.torture
@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
def test_a_file_of_one_gibibyte_is_read_within_300_mib(tmp_path: Path, kind: Kind) -> None:
    path = file_of(tmp_path, kind, 1024 * MIB)

    found = measured(path, path.with_suffix(".yaml"))

    assert found.orders > 500_000
    assert found.peak_mib < 300
