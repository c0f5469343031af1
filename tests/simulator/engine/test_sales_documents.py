"""Creating and changing sales documents: checks, defaults, availability, credit, sets."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.sales_records import SalesDocument
from connector.simulator.engine.specs import (
    Address,
    BillingRef,
    DeliveryRef,
    ManualCondition,
    OpenItemRef,
    Partner,
    PaymentSpec,
    SalesDocumentChange,
    SalesDocumentSpec,
    SalesItemChange,
    SalesItemSpec,
    ScheduleLineSpec,
    Text,
)
from tests.simulator.engine.support import (
    delivered,
    done,
    invoiced,
    issued,
    item,
    new_erp,
    on,
    order,
    refused,
    sold,
)


def read(erp: SimulatedErp, number: str) -> SalesDocument:
    """Return a committed sales document."""
    document = erp.sales_document(number)
    assert document is not None
    return document


def rows_of(erp: SimulatedErp, spec: SalesDocumentSpec) -> list[str]:
    """Return type, class and number of every row of creating *spec*."""
    outcome = erp.session("TESTER").create_sales_document(spec)
    return [f"{row.type} {row.id} {row.number}" for row in outcome.messages]


# -- creating ------------------------------------------------------------------------------------


def test_success_is_told_per_segment_and_ends_with_the_number(erp: SimulatedErp) -> None:
    outcome = done(erp, "create_sales_document", order(item(10, "M-01", 1), item(20, "M-02", 1)))
    rows = [f"{row.type} {row.id} {row.number} {row.v1}" for row in outcome.messages]
    assert rows == [
        "S V4 233 VBAKKOM",
        "S V4 233 VBAPKOM",
        "S V4 233 VBAPKOM",
        "S V1 311 Standard Order",
    ]
    assert outcome.messages[0].text == "SALES_HEADER_IN has been processed successfully"
    assert outcome.messages[2].v2 == "000020"
    assert outcome.messages[3].text == "Standard Order 1 has been saved"


@pytest.mark.parametrize("document_type", ["OR", "TA", "ta"])
def test_the_order_type_may_be_given_internally_or_in_english(
    erp: SimulatedErp, document_type: str
) -> None:
    number = sold(erp, order(item(10, "M-01", 1), document_type=document_type))
    assert read(erp, number).document_type == "TA"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"sales_organization": "9999"}, "E CZ 115"),
        ({"customer": "NOBODY"}, "E VP 199"),
        ({"partners": [Partner("AG", "1001"), Partner("WE", "NOBODY")]}, "E 00 398"),
        ({"document_type": "XX"}, "E 00 398"),
        ({"items": [item(10, "NO-SUCH", 1)]}, "E V1 382"),
        ({"items": [item(10, "BI-1000", 1, sales_unit="XYZ")]}, "E V1 384"),
        ({"items": [item(10, "BI-1000", 1, sales_unit="KG")]}, "E V1 384"),
        ({"items": [item(10, "BI-1000", 0)]}, "E 00 398"),
        ({"items": [item(10, "BI-1000", -1)]}, "E 00 398"),
        ({"items": [item(10, "BI-1000", 1), item(10, "BI-1100", 1)]}, "E 00 398"),
        ({"items": [item(10, "BI-1000", 1, item_category="REN")]}, "E 00 398"),
        ({"items": [item(10, "BI-1000", 1, plant="3000")]}, "E 00 398"),
        ({"items": []}, "E 00 398"),
        ({"terms_of_payment": "ZZZZ"}, "E 00 398"),
        ({"incoterms": "XXX"}, "E 00 398"),
        ({"currency": "XXX"}, "E 00 398"),
    ],
)
def test_faulty_data_is_refused_and_the_trailer_follows(
    erp: SimulatedErp, change: dict[str, Any], expected: str
) -> None:
    items = change.pop("items", [item(10, "BI-1000", 1)])
    spec = order(*items, **{"customer": "1001", **change})

    rows = rows_of(erp, spec)

    assert rows[0] == expected
    assert rows[-1] == "E V4 219"


def test_every_faulty_item_is_named_with_its_row(erp: SimulatedErp) -> None:
    spec = order(item(10, "NO-1", 1), item(20, "M-01", 1), item(30, "NO-2", 1))
    outcome = erp.session("T").create_sales_document(spec)
    assert [(row.v1, row.row) for row in outcome.messages[:-1]] == [("NO-1", 1), ("NO-2", 3)]
    assert {row.parameter for row in outcome.messages[:-1]} == {"SALES_ITEM_IN"}


@pytest.mark.parametrize(("behaviour", "items"), [("P", [20]), ("R", None), ("", None)])
def test_behave_when_error_decides_about_the_good_items(
    erp: SimulatedErp, behaviour: str, items: list[int] | None
) -> None:
    spec = order(item(10, "NO-1", 1), item(20, "M-01", 1), behave_when_error=behaviour)
    with erp.session("T") as session:
        outcome = session.create_sales_document(spec)
        session.commit(wait=True)
    if items is None:
        assert outcome.number == ""
    else:
        assert [each.item_number for each in read(erp, outcome.number).items] == items
        assert outcome.messages[0].id + outcome.messages[0].number == "V1382"


def test_partners_are_completed_from_the_customer(erp: SimulatedErp) -> None:
    document = read(erp, sold(erp, order(item(10, "CO-1000", 1), customer="1007")))
    found = {each.function: each.customer.lstrip("0") for each in document.partners}
    assert found == {"AG": "1007", "WE": "1007", "RE": "1008", "RG": "1008"}


def test_a_one_time_customer_brings_its_address_along(erp: SimulatedErp) -> None:
    address = Address("Kim Beispiel", street="Weg 1", city="Ort", country="AT")
    spec = order(
        item(10, "AC-1000", 1),
        distribution_channel="10",
        partners=[Partner("SP", "90020", address=address)],
    )
    document = read(erp, sold(erp, spec))
    ship_to = document.partner("WE")
    assert ship_to is not None and ship_to.address == address


def test_a_one_time_customer_without_address_makes_the_order_incomplete(
    erp: SimulatedErp,
) -> None:
    spec = order(
        item(10, "AC-1000", 1), distribution_channel="10", partners=[Partner("AG", "90020")]
    )
    assert "W V1 555" in rows_of(erp, spec)
    number = sold(erp, spec)
    assert erp.sales_status(number).incompletion == "A"
    assert refused(erp, "create_deliveries", [DeliveryRef(number)]) == ["V1 555"]


def test_the_customers_own_material_number_is_understood(erp: SimulatedErp) -> None:
    spec = order(
        SalesItemSpec(10, customer_material="RH-TOUR28", quantity=Decimal(1)), customer="1001"
    )
    document = read(erp, sold(erp, spec))
    assert document.items[0].material == "BI-1000"
    assert document.items[0].customer_material == "RH-TOUR28"


def test_prices_follow_customer_then_material(erp: SimulatedErp) -> None:
    prices = {}
    for customer in ("1001", "1002"):
        spec = order(item(10, "BI-1000", 1), customer=customer)
        prices[customer] = str(read(erp, sold(erp, spec)).net_value)
    assert prices == {"1001": "849.00", "1002": "899.00"}


def test_a_customer_discount_from_records_counts_for_the_whole_order(erp: SimulatedErp) -> None:
    document = read(erp, sold(erp, order(item(10, "AC-1000", 1), customer="1009")))
    assert document.net_value == Decimal("48.40")  # 49.90 less 3 %


def test_units_convert_price_stock_and_weight(erp: SimulatedErp) -> None:
    before = erp.available_quantity("1100", "CO-1000")
    document = read(
        erp, sold(erp, order(item(10, "CO-1000", 2, sales_unit="CAR"), customer="1001"))
    )
    (sales_item,) = document.items
    assert (sales_item.sales_unit, sales_item.base_unit) == ("KAR", "ST")
    assert document.net_value == Decimal("297.60")  # 16 pieces at 18.60
    assert before - erp.available_quantity("1100", "CO-1000") == 16


def test_a_free_item_is_delivered_and_never_billed(erp: SimulatedErp) -> None:
    spec = order(
        item(10, "AC-1000", 1), item(20, "GI-1000", 1, item_category="TANN"), customer="1001"
    )
    number, delivery, invoice = invoiced(erp, spec)
    document = read(erp, number)
    assert document.items[1].net_value == 0
    assert [each.item_number for each in erp.delivery_status(delivery).items.values()] == [10, 20]
    billing = erp.billing_document(invoice)
    assert billing is not None
    assert [each.sales_item for each in billing.items] == [10]
    assert erp.delivery_status(delivery).billing == "C"


def test_a_set_with_its_own_price_lists_its_parts(erp: SimulatedErp) -> None:
    document = read(erp, sold(erp, order(item(10, "SE-1000", 2), customer="1001")))
    found = [
        (each.item_number, each.material, each.item_category, str(each.net_value))
        for each in document.items
    ]
    assert found == [
        (10, "SE-1000", "TAQ", "1958.00"),
        (11, "BI-1000", "TAE", "0"),
        (12, "AC-1000", "TAE", "0"),
        (13, "AC-1100", "TAE", "0"),
    ]


def test_a_set_priced_by_its_parts_delivers_the_parts(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "SE-1100", 3), customer="1001"))
    (delivery,) = done(erp, "create_deliveries", [DeliveryRef(number)]).documents
    assert [(each.material, int(each.quantity)) for each in delivery.items] == [
        ("CO-1000", 3),
        ("CO-1100", 3),
    ]
    assert read(erp, number).net_value == Decimal("79.50")


def test_a_quotation_prices_a_set_as_one_and_the_order_opens_it(erp: SimulatedErp) -> None:
    quotation = sold(erp, order(item(10, "SE-1000", 2), customer="1001", document_type="QT"))
    assert [each.material for each in read(erp, quotation).items] == ["SE-1000"]
    number = sold(erp, order(reference_document=quotation, customer="1001"))
    assert [each.item_number for each in read(erp, number).items] == [10, 11, 12, 13]
    assert read(erp, number).net_value == Decimal("1958.00")
    assert erp.sales_status(quotation).overall == "C"

    done(erp, "change_sales_document", number, SalesDocumentChange(order_reason="001"))

    assert [each.item_number for each in read(erp, number).items] == [10, 11, 12, 13]
    assert erp.stock("1000", "00SE-1000") is None


def test_documents_are_found_by_purchase_order_and_customer(erp: SimulatedErp) -> None:
    first = sold(erp, order(item(10, "M-01", 1), purchase_order_by_customer="PO-7"))
    second = sold(erp, order(item(10, "M-01", 1), purchase_order_by_customer="PO-7"))
    other = sold(
        erp, order(item(10, "BI-1000", 1), customer="1001", purchase_order_by_customer="PO-7")
    )
    found = erp.sales_documents_by_purchase_order("PO-7")
    assert [each.number for each in found] == [first, second, other]
    (only,) = erp.sales_documents_by_purchase_order("PO-7", "1001")
    assert only.number == other
    assert [each.number for each in erp.sales_documents_of_customer("1001")] == [other]
    assert erp.sales_documents_by_purchase_order("PO-8") == ()


def test_a_duplicate_purchase_order_is_noticed_only_when_asked(master: MasterData) -> None:
    spec = order(item(10, "M-01", 1), purchase_order_by_customer="PO-7")
    for wanted in (False, True):
        with new_erp(master, duplicate_purchase_order_check=wanted) as erp:
            sold(erp, spec)
            assert ("W V4 115" in rows_of(erp, spec)) is wanted


def test_a_simulation_prices_and_promises_and_writes_nothing(erp: SimulatedErp) -> None:
    before = erp.available_quantity("1000", "M-01")
    outcome = erp.session("T").simulate_sales_document(order(item(10, "M-01", 40)))
    (document,) = outcome.documents
    assert outcome.number == "" and document.number == ""
    assert document.net_value == Decimal("4000.00")
    assert document.items[0].confirmed_quantity == 40
    assert erp.available_quantity("1000", "M-01") == before
    assert sold(erp, order(item(10, "M-01", 1))) == "0000000001"


def test_an_expired_quotation_cannot_be_ordered(erp: SimulatedErp) -> None:
    quotation = sold(
        erp, order(item(10, "M-01", 5), document_type="QT", valid_to=date(2026, 1, 31))
    )
    on(erp, "2026-02-01")
    assert refused(erp, "create_sales_document", order(reference_document=quotation)) == [
        "00 398",
        "V4 219",
    ]


def test_prices_of_the_quotation_come_along(erp: SimulatedErp) -> None:
    quotation = sold(
        erp,
        order(
            item(10, "M-01", 10),
            item(20, "M-02", 10),
            document_type="QT",
            conditions=[
                ManualCondition("PR00", Decimal("90.00"), 10),
                ManualCondition("RA00", Decimal(10)),
            ],
        ),
    )
    document = read(erp, sold(erp, order(reference_document=quotation)))
    assert document.net_value == Decimal("1035.00")
    assert document.items[0].reference_document == quotation


def test_texts_and_names_are_kept(erp: SimulatedErp) -> None:
    text = Text("0001", ("Please ring twice",), item_number=10)
    document = read(erp, sold(erp, order(item(10, "M-01", 1), texts=[text], name="Kim")))
    assert (document.texts, document.name) == ((text,), "Kim")


# -- availability --------------------------------------------------------------------------------


def test_what_stock_cannot_cover_is_promised_for_the_day_of_replenishment(
    erp: SimulatedErp,
) -> None:
    document = read(erp, sold(erp, order(item(10, "BI-2000", 60), customer="1007")))
    lines = [
        (int(line.quantity), int(line.confirmed_quantity), line.goods_issue_date)
        for line in document.items[0].schedule_lines
    ]
    assert lines == [(60, 40, date(2026, 1, 2)), (0, 20, date(2026, 1, 16))]


def test_without_replenishment_the_rest_stays_unconfirmed(erp: SimulatedErp) -> None:
    document = read(erp, sold(erp, order(item(10, "OU-1000", 130), customer="1002")))
    assert document.items[0].confirmed_quantity == 120
    assert len(document.items[0].schedule_lines) == 1


def test_confirmed_stock_is_kept_from_the_next_order_even_before_the_commit(
    erp: SimulatedErp,
) -> None:
    first, second = erp.session("A"), erp.session("B")
    first.create_sales_document(order(item(10, "OU-1000", 100), customer="1002"))
    (document,) = second.create_sales_document(
        order(item(10, "OU-1000", 100), customer="1002")
    ).documents
    assert document.items[0].confirmed_quantity == 20

    first.rollback()
    assert erp.available_quantity("1000", "OU-1000") == 120


def test_two_items_of_one_order_share_the_stock(erp: SimulatedErp) -> None:
    spec = order(item(10, "OU-1000", 100), item(20, "OU-1000", 100), customer="1002")
    document = read(erp, sold(erp, spec))
    assert [int(each.confirmed_quantity) for each in document.items] == [100, 20]


def test_requested_dates_and_transit_decide_when_goods_leave(erp: SimulatedErp) -> None:
    spec = order(
        item(10, "BI-1000", 3),
        customer="1002",
        schedule_lines=[
            ScheduleLineSpec(10, Decimal(2), date(2026, 2, 10)),
            ScheduleLineSpec(10, Decimal(1), date(2026, 3, 10)),
        ],
    )
    number = sold(erp, spec)
    lines = read(erp, number).items[0].schedule_lines
    # Three days of transit to Austria.
    assert [line.goods_issue_date for line in lines] == [date(2026, 2, 7), date(2026, 3, 7)]
    refs = [DeliveryRef(number)]
    assert refused(erp, "create_deliveries", refs, due_date=date(2026, 2, 6)) == ["VL 248"]
    (delivery,) = done(erp, "create_deliveries", refs, due_date=date(2026, 2, 7)).documents
    assert delivery.items[0].quantity == 2


def test_stock_that_comes_in_is_promised_to_the_oldest_order(erp: SimulatedErp) -> None:
    first = sold(erp, order(item(10, "OU-1000", 130), customer="1002"))
    second = sold(erp, order(item(10, "OU-1000", 10), customer="1002"))
    done(erp, "post_goods_receipt", "1000", "OU-1000", Decimal(15))

    assert erp.run_job("reschedule").numbers == [first, second]

    assert [int(read(erp, each).items[0].confirmed_quantity) for each in (first, second)] == [
        130,
        5,
    ]
    assert erp.available_quantity("1000", "OU-1000") == 0


def test_promised_replenishment_arrives_and_is_delivered(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "BI-2000", 60), customer="1007"))
    erp.run_background_jobs()
    assert erp.sales_status(number).delivery == "B"
    erp.advance(timedelta(days=14))
    erp.run_background_jobs()
    assert erp.sales_status(number).delivery == "C"
    stock = erp.stock("1000", "BI-2000")
    assert stock is not None and stock.unrestricted == 0


def test_too_little_stock_at_delivery_reduces_it_with_a_warning(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "BI-2000", 60), customer="1007"))
    on(erp, "2026-01-20")
    outcome = done(erp, "create_deliveries", [DeliveryRef(number)])
    assert outcome.documents[0].items[0].quantity == 40
    warning = outcome.messages[0]
    assert f"{warning.type} {warning.id} {warning.number}" == "W VL 150"


def test_picking_less_reopens_the_order(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "M-03", 40)))
    delivery = delivered(erp, number)

    done(erp, "confirm_delivery", delivery, picked={10: Decimal(38)})

    assert erp.sales_status(number).items[10].open_delivery_quantity == 2
    assert erp.delivery_status(delivery).picking == "C"
    issued(erp, delivery)
    (rest,) = done(erp, "create_deliveries", [DeliveryRef(number)]).documents
    assert rest.items[0].quantity == 2


def test_goods_that_are_not_there_cannot_be_issued(master: MasterData) -> None:
    with new_erp(master, check_stock_at_delivery=False) as erp:
        number = sold(erp, order(item(10, "BI-2000", 60), customer="1007"))
        on(erp, "2026-01-20")
        delivery = delivered(erp, number)
        rows = erp.session("T").confirm_delivery(delivery, post_goods_issue=True).messages
    assert [f"{row.id} {row.number}" for row in rows] == ["M7 021"]
    assert rows[0].text == "Deficit of SL Unrestricted-use 20 ST : BI-2000 1000"


def test_complete_delivery_waits_for_all_items(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "OU-1000", 130), item(20, "AC-1000", 1), customer="1013"))
    assert refused(erp, "create_deliveries", [DeliveryRef(number)]) == ["00 398"]
    assert erp.deliveries_of(number) == ()


@pytest.mark.parametrize(
    ("prepare", "expected"),
    [
        ("block", "00 398"),
        ("reject", "VL 248"),
        ("deliver", "VL 455"),
        ("unknown", "VL 002"),
    ],
)
def test_orders_that_cannot_be_delivered_say_why(
    erp: SimulatedErp, prepare: str, expected: str
) -> None:
    number = sold(erp, order(item(10, "M-01", 1)))
    if prepare == "block":
        done(erp, "change_sales_document", number, SalesDocumentChange(delivery_block="01"))
    if prepare == "reject":
        change = SalesDocumentChange(items=[SalesItemChange(10, rejection_reason="01")])
        done(erp, "change_sales_document", number, change)
    if prepare == "deliver":
        delivered(erp, number)
    if prepare == "unknown":
        number = "4711"
    assert refused(erp, "create_deliveries", [DeliveryRef(number)]) == [expected]


def test_items_to_different_ship_tos_become_different_deliveries(erp: SimulatedErp) -> None:
    spec = order(
        item(10, "AC-1000", 1),
        item(20, "AC-1100", 1),
        partners=[Partner("AG", "1009"), Partner("WE", "1010", item_number=20)],
    )
    outcome = done(erp, "create_deliveries", [DeliveryRef(sold(erp, spec))])
    assert [each.ship_to.lstrip("0") for each in outcome.documents] == ["1009", "1010"]
    assert [f"{row.id} {row.number}" for row in outcome.messages] == ["VL 311", "VL 311"]


def test_orders_of_one_customer_may_share_a_delivery(erp: SimulatedErp) -> None:
    numbers = [sold(erp, order(item(10, "M-01", 1))) for _ in range(2)]
    (delivery,) = done(
        erp, "create_deliveries", [DeliveryRef(number) for number in numbers]
    ).documents
    assert [(each.item_number, each.reference_document) for each in delivery.items] == [
        (10, numbers[0]),
        (20, numbers[1]),
    ]


# -- credit --------------------------------------------------------------------------------------


def test_an_order_beyond_the_limit_is_saved_blocked_and_not_delivered(erp: SimulatedErp) -> None:
    outcome = done(erp, "create_sales_document", order(item(10, "OU-1000", 10), customer="1012"))
    assert any(row.type == "W" and "Credit check" in row.text for row in outcome.messages)
    assert erp.sales_status(outcome.number).credit == "B"
    refs = [DeliveryRef(outcome.number)]
    assert refused(erp, "create_deliveries", refs) == ["00 398"]

    done(erp, "release_credit", outcome.number)

    assert erp.sales_status(outcome.number).credit == "D"
    assert done(erp, "create_deliveries", refs).number


def test_open_orders_and_open_items_use_the_limit_of_the_payer(erp: SimulatedErp) -> None:
    number, _, invoice = invoiced(erp, order(item(10, "OU-1100", 5), customer="1012"))
    assert erp.sales_status(number).credit == "A"
    exposure = erp.credit_exposure("1012")
    assert (exposure.open_items, exposure.open_orders) == (Decimal("708.05"), Decimal(0))

    second = sold(erp, order(item(10, "OU-1100", 8), customer="1012"))
    assert erp.credit_exposure("1012").total == Decimal("1840.93")
    third = sold(erp, order(item(10, "OU-1100", 2), customer="1012"))
    assert [erp.sales_status(each).credit for each in (second, third)] == ["A", "B"]

    payment = PaymentSpec("1000", "1012", Decimal("708.05"), "EUR", items=[OpenItemRef(invoice)])
    done(erp, "post_incoming_payment_with_clearing", payment)
    assert erp.run_job("credit recheck").numbers == [third]
    assert erp.sales_status(third).credit == "A"


def test_customers_without_a_limit_are_not_checked(erp: SimulatedErp) -> None:
    assert erp.sales_status(sold(erp, order(item(10, "M-01", 400)))).credit == ""


# -- changing ------------------------------------------------------------------------------------


def test_a_changed_quantity_is_priced_and_scheduled_again(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "M-01", 10)))
    change = SalesDocumentChange(items=[SalesItemChange(10, quantity=Decimal(25))])
    done(erp, "change_sales_document", number, change)
    document = read(erp, number)
    assert (document.net_value, document.version) == (Decimal("2500.00"), 2)
    assert document.items[0].confirmed_quantity == 25
    assert erp.available_quantity("1000", "M-01") == 475


def test_a_quantity_below_what_is_delivered_is_refused(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "M-01", 10)))
    delivered(erp, number, "6")
    lower = SalesDocumentChange(items=[SalesItemChange(10, quantity=Decimal(5))])
    assert refused(erp, "change_sales_document", number, lower) == ["00 398", "V4 219"]
    same = SalesDocumentChange(items=[SalesItemChange(10, quantity=Decimal(6))])
    done(erp, "change_sales_document", number, same)
    assert erp.sales_status(number).delivery == "C"


def test_a_quantity_below_what_is_billed_is_refused(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "SV-1000", 4), customer="1001"))
    done(erp, "create_billing_documents", [BillingRef(number, 10, Decimal(3))])
    lower = SalesDocumentChange(items=[SalesItemChange(10, quantity=Decimal(2))])
    assert refused(erp, "change_sales_document", number, lower) == ["00 398", "V4 219"]


def test_a_rejected_rest_closes_the_order_and_frees_its_stock(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "M-01", 10)))
    issued(erp, delivered(erp, number, "4"))
    change = SalesDocumentChange(items=[SalesItemChange(10, rejection_reason="01")])
    done(erp, "change_sales_document", number, change)
    status = erp.sales_status(number)
    assert (status.rejection, status.overall) == ("C", "C")
    assert erp.available_quantity("1000", "M-01") == 496


def test_items_may_be_added_and_removed(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "M-01", 1), item(20, "M-02", 1)))
    change = SalesDocumentChange(
        items=[
            SalesItemChange(20, action="D"),
            SalesItemChange(30, action="I", new=item(30, "M-03", 2)),
        ]
    )
    done(erp, "change_sales_document", number, change)
    assert [each.item_number for each in read(erp, number).items] == [10, 30]
    assert erp.available_quantity("1000", "M-02") == 300


def test_services_and_sets_can_be_changed_like_goods(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "SV-1000", 2), item(20, "SE-1100", 1), customer="1001"))
    change = SalesDocumentChange(items=[SalesItemChange(10, quantity=Decimal(3))])
    done(erp, "change_sales_document", number, change)
    document = read(erp, number)
    assert document.net_value == Decimal("230.50")
    assert [each.item_number for each in document.items] == [10, 20, 21, 22]


def test_an_item_that_is_delivered_cannot_be_removed(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "M-01", 1), item(20, "M-02", 1)))
    delivered(erp, number, "1", 20)
    change = SalesDocumentChange(items=[SalesItemChange(20, action="D")])
    assert refused(erp, "change_sales_document", number, change) == ["00 398", "V4 219"]


def test_a_change_of_an_outdated_version_is_refused(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "M-01", 1)))
    done(erp, "change_sales_document", number, SalesDocumentChange(order_reason="001", version=1))
    late = SalesDocumentChange(order_reason="101", version=1)
    assert refused(erp, "change_sales_document", number, late) == ["00 398", "V4 219"]


def test_a_manual_condition_of_the_same_type_is_replaced(erp: SimulatedErp) -> None:
    conditions = [ManualCondition("RA00", Decimal(10))]
    number = sold(erp, order(item(10, "M-01", 1), conditions=conditions))
    done(
        erp,
        "change_sales_document",
        number,
        SalesDocumentChange(conditions=[ManualCondition("RA00", Decimal(20))]),
    )
    assert read(erp, number).net_value == Decimal("80.00")


def test_changing_an_ordered_quantity_moves_the_quotations_open_quantity(
    erp: SimulatedErp,
) -> None:
    quotation = sold(erp, order(item(10, "M-01", 10), document_type="QT"))
    number = sold(erp, order(reference_document=quotation))
    change = SalesDocumentChange(items=[SalesItemChange(10, quantity=Decimal(7))])
    done(erp, "change_sales_document", number, change)
    status = erp.sales_status(quotation)
    assert (status.reference, int(status.items[10].referenced_quantity)) == ("B", 7)
    assert read(erp, number).items[0].reference_document == quotation


def test_an_unknown_document_cannot_be_changed(erp: SimulatedErp) -> None:
    assert refused(erp, "change_sales_document", "4711", SalesDocumentChange()) == ["00 398"]


def test_credit_and_debit_memo_requests_bill_from_the_request(erp: SimulatedErp) -> None:
    _, _, invoice = invoiced(erp, order(item(10, "M-01", 2)))
    found = {}
    for document_type in ("CR", "DR"):
        request = sold(
            erp,
            order(
                item(10, "", 1, reference_document=invoice, reference_item=10),
                document_type=document_type,
            ),
        )
        done(erp, "change_sales_document", request, SalesDocumentChange(billing_block=""))
        number = done(erp, "create_billing_documents", [BillingRef(request)]).number
        memo = erp.billing_document(number)
        assert memo is not None
        found[document_type] = (request, memo.billing_type, memo.category)
    assert found == {"CR": ("0060000001", "G2", "O"), "DR": ("0070000001", "L2", "P")}
    balance = erp.ledger_balance("1000", "140000")
    assert balance == Decimal("238.00")
