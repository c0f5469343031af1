"""One question about one field, answered as far back as the message."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import Result

from tests.cli.mappings import OwnMapping

Run = Callable[..., Result]


@pytest.fixture
def explain(connector: Run, shop: Any, own: OwnMapping) -> Callable[..., list[dict[str, Any]]]:
    """Return what is told of a field of one of the shipped orders."""

    def _explain(field: str, case: str = "several-lines", code: int = 0) -> list[dict[str, Any]]:
        file = shop.drop(shop.order(case))
        result = connector("mapping", "explain", file, field, "--json")
        assert result.exit_code == code, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]

    return _explain


Explain = Callable[..., list[dict[str, Any]]]


def test_a_field_is_explained_back_to_the_message(explain: Explain, own: OwnMapping) -> None:
    (found,) = explain("items[1].material")

    assert found["value"] == "AC-1000"
    assert found["rule"] == (
        "documents.sales_order.items.material = sku.material [shopify/skus.csv: KOPFNUSS-M]"
    )
    assert found["because"] == "the ERP keeps no sizes of helmets"
    assert (found["source_path"], found["source_value"]) == ("lines[1].sku", "KOPFNUSS-M")
    file, _, line = found["place"].rpartition(":")
    assert "material: sku.material" in own.rules.read_text("utf-8").splitlines()[int(line) - 1]
    assert file == str(own.rules)
    (reading,) = found["readings"]
    file, _, line = reading["place"].rpartition(":")
    assert "sku: trim(sku)" in own.profile.read_text("utf-8").splitlines()[int(line) - 1]


def test_without_a_position_all_items_are_told(explain: Explain) -> None:
    assert [each["value"] for each in explain("material")] == [
        "BI-3000",
        "AC-1000",
        "AC-1100",
        "AC-1200",
    ]


@pytest.mark.parametrize(
    ("field", "path", "value"),
    [
        ("SoldToParty", "partners[0].customer", "90010"),
        ("ship_to_party.city", "partners[1].address.city", "Leipzig"),
        ("ship-to party city", "partners[1].address.city", "Leipzig"),
        ("HD00", "conditions[0].rate", "6.90"),
        ("SalesOrganization", "sales_area.sales_organization", "1000"),
    ],
)
def test_a_field_may_be_called_as_people_call_it(
    explain: Explain, field: str, path: str, value: str
) -> None:
    (found,) = explain(field)

    assert (found["path"], found["value"]) == (path, value)


def test_a_misspelt_field_is_answered_as_the_nearest_and_says_so(connector: Run, shop: Any) -> None:
    file = shop.drop(shop.order())

    result = connector("mapping", "explain", file, "mateial")

    assert result.exit_code == 0
    assert "There is no field 'mateial'; the nearest is items[0].material." in result.stdout


def test_a_field_that_nothing_is_like_ends_with_1(explain: Explain) -> None:
    assert explain("xyzzy", code=1) == []


def test_a_held_field_says_what_holds_it(explain: Explain) -> None:
    (found,) = explain("material", "unknown-sku")

    assert found["state"] == "held"
    assert [problem["code"] for problem in found["problems"]] == ["UNKNOWN_SKU"]
    assert "REGENPLANE-XL" in found["source_value"]


def test_a_rule_that_came_to_nothing_is_told_with_what_it_reads(explain: Explain) -> None:
    (found,) = explain("item_category")

    assert found["state"] == "empty"
    assert found["rule"].endswith("item_category = 'TANN' (when line.price == `0`)")
    assert found["source_value"] == "lines.price: 379.61 / 59.38 / 77.23 / 41.53"


def test_a_field_without_a_rule_is_left_to_the_erp(explain: Explain) -> None:
    (found,) = explain("payment_terms")

    assert (found["state"], found["rule"]) == ("without a rule", "")


def test_a_payment_is_explained_by_its_rule_and_what_it_reads(explain: Explain) -> None:
    (found,) = explain("bank_account", "paid-with-gift-card-and-card")[:1]

    assert (found["document"], found["path"]) == ("payment", "payments[0].bank_account")
    assert found["value"]
    assert found["rule"] == "payments.bank_account = gateway.bank_account"
    assert (found["source_path"], found["source_value"]) == ("payments[0].gateway", "gift_card")


def test_an_order_of_the_store_is_found_by_any_number_of_its_chain(
    connector: Run, shop: Any
) -> None:
    shop.drop(shop.order())
    connector("sync")

    result = connector("mapping", "explain", "#1001", "sales_order_type", "--json")
    by_reference = connector("mapping", "explain", "SHOP-6100000001013", "currency", "--json")

    assert json.loads(result.stdout)["value"] == "TA"
    assert json.loads(by_reference.stdout)["value"] == "EUR"


def test_an_order_is_found_by_its_name_among_files(connector: Run, shop: Any) -> None:
    shop.drop(shop.order("unknown-sku"), "a.json")
    shop.drop(shop.order("several-lines"), "b.json")

    result = connector(
        "mapping", "explain", "1002", "currency", "--orders", shop.inbox, "--channel", "shopify"
    )
    missing = connector("mapping", "explain", "4711", "currency", "--orders", shop.inbox)

    assert result.exit_code == 0
    assert "Order #1002" in result.stdout
    assert missing.exit_code == 2


def test_an_unreadable_message_is_told_as_everywhere(connector: Run, shop: Any) -> None:
    file = shop.drop(b"{")

    result = connector("mapping", "explain", file, "currency")

    assert result.exit_code == 1
    assert "not JSON" in result.stderr


def test_a_number_that_nobody_has_is_wrong_usage(connector: Run, shop: Any) -> None:
    connector("sync")

    assert connector("mapping", "explain", "4711", "currency").exit_code == 2
