"""Whole chains: read together in few calls, and noticed when anything in them changes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from connector.ports.erp import ChainSnapshot
from connector.sd_documents.document_flow import (
    BILLED_BY,
    DELIVERED_BY,
    followed_amount,
    open_quantity,
    reachable,
)
from connector.sd_documents.values import DocumentCategory as C
from connector.sd_documents.values import ItemReference
from connector.simulator.engine.specs import (
    SalesDocumentChange,
)
from tests.contract.capable import CapableErp
from tests.contract.differences import Difference, differs
from tests.contract.documents import eur, item, pieces
from tests.contract.observing import Observer
from tests.contract.walking import Walk, payment
from tests.contract.ways import Way


def arrows(snapshot: ChainSnapshot) -> set[tuple[str, str, str]]:
    """The links by category: from, to, quantity."""
    return {
        (link.preceding.category.name, link.subsequent.category.name, str(link.quantity))
        for link in snapshot.links
    }


def test_the_chain_of_an_order_is_read_from_quotation_to_payment(
    way: Way, walk: Walk, erp: CapableErp
) -> None:
    inquiry = walk.create("REF-1", item(10, quantity="10"), category=C.INQUIRY)
    quotation = walk.create(
        "REF-1",
        item(
            10,
            quantity="10",
            reference=ItemReference(category=C.INQUIRY, document=inquiry.number, item_number=10),
        ),
        category=C.QUOTATION,
        reference_document=inquiry.number,
        reference_category=C.INQUIRY,
    )
    order = walk.create(
        "REF-1",
        item(
            10,
            quantity="10",
            reference=ItemReference(
                category=C.QUOTATION, document=quotation.number, item_number=10
            ),
        ),
        reference_document=quotation.number,
        reference_category=C.QUOTATION,
    )
    first = walk.issue(*walk.deliver(order, "6"))
    second = walk.issue(*walk.deliver(order, "4"))
    (invoice,) = walk.bill(*(d.number for d in (*first, *second)))
    key = erp.payments.post(payment("PAY-1", *walk.items_of(invoice)), Observer())
    way.clear()

    chain = walk.erp.chains.read([order.number])

    assert {d.number for d in chain.sales_documents} == {
        order.number,
        inquiry.number,
        quotation.number,
    }
    assert chain.deliveries == walk.erp.deliveries.read([d.number for d in (*first, *second)])
    assert chain.billing_documents == (invoice,)
    assert {i.key.accounting_document for i in chain.items} == {
        invoice.accounting_document,
        key.accounting_document,
    }
    assert arrows(chain) == {
        ("INQUIRY", "QUOTATION", "10 ST"),
        ("QUOTATION", "SALES_ORDER", "10 ST"),
        ("SALES_ORDER", "DELIVERY", "6 ST"),
        ("SALES_ORDER", "DELIVERY", "4 ST"),
        ("DELIVERY", "GOODS_MOVEMENT", "6 ST"),
        ("DELIVERY", "GOODS_MOVEMENT", "4 ST"),
        ("DELIVERY", "INVOICE", "6 ST"),
        ("DELIVERY", "INVOICE", "4 ST"),
        ("INVOICE", "ACCOUNTING_DOCUMENT", "0 -"),
        ("ACCOUNTING_DOCUMENT", "ACCOUNTING_DOCUMENT", "0 -"),
    }
    ordered = ItemReference(category=C.SALES_ORDER, document=order.number, item_number=10)
    assert open_quantity(pieces("10"), ordered, chain.links, DELIVERED_BY) == pieces("0")
    billed = [
        followed_amount(
            ItemReference(category=C.DELIVERY, document=d.number, item_number=10),
            chain.links,
            BILLED_BY,
            "EUR",
        )
        for d in chain.deliveries
    ]
    assert billed == [eur("600.00"), eur("400.00")]
    ends = {each.document for each in reachable(ordered, chain.links)}
    assert {inquiry.number, invoice.number, key.accounting_document} <= ends


def test_quantities_of_links_are_in_the_sales_unit(walk: Walk) -> None:
    """A carton is eight bags: the flow keeps bags, the order speaks of cartons."""
    order = walk.create("REF-1", item(10, "CO-1000", "2", unit="KAR"), customer="1001")
    walk.issue(*walk.deliver(order))
    chain = walk.erp.chains.read([order.number])
    assert {a for a in arrows(chain) if a[1] in ("DELIVERY", "GOODS_MOVEMENT")} == {
        ("SALES_ORDER", "DELIVERY", "2 KAR"),
        ("DELIVERY", "GOODS_MOVEMENT", "2 KAR"),
    }


def test_a_cancelled_invoice_is_linked_to_its_cancellation(walk: Walk, observer: Observer) -> None:
    invoice = walk.invoiced("REF-1", item(10, quantity="3"))
    number = walk.erp.billing_documents.cancel(invoice.number, date(2026, 1, 10), observer)
    order = invoice.items[0].sales_document
    chain = walk.erp.chains.read([order])
    assert [(b.number, b.category) for b in chain.billing_documents] == [
        (invoice.number, C.INVOICE),
        (number, C.INVOICE_CANCELLATION),
    ]
    assert ("INVOICE", "INVOICE_CANCELLATION", "3 ST") in arrows(chain)
    delivered = invoice.items[0].preceding
    assert open_quantity(pieces("3"), delivered, chain.links, {C.INVOICE}) == pieces("0")


def test_no_documents_are_no_chain(erp: CapableErp) -> None:
    chain = erp.chains.read([])
    assert chain == ChainSnapshot((), (), (), (), ())
    assert erp.chains.read(["0000099999"]).sales_documents == ()


def test_a_partly_delivered_order_shows_what_is_open(walk: Walk) -> None:
    order = walk.create("REF-1", item(10, quantity="10"))
    walk.deliver(order, "4")
    chain = walk.erp.chains.read([order.number])
    ordered = ItemReference(category=C.SALES_ORDER, document=order.number, item_number=10)
    left = open_quantity(pieces("10"), ordered, chain.links, DELIVERED_BY)
    assert left.value == Decimal(6)


def test_what_was_sent_back_is_part_of_the_orders_chain(way: Way, walk: Walk) -> None:
    invoice = walk.invoiced("REF-1", item(10, quantity="3"))
    order = invoice.items[0].sales_document
    reference = ItemReference(category=C.SALES_ORDER, document=order, item_number=10)
    returns = walk.create(
        "REF-1R",
        item(10, quantity="2", reference=reference),
        category=C.RETURNS_ORDER,
        reference_document=order,
        reference_category=C.SALES_ORDER,
    )
    (received,) = walk.issue(*walk.deliver(returns))
    with way.engine.session("CLERK") as session:
        session.change_sales_document(returns.number, SalesDocumentChange(billing_block=""))
        session.commit()
    (memo,) = walk.bill(returns.number, category=C.RETURNS_ORDER)
    chain = walk.erp.chains.read([order])
    assert [d.number for d in chain.sales_documents] == [order, returns.number]
    assert (received.number not in {d.number for d in chain.deliveries}) is differs(
        way, Difference.NO_RETURNS_DELIVERIES
    )
    assert {b.number for b in chain.billing_documents} == {invoice.number, memo.number}
    assert ("SALES_ORDER", "RETURNS_ORDER", "2 ST") in arrows(chain)
    assert sum(i.amount.amount for i in chain.items) == Decimal(119)
