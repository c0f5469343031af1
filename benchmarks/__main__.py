"""`python -m benchmarks [mapping|cpu|throughput|memory ...] [--orders N]`."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from benchmarks import (
    cpu_per_order,
    dry_run,
    mapping,
    memory,
    reconciliation,
    status_pull,
    throughput,
)
from connector.cli.logs import configure_logging

MEASUREMENTS: dict[str, tuple[Callable[[int], None], int]] = {
    "mapping": (mapping.measure, 500),
    "dry-run": (dry_run.measure, 6_000),
    "cpu": (cpu_per_order.measure, 1_000),
    "throughput": (throughput.measure, 800),
    "status-pull": (status_pull.measure, 100_000),
    "memory": (memory.measure, 20_000),
    "reconciliation": (reconciliation.measure, 100_000),
}


def main() -> None:
    """Run the measurements that were asked for, or all."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"some of {', '.join(MEASUREMENTS)}; all if none")
    parser.add_argument(
        "--orders", type=int, help="orders (reconciliation: customer lines) per measurement"
    )
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(MEASUREMENTS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(MEASUREMENTS)}")
    configure_logging("console", "error")
    for name in arguments.names or MEASUREMENTS:
        measure, orders = MEASUREMENTS[name]
        measure(arguments.orders or orders)
        print()


if __name__ == "__main__":
    main()
