"""Documents on their way out: every field has its place, and its mark in the check structure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connector.erp.rfc import (
    credit_memo_request,
    inquiry,
    quotation,
    returns_order,
    sales_order,
    simulation_parameters,
)
from connector.erp.rfc.options import RfcOptions
from connector.erp.rfc.sales_document import CreateFunction, create_parameters, text_rows
from connector.errors import RejectedError
from connector.sd_documents.conditions import Condition
from connector.sd_documents.partners import Address, Partner, PartnerFunction
from connector.sd_documents.sales_document import SalesArea, SalesDocument, SalesDocumentItem, Text
from connector.sd_documents.schedule_lines import ScheduleLine
from connector.sd_documents.values import DocumentCategory, ItemReference, Quantity
from connector.simulator.rfc.dictionary import Dictionary, Structure
from connector.simulator.rfc.fill import fill

DICTIONARY = Dictionary.from_fixtures()
FUNCTIONS = [
    inquiry.CREATE,
    quotation.CREATE,
    sales_order.CREATE,
    returns_order.CREATE,
    credit_memo_request.CREATE,
]


def pieces(value: str) -> Quantity:
    return Quantity(value=Decimal(value), unit="ST")


FULL = SalesDocument(
    category=DocumentCategory.SALES_ORDER,
    sales_order_type="TA",
    sales_area=SalesArea(sales_organization="1000", distribution_channel="10", division="00"),
    purchase_order_by_customer="WEB/2026/00000000000000000000000001",
    purchase_order_date=date(2026, 1, 2),
    document_date=date(2026, 1, 3),
    requested_delivery_date=date(2026, 1, 8),
    valid_from=date(2026, 1, 1),
    valid_to=date(2026, 12, 31),
    pricing_date=date(2026, 1, 4),
    currency="EUR",
    partners=(
        Partner(
            function=PartnerFunction.SOLD_TO_PARTY,
            customer="90011",
            address=Address(
                name="Erika Beispiel",
                street="Lange Straße mit einem Namen über vierzig Zeichen 7",
                postal_code="20095",
                city="Hamburg",
                country="DE",
                telephone="040 1",
                email="erika@example.org",
            ),
        ),
        Partner(function=PartnerFunction.SHIP_TO_PARTY, customer="10001", item_number=20),
    ),
    items=(
        SalesDocumentItem(
            item_number=10,
            material="4711",
            requested_quantity=pieces("3.5"),
            customer_material="SKU-1",
            item_text="A bicycle",
            item_category="TAN",
            plant="1000",
            shipping_point="1001",
            conditions=(
                Condition(
                    condition_type="PMP0",
                    rate=Decimal("19.99"),
                    currency="EUR",
                    per=10,
                    unit="ST",
                ),
                Condition(condition_type="ZD01", rate=Decimal("-5")),
            ),
            reference=ItemReference(
                category=DocumentCategory.QUOTATION, document="20000001", item_number=10
            ),
        ),
        SalesDocumentItem(
            item_number=20,
            material="X" * 40,
            requested_quantity=pieces("2"),
            schedule_lines=(
                ScheduleLine(
                    requested_delivery_date=date(2026, 1, 9), requested_quantity=pieces("1")
                ),
                ScheduleLine(
                    requested_delivery_date=date(2026, 1, 10),
                    requested_quantity=pieces("1"),
                    goods_issue_date=date(2026, 1, 9),
                    material_availability_date=date(2026, 1, 8),
                ),
            ),
        ),
    ),
    conditions=(Condition(condition_type="ZF01", rate=Decimal("4.90"), currency="EUR"),),
    texts=(Text(text_id="0002", content="Leave it\nat the door", item_number=10),),
    delivery_block_reason="01",
    billing_block_reason="08",
    order_reason="001",
    payment_terms="Z014",
    incoterms="DAP",
    incoterms_location="Hamburg",
    reference_document="0020000001",
    reference_category=DocumentCategory.QUOTATION,
)


def parameters(function: CreateFunction = sales_order.CREATE, **options: Any) -> dict[str, Any]:
    return create_parameters(function, FULL, RfcOptions(**options))


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.prefix)
def test_the_function_takes_every_value(function: CreateFunction) -> None:
    """Parameters, fields, types and lengths are those of the function's interface."""
    fill(DICTIONARY.function(function.name), parameters(function))


