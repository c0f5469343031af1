"""The judges of the mutations can fail: whatever is told otherwise leaves the diagonal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.differences import Break, Finding, Scope, Side, judge
from connector.reconciliation.rules import ReconciliationRules
from tests.mutations.judging import NOTHING, OTHERWISE, UNPLANTED, Cell, judge_all
from tests.mutations.matrix import Matrix
from tests.mutations.planting import Expected, Mutation, Planted, Planting, Told

PRICE, SHORT = BreakCode.PRICE_DIFF, BreakCode.UNDERPAYMENT


def _nothing(_: Planting) -> Planted:
    yield date.min
    return Expected((), frozenset())


MUTATION = Mutation(PRICE.value, "for the test", _nothing)
ORDER = {"external_id": "EXT-000001"}
EXPECTED = Expected((Told(PRICE, ORDER, Decimal(5)),), frozenset({"EXT-000001"}))
CONSEQUENCE = Told(SHORT, {"invoice": "0090000001"}, Decimal(5))


def difference(
    code: BreakCode = PRICE,
    amount: str = "5",
    keys: dict[str, str] | None = None,
    cause: str = "",
) -> Break:
    finding = Finding(
        code=code,
        identity=1,
        scope=Scope(company_code="1000", currency="EUR"),
        subject="for the test",
        keys=keys or ORDER,
        outside=Side(what="shop"),
        erp=Side(what="ERP"),
        difference=Decimal(amount),
        since=date(2026, 12, 1),
        text="",
        cause=cause,
    )
    found = judge(finding, ReconciliationRules(), date(2026, 12, 31))
    assert isinstance(found, Break)
    return found


def cells(*told: Break, expected: Expected = EXPECTED) -> list[tuple[str, str]]:
    found, _ = judge_all([(MUTATION, expected)], told, frozenset())
    return [(cell.planted, cell.reported) for cell in found]


def test_what_is_told_as_planted_is_on_the_diagonal() -> None:
    assert cells(difference()) == [("PRICE_DIFF", "PRICE_DIFF")]


@pytest.mark.parametrize(
    ("told", "reported"),
    [
        ([], [NOTHING]),
        ([difference(amount="6")], [OTHERWISE]),
        ([difference(cause="BRK-1")], [OTHERWISE]),
        ([difference(BreakCode.DISCOUNT_DIFF)], ["DISCOUNT_DIFF"]),
        ([difference(), difference(BreakCode.OVERPAYMENT)], ["PRICE_DIFF", "OVERPAYMENT"]),
    ],
    ids=["nothing", "another amount", "another cause", "another code", "something beside"],
)
def test_what_is_told_otherwise_is_not(told: list[Break], reported: list[str]) -> None:
    assert cells(*told) == [("PRICE_DIFF", each) for each in reported]


def test_what_is_told_of_others_was_never_planted() -> None:
    elsewhere = difference(keys={"external_id": "EXT-000002"})
    assert (UNPLANTED, "PRICE_DIFF") in cells(difference(), elsewhere)


def test_a_consequence_must_name_its_cause() -> None:
    expected = replace(EXPECTED, follows=(CONSEQUENCE,))
    main = difference()
    linked = difference(SHORT, keys={"invoice": "0090000001"}, cause=main.id)
    alone = difference(SHORT, keys={"invoice": "0090000001"})

    assert cells(main, linked, expected=expected) == [("PRICE_DIFF", "PRICE_DIFF")]
    assert ("PRICE_DIFF", OTHERWISE) in cells(main, alone, expected=expected)
    assert ("PRICE_DIFF", OTHERWISE) in cells(main, expected=expected)


def test_a_matrix_with_anything_beside_its_diagonal_is_not_clean() -> None:
    clean, other = Matrix(), Matrix()
    clean.add([Cell("PRICE_DIFF", "PRICE_DIFF")])
    other.add([Cell("PRICE_DIFF", "PRICE_DIFF"), Cell("PRICE_DIFF", "QTY_DIFF")])

    assert clean.is_clean
    assert not other.is_clean
    (row,) = [line for line in other.lines() if line.startswith("PRICE_DIFF")]
    assert row.split() == ["PRICE_DIFF", "2", "1", "1", "-", "-"]
