"""Reading camt.053 and MT940: every line once, to the cent, and nothing short without a word."""

from __future__ import annotations

import logging
from decimal import Decimal
from pathlib import Path

import pytest

from connector.errors import MessageError
from connector.resources import shipped
from connector.statements.model import BankStatement, Reading
from connector.statements.reading import read_statement_file, read_statements

FOLDER = "fixtures/finance/statements"


def fixture(name: str) -> Path:
    return shipped(FOLDER) / name


def camt(before: str = "", after: str = "") -> bytes:
    """The statement of the fixtures with one text changed."""
    text = fixture("camt053-november.xml").read_text("utf-8")
    assert before in text
    return text.replace(before, after, 1).encode()


def mt940(before: str = "", after: str = "") -> bytes:
    text = fixture("mt940-november.sta").read_bytes().decode("latin-1")
    assert before in text
    return text.replace(before, after, 1).encode("latin-1")


def only(reading: Reading) -> BankStatement:
    (statement,) = reading.statements
    return statement


def test_a_camt_statement_is_read_with_its_balances_and_every_line() -> None:
    statement = only(read_statement_file(fixture("camt053-november.xml")))

    assert statement.name == "DE02120300000000202051 no. 31"
    assert (str(statement.opening), str(statement.closing)) == ("1,000.00 EUR", "1,220.25 EUR")
    assert not statement.problems
    assert [(line.bank_reference[:7], str(line.amount)) for line in statement.lines] == [
        ("BATCH-7", "100.00 EUR"),
        ("BATCH-7", "50.50 EUR"),
        ("DRV-f7f", "99.75 EUR"),
        ("FEE-1", "-20.00 EUR"),
        ("RET-1", "-10.00 EUR"),
        ("ZERO", "0.00 EUR"),
    ]


def test_a_batch_is_taken_apart_into_its_payments() -> None:
    first, second = only(read_statement_file(fixture("camt053-november.xml"))).lines[:2]

    assert (first.bank_reference, second.bank_reference) == ("BATCH-7/1", "BATCH-7/2")
    assert first.remittance == ("Invoice 90000021",)
    assert second.remittance == ("RF18539007547034",)


def test_a_batch_whose_parts_do_not_add_up_stays_one_line() -> None:
    changed = camt('<Amt Ccy="EUR">50.50</Amt>', '<Amt Ccy="EUR">50.00</Amt>')

    assert only(read_statements(changed, "a.xml")).lines[0].bank_reference == "BATCH-7"


def test_a_reversal_is_marked_and_keeps_the_sign_of_its_movement() -> None:
    line = only(read_statement_file(fixture("camt053-november.xml"))).lines[4]

    assert line.is_reversal
    assert line.amount.amount == Decimal("-10.00")


def test_entries_that_are_not_booked_are_left_out_and_counted() -> None:
    statement = only(read_statement_file(fixture("camt053-november.xml")))

    assert statement.notes == ("not booked yet and left out: 1",)


@pytest.mark.parametrize("version", ["02", "03", "04", "06", "08", "10"])
def test_every_version_of_camt_is_read_alike(version: str) -> None:
    other = camt("camt.053.001.08", f"camt.053.001.{version}")

    assert (
        only(read_statements(other, "a.xml")).lines == only(read_statements(camt(), "a.xml")).lines
    )


def test_a_closing_balance_that_the_lines_do_not_reach_is_told() -> None:
    (problem,) = only(read_statements(camt("1220.25", "1230.25"), "a.xml")).problems

    assert "1,000.00 EUR and 6 lines of 220.25 EUR make 1,220.25 EUR" in problem
    assert "10.00 EUR differ" in problem


def test_one_bad_entry_is_named_and_its_neighbours_are_read() -> None:
    statement = only(read_statements(camt(">99.75<", ">99,75<"), "a.xml"))

    assert len(statement.lines) == 5
    assert "a.xml, entry 2 in line" in statement.problems[0]
    assert "'99,75' is no amount" in statement.problems[0]


