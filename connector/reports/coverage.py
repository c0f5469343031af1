"""What tables and the ERP lack, ranked by the revenue that waits for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, NamedTuple

from connector.mappings.problems import HOLD_REASONS, Problem
from connector.reports.tried_order import TriedOrder, name_of, value_of

_KINDS: Final = {
    "UNKNOWN_SKU": "SKU",
    "UNKNOWN_UNIT": "unit",
    "UNKNOWN_CUSTOMER": "partner",
    "UNKNOWN_GATEWAY": "gateway",
    "NO_RULE_FOR_CURRENCY": "currency",
    "DEFAULT_ROW": "default taken",
    "CUSTOMER_NOT_IN_ERP": "customer of the ERP",
    "MATERIAL_NOT_IN_ERP": "material of the ERP",
    "UNIT_NOT_IN_ERP": "unit of the ERP",
}
#: What is looked up without a reason to hold, by the field of the order.
_BY_FIELD: Final = (
    ("sku", "SKU"),
    ("unit", "unit"),
    ("gateway", "gateway"),
    ("currency", "currency"),
    ("customer", "partner"),
    ("buyer", "partner"),
    ("address", "partner"),
)
_UNIT: Final = re.compile(r"lines\[(\d+)\]\.unit")
_OTHER: Final = "other value"
_ROW_REMEDY: Final = "Add a row for it to the table, if it should have one."


#: A part of a key of which the order says nothing.
_NOTHING: Final = "(empty)"
_NOTHING_SAID: Final = (
    "The order says nothing that could be looked up: complete it in the channel, or let a rule "
    "say what is taken then."
)


class _Lack(NamedTuple):
    """A row or a value that is not there: what a gap is about, without who needs it."""

    kind: str
    code: str
    key: tuple[str, ...]
    table: str
    label: str
    holds: bool


@dataclass(slots=True)
class Gap:
    """
    One value that a table or the ERP lacks, in one currency.

    ``table`` is the name of the table in the rules (empty for what is not looked up in one),
    ``label`` its file, ``key`` the values of its key columns. ``amount`` is what the orders that
    need it come to, each order counted once; orders without prices count in ``orders`` alone.
    ``holds`` tells whether they are held for it; ``example`` is one of the orders, ``where`` the
    field of it.
    """

    kind: str
    code: str
    key: tuple[str, ...]
    table: str
    label: str
    currency: str
    holds: bool
    example: str
    where: str
    orders: int = 0
    amount: Decimal = field(default_factory=Decimal)

    @property
    def value(self) -> str:
        """The key as people read it, empty where the order says nothing of all of it."""
        return " / ".join(part or _NOTHING for part in self.key) if any(self.key) else ""

    @property
    def remedy(self) -> str:
        """What a person does about it."""
        if self.table and not any(self.key):
            return _NOTHING_SAID
        reason = HOLD_REASONS.get(self.code)
        return reason.remedy if reason else _ROW_REMEDY


class Coverage:
    """Collects gaps over any number of orders; memory grows with the gaps, not with the orders."""

    def __init__(self) -> None:
        self._gaps: dict[tuple[_Lack, str], Gap] = {}

    def add(self, tried: TriedOrder) -> None:
        """Take in what *tried* lacks."""
        order = tried.order
        if order is None:
            return
        counted: set[_Lack] = set()
        at_risk = value_of(order)
        for lack, where in _lacks(tried):
            if lack in counted:
                continue
            counted.add(lack)
            gap = self._gaps.get((lack, order.currency))
            if gap is None:
                gap = Gap(
                    lack.kind, lack.code, lack.key, lack.table, lack.label, order.currency,
                    lack.holds, name_of(tried), where,
                )  # fmt: skip
                self._gaps[lack, order.currency] = gap
            gap.orders += 1
            gap.amount += at_risk.amount if at_risk else 0

    def gaps(self) -> Sequence[Gap]:
        """Return the gaps: what holds orders first, in each currency the most revenue first."""
        return sorted(
            self._gaps.values(),
            key=lambda gap: (not gap.holds, gap.currency, -gap.amount, -gap.orders, gap.value),
        )


def _kind_by_field(where: str) -> str:
    return next((kind for field, kind in _BY_FIELD if field in where), _OTHER)


def _refused_unit(tried: TriedOrder, problem: Problem) -> str:
    """Return the unit of a line that no function of the rules knows, empty for other problems."""
    line = _UNIT.fullmatch(problem.where)
    if problem.code != "VALUE_NOT_VALID" or line is None or tried.order is None:
        return ""
    return tried.order.lines[int(line[1])].unit


def _lacks(tried: TriedOrder) -> Iterator[tuple[_Lack, str]]:
    for row in tried.mapped.missing_rows if tried.mapped else ():
        code = row.code or ("DEFAULT_ROW" if row.by_default else "")
        kind = _KINDS.get(code) or _kind_by_field(row.where)
        yield _Lack(kind, code, row.key, row.table, row.label, bool(row.code)), row.where
    for problem in tried.problems:
        if unit := _refused_unit(tried, problem):
            yield _Lack("unit", problem.code, (unit,), "", "", holds=True), problem.where
        if problem.code.endswith("_NOT_IN_ERP"):
            named = _named_in_the_erp(tried, problem.where)
            yield (
                _Lack(_KINDS[problem.code], problem.code, (named,), "", "", holds=True),
                (problem.where),
            )


def _named_in_the_erp(tried: TriedOrder, path: str) -> str:
    """Return the value at *path* of a document, which the ERP does not have."""
    for mapped in tried.mapped.documents if tried.mapped else ():
        for traced in mapped.trace:
            if traced.path == path:
                return traced.value
    return path
