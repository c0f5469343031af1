"""
Memory while large files are read: it must not depend on their size.

Each file is read in a process of its own, through a channel profile, as the folder channel does.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import IO, NamedTuple

from connector.errors import MessageError
from connector.mappings.profile import load_profile
from connector.mappings.reading import read_order_file

LINES = 6
MIB = 1 << 20

SHAPE = """
order:
  external_id: order
  ordered_at: instant(at)
  currency: "'EUR'"
  customer: {name: buyer}
  lines:
    each: lines
    line_id: line
    sku: sku
    title: title
    quantity: decimal(quantity)
    price: decimal(price)
"""
JSON_PROFILE = "channel: kiosk\nmessage: {format: json, many: orders}\n" + SHAPE
CSV_PROFILE = f"""
channel: kiosk
message:
  format: delimited
  columns: [order, at, buyer, line, sku, title, quantity, price]
  group_by: order
  same_in_all_lines: [order, at, buyer]
{SHAPE}"""


class Kind(NamedTuple):
    """A kind of file: its name, profile, what comes first and last, and one order of it."""

    name: str
    profile: str
    head: str
    order: Callable[[int], str]
    tail: str = ""


class Measured(NamedTuple):
    """What reading a file took."""

    orders: int
    seconds: float
    before_mib: float
    peak_mib: float


def _json(number: int) -> str:
    line = '{{"line": "{0}", "sku": "SKU-{0}", "title": "Torch, 200 lumen, blue, number {0}", '
    line += '"quantity": 2, "price": 19.95}}'
    lines = ", ".join(line.format(10 * n) for n in range(1, LINES + 1))
    head = f'{{"order": "K-{number:08}", "at": "2026-11-20T10:00:00Z", "buyer": "Müller GmbH", '
    return f'{head}"lines": [{lines}]}}'


def _csv(number: int) -> str:
    return "".join(
        f'K-{number:08},2026-11-20T10:00:00Z,Müller GmbH,{10 * n},SKU-{n},"Torch, 200 lumen, blue,'
        f' number {n}",2,19.95\n'
        for n in range(1, LINES + 1)
    )


KINDS = (
    Kind("JSON lines", JSON_PROFILE, "", lambda number: _json(number) + "\n"),
    Kind(
        "JSON list", JSON_PROFILE, '{"orders": [',
        lambda number: ("" if number == 1 else ",") + _json(number), "]}",
    ),
    Kind("CSV", CSV_PROFILE, "order,at,buyer,line,sku,title,quantity,price\n", _csv),
)  # fmt: skip


def measure(mib: int, names: Collection[str] = ()) -> None:
    """Print the peak of resident memory, and the rate, for a file of *mib* MiB of each kind."""
    print(f"reading files of {mib:,} MiB, orders of {LINES} lines")
    with tempfile.TemporaryDirectory(prefix="sd-connector-bench-") as folder:
        for kind in KINDS:
            if names and kind.name not in names:
                continue
            path = _written(Path(folder), kind, mib)
            found = measured(path, path.with_suffix(".yaml"))
            path.unlink()
            print(
                f"  {kind.name:<12} peak {found.peak_mib:6.1f} MiB"
                f" (before {found.before_mib:.1f}), {found.orders:,} orders"
                f" at {found.orders / found.seconds:,.0f} per second",
                flush=True,
            )


def measured(path: Path, profile: Path) -> Measured:
    """Read *path* in a new process and return what it took."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_read, (path, profile))


def write_file(path: Path, kind: Kind, size: int) -> None:
    """Write a file of *kind* with at least *size* bytes, and its profile beside it."""
    path.with_suffix(".yaml").write_text(kind.profile, "utf-8")
    with path.open("wb") as file:
        file.write(kind.head.encode())
        for block in _blocks(kind):
            file.write(block)
            if file.tell() >= size:
                break
        _end(file, kind)


def _end(file: IO[bytes], kind: Kind) -> None:
    file.write(kind.tail.encode())


def _blocks(kind: Kind) -> Iterator[bytes]:
    number = 0
    while True:
        yield "".join(kind.order(number + n) for n in range(1, 101)).encode()
        number += 100


def _written(folder: Path, kind: Kind, mib: int) -> Path:
    path = folder / f"{kind.name.replace(' ', '-')}.txt"
    write_file(path, kind, mib * MIB)
    return path


def _read(path: Path, profile_path: Path) -> Measured:
    profile = load_profile(profile_path)
    before = _peak_mib()
    started = time.perf_counter()
    orders = 0
    for found in read_order_file(profile, path):
        if isinstance(found, MessageError):
            raise found
        orders += 1
    return Measured(orders, time.perf_counter() - started, before, _peak_mib())


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mib", type=int, default=1024, help="size of each file")
    parser.add_argument(
        "--kind", action="append", choices=[kind.name for kind in KINDS], help="all if none is said"
    )
    arguments = parser.parse_args()
    measure(arguments.mib, arguments.kind or ())
