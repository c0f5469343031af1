"""Rules may include others: what all shops share stands once, each shop says what differs."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.errors import ConfigurationError
from connector.mappings.mapped_order import MappedOrder
from connector.mappings.rules import MappingRules, load_rules
from connector.sd_documents.values import DocumentCategory
from tests.mappings.support import ORDER, SKUS, a_line, an_order, codes, mapped

BASE = """
reference: {prefix: BASE-}
tables:
  skus: {file: skus.csv, key: sku}
holds:
  - {name: gifts, code: GIFT_CARD, when: "order.lines[?is_gift_card]", message: look at gift cards}
documents:
  sales_order:
    sales_order_type: {constant: TA, because: all shops sell standard orders}
    sales_organization: {constant: "1000"}
    distribution_channel: {constant: "10"}
    division: {constant: "00"}
    currency: order.currency
    payment_terms: {constant: Z030}
    requested_delivery_date: day(order.ordered_at, 'Europe/Berlin')
    partners:
      - {name: buyer, function: sold_to_party, customer: {constant: "1001"}}
    items:
      lookups:
        sku: {table: skus, by: line.sku, missing: UNKNOWN_SKU}
      material: sku.material
      unit: sku.unit
      conditions:
        - name: price
          condition_type: PR00
          when: line.price
          rate: line.price
          currency: order.currency
        - {name: bonus, condition_type: RA00, rate: {constant: "-1"}}
"""

SHOP = """
include: base/all_shops.yaml
channel: kiosk
reference: {prefix: K-}
documents:
  sales_order:
    distribution_channel: {constant: "20", because: this shop sells to companies}
    items:
      conditions:
        - {name: price, condition_type: PR01, rate: line.price, currency: order.currency}
        - {name: bonus, leave_out: true}
        - {name: freight, condition_type: KF00, rate: {constant: "5"}, currency: order.currency}
