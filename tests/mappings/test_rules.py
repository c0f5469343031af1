"""Mapping rules that are wrong say where, and what was probably meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.errors import ConfigurationError
from connector.mappings.references import require_distinct_prefixes
from connector.mappings.rules import load_rules
from connector.resources import shipped
from connector.sd_documents.values import DocumentCategory
from tests.mappings.support import RULES, SKUS, rules_from

CHANNELS = sorted(path.stem for path in shipped("config/mappings").glob("*.yaml"))


@pytest.mark.parametrize("name", CHANNELS)
def test_the_shipped_rules_are_right(name: str) -> None:
    rules = load_rules(shipped("config/mappings") / f"{name}.yaml")

    assert rules.channel == name
    assert DocumentCategory.SALES_ORDER in rules.documents


def test_no_two_shipped_channels_can_make_the_same_reference() -> None:
    rules = [load_rules(shipped("config/mappings") / f"{name}.yaml") for name in CHANNELS]

    require_distinct_prefixes((each.path.name, each.reference.prefix) for each in rules)


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        (
            "material: sku.material",
            "materiel: sku.material",
            "items.materiel (line 19): is not a known key. Did you mean 'material'?",
        ),
        ("      material: sku.material\n", "", "items (line 16): has no 'material'. Add it"),
        (
            "sku.material",
            "sku.materia",
            "(line 19): `sku.materia`: the table has no column 'materia'. Did you mean 'material'?",
        ),
        (
            "sku.material",
            "skuu.material",
            "material (line 19): `skuu.material`: there is no 'skuu' here. Did you mean 'sku'?",
        ),
        (
            "order.currency\n    requested",
            "ordr.currency\n    requested",
            "currency (line 12): `ordr.currency`: there is no 'ordr' here. Did you mean 'order'?",
        ),
        (
            "table: skus",
            "table: sku",
            "lookups.sku (line 18): there is no table 'sku'. Did you mean 'skus'?",
        ),
        (
            "by: line.sku",
            "by: [line.sku, line.unit]",
            "lookups.sku.by (line 18): skus has the key columns sku. Give one expression for each",
        ),
        (
            "key: sku",
            "key: skuu",
            "skus.csv, line 1: there is no column 'skuu'. Did you mean 'sku'?",
        ),
        (
            "file: skus.csv",
            "file: skuz.csv",
            "tables.skus.file (line 5): there is no file skuz.csv",
        ),
        ("file: skus.csv", "file: ../skus.csv", "must lie beside the rules"),
        (
            "sales_order:",
            "salesorder:",
            "documents.salesorder (line 7): is not a known key. Did you mean 'sales_order'?",
        ),
        (
            "missing: UNKNOWN_SKU",
            "missing: unknown",
            "missing (line 18): String should match pattern",
        ),
        (
            "function: sold_to_party",
            "function: soldto",
            "function (line 15): 'soldto' is not a known value. Did you mean 'sold_to_party'?",
        ),
        ("prefix: K-", "prefix: k lower", "reference.prefix (line 3): String should match pattern"),
        (
            "{constant: TA}",
            "{constant: TA, value: order.x}",
            "sales_order_type (line 8): needs either `value`",
        ),
        ("{constant: TA}", "{because: why}", "sales_order_type (line 8): needs either `value`"),
        (
            "{constant: TA}",
            "{constant: TA, becuase: why}",
            "becuase (line 8): is not a known key. Did you mean 'because'?",
        ),
        (
            "rate: line.price",
            "rate: 5",
            "rate (line 22): must be a JMESPath expression; a fixed text goes into `constant`",
        ),
        (
            "when: line.price",
            "when: lines.price",
            "when (line 22): `lines.price`: there is no 'lines' here. Did you mean 'line'?",
        ),
        ("when: line.price", "on: line.price", "conditions.0 (line 22): Keys should be strings"),
        (
            "day(order.ordered_at, 'Europe/Berlin')",
            "dy(order.ordered_at, 'x')",
            "there is no function dy(). Did you mean 'day'?",
        ),
        (
            "documents:",
            "documents:\n  quotation: {like: salesorder}",
            "quotation.like (line 7): there is no document 'salesorder' in these rules. Did you "
            "mean 'sales_order'?",
        ),
        (
            "documents:",
            "documents:\n  quotation: {like: inquiry}\n  inquiry: {like: quotation}",
            "quotation.like (line 7): is like itself (quotation -> inquiry -> quotation). Write",
        ),
    ],
)
def test_a_typo_is_named_with_file_key_line_and_the_nearest_right_name(
    tmp_path: Path, right: str, wrong: str, message: str
) -> None:
    assert right in RULES
    with pytest.raises(ConfigurationError) as caught:
        rules_from(tmp_path, RULES.replace(right, wrong, 1))

    assert message in str(caught.value)


def test_a_document_may_be_like_another(tmp_path: Path) -> None:
    text = RULES + "  quotation:\n    like: sales_order\n    sales_order_type: {constant: AG}\n"

    rules = rules_from(tmp_path, text)

    order = rules.documents[DocumentCategory.SALES_ORDER]
    quotation = rules.documents[DocumentCategory.QUOTATION]
    assert quotation.items == order.items
    assert quotation.sales_order_type != order.sales_order_type


def test_a_document_may_be_like_one_that_is_like_another_in_any_order(tmp_path: Path) -> None:
    like = (
        "documents:\n  inquiry: {like: quotation, sales_order_type: {constant: AF}}\n"
        "  quotation: {like: sales_order, sales_order_type: {constant: AG}}"
    )

    rules = rules_from(tmp_path, RULES.replace("documents:", like, 1))

    order = rules.documents[DocumentCategory.SALES_ORDER]
    inquiry = rules.documents[DocumentCategory.INQUIRY]
    assert inquiry.items == order.items
    assert inquiry.sales_order_type.choices[0].constant == "AF"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (SKUS + "A,M-C,ST,\n", "skus.csv, line 4: A is there already. Remove one of the rows"),
        (SKUS + "C,M-C\n", "skus.csv, line 4: has 2 columns, the header 4"),
        ("", "there is no column 'sku'"),
        (SKUS + '"C,M', "is not UTF-8 CSV"),
    ],
)
def test_a_wrong_table_is_named_with_its_line(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        rules_from(tmp_path, skus=content)

    assert message in str(caught.value)


def test_a_folder_may_bring_tables_of_its_own(tmp_path: Path) -> None:
    rules_from(tmp_path)
    other = tmp_path / "history"
    other.mkdir()
    (other / "skus.csv").write_text("sku,material,unit\nA,M-OTHER,ST\n")

    rules = load_rules(tmp_path / "rules.yaml", other)

    row = rules.tables["skus"].find(["A"])
    assert row is not None
    assert row["material"] == "M-OTHER"


def test_a_row_with_a_star_matches_what_has_no_row_of_its_own(tmp_path: Path) -> None:
    text = RULES.replace("key: sku", "key: [sku, unit]").replace(
        "by: line.sku", "by: [line.sku, line.unit]"
    )
    table = "sku,material,unit\nA,exact,ST\nA,any unit,*\n*,any sku,ST\n*,anything,*\n"
    skus = rules_from(tmp_path, text, skus=table).tables["skus"]

    found = {key: skus.find(key.split()) for key in ("A ST", "A KG", "B ST", "B KG")}

    assert [row["material"] for row in found.values() if row] == [
        "exact",
        "any unit",
        "any sku",
        "anything",
    ]


@pytest.mark.parametrize(
    ("prefixes", "clash"),
    [
        ([("a", "SHOP-"), ("b", "SHOP-")], True),
        ([("a", "SHOP-"), ("b", "X-"), ("c", "SHOP-EU-")], True),
        ([("a", "SHOP-"), ("b", "SHOQ-"), ("c", "X")], False),
    ],
)
def test_prefixes_of_which_one_begins_another_are_refused(
    prefixes: list[tuple[str, str]], clash: bool
) -> None:
    if not clash:
        require_distinct_prefixes(prefixes)
        return
    with pytest.raises(ConfigurationError, match="begins with the prefix"):
        require_distinct_prefixes(prefixes)
