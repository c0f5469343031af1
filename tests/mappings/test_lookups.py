"""Lookups: workbooks, single cells, several rows, the ERP's master data; never a silent guess."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

from connector.errors import ConfigurationError
from connector.mappings.external_order import ExternalTotals
from connector.mappings.mapped_order import MappedOrder
from connector.mappings.problems import HOLD_REASONS, NOTICES
from connector.mappings.value_tables import read_table
from tests.mappings.support import RULES, a_line, an_order, codes, mapped, rules_from

CUSTOMERS = "email,country,customer,because\nb@x.example,DE,1001,\n*,DE,90010,consumers\n"
BY_COUNTRY = RULES.replace(
    "  skus:", "  customers: {file: customers.csv, key: [email, country]}\n  skus:"
).replace(
    'documents:\n',
    "lookups:\n  customer:\n    table: customers\n"
    "    by: [order.customer.email, order.attributes.country]\n    missing: UNKNOWN_CUSTOMER\n"
    "documents:\n",
).replace('customer: {constant: "1001"}', "customer: customer.customer")  # fmt: skip
TERMS = "terms_of_shop,terms\nnet30,Z030\n"
WITH_TERMS = RULES.replace("  skus:", "  terms: {file: terms.csv, key: terms_of_shop}\n  skus:")


def _notices(found: MappedOrder) -> list[tuple[str, str]]:
    return [(notice.code, str(notice.amount)) for notice in found.notices]


def _workbook(path: Path, *rows: Sequence[object], sheet: str = "skus", zeros: str = "") -> None:
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = "notes"
    wanted = book.create_sheet(sheet)
    for row in rows:
        wanted.append(list(row))
    if zeros:
        wanted[zeros].number_format = "0000"
    book.save(path)


def test_a_table_may_be_a_sheet_of_a_workbook(tmp_path: Path) -> None:
    _workbook(
        tmp_path / "skus.xlsx",
        ("sku", "material", "unit", "plant", "share", None),
        ("A", 4711, "ST", 8, 0.5, None),
        (None, None, None, None, None, None),
        ("B", "M-B", "KAR", "0010", None, None),
        zeros="D2",
    )
    table = read_table("skus", tmp_path / "skus.xlsx", ("sku",), sheet="skus")

    assert table.columns == ("sku", "material", "unit", "plant", "share")
    assert table.find(["A"]) == {
        "sku": "A", "material": "4711", "unit": "ST", "plant": "0008", "share": "0.5",
    }  # fmt: skip
    assert table.find(["B"]) == {
        "sku": "B", "material": "M-B", "unit": "KAR", "plant": "0010", "share": "",
    }  # fmt: skip
    assert table.lines[("B",)] == 4


def test_rules_find_materials_in_a_workbook(tmp_path: Path) -> None:
    _workbook(tmp_path / "skus.xlsx", ("sku", "material", "unit"), ("A", "M-A", "ST"))
    text = RULES.replace("skus.csv,", "skus.xlsx, sheet: skus,")

    found = mapped(an_order(), rules_from(tmp_path, text))

    assert found.documents[0].document.items[0].material == "M-A"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("skus.xlsx, sheet: sku,", "there is no sheet 'sku'. Did you mean 'skus'?"),
        ("skus.csv, sheet: skus,", "has no sheets"),
        ("broken.xlsx,", "is not a workbook"),
    ],
)
def test_a_workbook_that_is_wrong_is_named(tmp_path: Path, options: str, message: str) -> None:
    _workbook(tmp_path / "skus.xlsx", ("sku", "material", "unit"), ("A", "M-A", "ST"))
    (tmp_path / "broken.xlsx").write_text("sku,material,unit\n")

    with pytest.raises(ConfigurationError) as caught:
        rules_from(tmp_path, RULES.replace("skus.csv,", options))

    assert message in str(caught.value)


def test_a_value_may_be_one_cell_of_a_table(tmp_path: Path) -> None:
    text = WITH_TERMS + (
        "    payment_terms: {lookup: {table: terms, by: order.attributes.terms, column: terms}}\n"
    )
    rules = rules_from(tmp_path, text, terms=TERMS)

    found = mapped(an_order(attributes={"terms": "net30"}), rules)

    assert found.documents[0].document.payment_terms == "Z030"
    trace = next(t for t in found.documents[0].trace if t.path == "payment_terms")
    assert trace.rule == "documents.sales_order.payment_terms = terms.terms [terms.csv: net30]"
    assert (trace.source_path, trace.source_value) == ("attributes.terms", "net30")


@pytest.mark.parametrize(
    ("options", "held", "noticed", "terms"),
    [
        ("", [], [], ""),
        (", required: true", ["VALUE_MISSING"], [], ""),
        (", default: '0001'", [], [("DEFAULT_WITHOUT_ROW", "10.00 EUR")], "0001"),
        (", default: '0001', strict: true", ["DEFAULT_WITHOUT_ROW"], [], "0001"),
    ],
)
def test_a_cell_that_is_not_there_is_never_guessed_silently(
    tmp_path: Path, options: str, held: list[str], noticed: list[tuple[str, str]], terms: str
) -> None:
    text = WITH_TERMS + (
        "    payment_terms: {lookup: {table: terms, by: order.attributes.terms, column: terms}"
        f"{options}}}\n"
    )
    order = an_order(
        attributes={"terms": "net99"}, totals=ExternalTotals(grand_total=a_line().price)
    )

    found = mapped(order, rules_from(tmp_path, text, terms=TERMS))

    assert codes(found) == held
    assert _notices(found) == noticed
    assert found.documents[0].document.payment_terms == terms


def test_a_cell_may_hold_the_order_with_a_reason(tmp_path: Path) -> None:
    text = WITH_TERMS + (
        "    payment_terms: {lookup: {table: terms, by: order.attributes.terms, column: terms, "
        "missing: UNKNOWN_TERMS}, required: true}\n"
    )

    found = mapped(an_order(attributes={"terms": "x"}), rules_from(tmp_path, text, terms=TERMS))

    assert codes(found) == ["UNKNOWN_TERMS"]
    assert "attributes.terms 'x' is not in terms.csv" in found.problems[0].message


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("table: term,", "payment_terms.lookup.table (line 24): there is no table 'term'"),
        ("column: term}", "lookup.column (line 24): terms has no column 'term'. Did you mean"),
        ("by: [line.sku, line.unit],", "lookup.by (line 24): terms has the key columns"),
    ],
)
def test_a_wrong_cell_is_named(tmp_path: Path, wrong: str, message: str) -> None:
    cell = {"table": "table: terms,", "by": "by: order.note,", "column": "column: terms}"}
    cell[wrong.partition(":")[0]] = wrong
    text = WITH_TERMS + f"    payment_terms: {{lookup: {{{' '.join(cell.values())}}}\n"

    with pytest.raises(ConfigurationError) as caught:
        rules_from(tmp_path, text, terms=TERMS)

    assert message in str(caught.value)


def test_a_row_that_stands_for_any_value_is_listed_with_the_amount(tmp_path: Path) -> None:
    rules = rules_from(tmp_path, BY_COUNTRY, customers=CUSTOMERS)
    known = an_order(customer={"email": "b@x.example"}, attributes={"country": "DE"})
    other = an_order(customer={"email": "c@x.example"}, attributes={"country": "DE"})

    assert mapped(known, rules).documents[0].document.sold_to_party == "0000001001"
    assert ("DEFAULT_ROW", "10.00 EUR") not in _notices(mapped(known, rules))
    assert mapped(other, rules).documents[0].document.sold_to_party == "0000090010"
    assert ("DEFAULT_ROW", "10.00 EUR") in _notices(mapped(other, rules))


def test_strict_rules_hold_what_a_default_would_decide(tmp_path: Path) -> None:
    rules = rules_from(tmp_path, "strict: true" + BY_COUNTRY, customers=CUSTOMERS)
    other = an_order(customer={"email": "c@x.example"}, attributes={"country": "DE"})

    assert codes(mapped(other, rules)) == ["DEFAULT_ROW"]


def test_two_rows_with_as_many_stars_are_two_candidates(tmp_path: Path) -> None:
    table = "email,country,customer\nc@x.example,*,1\n*,DE,2\n"
    rules = rules_from(tmp_path, BY_COUNTRY, customers=table)
    order = an_order(customer={"email": "c@x.example"}, attributes={"country": "DE"})

    found = mapped(order, rules)

    assert found.documents[0].document.sold_to_party == "0000000001"
    notice = next(each for each in found.notices if each.code == "TWO_CANDIDATES")
    assert "fits c@x.example / * in customers.csv as well as * / DE" in notice.message
    assert notice.rule == "lookups.customer"


def test_several_rows_of_a_key_hold_the_order_where_the_rules_allow_them(tmp_path: Path) -> None:
    text = RULES.replace("key: sku}", "key: sku, repeats: hold}")
    table = "sku,material,unit\nA,M-1,ST\nA,M-2,ST\nB,M-B,ST\n"
    rules = rules_from(tmp_path, text, skus=table)

    assert codes(mapped(an_order(a_line("B")), rules)) == []
    found = mapped(an_order(), rules)
    assert codes(found) == ["AMBIGUOUS_LOOKUP"]
    assert found.problems[0].message == (
        "lines[0].sku 'A' has 2 rows in skus.csv: material M-1 and material M-2; leave one of "
        "them, or look it up by more columns"
    )
    assert found.documents == ()


class _Erp:
    """Master data of an ERP that knows two materials of one customer."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []

    def rows(self, kind: str, key: Mapping[str, str]) -> Sequence[Mapping[str, str]]:
        self.asked.append((kind, dict(key)))
        found = {"A": ["M-A"], "TWICE": ["M-1", "M-2"]}.get(key["customer_material"], [])
        return [{**key, "material": material} for material in found]