"""


def _rules(folder: Path, shop: str = SHOP, **files: str) -> MappingRules:
    (folder / "base").mkdir(exist_ok=True)
    for name, text in {"all_shops": BASE, **files}.items():
        (folder / "base" / f"{name}.yaml").write_text(text, "utf-8")
    (folder / "base" / "skus.csv").write_text(SKUS, "utf-8")
    (folder / "shop.yaml").write_text(shop, "utf-8")
    return load_rules(folder / "shop.yaml")


def _traced(found: MappedOrder, path: str) -> tuple[str, str]:
    trace = next(t for t in found.documents[0].trace if t.path == path)
    return trace.value, trace.file


def test_a_shop_has_what_all_shops_share_and_its_own_differences(tmp_path: Path) -> None:
    found = mapped(an_order(), _rules(tmp_path))

    document = found.documents[0].document
    assert codes(found) == []
    assert document.sales_order_type == "TA"
    assert document.sales_area.distribution_channel == "20"
    assert document.purchase_order_by_customer == "K-1"
    assert [c.condition_type for c in document.items[0].conditions] == ["PR01", "KF00"]


def test_the_trace_names_the_file_and_line_of_the_rule_that_won(tmp_path: Path) -> None:
    found = mapped(an_order(), _rules(tmp_path))

    assert _traced(found, "sales_order_type") == ("TA", "base/all_shops.yaml:9")
    assert _traced(found, "sales_area.distribution_channel") == ("20", "shop.yaml:7")
    assert _traced(found, "items[0].conditions[0].rate") == ("10.00", "shop.yaml:10")
    assert _traced(found, "purchase_order_by_customer") == ("K-1", "shop.yaml:4")


def test_all_files_of_the_rules_are_known_so_that_changes_are_seen(tmp_path: Path) -> None:
    names = [file.name for file in _rules(tmp_path).files]

    assert names == ["shop.yaml", "all_shops.yaml", "skus.csv"]


def test_an_element_of_a_list_without_names_replaces_the_list(tmp_path: Path) -> None:
    shop = SHOP.replace("{name: price, condition", "{condition")

    with pytest.raises(ConfigurationError, match="leave_out"):
        _rules(tmp_path, shop)

    start = SHOP[: SHOP.index("        - {name")]
    plain = start + "        - {condition_type: XX, rate: line.price}\n"
    document = mapped(an_order(), _rules(tmp_path, plain)).documents[0].document
    assert [c.condition_type for c in document.items[0].conditions] == ["XX"]


def test_null_takes_away_what_the_base_says(tmp_path: Path) -> None:
    shop = SHOP.replace("  sales_order:\n", "  sales_order:\n    payment_terms: null\n")

    assert mapped(an_order(), _rules(tmp_path)).documents[0].document.payment_terms == "Z030"
    assert mapped(an_order(), _rules(tmp_path, shop)).documents[0].document.payment_terms == ""


def test_holds_of_the_base_hold_in_every_shop(tmp_path: Path) -> None:
    found = mapped(an_order(a_line(is_gift_card=True)), _rules(tmp_path))

    assert codes(found) == ["GIFT_CARD"]


def test_an_included_file_may_include_another(tmp_path: Path) -> None:
    terms = (
        "documents:\n  sales_order:\n    incoterms: {constant: CIF}\n"
        "    currency: {constant: CHF}\n"
    )
    rules = _rules(tmp_path, all_shops="include: terms.yaml\n" + BASE, terms=terms)

    document = mapped(an_order(), rules, ORDER).documents[0].document
    assert document.incoterms == "CIF"
    # The nearer file wins: the base, which includes the terms, has a currency of its own.
    assert document.currency == "EUR"
    assert DocumentCategory.SALES_ORDER in rules.documents


@pytest.mark.parametrize(
    ("shop", "files", "message"),
    [
        (
            SHOP.replace("base/all_shops", "base/all_shop"),
            {},
            "shop.yaml: include (line 2): there is no file base/all_shop.yaml",
        ),
        (
            SHOP.replace("base/all_shops.yaml", "../other.yaml"),
            {},
            "../other.yaml must lie beside or below the rules",
        ),
        (
            SHOP,
            {"all_shops": BASE + "include: more.yaml\n", "more": "include: all_shops.yaml\n"},
            "the files include each other: "
            "shop.yaml -> all_shops.yaml -> more.yaml -> all_shops.yaml",
        ),
        (
            SHOP.replace("base/all_shops.yaml", "[base/all_shops.yaml, base/terms.yaml]"),
            {"terms": "documents:\n  sales_order:\n    payment_terms: {constant: Z014}\n"},
            "terms.yaml: documents.sales_order.payment_terms (line 3): is defined in ",
        ),
        (
            SHOP.replace("currency: order.currency", "curency: order.currency"),
            {},
            "shop.yaml: documents.sales_order.items.conditions.0.curency (line 10): is not a known",
        ),
        (
            SHOP,
            {"all_shops": BASE.replace("payment_terms", "payment_term")},
            "all_shops.yaml: documents.sales_order.payment_term (line 14): is not a known key",
        ),
        (SHOP + "include: base/all_shops.yaml\n", {}, "the key 'include' is given twice"),
        (SHOP.replace("include: base/all_shops.yaml", "include: {a: b}"), {}, "must name a file"),
    ],
)
def test_a_wrong_include_is_refused_with_file_and_line(
    tmp_path: Path, shop: str, files: dict[str, str], message: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        _rules(tmp_path, shop, **files)

    assert message in str(caught.value)


def test_two_included_files_may_differ_where_the_shop_decides(tmp_path: Path) -> None:
    shop = SHOP.replace("base/all_shops.yaml", "[base/all_shops.yaml, base/terms.yaml]").replace(
        "  sales_order:\n", "  sales_order:\n    payment_terms: {constant: Z000}\n"
    )
    terms = "documents:\n  sales_order:\n    payment_terms: {constant: Z014}\n"

    rules = _rules(tmp_path, shop, terms=terms)

    assert mapped(an_order(), rules).documents[0].document.payment_terms == "Z000"


def test_a_base_included_twice_over_is_no_contradiction(tmp_path: Path) -> None:
    shop = SHOP.replace("base/all_shops.yaml", "[base/a.yaml, base/b.yaml]")
    both = "include: all_shops.yaml\n"

    rules = _rules(tmp_path, shop, a=both, b=both)

    assert codes(mapped(an_order(), rules)) == []


def test_a_document_like_another_is_traced_to_where_its_rule_stands(tmp_path: Path) -> None:
    shop = SHOP + "  quotation:\n    like: sales_order\n" + "".join(
        f"    {name}: {{constant: '2026-12-01'}}\n" for name in ("valid_from", "valid_to")
    )  # fmt: skip

    found = mapped(an_order(), _rules(tmp_path, shop), (DocumentCategory.QUOTATION,))

    trace = {t.path: t for t in found.documents[0].trace}
    assert trace["sales_order_type"].rule == "documents.quotation.sales_order_type = constant"
    assert trace["sales_order_type"].file == "base/all_shops.yaml:9"


@pytest.mark.parametrize("text", ["[" * 30_000, "- " * 30_000 + "a", "{a: " * 3_000, "? " * 50_000])
def test_a_file_nested_without_end_is_refused_and_ends_no_process(
    tmp_path: Path, text: str
) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(text, "utf-8")

    with pytest.raises(ConfigurationError, match="too many levels"):
        load_rules(rules)
