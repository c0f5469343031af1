"""What is sent and read exists in the published interfaces, under the same name and with leave."""

from __future__ import annotations

import pytest

from connector.erp.odata import (
    billing_document,
    credit_memo_request,
    customer_items,
    delivery_reading,
    inquiry,
    quotation,
    returns_order,
    sales_order,
    simulation,
)
from connector.erp.odata.names import Names
from connector.erp.odata.options import ODataOptions
from connector.erp.odata.sales_document import Writer, address_body
from connector.erp.odata.sales_document_reading import read_options
from connector.erp.odata.shape import Shape
from connector.sd_documents.conditions import Condition
from connector.sd_documents.partners import Address, Partner, PartnerFunction
from connector.sd_documents.sales_document import SalesDocument, Text
from connector.sd_documents.schedule_lines import ScheduleLine
from connector.sd_documents.values import ItemReference
from connector.simulator.odata.schema import Service, StructuredType, load_services
from tests.contract.documents import LATER, TODAY, item, pieces, sales_document

SHAPES = {
    "2020": sales_order.SHAPE_2020,
    "2026": sales_order.SHAPE_2026,
    "quotation": quotation.SHAPE,
    "return": returns_order.SHAPE,
    "credit memo request": credit_memo_request.SHAPE,
    "inquiry": inquiry.SHAPE,
}
ADDRESS = Address(
    name="Erika Muster",
    name_2="Werkstatt",
    street="Musterweg 1",
    postal_code="50667",
    city="Köln",
    region="NW",
    country="DE",
    telephone="1",
    email="e@example.org",
)


def service_of(shape: Shape, name: str) -> Service:
    release = name if name in ("2020", "2026") else "2026"
    return load_services({"API_SALES_ORDER_SRV": release})[shape.service]


def type_at(service: Service, start: StructuredType, path: str) -> StructuredType:
    for step in path.split("/") if path else ():
        start = service.target(start.navigations[step]).type
    return start


def require_known(service: Service, entity_set: str, fields: list[str]) -> None:
    for field in fields:
        path, _, name = field.rpartition("/")
        kind = type_at(service, service.sets[entity_set].type, path)
        assert name in kind.properties or name in kind.navigations, f"{kind.name}.{name}"


def full_document(shape: Shape) -> SalesDocument:
    """Return a document with everything that the service of *shape* takes."""
    reference = ItemReference(category=shape.category, document="1", item_number=10)
    line = ScheduleLine(requested_delivery_date=TODAY, requested_quantity=pieces("1"))
    position = item(
        10,
        conditions=[
            Condition(condition_type="PMP0", rate="1.5", currency="EUR", unit="ST", per=100),
        ],
        quantity="1",
    ).model_copy(
        update={
            "customer_material": "X",
            "item_text": "X",
            "item_category": "TAN",
            "plant": "1000" if shape.plant else "",
            "reference": reference,
            "schedule_lines": (line,) if shape.takes_schedule else (),
        }
    )
    partner = Partner(
        function=PartnerFunction.SHIP_TO_PARTY,
        customer="1",
        address=ADDRESS if shape.address else None,
    )
    of_item = Partner(function=PartnerFunction.SHIP_TO_PARTY, customer="2", item_number=10)
    sold_to = Partner(function=PartnerFunction.SOLD_TO_PARTY, customer="1")
    return sales_document(
        "REF-1",
        position,
        category=shape.category,
        conditions=(Condition(condition_type="HD00", rate="1", currency="EUR"),),
        texts=(Text(text_id="0001", content="a"), Text(text_id="1", content="b", item_number=10)),
        delivery_block_reason="01" if "DeliveryBlockReason" in shape.sent else "",
        billing_block_reason="01",
        order_reason="101",
        payment_terms="0001",
        incoterms="DAP",
        incoterms_location="Köln",
        pricing_date=TODAY,
        document_date=TODAY,
        purchase_order_date=TODAY,
        reference_document="1",
        reference_category=shape.category,
    ).model_copy(update={"partners": (sold_to, partner, of_item)})


def require_creatable(service: Service, kind: StructuredType, body: dict[str, object]) -> None:
    for name, value in body.items():
        if name in kind.navigations:
            target = service.target(kind.navigations[name]).type
            for each in value if isinstance(value, list) else [value]:
                assert isinstance(each, dict)
                require_creatable(service, target, each)
        else:
            assert name in kind.properties, f"{kind.name}.{name} is unknown"
            assert kind.properties[name].creatable, f"{kind.name}.{name} may not be set"