def test_decimals_beyond_the_currency_must_be_zeros() -> None:
    zeros = only(read_statements(camt(">99.75<", ">99.75000<"), "a.xml"))
    more = only(read_statements(camt(">99.75<", ">99.75001<"), "a.xml"))

    assert not zeros.problems
    assert "has more decimals than EUR has (2)" in more.problems[0]


def test_the_derived_reference_does_not_depend_on_the_name_of_the_file() -> None:
    one, other = (only(read_statements(camt(), name)).lines[2] for name in ("a.xml", "b.xml"))

    assert one.is_derived
    assert one.bank_reference == other.bank_reference


def test_equal_lines_without_reference_are_told_apart_by_their_place() -> None:
    text = camt().decode()
    start = text.index('      <Ntry>\n        <Amt Ccy="EUR">99.75')
    end = text.index("</Ntry>", start) + len("</Ntry>\n")
    doubled = text[:end] + text[start:end] + text[end:]

    lines = only(read_statements(doubled.replace("1220.25", "1320.00").encode(), "a.xml")).lines

    assert len({line.bank_reference for line in lines}) == len(lines) == 7


def test_one_reference_of_the_bank_for_several_booked_lines_names_none_of_them() -> None:
    statement = only(read_statements(camt("RET-1", "FEE-1"), "a.xml"))

    assert not statement.problems
    references = [line.bank_reference for line in statement.lines[3:5]]
    assert len(set(references)) == 2
    assert all(reference.startswith("FEE-1~") for reference in references)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"<a", "not XML"),
        (b"<Document/>", "the document is 'Document'"),
        (b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "document type declaration"),
        (b"\x00\x01", "cannot be told from its content"),
        (b"{}", "no payouts that are known"),
        (b"[" * 100_000, "too many levels"),
    ],
)
def test_what_is_no_report_is_refused_with_the_reason(content: bytes, said: str) -> None:
    with pytest.raises(MessageError, match=said):
        read_statements(content, "a.xml")


def test_an_mt940_statement_in_latin_1_is_read_with_its_details() -> None:
    statement = only(read_statement_file(fixture("mt940-november.sta")))
    first, fee, returned = statement.lines

    assert statement.number == "12"
    assert not statement.problems
    assert first.bank_reference == "BANKREF-1"
    assert first.end_to_end_id == "E2E-77"
    assert first.remittance[0] == "Rechnung 90000014 Büromaterial"
    assert first.payer_hint == "FR7630006000011234567890189"
    assert fee.is_derived
    assert (returned.is_reversal, returned.amount.amount) == (True, Decimal(-100))


def test_one_bad_line_of_an_mt940_statement_is_named(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        reading = read_statements(mt940("DR19,90", "XX19,90"), "a.sta")
    statement = only(reading)

    assert len(statement.lines) == 2
    assert "a.sta, entry 2 in line 8: :61: cannot be read" in statement.problems[0]
    assert not caplog.text


def test_details_behind_the_closing_balance_belong_to_no_line() -> None:
    changed = mt940("\n-\n", "\n:86:closing remarks\n-\n")

    assert "closing" not in only(read_statements(changed, "a.sta")).lines[-1].text


def test_mt940_lines_without_a_readable_balance_are_named_for_want_of_a_currency() -> None:
    text = mt940(":60F:C261101EUR1000,00\n").replace(b":62F:C261231EUR", b":62F:C261231")
    statement = only(read_statements(text, "a.sta"))

    assert (statement.currency, statement.lines) == ("", ())
    assert statement.problems[0].startswith("a.sta, line 11: balance :62F: '207' is no currency")
    assert statement.problems[1].startswith("a.sta, entry 1 in line 4: no currency")
    assert len(statement.problems) == 5


def test_a_camt_statement_that_names_no_currency_has_none_and_its_lines_are_named() -> None:
    text = camt().decode().replace(' Ccy="EUR"', "").replace("<Ccy>EUR</Ccy>", "")

    statement = only(read_statements(text.encode(), "a.xml"))

    assert (statement.currency, statement.lines) == ("", ())
    entries = [problem for problem in statement.problems if "entry" in problem]
    assert len(entries) == 5
    assert entries[0].startswith("a.xml, entry 1 in line 10: '' is no currency")
    assert "no opening and no closing balance" in statement.problems[-1]
