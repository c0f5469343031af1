"""Sales documents: created, found, read; refused ones leave nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connector.errors import RejectedError
from connector.sd_documents.conditions import Condition
from connector.sd_documents.partners import Address, Partner, PartnerFunction
from connector.sd_documents.schedule_lines import ScheduleLine
from connector.sd_documents.status import Status
from connector.sd_documents.values import DocumentCategory as C
from connector.sd_documents.values import ItemReference, Money
from tests.contract.capable import NOT_OFFERED, CapableErp
from tests.contract.differences import Difference, differs
from tests.contract.documents import KINDS, LATER, eur, item, pieces, sales_document
from tests.contract.observing import Observer
from tests.contract.walking import Walk
from tests.contract.ways import Way


@pytest.mark.parametrize("category", KINDS)
def test_each_document_is_created_and_read_back_with_its_amounts(
    erp: CapableErp, observer: Observer, category: C
) -> None:
    number = erp.sales_documents.create(
        sales_document("REF-1", item(10, "M-01", "3"), item(20, "M-02", "2"), category=category),
        observer,
    )
    (found,) = erp.sales_documents.read([number])
    assert (found.number, found.category) == (number, category)
    assert found.sales_order_type == KINDS[category][0]
    assert found.purchase_order_by_customer == "REF-1"
    assert found.sold_to_party == "C-100"
    assert found.net_amount == eur("350.00")
    assert found.tax_amount == eur("66.50")
    assert [(i.item_number, i.net_amount, i.tax_amount) for i in found.items] == [
        (10, eur("300.00"), eur("57.00")),
        (20, eur("50.00"), eur("9.50")),
    ]
    assert [i.requested_quantity for i in found.items] == [pieces("3"), pieces("2")]
    assert found.overall_status is Status.NOT_YET
    assert observer.numbers == (number,)


def test_documents_are_found_by_reference_and_category_oldest_first(erp: CapableErp) -> None:
    def create(reference: str, category: C) -> str:
        return erp.sales_documents.create(sales_document(reference, category=category), Observer())

    first, second = create("WEB/2026/é 'quoted' #1", C.SALES_ORDER), create("B", C.SALES_ORDER)
    again = create("WEB/2026/é 'quoted' #1", C.SALES_ORDER)
    quotation = create("WEB/2026/é 'quoted' #1", C.QUOTATION)
    find = erp.sales_documents.find
    assert find("WEB/2026/é 'quoted' #1", C.SALES_ORDER) == (first, again)
    assert find("WEB/2026/é 'quoted' #1", C.QUOTATION) == (quotation,)
    assert find("B", C.SALES_ORDER) == (second,)
    assert find("web/2026/é 'quoted' #1", C.SALES_ORDER) == ()


def test_a_reference_of_35_characters_is_kept_whole(erp: CapableErp) -> None:
    reference = "REF-" + "0123456789" * 3 + "A"
    number = erp.sales_documents.create(sales_document(reference), Observer())
    assert erp.sales_documents.find(reference, C.SALES_ORDER) == (number,)
    (found,) = erp.sales_documents.read([number])
    assert found.purchase_order_by_customer == reference


def test_reading_leaves_out_what_does_not_exist(walk: Walk) -> None:
    order = walk.create("REF-1")
    found = walk.erp.sales_documents.read([order.number.lstrip("0"), "0000099999", order.number])
    assert [each.number for each in found] == [order.number]
    assert walk.erp.sales_documents.read([]) == ()


def test_manual_conditions_of_header_and_items_arrive(walk: Walk) -> None:
    order = walk.create(
        "REF-1",
        item(
            10,
            quantity="10",
            conditions=[
                Condition(condition_type="PMP0", rate=Decimal("9.99"), currency="EUR", unit="ST"),
                Condition(condition_type="RA00", rate=Decimal(-10)),
            ],
        ),
        conditions=(
            Condition(condition_type="HB00", rate=Decimal("-4.91"), currency="EUR"),
            Condition(condition_type="HD00", rate=Decimal("4.90"), currency="EUR"),
        ),
    )
    values = {value.condition_type: value.value for value in order.condition_values}
    assert values["PMP0"] == eur("99.90")
    assert values["RA00"] == eur("-9.99")
    assert values["HB00"] == eur("-4.91")
    assert values["HD00"] == eur("4.90")
    assert values["MWST"] == order.tax_amount == eur("17.08")
    assert order.net_amount == eur("89.90")
    (priced,) = order.items
    assert priced.cost_amount == eur("550.00")


@pytest.mark.parametrize(
    ("organization", "customer", "material", "currency", "rate", "net"),
    [
        ("2000", "JP-400", "JPY-01", "JPY", "333", "999"),
        ("3000", "KW-400", "KWD-01", "KWD", "1.234", "3.702"),
    ],
)
def test_amounts_have_their_currencys_own_decimals(
    walk: Walk,
    organization: str,
    customer: str,
    material: str,
    currency: str,
    rate: str,
    net: str,
) -> None:
    price = Condition(condition_type="PMP0", rate=Decimal(rate), currency=currency, unit="ST")
    order = walk.create(
        "REF-1",
        item(10, material, "3", conditions=[price]),
        organization=organization,
        customer=customer,
        currency=currency,
    )
    assert order.net_amount == Money(amount=Decimal(net), currency=currency)


def test_schedule_lines_and_confirmations_are_read(way: Way, walk: Walk) -> None:
    lines = tuple(
        ScheduleLine(requested_delivery_date=day, requested_quantity=pieces("2"))
        for day in (LATER, LATER.replace(day=20))
    )
    wanted = item(quantity="4").model_copy(update={"schedule_lines": lines})
    if differs(way, Difference.NO_SCHEDULE_LINES):
        with pytest.raises(RejectedError) as refused:
            walk.create("REF-1", wanted)
        assert refused.value.code == NOT_OFFERED
        return
    (found,) = walk.create("REF-1", wanted).items
    assert [line.requested_delivery_date for line in found.schedule_lines] == [
        line.requested_delivery_date for line in lines
    ]
    assert found.confirmed_quantity == pieces("4")
    hidden = differs(way, Difference.INNER_DATES)
    assert all((line.goods_issue_date is None) is hidden for line in found.schedule_lines)


def test_more_than_there_is_in_stock_is_confirmed_in_part(walk: Walk) -> None:
    (found,) = walk.create("REF-1", item(quantity="600")).items
    assert found.requested_quantity == pieces("600")
    assert Decimal(0) < found.confirmed_quantity.value < Decimal(600)


def test_an_order_from_a_quotation_names_it_item_by_item(walk: Walk) -> None:
    quotation = walk.create("REF-1", item(quantity="5"), category=C.QUOTATION)
    reference = ItemReference(category=C.QUOTATION, document=quotation.number, item_number=10)
    order = walk.create(
        "REF-1",
        item(quantity="5", reference=reference),
        reference_document=quotation.number,
        reference_category=C.QUOTATION,
    )
    assert order.items[0].reference == reference
    (quotation,) = walk.erp.sales_documents.read([quotation.number])
    assert quotation.reference_status is Status.COMPLETELY
    assert order.net_amount == quotation.net_amount == eur("500.00")


def test_a_one_time_customers_address_and_other_partners_arrive(way: Way, erp: CapableErp) -> None:
    address = Address(
        name="Erika Beispiel", street="Weg 1", postal_code="20095", city="Hamburg", country="DE"
    )
    document = sales_document("REF-1").model_copy(
        update={
            "partners": (
                Partner(function=PartnerFunction.SOLD_TO_PARTY, customer="C-100", address=address),
                Partner(function=PartnerFunction.PAYER, customer="P-701"),
            )
        }
    )
    if differs(way, Difference.NO_ADDRESSES):
        with pytest.raises(RejectedError) as refused:
            erp.sales_documents.create(document, Observer())
        assert refused.value.code == NOT_OFFERED
        return
    number = erp.sales_documents.create(document, Observer())
    posted = way.engine.sales_document(number)
    assert posted is not None
    assert posted.partner_number("RG") == "P-701"
    sold_to = posted.partner("AG")
    assert sold_to is not None and sold_to.address is not None
    assert (sold_to.address.name, sold_to.address.city) == ("Erika Beispiel", "Hamburg")


def test_a_refused_document_leaves_nothing(way: Way, erp: CapableErp, observer: Observer) -> None:
    with pytest.raises(RejectedError) as caught:
        erp.sales_documents.create(sales_document("REF-1", customer="1001999"), observer)
    assert caught.value.code == "CUSTOMER_NOT_IN_SALES_AREA"
    assert observer.was_refused
    assert erp.sales_documents.find("REF-1", C.SALES_ORDER) == ()
    assert way.engine.document_counts()["sales"] == 0


def test_a_refused_item_is_named(way: Way, erp: CapableErp, observer: Observer) -> None:
    with pytest.raises(RejectedError) as caught:
        erp.sales_documents.create(
            sales_document("REF-1", item(10), item(20, "NO-SUCH-1")), observer
        )
    assert caught.value.code == "MATERIAL_NOT_SOLD"
    assert [m.item_number for m in caught.value.messages if m.number == "382"] == [
        None if differs(way, Difference.UNNAMED_ITEM) else 20
    ]


def test_a_list_of_a_time_names_the_orders_created_in_it_with_their_references(
    walk: Walk,
) -> None:
    number = walk.create("REF-LIST", item(10, quantity="1")).number

    found = walk.erp.sales_documents.orders_created(date(2026, 1, 5), date(2026, 1, 5))

    assert [(each.number, each.purchase_order_by_customer) for each in found] == [
        (number, "REF-LIST")
    ]
    assert walk.erp.sales_documents.orders_created(date(2026, 1, 6), date(2026, 1, 9)) == ()


def test_the_payer_of_an_order_is_its_customers_own(walk: Walk) -> None:
    number = walk.create("REF-PAYER", item(10, quantity="1")).number
    (document,) = walk.erp.sales_documents.read([number])

    found = walk.erp.sales_documents.payers([number])

    assert [(each.sales_order, each.item_number, each.payer) for each in found] == [
        (number, 0, document.sold_to_party)
    ]
