"""What rules can say of a document beside its prices: dates, references, partners, shares."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import ConfigurationError
from connector.mappings.calendars import WEEKDAYS
from connector.mappings.external_order import ExternalDiscount, ExternalTotals
from connector.mappings.shares import shares_of
from connector.mappings.units import iso_unit
from connector.sd_documents.values import DocumentCategory
from tests.mappings.support import RULES, a_line, an_order, codes, mapped, rules_from

HEADER = '    division: {constant: "00"}\n'
ORDERED = "day(order.ordered_at, 'Europe/Berlin')"
DAY = f"requested_delivery_date: {ORDERED}"
HOLIDAYS = "date,name\n2026-12-25,Christmas\n2026-12-28,bridge day\n"


def _with_header(*lines: str) -> str:
    return RULES.replace(HEADER, HEADER + "".join(f"    {line}\n" for line in lines))


def _with_items(*lines: str) -> str:
    return RULES.replace(
        "      unit: sku.unit\n", "      unit: sku.unit\n" + "".join(f"      {e}\n" for e in lines)
    )


def _with_calendar(expression: str, **options: str) -> str:
    given = "".join(f", {name}: {value}" for name, value in options.items())
    return RULES.replace(DAY, f"requested_delivery_date: {expression}").replace(
        "tables:", f"calendars:\n  works: {{file: holidays.csv{given}}}\ntables:"
    )


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("working_day('2026-12-24', calendars.works)", date(2026, 12, 24)),
        ("working_day('2026-12-25', calendars.works)", date(2026, 12, 29)),
        ("add_working_days('2026-12-24', `1`, calendars.works)", date(2026, 12, 29)),
        ("add_working_days('2026-12-24', `0`, calendars.works)", date(2026, 12, 24)),
        ("add_working_days('2026-12-29', `-2`, calendars.works)", date(2026, 12, 23)),
        ("add_working_days('2026-11-27', '3', calendars.works)", date(2026, 12, 2)),
    ],
)
def test_dates_keep_to_the_working_days_of_the_company(
    tmp_path: Path, expression: str, expected: date
) -> None:
    rules = rules_from(tmp_path, _with_calendar(expression), holidays=HOLIDAYS)

    found = mapped(an_order(), rules)

    assert found.documents[0].document.requested_delivery_date == expected
    assert "holidays.csv" in {file.name for file in rules.files}


def test_a_weekend_may_be_other_days(tmp_path: Path) -> None:
    text = _with_calendar(
        "working_day('2026-11-27', calendars.works)", weekend="[friday, saturday]"
    )

    found = mapped(an_order(), rules_from(tmp_path, text, holidays=HOLIDAYS))

    assert found.documents[0].document.requested_delivery_date == date(2026, 11, 29)


def test_a_day_beyond_the_calendar_is_not_guessed(tmp_path: Path) -> None:
    text = _with_calendar("add_working_days('2026-12-30', `2`, calendars.works)")

    found = mapped(an_order(), rules_from(tmp_path, text, holidays=HOLIDAYS))

    assert "VALUE_NOT_VALID" in codes(found)
    assert "ends on 2026-12-31: add the holidays of 2027" in found.problems[0].message


@pytest.mark.parametrize(
    ("text", "holidays", "message"),
    [
        (_with_calendar("day(calendars.work, 'UTC')"), HOLIDAYS, "no calendar 'work'"),
        (_with_calendar(ORDERED), HOLIDAYS.replace("date,", "day,"), "there is no column 'date'"),
        (_with_calendar(ORDERED), HOLIDAYS + "25.12.2027,x\n", "holidays.csv, line 4: '25.12"),
        (_with_calendar(ORDERED, weekend="[sundy]"), HOLIDAYS, "Did you mean 'sunday'?"),
        (_with_calendar(ORDERED, weekend=f"[{', '.join(WEEKDAYS)}]"), HOLIDAYS, "no working day"),
    ],
)  # fmt: skip
def test_a_wrong_calendar_is_named(tmp_path: Path, text: str, holidays: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        rules_from(tmp_path, text, holidays=holidays)

    assert message in str(caught.value)


def test_a_line_with_a_day_of_its_own_has_a_schedule_line(tmp_path: Path) -> None:
    rules = rules_from(
        tmp_path, _with_items("requested_delivery_date: line.requested_delivery_date")
    )
    order = an_order(
        a_line(), a_line(line_id="2", quantity="3", requested_delivery_date=date(2026, 12, 1))
    )

    first, second = mapped(order, rules).documents[0].document.items

    assert first.schedule_lines == ()
    [schedule] = second.schedule_lines
    assert schedule.requested_delivery_date == date(2026, 12, 1)
    assert schedule.requested_quantity.value == Decimal(3)


def test_an_order_may_refer_to_a_contract_and_its_items(tmp_path: Path) -> None:
    text = _with_header(
        "reference: {category: contract, document: order.attributes.contract}"
    ).replace(
        "      unit: sku.unit\n",
        "      unit: sku.unit\n      reference: {category: contract, "
        "document: order.attributes.contract, item: line.attributes.item}\n",
    )
    rules = rules_from(tmp_path, text)
    order = an_order(a_line(attributes={"item": "20"}), attributes={"contract": "40000012"})

    document = mapped(order, rules).documents[0].document

    assert document.reference_document == "0040000012"
    assert document.reference_category is DocumentCategory.CONTRACT
    reference = document.items[0].reference
    assert reference is not None
    assert (reference.document, reference.item_number) == ("0040000012", 20)
    assert mapped(an_order(), rules).documents[0].document.reference_document is None


def test_half_a_reference_of_an_item_holds_the_order(tmp_path: Path) -> None:
    text = _with_items(
        "reference: {category: contract, document: order.note, item: line.attributes.item}"
    )

    found = mapped(an_order(note="40000012"), rules_from(tmp_path, text))

    assert codes(found) == ["REFERENCE_INCOMPLETE"]


def test_plant_and_shipping_point_reach_the_item(tmp_path: Path) -> None:
    text = _with_items('plant: {constant: "1000"}', "shipping_point: line.attributes.point")

    [item] = mapped(an_order(a_line(attributes={"point": "1001"})), rules_from(tmp_path, text)) \
        .documents[0].document.items  # fmt: skip

    assert (item.plant, item.shipping_point) == ("1000", "1001")


def test_a_buyer_without_an_account_gets_the_one_time_customer_and_is_listed(
    tmp_path: Path,
) -> None:
    text = RULES.replace(
        'customer: {constant: "1001"}}',
        'customer: order.customer.customer_id, one_time_customer: {constant: "90010"}, '
        "address: {name: order.customer.name, country: {constant: DE}}}",
    )
    rules = rules_from(tmp_path, text)
    totals = ExternalTotals(grand_total=Decimal(10))

    known = mapped(an_order(customer={"customer_id": "1007", "name": "A"}, totals=totals), rules)
    guest = mapped(an_order(customer={"name": "B"}, totals=totals), rules)

    assert known.documents[0].document.sold_to_party == "0000001007"
    assert known.notices == ()
    assert guest.documents[0].document.sold_to_party == "0000090010"
    [notice] = guest.notices
    assert (notice.code, str(notice.amount)) == ("ONE_TIME_CUSTOMER", "10.00 EUR")
    assert notice.rule == "documents.sales_order.partners[0].one_time_customer"


SHARED = (
    RULES
    + """    conditions:
      - condition_type: RB00
        each: order.discounts[?amount]
        place: items
        among: line.taxable
        rate: negate(entry.amount)
        currency: order.currency
        because: the shop gives it for the whole order
