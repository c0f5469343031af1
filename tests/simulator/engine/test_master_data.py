"""Reading master data: what is understood, and how a mistake is named."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from connector.errors import ConfigurationError
from connector.resources import shipped
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.master_tables import TABLES, combined, read_folder
from connector.simulator.engine.messages import CATALOG, MessageBook
from connector.simulator.engine.settings import EngineSettings


def overlaid(**tables: list[dict[str, object]]) -> MasterData:
    """Return the trading company with further rows."""
    return MasterData.from_rows(combined(read_folder(shipped("fixtures/erp")), tables))


def test_the_trading_company_has_a_file_for_every_table() -> None:
    names = {path.stem for path in shipped("fixtures/erp").glob("*.csv")}
    assert names == set(TABLES)


@pytest.mark.parametrize(
    ("given", "key"), [("PC", "ST"), ("ST", "ST"), ("PCE", "ST"), ("car", "KAR"), ("XX", "")]
)
def test_units_are_known_by_internal_commercial_and_iso_key(
    master: MasterData, given: str, key: str
) -> None:
    assert master.unit_key(given) == key


def test_partner_functions_are_known_in_both_languages(master: MasterData) -> None:
    keys = [master.partner_function(each) for each in ("SP", "AG", "SH", "BP", "py", "ZZ")]
    assert keys == ["AG", "AG", "WE", "RE", "RG", ""]


def test_a_row_of_a_later_layer_replaces_its_like() -> None:
    master = overlaid(terms_of_payment=[{"terms_of_payment": "Z030", "text": "x", "net_days": 31}])
    assert master.terms_of_payment["Z030"].net_days == 31
    assert master.terms_of_payment["Z060"].net_days == 60


def test_rows_may_come_typed_and_numbers_without_zeros() -> None:
    master = overlaid(
        customers=[{"customer": "4711", "name": "Typed", "country": "DE"}],
        exchange_rates=[
            {
                "from_currency": "SEK",
                "to_currency": "EUR",
                "valid_from": date(2026, 6, 1),
                "rate": Decimal("0.09"),
            }
        ],
    )
    assert master.customers["0000004711"].name == "Typed"
    assert master.exchange_rate("SEK", "EUR", date(2026, 6, 2)) == Decimal("0.09")
    assert master.exchange_rate("SEK", "EUR", date(2026, 5, 31)) == Decimal("0.088")
    assert master.exchange_rate("EUR", "SEK", date(2026, 6, 2)) == 1 / Decimal("0.09")
    assert master.exchange_rate("SEK", "USD", date(2026, 6, 2)) is None


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ({"customer": []}, ["customer", "Did you mean customers"]),
        ({"customers": [{"customer": "1", "nane": "x"}]}, ["line", "'nane'", "Did you mean name"]),
        ({"customers": [{"customer": "1", "country": "DE"}]}, ["field name", "not be empty"]),
        ({"terms_of_payment": [{"terms_of_payment": "X", "text": "x", "net_days": "soon"}]},
         ["field net_days", "'soon'"]),
        ({"currencies": [{"currency": "XXX", "decimals": "2", "text": 1.5}],
          "exchange_rates": [{"from_currency": "XXX", "to_currency": "EUR",
                              "valid_from": "2026-01-01", "rate": 1.5}]},
         ["field rate", "not a float"]),
        ({"exchange_rates": [{"from_currency": "XXX", "to_currency": "EUR",
                              "valid_from": "01.02.2026", "rate": "1"}]}, ["field valid_from"]),
        ({"customers": [{"customer": "1", "name": "x", "country": "DE", "one_time": "maybe"}]},
         ["field one_time", "expected X or nothing"]),
        ({"materials": [{"material": "X", "description": "x", "base_unit": "XYZ"}]},
         ["materials, field base_unit", "'XYZ' is not in units"]),
    ],
)  # fmt: skip
def test_a_mistake_names_table_line_and_field(
    tables: dict[str, list[dict[str, object]]], words: list[str]
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        overlaid(**tables)
    for word in words:
        assert word in str(caught.value)


def test_a_broken_file_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text("unit,iso,commercial\nST,PCE,PC,too,many\n")
    with pytest.raises(ConfigurationError, match=r"units\.csv, line 2"):
        MasterData.load(tmp_path)


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_bytes("unit,iso,commercial\nSTÜCK,PCE,PC\n".encode("latin-1"))
    with pytest.raises(ConfigurationError, match="UTF-8"):
        MasterData.load(tmp_path)


def test_a_file_that_is_no_table_and_a_missing_folder_are_named(tmp_path: Path) -> None:
    (tmp_path / "custmers.csv").write_text("a\n")
    with pytest.raises(ConfigurationError, match="Did you mean customers"):
        MasterData.load(tmp_path)
    with pytest.raises(ConfigurationError, match="not a folder"):
        MasterData.load(tmp_path / "none")


def test_the_price_in_the_documents_currency_goes_before_others(master: MasterData) -> None:
    found = overlaid(
        condition_records=[
            {
                "condition_type": "PR00",
                "sales_organization": "1000",
                "distribution_channel": "20",
                "material": "BI-1000",
                "amount": "999",
                "currency": "USD",
                "valid_from": "2020-01-01",
            }
        ]
    )
    for currency, amount in (("USD", "999"), ("EUR", "899.00"), ("GBP", "899.00")):
        record = found.condition_record(
            "PR00", ("1000", "20", "00"), customer="x", material="BI-1000",
            currency=currency, on=date(2026, 1, 1),
        )  # fmt: skip
        assert record is not None
        if currency != "GBP":
            assert (record.currency, str(record.amount)) == (currency, amount)


def test_message_numbers_of_a_situation_can_be_those_of_the_system_at_hand() -> None:
    book = MessageBook({"credit blocked": ("V1", "999")})
    row = book.row("credit blocked", "4711")
    assert (row.id, row.number, row.text) == (
        "V1",
        "999",
        "Document 4711 is blocked by the credit check",
    )
    with pytest.raises(ValueError, match="no such situation"):
        MessageBook({"no such situation": ("V1", "999")})


def test_every_situation_has_a_class_and_a_three_digit_number() -> None:
    for kind, message_class, number, text in CATALOG.values():
        assert kind in "SIWEA" and message_class and len(number) == 3 and text


@pytest.mark.parametrize(
    "wrong",
    [
        {"assignment_source": "Z"},
        {"reference_source": ""},
        {"automatic_clearing_by": "guess"},
        {"returns_movement_type": "999"},
    ],
)
def test_settings_that_no_system_has_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        EngineSettings(**wrong)  # type: ignore[arg-type]
