"""Chains over OData: the same as over RFC, in few requests; and what changed in them."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from connector.erp.odata.erp import ODataErp
from connector.erp.rfc.erp import RfcErp
from connector.sd_documents.delivery import Delivery
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.sales_document_change import SalesDocumentChange
from connector.sd_documents.values import DocumentCategory as C
from connector.sd_documents.values import ItemReference
from connector.simulator.rfc.settings import CLEARING_FUNCTION
from tests.contract.documents import TODAY, item
from tests.contract.observing import Observer
from tests.contract.walking import Walk, payment
from tests.erp.odata.documents.comparing import require_same_chains
from tests.erp.odata.documents.conftest import System


@pytest.fixture
def walk(others: RfcErp) -> Walk:
    """Makes documents over RFC, as if others had."""
    return Walk(others)


def issued(walk: Walk, order: PostedSalesDocument) -> tuple[Delivery, ...]:
    return walk.issue(*walk.deliver(order), on=TODAY)


def credited_from(walk: Walk, of_invoice: ItemReference) -> PostedSalesDocument:
    """Ask for one piece of an invoice to be credited."""
    return walk.create(
        "REF-3",
        item(10, quantity="1", reference=of_invoice),
        category=C.CREDIT_MEMO_REQUEST,
        reference_document=of_invoice.document,
        reference_category=C.INVOICE,
    )


def test_a_chain_from_quotation_to_clearing_is_the_same_over_both(
    system: System, erp: ODataErp, walk: Walk
) -> None:
    offer = walk.create("REF-1", item(10, quantity="5"), category=C.QUOTATION)
    reference = ItemReference(category=C.QUOTATION, document=offer.number, item_number=10)
    order = walk.create(
        "REF-1",
        item(10, quantity="3", reference=reference),
        item(20, "M-02", "2"),
        reference_document=offer.number,
        reference_category=C.QUOTATION,
    )
    (invoice,) = walk.bill(*(each.number for each in issued(walk, order)), on=TODAY)
    with system.others(clearing_function=CLEARING_FUNCTION) as clearing:
        clearing.payments.post(payment("PAY-1", *walk.items_of(invoice)), Observer())
    for number in (offer.number, order.number):
        require_same_chains(erp.chains.read([number]), walk.erp.chains.read([number]))
    assert erp.chains.read([order.number]).items[0].clearing_document


def test_a_cancelled_invoice_and_its_successor_are_the_same_over_both(
    erp: ODataErp, walk: Walk
) -> None:
    order = walk.create("REF-1", item(10, quantity="3"))
    (delivery,) = issued(walk, order)
    (invoice,) = walk.bill(delivery.number, on=TODAY)
    walk.erp.billing_documents.cancel(invoice.number, TODAY, Observer())
    walk.bill(delivery.number, on=TODAY)
    require_same_chains(erp.chains.read([order.number]), walk.erp.chains.read([order.number]))


def test_what_was_credited_is_part_of_the_orders_chain(erp: ODataErp, walk: Walk) -> None:
    """Made from the order, and made from its invoice: both belong to it."""
    order = walk.create("REF-1", item(10, quantity="3"))
    (delivery,) = issued(walk, order)
    (invoice,) = walk.bill(delivery.number, on=TODAY)
    of_order = ItemReference(category=C.SALES_ORDER, document=order.number, item_number=10)
    of_invoice = ItemReference(category=C.INVOICE, document=invoice.number, item_number=10)
    returned = walk.create(
        "REF-2",
        item(10, quantity="1", reference=of_order),
        category=C.RETURNS_ORDER,
        reference_document=order.number,
        reference_category=C.SALES_ORDER,
    )
    credited = credited_from(walk, of_invoice)
    snapshot = erp.chains.read([order.number])
    assert {each.number for each in snapshot.sales_documents} == {
        order.number,
        returned.number,
        credited.number,
    }
    pairs = {(link.preceding, link.subsequent.document) for link in snapshot.links}
    assert {(of_order, returned.number), (of_invoice, credited.number)} <= pairs


def test_the_chain_is_found_from_any_of_its_sales_documents(erp: ODataErp, walk: Walk) -> None:
    order = walk.create("REF-1", item(10, quantity="3"))
    (delivery,) = issued(walk, order)
    (invoice,) = walk.bill(delivery.number, on=TODAY)
    of_invoice = ItemReference(category=C.INVOICE, document=invoice.number, item_number=10)
    credited = credited_from(walk, of_invoice)
    snapshot = erp.chains.read([credited.number])
    assert [each.number for each in snapshot.billing_documents] == [invoice.number]


def test_collective_invoices_come_whole(erp: ODataErp, walk: Walk) -> None:
    """One invoice over two orders: asked for one of them, all of its items are there."""
    orders = [walk.create(f"REF-{n}", item(10, quantity="1")) for n in (1, 2)]
    deliveries = [each.number for order in orders for each in issued(walk, order)]
    invoices = walk.bill(*deliveries, on=TODAY)
    snapshot = erp.chains.read([orders[0].number])
    assert snapshot.billing_documents == tuple(
        each
        for each in invoices
        if any(part.sales_document == orders[0].number for part in each.items)
    )


def test_many_chains_cost_as_many_requests_as_one(
    system: System, erp: ODataErp, walk: Walk
) -> None:
    numbers = []
    for n in range(6):
        order = walk.create(f"REF-{n}", item(10, quantity="1"))
        walk.bill(*(each.number for each in issued(walk, order)), on=TODAY)
        numbers.append(order.number)
    erp.chains.read(numbers[:1])
    system.requests.clear()
    erp.chains.read(numbers[:1])
    one = len(system.requests)
    system.requests.clear()
    erp.chains.read(numbers)
    assert len(system.requests) == one == {"2020": 9, "2026": 5}[system.release], system.requests


def test_a_third_partys_purchase_order_shows_where_the_release_shows_the_flow(
    system: System, erp: ODataErp, walk: Walk
) -> None:
    order = walk.create("REF-1", item(10, "TP-1000", "4"), customer="1001")
    posted = system.engine.sales_document(order.number)
    assert posted is not None
    requisition = posted.items[0].schedule_lines[0].requisition
    with system.engine.session("PURCHASING") as session:
        purchase = session.create_purchase_orders([requisition]).number
        session.commit()
    links = erp.chains.read([order.number]).links
    found = [(link.preceding.item_number, link.subsequent.document) for link in links]
    assert found == ([(10, purchase)] if system.release == "2026" else [])
    if links:
        assert links[0].subsequent.category is C.PURCHASE_ORDER
        assert links[0].sign == 0, "the flow has no quantity, so the link counts nothing"


def test_chains_that_do_not_exist_are_left_out(erp: ODataErp) -> None:
    snapshot = erp.chains.read(["4711"])
    assert (snapshot.sales_documents, snapshot.links) == ((), ())


# -- what changed --------------------------------------------------------------------------------


def news(erp: ODataErp, watermark: str) -> tuple[tuple[str, ...], str]:
    found = erp.chains.changed_since(watermark)
    return found.numbers, found.watermark


def test_since_ever_everything_has_changed(system: System, erp: ODataErp, walk: Walk) -> None:
    assert news(erp, "") == ((), "")
    numbers = [walk.create("REF-1").number, walk.create("REF-2", category=C.QUOTATION).number]
    found, watermark = news(erp, "")
    assert found == tuple(sorted(numbers))
    assert news(erp, watermark) == ((), watermark), "nothing new leaves the watermark as it is"
    del system


def test_every_kind_of_change_is_noticed_once(system: System, erp: ODataErp, walk: Walk) -> None:
    order = walk.create("REF-1", item(10, quantity="3"))
    walk.create("REF-2")
    _, watermark = news(erp, "")

    def noticed(watermark: str) -> str:
        system.advance(timedelta(minutes=1))
        found, after = news(erp, watermark)
        assert found == (order.number,)
        assert news(erp, after) == ((), after)
        return after

    blocked = SalesDocumentChange(
        number=order.number, category=order.category, billing_block_reason="08"
    )
    walk.erp.sales_documents.change(blocked, Observer())
    watermark = noticed(watermark)
    (delivery,) = walk.deliver(order)
    watermark = noticed(watermark)
    walk.issue(delivery, on=TODAY)
    watermark = noticed(watermark)
    free = blocked.model_copy(update={"billing_block_reason": ""})
    walk.erp.sales_documents.change(free, Observer())
    watermark = noticed(watermark)
    (invoice,) = walk.bill(delivery.number, on=TODAY)
    watermark = noticed(watermark)
    with system.others(clearing_function=CLEARING_FUNCTION) as clearing:
        items = walk.items_of(invoice)
        clearing.payments.post(payment("PAY-1", *items, posting_date=TODAY), Observer())
    watermark = noticed(watermark)


def test_two_changes_in_one_second_are_both_noticed(erp: ODataErp, walk: Walk) -> None:
    """The clock of the ERP stands still here: the second order has the stamp of the first."""
    walk.create("REF-1")
    _, watermark = news(erp, "")
    second = walk.create("REF-2")
    found, _ = news(erp, watermark)
    assert found == (second.number,)


def test_an_answer_that_was_not_used_is_given_again(erp: ODataErp, walk: Walk) -> None:
    """The caller died after the answer: it asks again with the watermark that it has."""
    walk.create("REF-1")
    _, watermark = news(erp, "")
    second = walk.create("REF-2")
    assert news(erp, watermark)[0] == (second.number,)
    assert news(erp, watermark)[0] == (second.number,)


def test_another_process_may_see_changes_twice_and_misses_none(
    system: System, erp: ODataErp, walk: Walk
) -> None:
    order = walk.create("REF-1")
    _, watermark = news(erp, "")
    system.advance(timedelta(hours=1))
    later = walk.create("REF-2")
    with system.erp() as another:
        found, after = news(another, watermark)
        assert later.number in found
        assert news(another, after) == ((), after)
    del order


def test_an_hour_of_difference_between_the_clocks_hides_nothing(
    system: System, erp: ODataErp, walk: Walk
) -> None:
    """The ERP's clock runs ahead, and is set right later: what changes then is still noticed."""
    system.engine.advance(timedelta(hours=1))
    walk.create("REF-1")
    _, watermark = news(erp, "")
    assert news(erp, watermark) == ((), watermark)
    # Set right: seen from the ERP, the connector's clock catches up.
    system.clock.advance(timedelta(hours=1, minutes=5))
    second = walk.create("REF-2")
    found, watermark = news(erp, watermark)
    assert found == (second.number,)