def test_the_simulation_takes_every_value() -> None:
    fill(
        DICTIONARY.function(simulation_parameters.FUNCTION),
        simulation_parameters.parameters(FULL, RfcOptions()),
    )


def test_the_header_carries_reference_dates_and_blocks() -> None:
    header = parameters()["ORDER_HEADER_IN"]
    assert header["PURCH_NO_C"] == FULL.purchase_order_by_customer
    assert header["REQ_DATE_H"] == "20260108"
    assert (header["QT_VALID_F"], header["QT_VALID_T"]) == ("20260101", "20261231")
    assert (header["DLV_BLOCK"], header["BILL_BLOCK"]) == ("01", "08")
    assert (header["REF_DOC"], header["REFDOC_CAT"]) == ("0020000001", "B")


def test_fields_without_value_are_left_out() -> None:
    """An empty date cannot be written, and an empty field would overrule the ERP's default."""
    bare = FULL.model_copy(
        update={
            "document_date": None,
            "payment_terms": "",
            "conditions": (),
            "texts": (),
            "partners": FULL.partners[1:],
            "items": FULL.items[1:],
        }
    )
    made = create_parameters(sales_order.CREATE, bare, RfcOptions())
    assert not {"DOC_DATE", "PMNTTRMS"} & set(made["ORDER_HEADER_IN"])
    assert not {"ORDER_CONDITIONS_IN", "ORDER_TEXT", "PARTNERADDRESSES"} & set(made)
    assert "CUST_MAT35" not in made["ORDER_ITEMS_IN"][0]


@pytest.mark.parametrize("table", ["HEADER", "ITEMS", "SCHEDULES", "CONDITIONS"])
def test_each_value_is_marked_in_its_check_structure(table: str) -> None:
    made = parameters()
    values, marks = made[f"ORDER_{table}_IN"], made[f"ORDER_{table}_INX"]
    if table == "HEADER":
        values, marks = [values], [marks]
    assert len(values) == len(marks)
    for row, mark in zip(values, marks, strict=True):
        assert mark["UPDATEFLAG"] == "I"
        assert set(row) | {"UPDATEFLAG"} == set(mark)
        unmarked = {name for name in row if mark[name] != "X"}
        assert unmarked <= {"ITM_NUMBER", "SCHED_LINE", "COND_TYPE"}


def test_quantities_go_into_schedule_lines() -> None:
    made = parameters()
    assert "TARGET_QTY" not in made["ORDER_ITEMS_IN"][0]
    lines = [
        (r["ITM_NUMBER"], r["SCHED_LINE"], r["REQ_DATE"], r["REQ_QTY"])
        for r in made["ORDER_SCHEDULES_IN"]
    ]
    assert lines == [
        ("000010", "0001", "20260108", Decimal("3.5")),
        ("000020", "0001", "20260109", Decimal(1)),
        ("000020", "0002", "20260110", Decimal(1)),
    ]


def test_memo_requests_have_a_target_quantity_and_no_schedule_lines() -> None:
    made = parameters(credit_memo_request.CREATE)
    assert "ORDER_SCHEDULES_IN" not in made
    item = made["ORDER_ITEMS_IN"][0]
    assert (item["TARGET_QTY"], item["TARGET_QU"]) == (Decimal("3.5"), "ST")


def test_conditions_of_header_and_items_keep_their_place_and_meaning() -> None:
    price, discount, freight = sorted(
        parameters()["ORDER_CONDITIONS_IN"], key=lambda row: str(row["COND_TYPE"])
    )[0:3]
    assert price == {
        "ITM_NUMBER": "000010",
        "COND_TYPE": "PMP0",
        "COND_VALUE": Decimal("19.99"),
        "CURRENCY": "EUR",
        "COND_UNIT": "ST",
        "COND_P_UNT": Decimal(10),
    }
    assert discount == {
        "ITM_NUMBER": "000010",
        "COND_TYPE": "ZD01",
        "COND_VALUE": Decimal(-5),
    }
    assert (freight["ITM_NUMBER"], freight["CURRENCY"]) == ("000000", "EUR")


