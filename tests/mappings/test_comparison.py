"""Two mappings of the same order: only what differs, where, by which rule, and by how much."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from connector.errors import MessageError
from connector.mappings.comparison import Outcome, compare
from connector.mappings.difference_groups import MOST_EXAMPLES, DifferenceGroups
from connector.mappings.entered_value import entered_value
from connector.mappings.external_order import ExternalOrder, ExternalTotals
from connector.mappings.field_differences import Difference, Kind
from connector.mappings.map_order import map_order
from connector.mappings.mapped_order import MappedOrder
from connector.mappings.rules import MappingRules
from tests.mappings.support import ORDER, RULES, SKUS, a_line, an_order, rules_from


@pytest.fixture
def old(tmp_path: Path) -> MappingRules:
    """The rules as they were."""
    return rules_from(tmp_path)


def changed(tmp_path: Path, *changes: tuple[str, str], skus: str = SKUS) -> MappingRules:
    """Return the rules with texts replaced."""
    text = RULES
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    folder = tmp_path / "new"
    folder.mkdir(exist_ok=True)
    return rules_from(folder, text, skus=skus)


#: In the flow style of these rules, commas need quotes.
DEARER = "rate: \"multiply(line.price, '1.10')\""


def two_lines() -> ExternalOrder:
    return an_order(a_line("A", "2", "10.00"), a_line("B", "1", "5.00", line_id="2"))


def both(order: ExternalOrder, old: MappingRules, new: MappingRules) -> tuple[MappedOrder, ...]:
    return map_order(order, old, ORDER), map_order(order, new, ORDER)


def differences(order: ExternalOrder, old: MappingRules, new: MappingRules) -> list[Difference]:
    return list(compare(*both(order, old, new)))


def test_an_unchanged_mapping_changes_nothing(old: MappingRules, tmp_path: Path) -> None:
    assert differences(two_lines(), old, changed(tmp_path)) == []


def test_a_rule_that_is_worded_otherwise_and_yields_the_same_is_no_difference(
    old: MappingRules, tmp_path: Path
) -> None:
    new = changed(
        tmp_path,
        ("currency: order.currency\n", "currency: {value: order.currency, because: why}\n"),
    )

    assert differences(two_lines(), old, new) == []


def test_a_changed_field_names_its_place_its_rule_and_both_values(
    old: MappingRules, tmp_path: Path
) -> None:
    (found,) = differences(two_lines(), old, changed(tmp_path, ("constant: TA", "constant: ZTA")))

    assert (found.kind, found.field) == (Kind.FIELD, "sales_order: sales_order_type")
    assert (found.old, found.new) == ("TA", "ZTA")
    assert found.rule == "documents.sales_order.sales_order_type"
    assert found.place == "rules.yaml:8"
    assert found.amounts == {}


def test_a_changed_row_of_a_table_names_the_table(old: MappingRules, tmp_path: Path) -> None:
    new = changed(tmp_path, skus=SKUS.replace("M-B", "M-C"))

    (found,) = differences(two_lines(), old, new)

    assert (found.field, found.where) == ("sales_order: items[].material", "items[1].material")
    assert found.rule == "documents.sales_order.items.material [skus.csv]"


def test_a_changed_price_counts_by_its_quantity(old: MappingRules, tmp_path: Path) -> None:
    new = changed(tmp_path, ("rate: line.price", DEARER))

    found = differences(two_lines(), old, new)

    assert [each.field for each in found] == ["sales_order: items[].conditions[PR00].rate"] * 2
    # The condition has no unit here: its rate is an amount, whatever the quantity.
    assert [each.amounts for each in found] == [{"EUR": Decimal("1")}, {"EUR": Decimal("0.5")}]


def test_a_price_per_unit_changes_the_order_by_price_times_quantity(
    old: MappingRules, tmp_path: Path
) -> None:
    unit = ("currency: order.currency}", "currency: order.currency, unit: item.unit}")
    one = changed(tmp_path, unit)
    other_folder = tmp_path / "other"
    other_folder.mkdir()
    other = changed(other_folder, unit, ("rate: line.price", DEARER))

    found = differences(an_order(a_line("A", "3", "10.00")), one, other)

    assert [each.amounts for each in found] == [{"EUR": Decimal("3.00")}]


def test_a_condition_that_comes_in_between_leaves_the_others_alone(
    old: MappingRules, tmp_path: Path
) -> None:
    new = changed(
        tmp_path,
        (
            "        - {condition_type: PR00",
            "        - {condition_type: RB00, rate: {constant: -1}, currency: order.currency}\n"
            "        - {condition_type: PR00",
        ),
    )

    (found,) = differences(an_order(), old, new)

    assert found.field == "sales_order: items[].conditions[RB00]"
    assert (found.old, found.new) == ("", "condition_type RB00, rate -1, currency EUR, per 1")
    assert found.amounts == {"EUR": Decimal("-1")}
    assert found.rule == "documents.sales_order.items.conditions[0].rate"


def test_an_order_that_is_newly_held_counts_with_what_the_customer_pays(
    old: MappingRules, tmp_path: Path
) -> None:
    new = changed(tmp_path, skus="sku,material,unit\nB,M-B,KAR\n")
    order = an_order(totals=ExternalTotals(grand_total=Decimal("10.00")))

    held, document = differences(order, old, new)

    assert (held.kind, held.field, held.amounts) == (
        Kind.HELD,
        "UNKNOWN_SKU",
        {"EUR": Decimal("10.00")},
    )
    assert (document.kind, document.old, document.new) == (Kind.DOCUMENT, "is built", "")
    freed = list(compare(*reversed(both(order, old, new))))
    assert freed[0].kind is Kind.FREED


def test_a_hold_for_another_reason_is_neither_newly_held_nor_free(
    old: MappingRules, tmp_path: Path
) -> None:
    new = changed(tmp_path, ("missing: UNKNOWN_SKU", "missing: VALUE_NOT_VALID"))

    found = differences(an_order(a_line("X")), old, new)

    assert [each.kind for each in found] == [Kind.HELD_OTHERWISE] * 2
    assert {each.field for each in found} == {"UNKNOWN_SKU", "VALUE_NOT_VALID"}


def test_a_default_that_newly_stands_in_is_a_difference_of_notices(
    old: MappingRules, tmp_path: Path
) -> None:
    new = changed(tmp_path, skus="sku,material,unit\n*,M-A,ST\n")

    found = differences(an_order(), old, new)

    assert [(each.kind, each.field) for each in found] == [(Kind.NOTICE, "DEFAULT_ROW")]
    assert found[0].amounts == {"EUR": Decimal("10.00")}


def test_a_message_that_only_one_profile_can_read(old: MappingRules) -> None:
    mapped = map_order(an_order(), old, ORDER)
    error = MessageError("a.json", "not JSON", "JSON")

    assert [each.kind for each in compare(error, mapped)] == [Kind.READABLE]
    assert [each.kind for each in compare(mapped, error)] == [Kind.UNREADABLE]
    assert compare(error, error) == ()


def test_an_order_that_is_read_differently_shows_field_by_field(old: MappingRules) -> None:
    one = map_order(an_order(note="a"), old, ORDER)
    other = map_order(an_order(note="b"), old, ORDER)

    (found,) = compare(one, other)

    assert (found.kind, found.field, found.old, found.new) == (Kind.ORDER, "order.note", "a", "b")


def test_what_a_document_comes_to_counts_prices_discounts_and_percentages(
    tmp_path: Path,
) -> None:
    rules = changed(
        tmp_path,
        (
            "currency: order.currency}",
            "currency: order.currency, unit: item.unit}\n"
            "        - {condition_type: RA01, rate: {constant: -10}}\n"
            "    conditions:\n"
            "      - {condition_type: HD00, rate: {constant: 4.9}, currency: order.currency}\n"
            "      - {condition_type: RA00, rate: {constant: -1}}",
        ),
    )

    document = map_order(two_lines(), rules, ORDER).documents[0].document

    # 25.00 less 10 %, with freight, less 1 % of the prices.
    assert entered_value(document) == {"EUR": Decimal("25.00") - Decimal("2.50") + Decimal("4.65")}


def groups_of(*pairs: tuple[Outcome, Outcome]) -> DifferenceGroups:
    groups = DifferenceGroups()
    for number, (one, other) in enumerate(pairs):
        groups.add(f"{number}.json", one, other, compare(one, other))
    return groups


def test_orders_are_grouped_by_field_rule_and_money_with_few_examples(
    old: MappingRules, tmp_path: Path
) -> None:
    new = changed(tmp_path, ("rate: line.price", DEARER))
    pairs = [both(an_order(external_id=str(number)), old, new) for number in range(8)]

    groups = groups_of(*((one, other) for one, other in pairs))

    (field,), (rule,), (effect,) = groups.fields, groups.rules, groups.effects
    assert (field.orders, field.differences, field.net["EUR"]) == (8, 8, Decimal(8))
    assert rule.name == "documents.sales_order.items.conditions[0].rate"
    assert effect.name == "comes to more"
    assert len(field.examples) == MOST_EXAMPLES
    assert [each.order for each in field.examples] == ["0", "1", "2", "3", "4"]
    total = groups.totals["EUR"]
    assert (total.old, total.new, total.net) == (Decimal(80), Decimal(88), Decimal(8))


def test_dearer_and_cheaper_orders_do_not_hide_each_other(
    old: MappingRules, tmp_path: Path
) -> None:
    new = changed(tmp_path, ("rate: line.price", "rate: \"subtract('20', line.price)\""))
    cheap, dear = an_order(a_line(price="8.00")), an_order(a_line(price="12.00"))

    groups = groups_of(
        (map_order(cheap, old, ORDER), map_order(cheap, new, ORDER)),
        (map_order(dear, old, ORDER), map_order(dear, new, ORDER)),
    )

    total = groups.totals["EUR"]
    assert (total.net, total.gross, total.orders) == (Decimal(0), Decimal(8), 2)
    assert [each.name for each in groups.effects] == ["comes to more", "comes to less"]
