"""Mapping asks the ERP for what many orders need in few calls, and remembers what it was told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.clock import ManualClock
from connector.errors import ErpUnavailableError
from connector.mappings.rules import MappingRules
from connector.sync.master_data import MasterDataCache, map_asking, wanted_of
from connector.sync.missing_master_data import MissingInTheErp
from tests.mappings.support import ORDER, RULES, a_line, an_order, codes, mapped, rules_from

NOON = datetime(2026, 3, 2, 11, tzinfo=UTC)

#: The material is found by the customer's own number, its unit by the material.
ASKING = (
    RULES.replace(
        "skus: {file: skus.csv, key: sku}",
        "skus: {master_data: customer_materials, key: [customer, customer_material]}\n"
        "  bases: {master_data: materials, key: material}",
    )
    .replace("by: line.sku", "by: [\"'1001'\", line.sku]")
    .replace("unit: sku.unit",
             "unit: {lookup: {table: bases, by: sku.material, column: base_unit}}")
)  # fmt: skip


class Reader:
    """An ERP with the materials M-A to M-Z, each called by its letter; counts the calls."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, int]] = []
        self.known = set("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        self.is_down = False

    def read(self, kind: str, keys: Sequence[Mapping[str, str]]) -> Sequence[Mapping[str, str]]:
        if self.is_down:
            raise ErpUnavailableError("the ERP does not answer")
        self.calls.append((kind, len(keys)))
        return [row for key in keys for row in self._rows(kind, key)]

    def _rows(self, kind: str, key: Mapping[str, str]) -> list[Mapping[str, str]]:
        if kind == "customer_materials":
            letter = key["customer_material"]
            return (
                [{"customer": "0000001001", "customer_material": letter, "material": f"M-{letter}"}]
                if letter in self.known
                else []
            )
        if kind == "materials":
            letter = key["material"].removeprefix("M-")
            return (
                [{"material": key["material"], "base_unit": "ST"}] if letter in self.known else []
            )
        if kind == "units":
            return [{"unit": key["unit"], "iso_unit": "?"}] if "unit" in key else []
        return [{"customer": key["customer"].zfill(10)}] if key["customer"] != "999" else []


@pytest.fixture
def rules(tmp_path: Path) -> MappingRules:
    return rules_from(tmp_path, ASKING)


def test_one_call_for_each_kind_serves_all_orders(rules: MappingRules) -> None:
    reader = Reader()
    cache = MasterDataCache(reader, ManualClock(NOON))
    orders = [an_order(a_line(letter), a_line("A")) for letter in "BCDEFG"]

    found = map_asking(orders, rules, ORDER, cache)

    assert [codes(each) for each in found] == [[]] * 6
    assert found[0].documents[0].document.items[0].material == "M-B"
    assert found[0].documents[0].document.items[0].requested_quantity.unit == "ST"
    assert reader.calls == [("customer_materials", 7), ("materials", 7)]
    assert map_asking(orders, rules, ORDER, cache) == found
    assert len(reader.calls) == 2


def test_what_the_erp_does_not_have_is_a_problem_of_its_order_alone(rules: MappingRules) -> None:
    cache = MasterDataCache(Reader(), ManualClock(NOON))

    good, bad = map_asking([an_order(), an_order(a_line("9"))], rules, ORDER, cache)

    assert codes(good) == []
    assert codes(bad) == ["UNKNOWN_SKU"]
    assert "is not in the ERP's customer materials" in bad.problems[0].message


def test_without_the_erp_the_order_is_held_for_that(rules: MappingRules) -> None:
    assert codes(mapped(an_order(), rules)) == ["MASTER_DATA_NOT_READ"]


def test_a_run_sees_one_state_and_the_service_a_present_one(rules: MappingRules) -> None:
    reader, clock = Reader(), ManualClock(NOON)
    reader.known = {"A"}
    run, service = (
        MasterDataCache(reader, clock),
        MasterDataCache(reader, clock, timedelta(minutes=5)),
    )
    order = an_order(a_line("B"))
    for cache in (run, service):
        assert codes(map_asking([order], rules, ORDER, cache)[0]) == ["UNKNOWN_SKU"]

    reader.known = {"A", "B"}

    assert codes(map_asking([order], rules, ORDER, run)[0]) == ["UNKNOWN_SKU"]
    assert codes(map_asking([order], rules, ORDER, service)[0]) == []


def test_what_was_found_counts_until_it_is_too_old() -> None:
    reader, clock = Reader(), ManualClock(NOON)
    cache = MasterDataCache(reader, clock, timedelta(minutes=5))
    wanted = wanted_of("materials", {"material": "M-A"})
    cache.read([wanted])

    clock.advance(timedelta(minutes=5))
    assert cache.known(wanted)
    clock.advance(timedelta(seconds=1))
    assert cache.known(wanted) is None


def test_leading_zeros_of_numbers_do_not_matter_but_those_of_other_values_do() -> None:
    def customer(number: str) -> object:
        return wanted_of("customers", {"customer": number})

    assert customer("0000001001") == customer("1001")
    assert wanted_of("materials", {"gtin": "0401"}) != wanted_of("materials", {"gtin": "401"})


def test_an_erp_that_does_not_answer_is_no_missing_row(rules: MappingRules) -> None:
    reader = Reader()
    reader.is_down = True

    with pytest.raises(ErpUnavailableError):
        map_asking([an_order()], rules, ORDER, MasterDataCache(reader, ManualClock(NOON)))


def test_documents_are_checked_for_what_the_erp_does_not_have(tmp_path: Path) -> None:
    reader = Reader()
    reader.known = {"A"}
    missing = MissingInTheErp(MasterDataCache(reader, ManualClock(NOON)))
    plain = rules_from(tmp_path)

    good, bad = missing([mapped(an_order(), plain), mapped(an_order(a_line("B")), plain)])

    assert good == ()
    assert [problem.code for problem in bad] == ["MATERIAL_NOT_IN_ERP"]
    assert bad[0].where == "items[0].material"
    assert "'M-B'" in bad[0].message
    assert len(reader.calls) == 3 + 1, "customers, materials, and units by either name"