def test_a_day_begins_when_it_is_an_hour_old(system: System, erp: ODataErp, walk: Walk) -> None:
    """A delivery stamped with yesterday appears after midnight: the day is still asked for."""
    system.advance(timedelta(hours=11, minutes=30))
    order = walk.create("REF-1", item(10, quantity="3"))
    _, watermark = news(erp, "")
    walk.deliver(order, "1")
    system.advance(timedelta(minutes=45))
    found, watermark = news(erp, watermark)
    assert found == (order.number,)
    system.requests.clear()
    news(erp, watermark)
    asked = next(each for each in system.requests.seen if "$batch" in each)
    assert "API_OUTBOUND_DELIVERY_SRV" in asked
    assert "2026-01-05" in watermark


def test_a_pull_without_news_costs_one_request_per_service(
    system: System, erp: ODataErp, walk: Walk
) -> None:
    for n in range(5):
        issued(walk, walk.create(f"REF-{n}", item(10, quantity="1")))
    _, watermark = news(erp, "")
    _, watermark = news(erp, watermark)
    system.requests.clear()
    assert news(erp, watermark) == ((), watermark)
    services = Counter(each.split(" ", 1)[1].split("/")[0] for each in system.requests.seen)
    assert set(services.values()) == {1}
    assert len(services) == 8


def test_an_unknown_watermark_begins_anew(erp: ODataErp, walk: Walk) -> None:
    order = walk.create("REF-1")
    assert news(erp, "20260105")[0] == (order.number,)


def test_clearings_of_other_company_codes_are_left_out(system: System, walk: Walk) -> None:
    order = walk.create("REF-1", item(10, quantity="3"))
    (delivery,) = issued(walk, order)
    (invoice,) = walk.bill(delivery.number, on=TODAY)
    with system.erp(company_codes=("2000",)) as erp:
        _, watermark = news(erp, "")
        _, watermark = news(erp, watermark)
        with system.others(clearing_function=CLEARING_FUNCTION) as clearing:
            items = walk.items_of(invoice)
            clearing.payments.post(payment("PAY-1", *items, posting_date=TODAY), Observer())
        found, _ = news(erp, watermark)
    assert found == ()