"""
)


def test_a_discount_of_the_order_is_shared_among_the_items_to_the_cent(tmp_path: Path) -> None:
    order = an_order(
        a_line(price="33.33"),
        a_line(line_id="2", price="33.33"),
        a_line(line_id="3", price="33.34"),
        a_line(line_id="4", price="50.00", taxable=False),
        discounts=(ExternalDiscount(code="TEN", amount=Decimal("10.00")),),
    )

    mapping = mapped(order, rules_from(tmp_path, SHARED)).documents[0]

    rates = [
        [c.rate for c in item.conditions if c.condition_type == "RB00"]
        for item in mapping.document.items
    ]
    assert rates == [[Decimal("-3.33")], [Decimal("-3.33")], [Decimal("-3.34")], []]
    trace = next(t for t in mapping.trace if t.path == "items[2].conditions[1].rate")
    assert (trace.value, trace.source_path) == ("-3.34", "discounts[0].amount")
    assert trace.rule.endswith("negate(entry.amount), shared by value")


def test_a_discount_that_no_item_may_have_holds_the_order(tmp_path: Path) -> None:
    order = an_order(a_line(taxable=False), discounts=(ExternalDiscount(amount=Decimal("1.00")),))

    found = mapped(order, rules_from(tmp_path, SHARED))

    assert "VALUE_NOT_VALID" in codes(found)
    assert "goes to no item" in found.problems[0].message


@given(
    amount=st.decimals(min_value=-100_000, max_value=100_000, places=2),
    weights=st.lists(st.decimals(min_value=0, max_value=10_000, places=2), min_size=1, max_size=30),
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_shares_always_add_up_and_none_is_a_cent_off(
    amount: Decimal, weights: list[Decimal], currency: str
) -> None:
    parts = shares_of(amount, weights, currency)

    assert sum(parts) == amount
    whole = sum(weights) or Decimal(len(weights))
    unit = {"EUR": Decimal("0.01"), "JPY": Decimal(1), "KWD": Decimal("0.001")}[currency]
    for part, weight in zip(parts[1:], weights[1:], strict=True):
        share = amount * (weight if sum(weights) else Decimal(1)) / whole
        assert abs(part - share) < unit


def test_shares_need_somebody_to_share_among() -> None:
    with pytest.raises(ValueError, match="none is below zero"):
        shares_of(Decimal(1), [], "EUR")


@pytest.mark.parametrize(
    ("unit", "iso"), [("C62", "PCE"), ("ea", "PCE"), (" kg ", "KGM"), ("KGM", "KGM"), ("", "")]
)
def test_units_of_messages_become_iso_codes(unit: str, iso: str) -> None:
    assert iso_unit(unit) == iso


def test_an_unknown_unit_holds_the_order(tmp_path: Path) -> None:
    text = RULES.replace("unit: sku.unit", "unit: iso_unit(line.unit)")

    found = mapped(an_order(a_line(unit="BUSHEL")), rules_from(tmp_path, text))

    assert "VALUE_NOT_VALID" in codes(found)
    assert "'BUSHEL' is not a unit of UN/ECE Recommendation 20" in found.problems[0].message


def test_an_order_without_a_total_is_listed_with_what_its_parts_come_to(tmp_path: Path) -> None:
    [notice] = mapped(an_order(), rules_from(tmp_path)).notices

    assert (notice.code, str(notice.amount)) == ("TOTAL_NOT_SAID", "10.00 EUR")


def test_a_tax_that_nobody_said_is_listed_with_its_amount(tmp_path: Path) -> None:
    order = an_order(
        totals=ExternalTotals(grand_total=Decimal("11.90")),
        ordered_at=datetime(2026, 11, 16, 10, tzinfo=UTC),
    )

    [notice] = mapped(order, rules_from(tmp_path)).notices

    assert (notice.code, str(notice.amount)) == ("TAX_NOT_SAID", "1.90 EUR")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SHARED.replace("        place: items\n", ""), "`among` says which items share"),
        (
            RULES.replace("rate: line.price,", "rate: line.price, place: items,"),
            "these stay on their item",
        ),
    ],
)
def test_a_condition_that_would_go_nowhere_is_refused(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        rules_from(tmp_path, text)

    assert message in str(caught.value)
