"""The WHERE clause of RFC_READ_TABLE is understood, or refused where it stops to make sense."""

from __future__ import annotations

from typing import Any

import pytest

from connector.simulator.rfc.tables.selection import SelectionError, parse

FIELDS = ("VBELN", "POSNR", "NETWR", "ERDAT")
ROW = {"VBELN": "0000000001", "POSNR": "000010", "NETWR": "5", "ERDAT": "20260105"}


def selected(*lines: str, **changes: Any) -> bool:
    return parse(lines, FIELDS, lambda field, text: text).test({**ROW, **changes})


@pytest.mark.parametrize(
    "clause",
    [
        "VBELN = '0000000001'",
        "VBELN EQ '0000000001'",
        "vbeln eq '0000000001' and posnr ne '000020'",
        "VBELN <> '2' AND POSNR <= '000010'",
        "NOT VBELN = '2'",
        "VBELN = '2' OR POSNR = '000010'",
        "( VBELN = '2' OR POSNR = '000010' ) AND NETWR GE '5'",
        "VBELN IN ('2', '0000000001')",
        "VBELN IN ( '0000000001' )",
        "VBELN NOT IN ('2')",
        "VBELN LIKE '%01'",
        "VBELN LIKE '000000000_'",
        "VBELN NOT LIKE '9%'",
        "ERDAT BETWEEN '20260101' AND '20260131'",
        "ERDAT NOT BETWEEN '20250101' AND '20250131' AND NETWR > '4'",
        "NETWR = 5",
        "NETWR LT '6'",
        "",
    ],
)
def test_a_row_that_fits_is_selected(clause: str) -> None:
    assert selected(clause)


@pytest.mark.parametrize(
    "clause",
    [
        "VBELN = '2'",
        "VBELN = '0000000001' AND NOT POSNR = '000010'",
        "NOT ( VBELN = '0000000001' OR POSNR = '2' )",
        "VBELN LIKE '01'",
        "ERDAT > '20260105'",
        "VBELN = '2' OR POSNR = '000010' AND NETWR = '6'",
    ],
)
def test_a_row_that_does_not_fit_is_not(clause: str) -> None:
    assert not selected(clause)


def test_a_clause_goes_over_several_lines() -> None:
    assert selected("VBELN = '0000000001'", "AND", "POSNR = '000010'")


def test_a_quote_in_a_literal_is_doubled() -> None:
    assert selected("VBELN = 'O''Neill'", VBELN="O'Neill")


def test_a_wildcard_can_be_escaped() -> None:
    assert selected("VBELN LIKE '50#%' ESCAPE '#'", VBELN="50%")
    assert not selected("VBELN LIKE '50#%' ESCAPE '#'", VBELN="500")


@pytest.mark.parametrize(
    ("clause", "part"),
    [
        ("VBELN='1'", "='1'"),
        ("VBELN = 1'", "'"),
        ("VBELN = '1", "'1"),
        ("VBELX = '1'", "VBELX"),
        ("VBELN = POSNR", "POSNR"),
        ("VBELN = '1' POSNR = '2'", "POSNR"),
        ("VBELN = '1' AND", "the condition is not complete"),
        ("VBELN IN ('1'", "\\) is missing"),
        ("VBELN BETWEEN '1' OR '2'", "OR"),
        ("VBELN NOT = '1'", "="),
        ("VBELN ~ '1'", "~ '1'"),
        ("'1' = VBELN", "'1'"),
    ],
)
def test_what_makes_no_sense_is_named(clause: str, part: str) -> None:
    with pytest.raises(SelectionError, match=part):
        selected(clause)


def test_a_literal_does_not_go_over_the_end_of_a_line() -> None:
    with pytest.raises(SelectionError):
        selected("VBELN = '00000", "00001'")


def pinned(clause: str) -> dict[str, set[str]]:
    condition = parse([clause], FIELDS, lambda field, text: text)
    return {name: set(values) for name, values in condition.equal.items()}


def test_an_index_is_used_where_every_branch_names_its_values() -> None:
    assert pinned("VBELN = '1' AND POSNR > '2'") == {"VBELN": {"1"}}
    assert pinned("VBELN = '1' OR VBELN IN ('2', '3')") == {"VBELN": {"1", "2", "3"}}
    assert pinned("VBELN IN ('1', '2') AND VBELN = '2'") == {"VBELN": {"2"}}
    assert pinned("VBELN = '1' OR POSNR = '2'") == {}
    assert pinned("NOT VBELN = '1'") == {}


def lowest(clause: str) -> dict[str, str]:
    return dict(parse([clause], FIELDS, lambda field, text: text).lowest)


def test_the_earliest_date_is_that_of_all_branches() -> None:
    assert lowest("ERDAT >= '20260101' AND ERDAT >= '20260201'") == {"ERDAT": "20260201"}
    assert lowest("ERDAT > '20260101' OR ERDAT BETWEEN '20250101' AND '20260101'") == {
        "ERDAT": "20250101"
    }
    assert lowest("ERDAT < '20260101'") == {}
    assert lowest("ERDAT >= '20260101' OR VBELN = '1'") == {}
