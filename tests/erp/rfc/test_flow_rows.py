"""Rows of the document flow become links between items, in the units of what precedes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connector.erp.rfc.flow_rows import Units, from_list, from_table, links
from connector.sd_documents.values import Money, Quantity

ROW = {
    "VBELV": "0000000001",
    "POSNV": "000010",
    "VBTYP_V": "C",
    "VBELN": "0080000001",
    "POSNN": "000010",
    "VBTYP_N": "J",
    "RFMNG": "24.000 ",
    "MEINS": "ST",
    "RFWRT": "0.00 ",
    "WAERS": "EUR",
    "PLMIN": "+",
    "ERDAT": "20260105",
    "STUFE": "00",
}
LISTED: dict[str, Any] = {
    "SD_DOC": "0000000001",
    "PRECSDDOC": "0000000001",
    "PREDITDOC": "000010",
    "DOC_CAT_SD": "C",
    "SUBSSDDOC": "0090000001",
    "SUBSITDOC": "000010",
    "DOCCATEGOR": "M",
    "REF_QTY": Decimal("24.000"),
    "BASE_UOM": "ST",
    "REFERENVAL": Decimal("240.000000000"),
    "STATISCURR": "EUR",
    "QTYPOSCALC": "+",
    "CREAT_DATE": "20260105",
    "LEVELFLOWR": "00",
}


def test_quantities_are_converted_to_the_sales_unit_of_what_precedes() -> None:
    units = Units()
    units.learn("0000000001", 10, "KAR", Decimal(12))
    row = from_table(ROW)
    assert row is not None
    (link,) = links([row], units)
    assert link.quantity == Quantity(value=Decimal(2), unit="KAR")


def test_a_quantity_in_the_sales_unit_already_is_not_converted_again() -> None:
    units = Units()
    units.learn("0000000001", 10, "ST", Decimal(12))
    row = from_table(ROW)
    assert row is not None
    (link,) = links([row], units)
    assert link.quantity == Quantity(value=Decimal(24), unit="ST")


def test_a_delivery_has_no_value_and_an_invoice_has_one() -> None:
    delivery = from_table(ROW)
    invoice = from_table(ROW | {"VBTYP_N": "M", "RFWRT": "240.00 "})
    assert delivery is not None and delivery.net_amount is None
    assert invoice is not None
    assert invoice.net_amount == Money(amount=Decimal(240), currency="EUR")


def test_values_in_the_table_are_stored_shifted_and_in_the_list_not() -> None:
    stored = from_table(ROW | {"VBTYP_N": "M", "RFWRT": "2.40 ", "WAERS": "JPY"})
    listed = from_list(LISTED | {"STATISCURR": "JPY"})
    assert stored is not None and listed is not None
    assert stored.net_amount == listed.net_amount == Money(amount=Decimal(240), currency="JPY")


def test_followers_of_followers_are_no_links() -> None:
    assert from_table(ROW | {"STUFE": "01"}) is None
    assert from_list(LISTED | {"LEVELFLOWR": "01"}) is None


def test_a_deeper_row_that_names_the_document_between_is_a_link() -> None:
    row = from_list(LISTED | {"LEVELFLOWR": "01", "PRECSDDOC": "0080000001", "DOC_CAT_SD": "J"})
    assert row is not None
    assert row.preceding.document == "0080000001"


def test_rows_of_headers_and_of_unknown_categories_are_left_out() -> None:
    assert from_table(ROW | {"POSNV": "000000"}) is None
    assert from_table(ROW | {"VBTYP_N": "Q"}) is None
    assert from_list(LISTED | {"DOCCATEGOR": "8"}) is None


def test_the_sign_says_whether_a_row_counts() -> None:
    signs = [from_table(ROW | {"PLMIN": sign}) for sign in ("+", "-", "")]
    assert [row.sign for row in signs if row is not None] == [1, -1, 0]


def test_the_long_category_of_s4_is_preferred() -> None:
    row = from_list(LISTED | {"DOCCATEGOR": "", "DOCCATEGOR_LONG": "M", "DOC_CAT_SD_LONG": "C"})
    assert row is not None
    assert row.subsequent.category.value == "M"
