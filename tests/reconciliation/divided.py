"""Runs evaluated in parts, to be held against the same run as one part."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from connector.reconciliation import linking, run
from connector.reconciliation.adding_up import Whole, add_up
from connector.reconciliation.bearings import Bearings, bearings_of, sum_of
from connector.reconciliation.extract import ErpExtract
from connector.reconciliation.linking import Keys
from connector.reconciliation.part_result import PartResult
from connector.reconciliation.parts import Part, PartInputs
from connector.reconciliation.report import ReconciliationRun
from connector.reconciliation.rules import ReconciliationRules
from connector.reconciliation.run_assignment import Assignment
from connector.statements.model import Payout, PayoutLine

#: Fields of an extract whose records are divided, with what says their keys.
_KEYS: dict[str, Callable[[Any], Keys]] = {
    "sales_documents": linking.keys_of_sales_document,
    "deliveries": linking.keys_of_delivery,
    "billing_documents": linking.keys_of_billing_document,
    "links": linking.keys_of_link,
    "payers": linking.keys_of_payer,
    "orphans": linking.keys_of_orphan,
    "exchange": linking.keys_of_exchange,
    "unknown_numbers": linking.keys_of_number,
}


@dataclass
class Records:
    """What belongs to a part, by where it goes."""

    orders: list[Any] = field(default_factory=list)
    bank_lines: list[Any] = field(default_factory=list)
    payout_lines: list[tuple[Payout, PayoutLine]] = field(default_factory=list)
    searches: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    of_erp: dict[str, list[Any]] = field(default_factory=dict)

    def add(self, place: str, record: Any) -> None:
        if place in ("orders", "bank_lines", "payout_lines", "searches"):
            getattr(self, place).append(record)
        else:
            self.of_erp.setdefault(place, []).append(record)

    def inputs(self) -> PartInputs:
        payouts: dict[tuple[str, str], tuple[Payout, list[PayoutLine]]] = {}
        for payout, line in self.payout_lines:
            key = payout.provider, payout.payout_id
            payouts.setdefault(key, (payout, []))[1].append(line)
        of_erp: dict[str, Any] = {name: tuple(found) for name, found in self.of_erp.items()}
        return PartInputs(
            self.orders,
            ErpExtract(**of_erp, numbers_by_reference=dict(self.searches)),
            self.bank_lines,
            [each.model_copy(update={"lines": tuple(ls)}) for each, ls in payouts.values()],
        )


def records_of(
    inputs: PartInputs, rules: ReconciliationRules
) -> Iterator[tuple[tuple[str, Any], Keys]]:
    """Yield all records with where they belong, each with its keys."""
    for order in inputs.orders:
        yield ("orders", order), linking.keys_of_order(order)
    for name, keys_of in _KEYS.items():
        for record in getattr(inputs.extract, name):
            yield (name, record), keys_of(record)
    for name in ("items", "open_items"):
        for item in getattr(inputs.extract, name):
            yield (name, item), linking.keys_of_item(item, rules)
    for reference, numbers in inputs.extract.numbers_by_reference.items():
        found = "searches", (reference, numbers)
        yield found, linking.keys_of_search(reference, numbers)
    for line in inputs.bank_lines:
        yield ("bank_lines", line), linking.keys_of_bank_line(line)
    for payout in inputs.payouts:
        for each in payout.lines:
            keys = linking.keys_of_payout_line(payout.provider, payout.payout_id, each)
            yield ("payout_lines", (payout, each)), keys


def divided(
    inputs: PartInputs, rules: ReconciliationRules, chance: random.Random | None = None
) -> list[PartInputs]:
    """Return *inputs* in parts: as small as can be, or some of these put together by chance."""
    found = list(records_of(inputs, rules))
    parts = linking.components(enumerate(keys for _, keys in found))
    if chance is not None:
        chance.shuffle(parts)
        together: list[list[int]] = [[] for _ in range(chance.randint(1, max(len(parts), 1)))]
        for part in parts:
            chance.choice(together).extend(part)
        parts = [part for part in together if part]
    result = []
    for part in parts:
        records = Records()
        for place in part:
            records.add(*found[place][0])
        result.append(records.inputs())
    return result


def in_parts(
    assignment: Assignment, parts: Iterable[PartInputs], whole: Whole
) -> tuple[ReconciliationRun, list[PartResult], Bearings]:
    """Evaluate *parts* one by one and add up."""
    prepared = [Part(assignment, inputs) for inputs in parts]
    facts = sum_of(part.facts for part in prepared)
    bearings = bearings_of(facts, assignment.rules, whole.balances, whole.movements)
    results = [part.evaluate(bearings) for part in prepared]
    return add_up(assignment, bearings, results, whole), results, bearings


def compare_every_run(patch: pytest.MonkeyPatch) -> list[ReconciliationRun]:
    """
    Let every run that is made be made in parts as well, and be the same.

    Returns a list to which each run is added that was compared.
    """
    compared: list[ReconciliationRun] = []
    asked: list[tuple[Assignment, PartInputs]] = []

    class Noting(Part):
        def __init__(self, assignment: Assignment, inputs: PartInputs) -> None:
            asked.append((assignment, inputs))
            super().__init__(assignment, inputs)

    def both(
        assignment: Assignment, bearings: Bearings, results: Sequence[PartResult], whole: Whole
    ) -> ReconciliationRun:
        of, inputs = asked.pop()
        assert of is assignment
        expected = add_up(assignment, bearings, results, whole)
        smallest, *_ = in_parts(assignment, divided(inputs, assignment.rules), whole)
        assert_same(smallest, expected)
        compared.append(expected)
        return expected

    patch.setattr(run, "Part", Noting)
    patch.setattr(run, "add_up", both)
    return compared


def assert_same(one: ReconciliationRun, other: ReconciliationRun) -> None:
    """Field by field first, so that a difference can be read."""
    for name in type(one).model_fields:
        if name not in ("matches", "content_hash", "header"):
            assert getattr(one, name) == getattr(other, name), name
    matches = [sorted(each.matches, key=repr) for each in (one, other)]
    assert matches[0] == matches[1]
    assert one.to_json() == other.to_json()
    assert one.content_hash == other.content_hash
