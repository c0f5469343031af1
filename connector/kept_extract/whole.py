"""Adds the parts in the file up to a run, with what is not looked at in parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from connector.kept_extract.evaluating import Evaluator
from connector.kept_extract.reading import Reader
from connector.reconciliation.adding_up import Whole, add_up
from connector.reconciliation.bearings import Bearings, bearings_of
from connector.reconciliation.erp_extract import ErpExtract
from connector.reconciliation.movements import MoneyMovements, movement_sources, until
from connector.reconciliation.readings import (
    BALANCES,
    OPEN_ITEMS,
    erp_controls,
    erp_readings,
    is_stale,
    store_readings,
)
from connector.reconciliation.report import ReconciliationRun
from connector.reconciliation.run_assignment import Assignment
from connector.reconciliation.sources import SourceReading


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """
    When a run reads, and what it is given besides store and ERP.

    ``intake_complete_until`` is until when all channels are known to be read, empty where nobody
    keeps track.
    """

    now: datetime
    intake_complete_until: datetime | None = None
    movements: MoneyMovements = field(default_factory=MoneyMovements)


def bearings_now(
    evaluator: Evaluator, assignment: Assignment, ledger: ErpExtract, moment: Moment
) -> Bearings:
    """Return what the parts show together of the whole."""
    facts = evaluator.totals.facts
    return bearings_of(facts, assignment.rules, ledger.balances, moment.movements)


def added_up(
    assignment: Assignment, evaluator: Evaluator, reader: Reader, ledger: ErpExtract, moment: Moment
) -> ReconciliationRun:
    """
    Return the run that the parts in the file come to.

    Raises:
        sqlite3.DatabaseError, ValueError: the file holds something else than was written.
    """
    bearings = bearings_now(evaluator, assignment, ledger, moment)
    evaluator.fingerprint = bearings.fingerprint
    return add_up(
        assignment,
        bearings,
        evaluator.results(),
        Whole(
            now=moment.now,
            open_items=ledger.open_items,
            balances=ledger.balances,
            movements=moment.movements,
            sources=_sources(assignment, evaluator, reader, ledger, moment),
            is_stale=_is_stale(assignment, moment),
        ),
    )


def _sources(
    assignment: Assignment, evaluator: Evaluator, reader: Reader, ledger: ErpExtract, moment: Moment
) -> tuple[SourceReading, ...]:
    key_date, rules = assignment.key_date, assignment.rules
    controls = evaluator.totals.controls
    controls[BALANCES] = erp_controls(ErpExtract(balances=ledger.balances))[BALANCES]
    anew = {**reader.read, OPEN_ITEMS: controls[OPEN_ITEMS].records, BALANCES: len(ledger.balances)}
    kept = {name: max(control.records - anew.get(name, 0), 0) for name, control in controls.items()}
    return (
        *store_readings(
            controls,
            moment.intake_complete_until,
            stale=_is_stale(assignment, moment),
            kept=kept,
        ),
        *erp_readings(
            controls,
            moment.now,
            (*reader.problems, *ledger.problems),
            (reader.pages, reader.pages_expected),
            kept=kept,
        ),
        *movement_sources(until(moment.movements, key_date), key_date, rules.statement_grace_days),
    )


def _is_stale(assignment: Assignment, moment: Moment) -> bool:
    until_ = moment.intake_complete_until
    return until_ is not None and is_stale(
        until_, assignment.key_date, assignment.time_zone, moment.now, assignment.rules
    )
