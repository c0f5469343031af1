"""Statements and payouts that others wrote: read to the cent, or refused with the reason."""

from __future__ import annotations

from base64 import b64decode
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from connector.errors import MessageError
from connector.statements.model import Reading
from connector.statements.reading import read_statement_file


def files(samples: Path, folder: str, ending: str) -> list[Path]:
    found = sorted((samples / "payments" / folder).glob(f"*.{ending}"))
    assert found
    return found


def read(path: Path) -> Reading | str:
    try:
        return read_statement_file(path)
    except MessageError as error:
        return str(error)


def fields(node: yaml.Node) -> dict[str, yaml.Node]:
    """The fields of a dumped object; the dumps are graphs that plain loading refuses."""
    assert isinstance(node, yaml.MappingNode)
    return {key.value: value for key, value in node.value}


def first(node: yaml.Node) -> str:
    """The only argument of a dumped value, as text."""
    assert isinstance(node, yaml.SequenceNode)
    return str(node.value[0].value)


def expected(path: Path) -> list[tuple[Decimal, date]]:
    """Amounts and value dates as the dump beside *path* has them."""
    root = yaml.compose(path.with_suffix(".yml").read_text("utf-8"))
    assert root is not None
    listed = fields(root)["transactions"]
    assert isinstance(listed, yaml.SequenceNode)
    transactions = []
    for transaction in listed.value:
        data = fields(fields(transaction)["data"])
        # Dates are dumped as they are pickled: two bytes of the year, month, day.
        packed = b64decode(first(data["date"]))
        day = date(packed[0] * 256 + packed[1], packed[2], packed[3])
        transactions.append((Decimal(first(fields(data["amount"])["amount"])), day))
    return transactions


def test_every_line_of_every_mt940_file_is_what_its_expectation_says(samples: Path) -> None:
    compared = 0
    for path in files(samples, "mt940", "sta"):
        reading = read(path)
        if isinstance(reading, str):
            assert "expected MT940 statements" in reading
            continue
        lines = [line for statement in reading.statements for line in statement.lines]
        assert [(line.amount.amount, line.value_date) for line in lines] == expected(path), path
        compared += len(lines)
    assert compared == 55


def test_parts_of_statements_are_refused(samples: Path) -> None:
    refused = [path.name for path in files(samples, "mt940", "sta") if isinstance(read(path), str)]
    assert len(refused) == 10
    assert all(name.startswith("cmxl__") for name in refused)


def test_mt940_statements_whose_balances_agree_have_no_problems(samples: Path) -> None:
    for name in ("cmxl__mt940", "jejik__generic", "jejik__sns", "jejik__rabobank-iban"):
        reading = read_statement_file(samples / "payments/mt940" / f"{name}.sta")
        assert not reading.all_problems, name


def test_every_camt_file_is_read_or_refused_with_the_reason(samples: Path) -> None:
    found = {path.name: read(path) for path in files(samples, "camt", "xml")}

    refused = {name: said for name, said in found.items() if isinstance(said, str)}
    assert sorted(refused) == ["camt053.v2.wrong.xml", "camt054.v2.xml", "camt054.v8.xml"]
    assert "has no statement (Stmt)" in refused["camt053.v2.wrong.xml"]
    assert "a camt.054 notification" in refused["camt054.v8.xml"]
    multi = found["camt053.v2.multi.statement.xml"]
    assert isinstance(multi, Reading)
    assert not multi.all_problems
    assert [str(line.amount) for each in multi.statements for line in each.lines] == [
        "8.85 EUR",
        "-7.00 EUR",
    ]


@pytest.mark.parametrize("version", ["2.minimal", "3", "4", "8"])
def test_each_version_of_camt_gives_the_same_line(samples: Path, version: str) -> None:
    path = samples / "payments/camt" / f"camt053.v{version}.xml"
    (statement,) = read_statement_file(path).statements
    (line,) = statement.lines

    assert str(line.amount) == "8.85 EUR"
    assert line.booking_date == date(2014, 12, 31)
    assert line.remittance == ("4654654654654654",)
    assert "opens in EUR and closes in SEK" in statement.problems[0]


def test_balances_of_five_decimals_are_exact(samples: Path) -> None:
    path = samples / "payments/camt/camt053.v2.five.decimals.xml"
    (statement,) = read_statement_file(path).statements

    assert (str(statement.opening), str(statement.closing)) == ("18.15 EUR", "27.05 EUR")


def test_shopify_transactions_belong_to_their_payout_and_one_does_not_add_up(
    samples: Path,
) -> None:
    reading = read_statement_file(samples / "payments/shopify/payouts_transactions.json")
    (payout,) = reading.payouts

    assert payout.payout_id == "623721858"
    assert "net -1.75 USD is not gross -1.50 USD less fee -0.25 USD" in payout.problems[0]
    assert str(payout.amount) == "41.90 USD"


@pytest.mark.parametrize("provider", ["shopify", "stripe"])
def test_every_answer_of_a_provider_is_read_or_refused(samples: Path, provider: str) -> None:
    found = {path.name: read(path) for path in files(samples, provider, "json")}

    for name, reading in found.items():
        is_payout = name.startswith("payout")
        assert isinstance(reading, Reading) == is_payout, (name, reading)
