"""Reads what changed into a file of before, and evaluates the parts that it touches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from connector.kept_extract import changes
from connector.kept_extract.evaluating import Evaluator
from connector.kept_extract.pieces import name_of
from connector.kept_extract.reading import Reader
from connector.kept_extract.replacing import Replacing
from connector.kept_extract.totals import Totals
from connector.kept_extract.whole import Moment, added_up, bearings_now
from connector.reconciliation.extract import ErpExtract, orders_created, read_ledger
from connector.reconciliation.orphan_orders import OwnOrders
from connector.reconciliation.parts import movements_of_run
from connector.reconciliation.report import ReconciliationRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """
    What the file says about the run that wrote it.

    ``watermark`` leads to what changed in the ERP since, ``read_on`` is the day of reading.
    ``totals`` are those of all parts, evaluated under bearings with that ``fingerprint``.
    """

    watermark: str
    read_on: date
    totals: Totals
    fingerprint: str


def read_changes(
    reader: Reader, moment: Moment, before: Before, changed: Iterable[str]
) -> tuple[ReconciliationRun, Evaluator]:
    """
    Read what changed through *reader*, whose file is that of *before*, and return the run.

    Args:
        changed: the sales documents that the ERP reports as changed since the watermark.

    Raises:
        ConnectorError: store or ERP could not be read.
        sqlite3.Error, ValueError: the file holds something else than was written.
    """
    assignment, file = reader.assignment, reader.file
    ledger = read_ledger(reader.erp, assignment.company_codes, assignment.key_date)
    evaluator = Evaluator(file, assignment, before.totals)
    replacing = Replacing(reader)
    _orders(replacing, changed)
    # The ERP keeps its time elsewhere: its day may be the one before.
    _ledger(replacing, ledger, before.read_on - timedelta(days=1))
    _movements(replacing, moment)
    evaluator.forget(replacing.parts)
    parts = replacing.divide()
    expected = bearings_now(evaluator, assignment, ledger, moment)
    late = set(file.parts.outdated(assignment.key_date))
    file.parts.check(sorted(late))
    evaluator.forget(late)
    evaluator.evaluate(sorted({*parts, *late}), expected)
    shown = bearings_now(evaluator, assignment, ledger, moment)
    if shown.fingerprint != before.fingerprint or shown != expected:
        evaluator.again(shown)
    return added_up(assignment, evaluator, reader, ledger, moment), evaluator


def _orders(replacing: Replacing, changed: Iterable[str]) -> None:
    """Read the orders that changed in the store, and the chains that changed in the ERP."""
    reader, flows = replacing.reader, replacing.reader.file.flows
    assignment = reader.assignment
    own = OwnOrders(assignment.rules)
    fresh: dict[int, bytes] = {}
    stale: set[int] = set()
    gone: list[int] = []
    for number, fingerprint, kept in changes.changed_orders(reader):
        if kept is not None and fingerprint == kept.fingerprint:
            own.add(kept.reference, kept.sold_to_party, kept.numbers)
            if changes.is_found_anew(reader, kept):
                stale.add(kept.piece)
            continue
        if kept is not None:
            stale.add(kept.piece)
        if fingerprint is None:
            gone.append(number)
        else:
            fresh[number] = fingerprint
    stale |= changes.of_documents(reader, changed)
    reader.known(fresh, own)
    heads = own.orphans(orders_created(reader.erp, own.any, assignment.key_date, assignment.rules))
    new, no_more, others = changes.of_orphans(reader, heads)
    replacing.replace(
        stale | others,
        fresh,
        orphans=new,
        heads={head.number: head for head in heads},
        gone={*gone, *no_more},
    )
    flows.remove(gone)
    flows.remove_orphans(no_more)


def _ledger(replacing: Replacing, ledger: ErpExtract, since: date) -> None:
    """Take in the open items, and read what is open no more, again, or otherwise than before."""
    reader, pieces = replacing.reader, replacing.reader.file.pieces
    items = {name_of(item): item for item in ledger.open_items}
    found = changes.of_open_items(reader, items)
    replacing.replace(found.gone)
    pieces.remove(pieces.get(found.gone))
    before = len(reader.new)
    reader.open_items(items[name] for name in sorted(found.new))
    replacing.replace(replacing.join(reader.new[before:]))
    replacing.replace(changes.of_entered_lines(reader, since, items))


def _movements(replacing: Replacing, moment: Moment) -> None:
    """Take in what is new of money outside; store and ERP say nothing else for it."""
    reader, pieces = replacing.reader, replacing.reader.file.pieces
    assignment = reader.assignment
    outside = movements_of_run(moment.movements, assignment.key_date, assignment.rules)
    found = changes.of_movements(reader, outside)
    replacing.dissolve(found.gone)
    pieces.remove(pieces.get(found.gone))
    before = len(reader.new)
    reader.movements(outside.bank_lines, outside.payouts, only=found.new)
    replacing.join(reader.new[before:])