FROM_THE_ERP = (
    RULES.replace("skus: {file: skus.csv, key: sku}",
                  "skus: {master_data: customer_materials, key: [customer, customer_material]}")
    .replace("by: line.sku", "by: [\"'1001'\", line.sku]")
    .replace("unit: sku.unit", "unit: {constant: ST}")
)  # fmt: skip


def test_master_data_of_the_erp_is_looked_up_where_it_may_be_asked(tmp_path: Path) -> None:
    erp = _Erp()
    rules = rules_from(tmp_path, FROM_THE_ERP).with_master_data(erp)

    found = mapped(an_order(), rules)

    assert found.documents[0].document.items[0].material == "M-A"
    assert erp.asked == [("customer_materials", {"customer": "1001", "customer_material": "A"})]
    assert codes(mapped(an_order(a_line("C")), rules)) == ["UNKNOWN_SKU"]
    assert codes(mapped(an_order(a_line("TWICE")), rules)) == ["AMBIGUOUS_LOOKUP"]


def test_without_the_erp_such_an_order_is_held_and_says_why(tmp_path: Path) -> None:
    rules = rules_from(tmp_path, FROM_THE_ERP)

    assert rules.asks_the_erp
    assert codes(mapped(an_order(), rules)) == ["MASTER_DATA_NOT_READ"]


def test_columns_of_master_data_are_checked_when_the_rules_are_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no column 'customer_materia'"):
        rules_from(tmp_path, FROM_THE_ERP.replace("customer_material]", "customer_materia]"))


def test_every_notice_can_hold_and_is_explained() -> None:
    assert set(NOTICES) <= set(HOLD_REASONS)


def test_a_row_with_an_empty_cell_is_named_as_what_has_to_be_filled_in(tmp_path: Path) -> None:
    found = mapped(an_order(), rules_from(tmp_path, skus="sku,material,unit\nA,M-A,\n"))

    assert codes(found) == ["VALUE_MISSING"]
    assert found.problems[0].message == (
        "items[0].requested_quantity.unit is empty: the column unit of skus.csv: A is not filled "
        "in; fill it in and retry"
    )