@pytest.mark.parametrize("name", SHAPES)
def test_every_field_that_is_read_of_a_sales_document_exists(name: str) -> None:
    shape = SHAPES[name]
    service = service_of(shape, name)
    options = read_options(shape, flow=True, partners=True)
    require_known(service, shape.header_set, options["$select"].split(","))
    require_known(service, shape.header_set, options["$expand"].split(","))
    for entity_set in (shape.item_set, shape.partner_set, shape.item_partner_set):
        assert entity_set in service.sets


@pytest.mark.parametrize("name", [each for each in SHAPES if each != "inquiry"])
def test_every_field_that_is_sent_of_a_sales_document_may_be_set(name: str) -> None:
    shape = SHAPES[name]
    service = service_of(shape, name)
    body = Writer(shape, Names(ODataOptions())).document(full_document(shape))
    require_creatable(service, service.sets[shape.header_set].type, body)
    assert (
        set(shape.sent) - set(body)
        <= {
            "BindingPeriodValidityStartDate",
            "BindingPeriodValidityEndDate",
        }
        or name == "quotation"
    )


def test_a_simulation_sends_what_its_service_knows() -> None:
    service = load_services({})[simulation.SERVICE]
    document = full_document(sales_order.SHAPE_2026)
    body = simulation.body(document, Names(ODataOptions()), {})
    require_creatable(service, service.sets[simulation.ENTITY_SET].type, body)


def test_every_field_that_is_read_of_other_documents_exists() -> None:
    services = load_services({})
    deliveries = services[delivery_reading.SERVICE]
    items, flow = delivery_reading.ITEMS, f"{delivery_reading.ITEMS}/{delivery_reading.FLOW}"
    require_known(
        deliveries,
        delivery_reading.HEADER_SET,
        [
            *delivery_reading.HEADER,
            *(f"{items}/{each}" for each in delivery_reading.ITEM),
            *(f"{flow}/{each}" for each in delivery_reading.FLOW_FIELDS),
        ],
    )
    billing = services[billing_document.SERVICE]
    require_known(
        billing,
        billing_document.HEADER_SET,
        [*billing_document.HEADER, *(f"to_Item/{each}" for each in billing_document.ITEM)],
    )
    cube = services[customer_items.SERVICE]
    require_known(cube, customer_items.ENTITY_SET, list(customer_items.FIELDS))


def test_an_address_may_be_changed_field_by_field() -> None:
    service = load_services({"API_SALES_ORDER_SRV": "2026"})[sales_order.SERVICE]
    kind = service.sets[sales_order.SHAPE_2026.partner_address_set].type
    for name in address_body(ADDRESS):
        assert kind.properties[name].updatable


def test_numbers_keys_and_units_are_written_as_the_services_show_them() -> None:
    shape = sales_order.SHAPE_2020
    document = full_document(shape).model_copy(
        update={"reference_document": "0020000001", "requested_delivery_date": LATER}
    )
    body = Writer(shape, Names(ODataOptions())).document(document)
    assert body["SalesOrderType"] == "OR"
    assert body["ReferenceSDDocument"] == "20000001"
    assert body["RequestedDeliveryDate"] == "/Date(1768176000000)/"
    assert [each["PartnerFunction"] for each in body["to_Partner"]] == ["SP", "SH"]
    (position,) = body["to_Item"]
    assert (position["SalesOrderItem"], position["RequestedQuantity"]) == ("10", "1")
    assert position["RequestedQuantityUnit"] == "PC"
    (price,) = position["to_PricingElement"]
    assert price == {
        "ConditionType": "PMP0",
        "ConditionRateValue": "1.5",
        "ConditionCurrency": "EUR",
        "ConditionQuantity": "100",
        "ConditionQuantityUnit": "PC",
    }


def test_a_german_logon_needs_no_translation() -> None:
    options = ODataOptions(document_types={}, partner_functions={}, units={})
    body = Writer(sales_order.SHAPE_2020, Names(options)).document(
        full_document(sales_order.SHAPE_2020)
    )
    assert body["SalesOrderType"] == "TA"
    assert body["to_Item"][0]["RequestedQuantityUnit"] == "ST"
    assert body["to_Partner"][0]["PartnerFunction"] == "AG"
