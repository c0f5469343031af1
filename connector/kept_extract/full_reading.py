"""Reads everything into a new file, divides it into parts, and evaluates all of them."""

from __future__ import annotations

from array import array

from connector.kept_extract.dividing import Groups, bundles, join_by_keys
from connector.kept_extract.evaluating import Evaluator
from connector.kept_extract.file import ExtractFile
from connector.kept_extract.reading import Reader
from connector.kept_extract.totals import Totals
from connector.kept_extract.whole import Moment, added_up, bearings_now
from connector.reconciliation.bearings import bearings_of, sum_of
from connector.reconciliation.extract import orders_created, read_ledger
from connector.reconciliation.parts import movements_of_run
from connector.reconciliation.report import ReconciliationRun


def read_everything(reader: Reader, moment: Moment) -> tuple[ReconciliationRun, Evaluator]:
    """
    Read all through *reader*, whose file is new, and return the run.

    Raises:
        ConnectorError: store or ERP could not be read.
        sqlite3.Error: the file could not be written.
    """
    assignment, file = reader.assignment, reader.file
    key_date, rules = assignment.key_date, assignment.rules
    own = reader.all_orders()
    reader.orphans(own.orphans(orders_created(reader.erp, own.any, key_date, rules)))
    ledger = read_ledger(reader.erp, assignment.company_codes, key_date)
    reader.open_items(ledger.open_items)
    outside = movements_of_run(moment.movements, key_date, rules)
    reader.movements(outside.bank_lines, outside.payouts)
    divide_all(file)
    evaluator = Evaluator(file, assignment, Totals())
    expected = bearings_of(sum_of(reader.facts), rules, ledger.balances, moment.movements)
    evaluator.evaluate(file.parts.all(), expected)
    shown = bearings_now(evaluator, assignment, ledger, moment)
    if shown != expected:
        evaluator.again(shown)
    return added_up(assignment, evaluator, reader, ledger, moment), evaluator


def divide_all(file: ExtractFile) -> None:
    """Put all pieces of a new file into parts."""
    file.pieces.index_all()
    lines = array("I", [0])
    lines.extend(count for _, count in file.pieces.counted())
    groups = Groups(len(lines))
    join_by_keys(groups, file.pieces.keys())
    found = bundles(groups, lines)
    first = file.parts.free()
    file.pieces.assign(
        (groups.first(piece), first + found[piece], piece) for piece in range(1, len(lines))
    )
