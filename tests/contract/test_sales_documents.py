"""Sales documents: created, found, read; refused ones leave nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connector.erp.rfc.erp import RfcErp
from connector.errors import RejectedError
from connector.ports.erp import Point
from connector.sd_documents.conditions import Condition
from connector.sd_documents.partners import Address, Partner, PartnerFunction
from connector.sd_documents.schedule_lines import ScheduleLine
from connector.sd_documents.status import Status
from connector.sd_documents.values import DocumentCategory as C
from connector.sd_documents.values import ItemReference, Money
from tests.contract.conftest import System
from tests.contract.documents import KINDS, LATER, eur, item, pieces, sales_document
from tests.contract.observing import Observer, count_calls
from tests.contract.walking import Walk


@pytest.mark.parametrize("category", KINDS)
def test_each_document_is_created_and_read_back_with_its_amounts(
    erp: RfcErp, observer: Observer, category: C
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


def test_the_observer_sees_every_point_that_the_line_can_tell(
    system: System, erp: RfcErp, observer: Observer
) -> None:
    erp.sales_documents.create(sales_document("REF-1"), observer)
    sent = {Point.CREATE_SENT, Point.COMMIT_SENT}
    expected = [
        Point.CONNECTION_OPEN,
        Point.CREATE_SENT,
        Point.CREATE_ANSWERED,
        Point.AFTER_FENCE_CHECK,
        Point.COMMIT_SENT,
        Point.COMMIT_ANSWERED,
    ]
    if not system.tells_when_sent:
        expected = [point for point in expected if point not in sent]
    assert observer.points == expected


def test_a_create_takes_three_round_trips(system: System, erp: RfcErp) -> None:
    erp.ping()
    called = count_calls(system.face)
    erp.sales_documents.create(sales_document("REF-1"), Observer())
    assert called == [
        "BAPI_SALESORDER_CREATEFROMDAT2",
        "BAPI_TRANSACTION_COMMIT",
        "BAPISDORDER_GETDETAILEDLIST",
    ]


def test_nothing_is_visible_before_the_commit(
    system: System, erp: RfcErp, observer: Observer
) -> None:
    seen: list[tuple[str, ...]] = []
    observer.at[Point.CREATE_ANSWERED] = lambda: seen.append(
        erp.sales_documents.find("REF-1", C.SALES_ORDER)
    )
    number = erp.sales_documents.create(sales_document("REF-1"), observer)
    assert seen == [()]
    assert erp.sales_documents.find("REF-1", C.SALES_ORDER) == (number,)
    assert system.engine.document_counts()["sales"] == 1


def test_documents_are_found_by_reference_and_category_oldest_first(erp: RfcErp) -> None:
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


def test_a_reference_of_35_characters_is_kept_whole(erp: RfcErp) -> None:
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


def test_many_documents_are_read_in_few_calls(system: System, walk: Walk) -> None:
    numbers = [walk.create(f"REF-{n}").number for n in range(7)]
    with system.erp(documents_per_call=3) as erp:
        assert [each.number for each in erp.sales_documents.read(numbers)] == numbers


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


def test_schedule_lines_and_confirmations_are_read(walk: Walk) -> None:
    lines = tuple(
        ScheduleLine(requested_delivery_date=day, requested_quantity=pieces("2"))
        for day in (LATER, LATER.replace(day=20))
    )
    wanted = item(quantity="4").model_copy(update={"schedule_lines": lines})
    (found,) = walk.create("REF-1", wanted).items
    assert [line.requested_delivery_date for line in found.schedule_lines] == [
        line.requested_delivery_date for line in lines
    ]
    assert found.confirmed_quantity == pieces("4")
    assert all(line.goods_issue_date is not None for line in found.schedule_lines)


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


def test_a_one_time_customers_address_and_other_partners_arrive(
    system: System, erp: RfcErp
) -> None:
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
    number = erp.sales_documents.create(document, Observer())
    posted = system.engine.sales_document(number)
    assert posted is not None
    assert posted.partner_number("RG") == "P-701"
    sold_to = posted.partner("AG")
    assert sold_to is not None and sold_to.address is not None
    assert (sold_to.address.name, sold_to.address.city) == ("Erika Beispiel", "Hamburg")


def test_a_refused_document_leaves_nothing(system: System, erp: RfcErp, observer: Observer) -> None:
    with pytest.raises(RejectedError) as caught:
        erp.sales_documents.create(sales_document("REF-1", customer="1001999"), observer)
    assert caught.value.code == "CUSTOMER_NOT_IN_SALES_AREA"
    assert observer.points[-1] is Point.ROLLBACK_SENT
    assert erp.sales_documents.find("REF-1", C.SALES_ORDER) == ()
    assert system.engine.document_counts()["sales"] == 0


def test_a_refused_item_is_named(erp: RfcErp, observer: Observer) -> None:
    with pytest.raises(RejectedError) as caught:
        erp.sales_documents.create(
            sales_document("REF-1", item(10), item(20, "NO-SUCH-1")), observer
        )
    assert caught.value.code == "MATERIAL_NOT_SOLD"
    assert [m.item_number for m in caught.value.messages if m.number == "382"] == [20]
