"""
The kill proof: kill the connector at every point of a write, restart it, count the documents.

Connector and ERP are real processes, and the kill is SIGKILL. Each case is an order of its own,
killed at one point of one operation; restarted, the connector must bring it to its end with exactly
one document of each kind. ``python -m tests.faults.kill_proof`` runs the whole matrix and prints
it; ``--naive`` shows what a connector without doubts makes of it.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from connector.mappings.map_order import map_order
from connector.mappings.rules import load_rules
from connector.ports.erp import Point
from connector.ports.step_state import Operation, StepState
from connector.ports.store_records import FlowView
from connector.resources import shipped
from connector.store.database import sqlite_url
from connector.store.sql_store import open_reader
from tests.faults.connector_process import Assignment, read_messages, start
from tests.faults.erp_process import ErpProcess, Found, be_quiet

#: The operations of a chain, each with the engine's name for it.
OPERATIONS: Final = {
    Operation.CREATE_SALES_ORDER: "create sales document",
    Operation.CREATE_DELIVERY: "create deliveries",
    Operation.POST_GOODS_ISSUE: "confirm delivery",
    Operation.CREATE_BILLING_DOCUMENT: "create billing documents",
    Operation.POST_PAYMENT: "*",
}
#: When a restarted connector runs its passes, in seconds after the beginning.
UNTIL_QUIET: Final = (5, 70, 140, 210, 280, 400, 700, 1500)
_PATIENCE_S: Final = 60


@dataclass(frozen=True, slots=True)
class Case:
    """Where to kill, and whether the ERP commits late."""

    operation: Operation
    point: Point
    late: bool = False

    def __str__(self) -> str:
        return f"{self.operation}, {self.point}, {'late' if self.late else 'at once'}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a case. ``problem`` is empty when there is exactly one of everything."""

    case: Case
    found: Found
    problem: str = ""

    @property
    def lost(self) -> int:
        """How many kinds of documents are missing."""
        return self.found.counts.count(0)

    @property
    def doubled(self) -> int:
        """How many documents there are too many."""
        return sum(max(count - 1, 0) for count in self.found.counts)


def matrix(operations: Iterable[Operation], *, late: Sequence[bool] = (False, True)) -> list[Case]:
    """Return every point of *operations*, with both behaviours of the commit."""
    return [
        Case(operation, point, is_late)
        for operation in operations
        for is_late in late
        for point in Point
    ]


def prove(
    case: Case, erp: ErpProcess, folder: Path, number: int, *, naive: bool = False
) -> Verdict:
    """Run one case: kill, let a late commit happen, restart, count."""
    external_id = f"EXT-{number}"
    first = Assignment(
        folder=folder,
        host=erp.host,
        port=erp.port,
        operation=case.operation,
        order=an_order(external_id),
        kill_at=case.point,
        injections=tuple(_injections(case)),
    )
    was_killed = _wait_for(start(first), erp, release=case.late and case.point is Point.READ_BACK)
    again = Assignment(folder, erp.host, erp.port, case.operation, passes=(1,), naive=naive)
    if case.late and case.point in (Point.COMMIT_SENT, Point.COMMIT_ANSWERED):
        # The client is gone and the commit has not happened: nothing must be concluded from that.
        _wait_for(start(again), erp)
        if not erp.let_everything_happen():
            raise RuntimeError(f"{case}: the commit was not late")
    erp.control("clear faults")
    restarted = Assignment(
        folder, erp.host, erp.port, case.operation, passes=UNTIL_QUIET, naive=naive
    )
    _wait_for(start(restarted), erp)
    found = erp.look(external_id, payment_reference(first.order))
    problem = _problem(found, _view(folder, external_id))
    return Verdict(case, found, problem if was_killed else "was not killed there")


def an_order(external_id: str) -> str:
    """Return a message of the portal: one piece, paid."""
    return json.dumps(
        {
            "id": external_id,
            "ordered_at": "2026-03-02T08:00:00+01:00",
            "currency": "EUR",
            "customer": "1001",
            "requested_delivery_date": "2026-03-02",
            "lines": [
                {
                    "id": "10",
                    "product": "M-01",
                    "quantity": "1",
                    "unit": "PC",
                    "price": "100.00",
                    "schedule": [
                        {
                            "date": "2026-03-02",
                            "quantity": "1",
                            "available_on": "2026-03-02",
                            "issue_on": "2026-03-02",
                        }
                    ],
                }
            ],
            "totals": {"tax": "19.00", "gross": "119.00"},
            "payments": [
                {
                    "id": payment_id(external_id),
                    "method": "transfer",
                    "amount": "119.00",
                    "received_at": "2026-03-02T08:30:00+01:00",
                }
            ],
        }
    )