def test_an_address_is_linked_to_its_partner() -> None:
    made = parameters()
    sold_to, ship_to = made["ORDER_PARTNERS"]
    (address,) = made["PARTNERADDRESSES"]
    assert (sold_to["PARTN_ROLE"], sold_to["PARTN_NUMB"]) == ("AG", "0000090011")
    assert sold_to["ADDR_LINK"] == address["ADDR_NO"]
    assert "ADDR_LINK" not in ship_to
    assert ship_to["ITM_NUMBER"] == "000020"
    assert len(address["STREET"]) == 40
    assert address["STREET_LNG"].endswith("vierzig Zeichen 7")


def test_material_numbers_go_where_they_fit() -> None:
    short, long = parameters()["ORDER_ITEMS_IN"]
    assert short["MATERIAL"] == "000000000000004711"
    assert "MATERIAL" not in long
    assert long["MATERIAL_LONG"] == "X" * 40
    assert parameters(material_number_length=0)["ORDER_ITEMS_IN"][0]["MATERIAL"] == "4711"


def test_texts_are_cut_at_132_characters_and_keep_their_lines() -> None:
    rows = list(text_rows(Text(text_id="0001", content="a" * 300 + "\n\nend", language="DE")))
    assert [(r["FORMAT_COL"], len(r["TEXT_LINE"])) for r in rows] == [
        ("*", 132),
        ("=", 132),
        ("=", 36),
        ("/", 0),
        ("/", 3),
    ]
    assert all(r["LANGU_ISO"] == "DE" and r["ITM_NUMBER"] == "000000" for r in rows)


def test_every_check_structure_has_the_fields_that_are_marked() -> None:
    structures = {
        "ORDER_HEADER_INX": "BAPISDHD1X",
        "ORDER_ITEMS_INX": "BAPISDITMX",
        "ORDER_SCHEDULES_INX": "BAPISCHDLX",
        "ORDER_CONDITIONS_INX": "BAPICONDX",
    }
    made = parameters()
    for parameter, name in structures.items():
        structure: Structure = DICTIONARY.structure(name)
        rows = made[parameter] if isinstance(made[parameter], list) else [made[parameter]]
        for row in rows:
            assert set(row) <= set(structure.fields)


def with_conditions(*conditions: Condition) -> SalesDocument:
    item = FULL.items[0].model_copy(update={"conditions": conditions})
    return FULL.model_copy(update={"items": (item,)})


def test_a_simulated_quantity_is_digits_with_three_implied_decimals() -> None:
    (first, _) = simulation_parameters.parameters(FULL, RfcOptions())["ORDER_ITEMS_IN"]
    assert first["REQ_QTY"] == "3500"


def test_amounts_of_one_type_are_added_up_where_only_four_conditions_fit() -> None:
    discounts = [
        Condition(condition_type="ZD02", rate=Decimal(-n), currency="EUR") for n in (1, 2, 3, 4, 5)
    ]
    made = simulation_parameters.parameters(with_conditions(*discounts), RfcOptions())
    (item,) = made["ORDER_ITEMS_IN"]
    assert (item["COND_TYPE"], item["COND_VAL1"]) == ("ZD02", Decimal(-15))
    assert "CD_TYPE2" not in item


def test_percentages_are_not_added_up() -> None:
    percents = [Condition(condition_type="ZD01", rate=Decimal(-10)) for _ in range(2)]
    (item,) = simulation_parameters.parameters(with_conditions(*percents), RfcOptions())[
        "ORDER_ITEMS_IN"
    ]
    assert (item["COND_VAL1"], item["CD_VALUE2"]) == (Decimal(-10), Decimal(-10))


def test_more_than_four_kinds_of_conditions_are_refused_with_a_remedy() -> None:
    five = [Condition(condition_type=f"ZD0{n}", rate=Decimal(1)) for n in range(5)]
    with pytest.raises(RejectedError, match="item 10 has 5 manual conditions") as caught:
        simulation_parameters.parameters(with_conditions(*five), RfcOptions())
    assert caught.value.code == "TOO_MANY_CONDITIONS"


def test_a_shipping_point_that_is_given_is_handed_over() -> None:
    created = create_parameters(sales_order.CREATE, FULL, RfcOptions())
    row = created[f"{sales_order.CREATE.prefix}_ITEMS_IN"][0]
    mark = created[f"{sales_order.CREATE.prefix}_ITEMS_INX"][0]

    assert (row["SHIP_POINT"], mark["SHIP_POINT"]) == ("1001", "X")
    assert "SHIP_POINT" not in created[f"{sales_order.CREATE.prefix}_ITEMS_IN"][1]
