"""What fields are called and look like, and which amounts add up, tells what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from connector.mappings.expressions import compile_expression
from connector.mappings.proposing import shapes, vocabulary
from connector.mappings.proposing.names import likeness, words_of
from connector.mappings.proposing.profile_draft import ProfileDraft, draft_profile
from connector.mappings.proposing.sample_messages import Samples


@pytest.mark.parametrize("name", ["lineItems", "line_items", "Line-Items", "LINE ITEMS"])
def test_keys_are_the_same_words_however_they_are_written(name: str) -> None:
    assert words_of(name) == ("line", "items")


@pytest.mark.parametrize(
    ("likelier", "less_likely", "phrases"),
    [
        (("total",), ("total_weight",), vocabulary.GRAND_TOTAL),
        (("tax_rate",), ("tax",), vocabulary.TAX_RATE),
        (("unit_price",), ("price_currency",), vocabulary.PRICE),
        (("shipping", "cost"), ("cost",), vocabulary.SHIPPING_COST),
        (("quantty",), ("quality",), ("quantity",)),
    ],
)
def test_the_better_name_wins(
    likelier: Sequence[str], less_likely: Sequence[str], phrases: Sequence[str]
) -> None:
    assert likeness(likelier, phrases) > likeness(less_likely, phrases)


@pytest.mark.parametrize(
    ("values", "read"),
    [
        (["2026-11-16T10:00:00Z"], "2026-11-16T10:00:00+00:00"),
        (["2026-11-16 10:00:00"], "2026-11-16T09:00:00+00:00"),
        (["16.11.2026 10:00", "31.12.2026 10:00"], "2026-11-16T09:00:00+00:00"),
        (["11/30/2026"], "2026-11-29T23:00:00+00:00"),
        ([1794823961], "2026-11-16T10:12:41+00:00"),
        ([1794823961500], "2026-11-16T10:12:41.500000+00:00"),
        (["1794823961"], "2026-11-16T10:12:41+00:00"),
        (["Mon, 16 Nov 2026 10:00:00 +0100"], "2026-11-16T09:00:00+00:00"),
    ],
)
def test_a_moment_is_known_by_its_look_and_read_as_it_is_meant(
    values: list[Any], read: str
) -> None:
    reading = shapes.moment(values)

    assert reading is not None
    found = compile_expression(reading.of("at")).run({"at": values[0]})
    assert found.isoformat() == read


@pytest.mark.parametrize("values", [["4711"], [20], ["soon"], [True], ["12-34"]])
def test_what_is_no_moment_is_not_taken_for_one(values: list[Any]) -> None:
    assert shapes.moment(values) is None


def test_a_date_that_could_be_two_is_asked() -> None:
    reading = shapes.moment(["03/04/2026"])

    assert reading is not None
    assert "may be read as" in reading.question


@pytest.mark.parametrize(
    ("values", "template"),
    [
        (["1.234,50", "3,00"], "decimal({}, ',')"),
        (["1234.50"], "{}"),
        ([Decimal("1.5"), 2], "{}"),
        (["1,2,3"], None),
        (["EUR 5"], None),
    ],
)
def test_numbers_are_read_with_their_own_sign(values: list[Any], template: str | None) -> None:
    reading = shapes.number(values)

    assert (reading.template if reading else None) == template


def order(number: int, lines: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "id": f"A{number}",
        "created_at": "2026-11-16T10:00:00Z",
        "currency": "EUR",
        "lines": [{"id": at, "sku": f"S{at}", **line} for at, line in enumerate(lines)],
        **more,
    }


def draft(*orders: Mapping[str, Any]) -> ProfileDraft:
    return draft_profile(Samples({"format": "json"}, orders))


def expression(found: ProfileDraft, field: str) -> str:
    return found.fields[field].expression


def test_of_two_prices_the_one_that_makes_the_total_is_the_price() -> None:
    lines = [{"qty": 3, "price": "15.00", "list_price": "6.00", "total": "15.00", "each": "5.00"}]

    found = draft(order(1, lines), order(2, lines))

    assert expression(found, "lines.price") == "each"


def test_a_price_of_the_whole_line_is_divided_and_asked() -> None:
    found = draft(
        order(1, [{"qty": 3, "amount": "15.00"}], total="15.00"),
        order(2, [{"qty": 2, "amount": "10.00"}], total="10.00"),
    )

    assert expression(found, "lines.price") == "divided(amount, qty)"
    assert any("only the price of whole lines" in each for each in found.questions)


def test_tax_that_comes_on_top_is_told_by_the_total() -> None:
    found = draft(
        order(1, [{"qty": 2, "price": "10.00"}], tax="3.80", total="23.80"),
        order(2, [{"qty": 1, "price": "10.00"}], tax="1.90", total="11.90"),
    )

    assert expression(found, "taxes_included") == "`false`"
    assert found.fields["taxes_included"].confidence > 0.9


def test_where_no_message_has_tax_it_is_asked_whether_prices_contain_it() -> None:
    found = draft(order(1, [{"qty": 2, "price": "10.00"}], tax="0.00", total="20.00"))

    assert found.fields["taxes_included"].confidence == 0
    assert any("do prices contain tax" in each for each in found.questions)


def test_cents_are_told_by_the_name_and_the_sum() -> None:
    found = draft(
        order(1, [{"qty": 2, "price_cents": 1050}], total_cents=2100),
        order(2, [{"qty": 1, "price_cents": 1050}], total_cents=1050),
    )

    assert expression(found, "lines.price") == "from_minor(price_cents, parent.currency)"
    assert expression(found, "totals.grand_total") == "from_minor(total_cents, currency)"


def test_a_fee_that_the_total_needs_is_a_charge_and_asked() -> None:
    found = draft(
        order(1, [{"qty": 2, "price": "10.00"}], handling_fee="2.50", total="22.50"),
        order(2, [{"qty": 1, "price": "10.00"}], handling_fee="2.50", total="12.50"),
    )

    assert expression(found, "charges.amount") == "decimal(handling_fee)"
    assert any("which condition takes it" in each for each in found.questions)


def test_totals_that_do_not_add_up_are_asked_and_never_proven() -> None:
    found = draft(
        order(1, [{"qty": 2, "price": "10.00"}], total="99.00"),
        order(2, [{"qty": 1, "price": "10.00"}], total="10.00"),
    )

    assert any("add up in 1 of 2 messages" in each for each in found.questions)
    assert found.fields["totals.grand_total"].confidence < 0.9


def test_a_discount_that_is_zero_everywhere_is_not_proven_by_sums() -> None:
    found = draft(order(1, [{"qty": 2, "price": "10.00"}], discount="0.00", total="20.00"))

    assert found.fields["discounts.amount"].confidence < 0.7


def test_payments_count_only_in_states_that_mean_money_and_are_asked() -> None:
    payment = {"id": "P1", "method": "card", "amount": "20.00", "paid_at": "2026-11-16T10:00:00Z"}
    paid, failed = {**payment, "status": "paid"}, {**payment, "id": "P2", "status": "failed"}

    found = draft(order(1, [{"qty": 2, "price": "10.00"}], total="20.00", payments=[paid, failed]))

    assert expression(found, "payments.each") == "payments[?contains(['paid'], status)]"
    assert any("failed, paid" in each for each in found.questions)


def test_what_went_back_is_no_payment() -> None:
    refund = {"id": "P1", "method": "card", "amount": "20.00", "paid_at": "2026-11-16T10:00:00Z"}

    found = draft(order(1, [{"qty": 2, "price": "10.00"}], refunds=[{"transactions": [refund]}]))

    assert "payments.each" not in found.fields


def test_an_order_without_an_id_says_so_instead_of_guessing() -> None:
    message = order(1, [{"qty": 2, "price": "10.00"}])
    del message["id"]

    found = draft(message)

    assert found.fields["external_id"].confidence == 0
    assert any("which field identifies an order" in each for each in found.questions)


def test_what_each_message_has_another_of_may_be_its_number_whatever_it_is_called() -> None:
    messages = [order(number, [{"qty": 2, "price": "10.00"}]) for number in (1, 2)]
    for number, message in enumerate(messages):
        del message["id"]
        message |= {"ticket": f"T-{number}", "total": f"{number}.00", "mail": f"{number}@a.example"}

    found = draft(*messages)

    assert expression(found, "external_id") == "ticket"
    assert any("ticket was taken" in each for each in found.questions)


def test_amounts_that_no_price_can_be_are_no_reason_to_fail() -> None:
    found = draft(order(1, [{"qty": 10**17, "price": 10**17}], total=1))

    assert found.amounts is not None
    assert found.amounts.fits == 0


def test_lines_of_several_parcels_are_the_lines_of_the_order() -> None:
    parcels = [
        {"carrier": "X", "items": [{"sku": "A", "qty": 1, "price": "5.00", "id": number}]}
        for number in (1, 2)
    ]
    message = {
        "id": "A1",
        "created_at": "2026-11-16T10:00:00Z",
        "currency": "EUR",
        "total": "10.00",
        "parcels": parcels,
    }

    found = draft(message)

    assert expression(found, "lines.each") == "parcels[].items[]"
    assert expression(found, "totals.grand_total") == "total"


def keyed(number: int, quantity: int) -> dict[str, Any]:
    return {
        "id": f"O{number}",
        "placed_at": "2026-11-16T10:00:00Z",
        "money": {"ccy": "JPY", "payableMinor": 500 * quantity},
        "basket": {
            f"ln_{number}": {"product": {"ref": "A-1"}, "count": quantity, "unitMinor": 500}
        },
        "refunds": [{"items": [{"line": f"ln_{number}", "count": 1, "sku": "A-1", "price": 5}]}],
    }


def test_lines_under_keys_of_their_own_keep_the_key_as_their_id() -> None:
    found = draft(keyed(1, 2), keyed(2, 3))

    assert expression(found, "lines.each") == "entries(basket, 'key')"
    assert expression(found, "lines.line_id") == "key"
    assert expression(found, "lines.price") == "from_minor(unitMinor, parent.money.ccy)"
    assert any("what came back" in each for each in found.questions)


def test_an_address_may_stand_in_the_columns_of_the_order() -> None:
    orders = [
        order(number, [{"qty": 1, "price": 5}], total=5)
        | {"Shipping Street": "Am Kai 1", "Shipping City": "Hamburg", "Shipping Zip": "20457"}
        | {"Shipping Country": "DE", "Billing City": "Bremen"}
        for number in (1, 2)
    ]

    found = draft(*orders)

    assert expression(found, "shipping_address.city") == 'trim("Shipping City")'
    assert expression(found, "shipping_address.when") == '"Shipping Zip"'
    assert "billing_address.city" not in found.fields


def test_lines_whose_fields_say_nothing_are_proposed_with_what_is_open() -> None:
    orders = [
        {
            "id": f"A{number}",
            "created_at": "2026-11-16T10:00:00Z",
            "currency": "EUR",
            "zz": [{"k1": "X-1", "k2": number, "k3": 5}, {"k1": "X-2", "k2": 1, "k3": 7}],
        }
        for number in (1, 2)
    ]

    found = draft(*orders)

    assert expression(found, "lines.each") == "zz"
    assert expression(found, "lines.sku") == "fill_in"
    assert any("lines.quantity" in each for each in found.questions)


def test_lines_without_id_are_known_by_their_place_where_articles_repeat() -> None:
    line = {"Art Nr": "A-1", "qty": 1, "price": 5}
    head = {"id": "A1", "created_at": "2026-11-16T10:00:00Z", "currency": "EUR"}

    once = draft({**head, "lines": [line], "total": 5})
    twice = draft({**head, "lines": [line, line], "total": 10})

    assert expression(once, "lines.line_id") == 'text("Art Nr")'
    assert expression(twice, "lines.each") == "numbered(lines, 'place')"
    assert expression(twice, "lines.line_id") == "text(place)"