def payment_id(external_id: str) -> str:
    return f"B{external_id.removeprefix('EXT-')}"


def payment_reference(order: str) -> str:
    """Return the reference under which FI has the payment of *order*."""
    rules = load_rules(shipped("config/mappings/portal.yaml"))
    [message] = read_messages(order)
    [payment] = map_order(message.order, rules, ()).payments
    return payment.reference


def _injections(case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    if case.point is Point.ROLLBACK_SENT:
        refuse = {"name": "return E", "on": OPERATIONS[case.operation], "times": 1}
        yield "inject in engine", refuse
    if not case.late:
        return
    if case.point is Point.COMMIT_ANSWERED:
        yield "inject in engine", {"name": "commit delayed until released", "on": "commit"}
    else:
        yield "inject", {"name": "commit late"}


def _wait_for(process: Any, erp: ErpProcess, *, release: bool = False) -> bool:
    """Wait until *process* has ended; returns whether it was killed."""
    deadline = time.monotonic() + _PATIENCE_S
    while process.is_alive() and time.monotonic() < deadline:
        process.join(0.02 if release else _PATIENCE_S)
        if release and erp.control("held calls"):
            erp.let_everything_happen()
    if process.is_alive():
        process.kill()
        process.join()
        raise RuntimeError("a connector process did not end within a minute")
    code = process.exitcode
    process.close()
    if code not in (0, -signal.SIGKILL):
        raise RuntimeError(f"a connector process ended with {code}")
    return bool(code == -signal.SIGKILL)


def _view(folder: Path, external_id: str) -> FlowView:
    store = open_reader(sqlite_url(folder / "store.sqlite3"))
    try:
        [view] = store.flows.views(store.flows.find(external_id))
        return view
    finally:
        store.close()


def _problem(found: Found, view: FlowView) -> str:
    if found.counts != (1, 1, 1, 1, 1):
        return f"the ERP has {found.counts} orders, deliveries, goods issues, invoices, payments"
    if view.holds:
        return f"held: {view.holds[0].reason}"
    if view.flow.closed_at is None:
        return "the order did not come to its end"
    noted = {number for step in view.steps for number in step.numbers}
    there = {*found.sales_orders, *found.deliveries, *found.invoices, *found.payments}
    if noted != there:
        return f"the store says {sorted(noted)}, the ERP has {sorted(there)}"
    if any(step.state is not StepState.DONE for step in view.steps):
        return "a step is not done"
    return ""


def run_all(cases: Sequence[Case], *, naive: bool = False) -> Iterator[Verdict]:
    """Run *cases* against one ERP, each with a store of its own."""
    with ErpProcess() as erp, tempfile.TemporaryDirectory() as folder:
        for number, case in enumerate(cases, start=1001):
            own = Path(folder) / str(number)
            own.mkdir()
            yield prove(case, erp, own, number, naive=naive)


def table_of(verdicts: Sequence[Verdict], title: str) -> Table:
    """Return the summary: a row per operation and point."""
    table = Table(title=title)
    for column in ("Operation", "Killed at", "Commit", "Lost", "Doubled", "Result"):
        table.add_column(column, justify="right" if column in ("Lost", "Doubled") else "left")
    for verdict in verdicts:
        case = verdict.case
        table.add_row(
            case.operation,
            case.point,
            "late" if case.late else "at once",
            str(verdict.lost),
            str(verdict.doubled),
            verdict.problem or "one of each",
        )
    return table


def main(arguments: Sequence[str]) -> int:
    """Run the proof from the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kill_proof")
    parser.add_argument("--naive", action="store_true", help="resend instead of looking")
    parser.add_argument("--short", action="store_true", help="only the sales order")
    chosen = parser.parse_args(arguments)
    be_quiet()
    operations = [Operation.CREATE_SALES_ORDER] if chosen.short else list(OPERATIONS)
    verdicts = list(run_all(matrix(operations), naive=chosen.naive))
    console = Console()
    console.print(table_of(verdicts, "naive resend" if chosen.naive else "kill proof"))
    lost, doubled = (sum(getattr(v, name) for v in verdicts) for name in ("lost", "doubled"))
    console.print(f"{len(verdicts)} kills: {lost} lost, {doubled} doubled")
    return 1 if any(verdict.problem for verdict in verdicts) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
