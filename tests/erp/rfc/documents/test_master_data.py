"""Master data is read in few calls, by whatever columns a rule looks it up with."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from connector.erp.rfc import read_table
from connector.mappings.master_data import MASTER_DATA_COLUMNS
from connector.ports.master_data import MasterDataRow
from tests.erp.rfc.documents.conftest import System

TOURING = {
    "customer": "0000001001",
    "sales_organization": "1000",
    "distribution_channel": "20",
    "customer_material": "RH-TOUR28",
    "material": "BI-1000",
}


def read(system: System, kind: str, *keys: dict[str, str]) -> Sequence[MasterDataRow]:
    with system.erp() as erp:
        return erp.master_data.read(kind, keys)


def test_a_customers_own_number_leads_to_the_material(system: System) -> None:
    key = {"customer": "1001", "customer_material": "RH-TOUR28"}

    assert read(system, "customer_materials", key) == [TOURING]
    assert read(system, "customer_materials", {**key, "customer": "0000001001"}) == [TOURING]
    assert not read(system, "customer_materials", {**key, "customer": "1007"})


def test_the_values_of_two_keys_are_not_mixed(system: System) -> None:
    """A selection by lists lets in more than the keys: what nobody asked for is left out."""
    found = read(
        system,
        "customer_materials",
        {"customer": "1001", "customer_material": "KL-ESP-1"},
        {"customer": "1007", "customer_material": "RH-TOUR28"},
    )

    assert not found


def test_customers_materials_partners_and_units_are_found(system: System) -> None:
    [customer] = read(system, "customers", {"customer": "1001"})
    [material] = read(system, "materials", {"material": "BI-1000"})
    [payer] = read(
        system,
        "customer_partners",
        {"customer": "1007", "sales_organization": "1000", "distribution_channel": "20",
         "division": "00", "function": "RG"},
    )  # fmt: skip
    pieces = read(system, "units", {"iso_unit": "PCE"})

    assert (customer["customer"], customer["country"]) == ("0000001001", "DE")
    assert (material["material"], material["base_unit"]) == ("BI-1000", "ST")
    assert payer["partner"] == "0000001008"
    assert [row["unit"] for row in pieces] == ["ST"]


@pytest.mark.parametrize("kind", sorted(MASTER_DATA_COLUMNS))
def test_each_kind_has_the_columns_that_rules_may_name(system: System, kind: str) -> None:
    columns = MASTER_DATA_COLUMNS[kind]
    values = {"customer": "1001", "unit": "ST", "material": "BI-1000"}
    key = {column: values[column] for column in columns[:1] if column in values}

    assert {tuple(row) for row in read(system, kind, key)} == {columns}


@pytest.mark.parametrize("value", ["", "X" * 41, "A\nB"])
def test_what_no_material_can_be_called_is_not_asked_for(system: System, value: str) -> None:
    assert not read(system, "materials", {"material": value})


def test_many_keys_take_few_calls(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    selections: list[int] = []
    plain = read_table.ReadTable._read

    def counted(self: read_table.ReadTable, *arguments: object) -> list[dict[str, str]]:
        selections.append(1)
        return plain(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(read_table.ReadTable, "_read", counted)
    keys = [{"customer": str(1000 + i), "customer_material": f"NO-{i}"} for i in range(300)]
    keys.append({"customer": "1001", "customer_material": "RH-TOUR28"})

    assert read(system, "customer_materials", *keys) == [TOURING]
    assert len(selections) <= 16
