"""Orders become documents with a trace, or problems that say what to do; nothing is raised."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from connector.mappings.external_order import (
    ExternalCharge,
    ExternalOrder,
    ExternalPayment,
    ExternalPaymentKind,
    ExternalShipping,
    ExternalTax,
    ExternalTotals,
)
from connector.mappings.map_order import map_order
from connector.mappings.mapped_order import FieldTrace
from connector.mappings.profile import ChannelProfile
from connector.mappings.reading import read_orders
from connector.mappings.rules import MappingRules
from connector.resources import shipped
from connector.sd_documents.sales_document import SalesDocument
from connector.sd_documents.values import DocumentCategory, Money
from tests.mappings.conftest import profile_of, rules_of
from tests.mappings.support import ORDER, RULES, a_line, an_order, codes, mapped, rules_from

D = Decimal
NINETEEN = (ExternalTax(rate=D("0.19"), amount=D("1.90")),)
SEVEN = (ExternalTax(rate=D("0.07"), amount=D("0.70")),)


def sales_order(found: Any) -> SalesDocument:
    document = found.document(DocumentCategory.SALES_ORDER)
    assert isinstance(document, SalesDocument)
    return document


def test_each_line_becomes_an_item_in_its_place(tmp_path: Path) -> None:
    found = mapped(an_order(a_line("A"), a_line("B", "3")), rules_from(tmp_path))

    document = sales_order(found)
    assert [(i.item_number, i.material, str(i.requested_quantity)) for i in document.items] == [
        (10, "M-A", "1 ST"),
        (20, "M-B", "3 KAR"),
    ]
    assert found.is_complete


def test_the_reference_is_the_prefix_and_the_id_of_the_channel(tmp_path: Path) -> None:
    found = mapped(an_order(external_id="4711"), rules_from(tmp_path))

    assert sales_order(found).purchase_order_by_customer == "K-4711"


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (an_order(a_line("X")), ["UNKNOWN_SKU"]),
        (an_order(a_line("")), ["UNKNOWN_SKU"]),
        (an_order(a_line(quantity="0")), ["QUANTITY_NOT_POSITIVE"]),
        (an_order(a_line(quantity="-2")), ["QUANTITY_NOT_POSITIVE"]),
        (an_order(is_test=True), ["TEST_ORDER"]),
        (an_order(cancelled_at=datetime(2026, 1, 1, tzinfo=UTC)), ["CANCELLED_ORDER"]),
        (an_order(external_id="9" * 40), ["REFERENCE_TOO_LONG"]),
        (an_order(external_id="9 "), ["REFERENCE_NOT_USABLE"]),
        (an_order(totals=ExternalTotals(grand_total=D("9.99"))), ["TOTALS_DO_NOT_ADD_UP"]),
        (an_order(a_line("X"), a_line("Y"), is_test=True), ["TEST_ORDER"] + ["UNKNOWN_SKU"] * 2),
    ],
)
def test_what_is_wrong_comes_back_as_problems(
    tmp_path: Path, order: ExternalOrder, expected: list[str]
) -> None:
    found = mapped(order, rules_from(tmp_path))

    assert codes(found) == expected
    assert not found.is_complete


def test_an_order_without_lines_is_a_problem(tmp_path: Path) -> None:
    order = an_order().model_copy(update={"lines": ()})

    found = mapped(order, rules_from(tmp_path))

    assert codes(found) == ["NO_LINES"]
    assert found.documents == ()


def test_the_message_names_the_value_the_table_and_its_key(tmp_path: Path) -> None:
    found = mapped(an_order(a_line("A"), a_line("X-99")), rules_from(tmp_path))

    problem = found.problems[0]
    assert problem.message == (
        "lines[1].sku 'X-99' is not in skus.csv (key sku); add a row to the table and retry"
    )
    assert problem.where == "lines[1].sku"


def test_a_value_that_is_too_long_is_held_and_not_cut(tmp_path: Path) -> None:
    rules = rules_from(
        tmp_path, RULES.replace("unit: sku.unit", "unit: sku.unit\n      item_text: line.title")
    )

    found = mapped(an_order(a_line(title="x" * 41)), rules)

    assert codes(found) == ["FIELD_TOO_LONG"]
    assert "items[0].item_text has 41 characters" in found.problems[0].message
    assert "documents.sales_order.items.item_text = line.title" in found.problems[0].message


def test_a_required_value_that_comes_out_empty_names_its_rule(tmp_path: Path) -> None:
    rules = rules_from(
        tmp_path,
        RULES.replace("day(order.ordered_at, 'Europe/Berlin')", "order.requested_delivery_date"),
    )

    found = mapped(an_order(), rules)

    assert codes(found) == ["VALUE_MISSING"]
    assert (
        "documents.sales_order.requested_delivery_date reads `order.requested_delivery_date`"
        in (found.problems[0].message)
    )


def test_a_rule_that_fails_on_a_value_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    rules = rules_from(tmp_path, RULES.replace("rate: line.price", "rate: decimal(line.title)"))

    found = mapped(an_order(a_line(title="much")), rules)

    assert codes(found)[0] == "VALUE_NOT_VALID"
    assert "'much' is not a decimal number" in found.problems[0].message


def test_the_first_choice_whose_condition_holds_decides(tmp_path: Path) -> None:
    text = RULES.replace(
        "sales_order_type: {constant: TA}",
        "sales_order_type:\n      - {constant: ZZ, when: order.note}\n"
        "      - {value: order.order_name}\n      - {value: order.note, default: TA}",
    )
    rules = rules_from(tmp_path, text)

    kinds = [
        sales_order(mapped(an_order(**fields), rules)).sales_order_type
        for fields in ({"note": "x"}, {"order_name": "NAME"}, {})
    ]

    assert kinds == ["ZZ", "NAME", "TA"]


def test_rules_may_hold_an_order_for_reasons_of_their_own(tmp_path: Path) -> None:
    hold = "holds:\n  - {code: NIGHT_ORDER, when: order.note == 'night', message: wait a while}\n"
    rules = rules_from(tmp_path, RULES + hold)

    assert codes(mapped(an_order(note="night"), rules)) == ["NIGHT_ORDER"]
    assert codes(mapped(an_order(note="day"), rules)) == []


def test_a_document_without_rules_is_a_problem_and_a_delivery_is_not_mapped(tmp_path: Path) -> None:
    rules = rules_from(tmp_path)

    assert codes(mapped(an_order(), rules, {DocumentCategory.INQUIRY})) == ["NO_RULE_FOR_DOCUMENT"]
    assert mapped(an_order(), rules, {DocumentCategory.DELIVERY}).is_complete


def test_a_lookup_whose_condition_never_holds_still_leaves_a_problem(tmp_path: Path) -> None:
    rules = rules_from(tmp_path, RULES.replace("by: line.sku,", "by: line.sku, when: order.note,"))

    assert codes(mapped(an_order(), rules)) == ["VALUE_MISSING"]


# -- shipping, discounts, payments: by the shipped rules of the web shop ---------------------------


def web_order(**fields: Any) -> ExternalOrder:
    return an_order(
        *fields.pop("lines", (a_line("STANDPUMPE", taxes=NINETEEN),)),
        channel="shopify",
        billing_address={"name": "Anna Beer", "country": "DE"},
        **fields,
    )


def conditions(order: ExternalOrder) -> list[tuple[int, str, Decimal]]:
    document = sales_order(map_order(order, rules_of("shopify"), ORDER))
    return [(c.item_number or 0, c.condition_type, c.rate) for c in document.all_conditions()]


@pytest.mark.parametrize(("included", "price"), [(True, "PR01"), (False, "PR00")])
def test_prices_with_tax_stay_prices_with_tax(included: bool, price: str) -> None:
    assert conditions(web_order(taxes_included=included)) == [(10, price, D("10.00"))]


def test_shipping_taxed_like_all_lines_is_freight_of_the_document() -> None:
    shipping = (ExternalShipping(price=D(6), discount=D(1), taxes=NINETEEN),)

    assert conditions(web_order(shipping=shipping))[0] == (0, "HD00", D(5))


def test_shipping_taxed_like_some_lines_goes_to_the_largest_of_them() -> None:
    lines = (
        a_line("FRUEHDIENST-500", price="90.00", taxes=SEVEN),
        a_line("STANDPUMPE", price="10.00", taxes=NINETEEN),
        a_line("KOPFNUSS-M", price="20.00", taxes=NINETEEN),
    )
    shipping = (ExternalShipping(price=D(6), taxes=NINETEEN),)

    assert conditions(web_order(lines=lines, shipping=shipping))[-1] == (30, "KF00", D(6))


def test_shipping_taxed_like_no_line_is_held() -> None:
    order = web_order(
        lines=(a_line("FRUEHDIENST-500", taxes=SEVEN),),
        shipping=(ExternalShipping(price=D(6), taxes=NINETEEN),),
    )

    found = map_order(order, rules_of("shopify"), ORDER)

    assert codes(found) == ["MIXED_TAX_ON_SHIPPING"]
    assert "shipping[0] is taxed at 19 %, but no line is" in found.problems[0].message


def test_free_shipping_and_free_gifts_leave_no_empty_conditions() -> None:
    order = web_order(
        lines=(a_line("STANDPUMPE", taxes=NINETEEN), a_line("AUFKLEBER", price="0.00")),
        shipping=(ExternalShipping(price=D(6), discount=D(6)),),
    )

    document = sales_order(map_order(order, rules_of("shopify"), ORDER))

    assert [condition.condition_type for condition in document.all_conditions()] == ["PR00"]
    assert [item.item_category for item in document.items] == ["", "TANN"]


def payment(**fields: Any) -> ExternalPayment:
    values = {
        "payment_id": "P1",
        "gateway": "paypal",
        "amount": D("10.00"),
        "currency": "EUR",
        "paid_at": datetime(2026, 11, 16, 23, 30, tzinfo=UTC),
        **fields,
    }
    return ExternalPayment(**values)


def test_a_payment_names_account_payer_day_and_reference() -> None:
    found = map_order(web_order(payments=(payment(),)), rules_of("shopify"), ORDER)

    paid = found.payments[0]
    assert (paid.company_code, paid.bank_account, paid.payer) == ("1000", "113210", "0000090011")
    assert paid.amount == Money(amount=D(10), currency="EUR")
    assert paid.paid_on.isoformat() == "2026-11-17"
    assert paid.reference.startswith("SH")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"gateway": "twint"}, "UNKNOWN_GATEWAY"),
        ({"currency": "USD"}, "PAYMENT_CURRENCY"),
        ({"kind": ExternalPaymentKind.REFUNDED}, "REFUNDED_ORDER"),
        ({"amount": D("1.001")}, "VALUE_NOT_VALID"),
    ],
)
def test_a_payment_that_cannot_be_posted_holds_the_order(
    changed: dict[str, Any], code: str
) -> None:
    found = map_order(web_order(payments=(payment(**changed),)), rules_of("shopify"), ORDER)

    assert codes(found) == [code]
    assert found.payments == ()


def test_a_charge_without_a_rule_holds_the_order() -> None:
    order = web_order(charges=(ExternalCharge(kind="tip", amount=D(3)),))

    assert "CHARGE_WITHOUT_RULE" in codes(map_order(order, rules_of("woocommerce"), ORDER))


# -- the trace -------------------------------------------------------------------------------------


def leaves(value: Any, path: str = "") -> list[str]:
    """Return the paths of all filled fields of a document."""
    if isinstance(value, BaseModel):
        filled = {name: getattr(value, name) for name in value.model_fields_set}
        return [p for name, part in filled.items() for p in leaves(part, f"{path}.{name}")]
    if isinstance(value, tuple):
        return [p for number, part in enumerate(value) for p in leaves(part, f"{path}[{number}]")]
    return [] if value is None else [path.lstrip(".")]


#: Fields that are not chosen by a rule: which document it is, numbering, roles and text ids.
_GIVEN = ("category", ".item_number", ".line_id", ".function", ".text_id", ".language")


@pytest.mark.parametrize("case", ["two-tax-rates-with-discount", "buyer-and-recipient-differ"])
def test_every_field_of_a_document_has_a_trace(case: str) -> None:
    trace, document = _traced("shopify", case)

    paths = {each.path for each in trace}
    texts = {f"texts[{text.text_id}]" for text in document.texts}
    untraced = {
        path
        for path in leaves(document)
        if path not in paths and not path.startswith("texts[") and not path.endswith(_GIVEN)
    }
    # The quantity of a schedule line has the unit of its item.
    assert {path for path in untraced if "schedule_lines" not in path} == set()
    assert texts <= paths


def test_a_schedule_line_is_traced_to_its_place_in_the_order() -> None:
    trace, _ = _traced("portal", "presales-c01", DocumentCategory.SALES_ORDER)

    assert FieldTrace(
        path="items[0].schedule_lines[1].requested_quantity.value",
        value="40",
        rule="documents.sales_order.items.schedule_lines.quantity = entry.quantity",
        source_path="lines[0].schedule_lines[1].quantity",
        source_value="40",
    ) in [each._replace(file="") for each in trace]


def test_a_trace_names_the_row_of_the_table_and_why_it_is_there() -> None:
    trace, _ = _traced("shopify", "sold-by-the-carton")

    unit = next(each for each in trace if each.path == "items[0].requested_quantity.unit")
    assert unit.value == "KAR"
    assert unit.rule.endswith("= sku.unit [shopify/skus.csv: NACHTSCHICHT-8KG]")
    assert (unit.source_path, unit.source_value) == ("lines[0].sku", "NACHTSCHICHT-8KG")
    assert unit.because == "the shop sells the carton of 8 as one piece"


def test_what_is_only_offered_has_no_delivery_dates() -> None:
    """Services for quotations and inquiries have no schedule lines."""
    for category in (DocumentCategory.INQUIRY, DocumentCategory.QUOTATION):
        _, document = _traced("portal", "presales-c01", category)
        assert not any(item.schedule_lines for item in document.items)


def _traced(
    channel: str, case: str, category: DocumentCategory | None = None
) -> tuple[Sequence[FieldTrace], SalesDocument]:
    content = (shipped("fixtures/orders") / channel / case / "order.json").read_bytes()
    found = next(read_orders(profile_of(channel), content, case))
    assert not isinstance(found, Exception)
    rules = rules_of(channel)
    wanted = set(rules.documents) if category is None else {category}
    first = map_order(found.order, rules, wanted).documents[0]
    return first.trace, first.document


# -- pure ------------------------------------------------------------------------------------------


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    quantities=st.lists(st.integers(-2, 50), min_size=1, max_size=4),
    price=st.decimals(0, 10_000, places=2),
    discount=st.decimals(0, 100, places=2),
    sku=st.sampled_from(["KOPFNUSS-M", "GUTSCHEIN", "", "?"]),
    country=st.sampled_from(["DE", "CH", "", "Deutschland"]),
    currency=st.sampled_from(["EUR", "CHF", "JPY"]),
    included=st.booleans(),
)
def test_mapping_never_raises_and_is_the_same_twice(
    shopify: tuple[ChannelProfile, MappingRules],
    quantities: list[int],
    price: Decimal,
    discount: Decimal,
    sku: str,
    country: str,
    currency: str,
    included: bool,
) -> None:
    order = an_order(
        *(a_line(sku, str(q), str(price), allocated_discount=discount) for q in quantities),
        channel="shopify",
        currency=currency,
        taxes_included=included,
        shipping_address={"name": "A", "country": country},
    )
    first = map_order(order, shopify[1], ORDER)

    assert map_order(order, shopify[1], ORDER) == first
    assert first.problems or first.documents
