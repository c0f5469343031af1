"""
Puts the four comparisons together into one run.

:func:`run_reconciliation` is pure: what was read goes in, the run comes out. It evaluates all
records as one part; divided into many they come to the same, see `parts`. :func:`read_and_run`
reads store and ERP before. Keeping a run is the business of `recording`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from connector.ports.erp import Erp
from connector.ports.store import FlowStore
from connector.reconciliation.adding_up import Whole, add_up
from connector.reconciliation.bearings import bearings_of
from connector.reconciliation.extract import ErpExtract, read_erp
from connector.reconciliation.mirror import MirroredOrder, read_mirror
from connector.reconciliation.movements import MoneyMovements, movement_sources, until
from connector.reconciliation.parts import Part, PartInputs, movements_of_run
from connector.reconciliation.readings import erp_sources, is_stale, store_sources
from connector.reconciliation.report import ReconciliationRun
from connector.reconciliation.run_assignment import Assignment
from connector.reconciliation.sealing import run_header, sealed, stamp_of, verdict_of

__all__ = [
    "Assignment",
    "read_and_run",
    "run_header",
    "run_reconciliation",
    "sealed",
    "stamp_of",
    "verdict_of",
]


def run_reconciliation(
    assignment: Assignment,
    orders: Iterable[MirroredOrder],
    extract: ErpExtract,
    *,
    now: datetime,
    intake_complete_until: datetime | None = None,
    movements: MoneyMovements | None = None,
) -> ReconciliationRun:
    """
    Compare *orders* with *extract* at the assignment's key date. Pure: reads no clock or database.

    Args:
        orders: external orders in any order; those after the key date are left out.
        now: the instant of reading, aware UTC.
        intake_complete_until: until when all channels are known to be read; empty where nobody
            keeps track, and then age is not judged.
        movements: bank statements and payouts; empty where none are read.
    """
    orders = tuple(orders)
    whole = whole_of(
        assignment,
        orders,
        extract,
        now=now,
        intake_complete_until=intake_complete_until,
        movements=movements or MoneyMovements(),
    )
    outside = movements_of_run(whole.movements, assignment.key_date, assignment.rules)
    part = Part(assignment, PartInputs(orders, extract, outside.bank_lines, outside.payouts))
    bearings = bearings_of(part.facts, assignment.rules, extract.balances, whole.movements)
    return add_up(assignment, bearings, [part.evaluate(bearings)], whole)


def whole_of(
    assignment: Assignment,
    orders: Iterable[MirroredOrder],
    extract: ErpExtract,
    *,
    now: datetime,
    intake_complete_until: datetime | None,
    movements: MoneyMovements,
) -> Whole:
    """Return what is not looked at in parts, with the control totals of everything."""
    key_date, rules = assignment.key_date, assignment.rules
    stale = intake_complete_until is not None and is_stale(
        intake_complete_until, key_date, assignment.time_zone, now, rules
    )
    return Whole(
        now=now,
        open_items=extract.open_items,
        balances=extract.balances,
        movements=movements,
        sources=(
            *store_sources(orders, intake_complete_until, stale=stale),
            *erp_sources(extract, now),
            *movement_sources(until(movements, key_date), key_date, rules.statement_grace_days),
        ),
        is_stale=stale,
    )


def read_and_run(
    assignment: Assignment,
    store: FlowStore,
    erp: Erp,
    now: datetime,
    *,
    intake_complete_until: datetime | None = None,
    movements: MoneyMovements | None = None,
) -> ReconciliationRun:
    """
    Read store and ERP at *now*, and compare, with *movements* of money outside.

    Raises:
        ConnectorError: one of them could not be read.
    """
    orders = list(read_mirror(store, assignment.time_zone))
    extract = read_erp(erp, orders, assignment.key_date, assignment.company_codes, assignment.rules)
    return run_reconciliation(
        assignment,
        orders,
        extract,
        now=now,
        intake_complete_until=intake_complete_until,
        movements=movements,
    )
