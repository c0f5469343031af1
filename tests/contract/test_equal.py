"""
The same story over every way: the ERP has the same documents, and each way shows them alike.

What a way cannot show is in `differences.py`; nothing else may differ.
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import date
from decimal import Decimal

from connector.erp.routes import SALES_OPERATIONS
from connector.ports.capabilities import ErpOperation
from connector.ports.erp import ChainSnapshot, Erp
from connector.sd_documents.conditions import Condition
from connector.sd_documents.payment import CustomerItem
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.values import DocumentCategory as C
from connector.sd_documents.values import ItemReference
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.specs import SalesDocumentChange
from tests.contract.differences import (
    Difference,
    as_made,
    as_shown,
    differs,
    links_as_shown,
    unequal,
)
from tests.contract.documents import item, sales_document
from tests.contract.observing import Observer
from tests.contract.walking import Walk, payment
from tests.contract.ways import Way, WayName, open_way

KEY_DATES = (date(2026, 1, 8), date(2026, 1, 12), date(2026, 2, 28))


def tell(way: Way, erp: Erp) -> list[str]:
    """
    From an inquiry to what was paid, cancelled, returned and credited; returns the orders.

    Every category of sales document occurs, a split, a part, several currencies and terms.
    """
    walk = Walk(erp)
    inquiry = walk.create("STORY-1", item(10, quantity="10"), category=C.INQUIRY)
    quotation = walk.create(
        "STORY-1",
        item(10, quantity="10", reference=_of(inquiry)),
        category=C.QUOTATION,
        reference_document=inquiry.number,
        reference_category=C.INQUIRY,
    )
    price = Condition(condition_type="PMP0", rate=Decimal("9.99"), currency="EUR", unit="ST")
    order = walk.create(
        "STORY-1",
        item(10, quantity="10", reference=_of(quotation)),
        item(
            20, "M-02", "7", conditions=[price, Condition(condition_type="RA00", rate=Decimal(-5))]
        ),
        item(30, "CO-1000", "2"),
        conditions=(Condition(condition_type="HD00", rate=Decimal("4.90"), currency="EUR"),),
        payment_terms="Z214",
        reference_document=quotation.number,
        reference_category=C.QUOTATION,
    )
    deliveries = walk.issue(*walk.deliver(order))
    invoices = walk.bill(*(each.number for each in deliveries))
    for n, invoice in enumerate(invoices):
        erp.payments.post(payment(f"PAY-{n}", *walk.items_of(invoice)), Observer())
    part = walk.create("STORY-2", item(10, quantity="10"))
    (delivery,) = walk.issue(*walk.deliver(part, "4"))
    (wrong,) = walk.bill(delivery.number)
    erp.billing_documents.cancel(wrong.number, date(2026, 1, 10), Observer())
    walk.bill(delivery.number, on=date(2026, 1, 11))
    returns = walk.create(
        "STORY-3",
        item(10, quantity="2", reference=_of(part)),
        category=C.RETURNS_ORDER,
        reference_document=part.number,
        reference_category=C.SALES_ORDER,
    )
    walk.issue(*walk.deliver(returns))
    memos = [walk.create("STORY-4", category=C.CREDIT_MEMO_REQUEST)]
    memos.append(walk.create("STORY-5", category=C.DEBIT_MEMO_REQUEST))
    for request in (returns, *memos):
        with way.engine.session("CLERK") as session:
            session.change_sales_document(request.number, SalesDocumentChange(billing_block=""))
            session.commit()
        walk.bill(request.number, category=request.category)
    yen = Condition(condition_type="PMP0", rate=Decimal(333), currency="JPY", unit="ST")
    abroad = walk.invoiced(
        "STORY-6",
        item(10, "JPY-01", "3", conditions=[yen]),
        organization="2000",
        customer="JP-400",
        currency="JPY",
    )
    way.clear()
    return [
        order.number,
        part.number,
        *(each.number for each in memos),
        abroad.items[0].sales_document,
    ]


def _of(document: PostedSalesDocument) -> ItemReference:
    return ItemReference(category=document.category, document=document.number, item_number=10)


def test_the_documents_are_the_same_whichever_way_they_were_made(
    way: Way, master: MasterData
) -> None:
    with ExitStack() as stack:
        name = WayName(clears_at_once=way.name.clears_at_once)
        other = open_way(name, master, stack)
        expected = other.reference.chains.read(tell(other, other.erp))
    made = way.reference.chains.read(tell(way, way.helped))
    assert [each.number for each in made.sales_documents] == [
        each.number for each in expected.sales_documents
    ]
    for one, another in zip(made.sales_documents, expected.sales_documents, strict=True):
        assert unequal(as_made(way, one), as_made(way, another), one.category.name) == ""
    assert unequal(made.deliveries, expected.deliveries) == ""
    assert _dated(way, made) == _dated(way, expected)
    assert set(made.links) == set(expected.links)


def _dated(way: Way, chain: ChainSnapshot) -> tuple[object, ...]:
    """The invoices and what they posted; cancellations without their day where it is today."""
    undated = differs(way, Difference.CANCELLED_TODAY)
    cancelled = {
        each.number
        for each in chain.billing_documents
        if undated and each.category is C.INVOICE_CANCELLATION
    }
    billing = {"billing_date": None}
    posting = {"posting_date": None, "document_date": None, "baseline_date": None}
    own = [i.clearing_document for i in chain.items if i.billing_document in cancelled]
    return (
        *(
            each.model_copy(update=billing) if each.number in cancelled else each
            for each in chain.billing_documents
        ),
        *(
            item.model_copy(update={**posting, "cleared_on": None})
            if item.clearing_document and item.clearing_document in own
            else item
            for item in chain.items
        ),
    )


def test_every_document_reads_the_same(way: Way) -> None:
    expected = way.reference.chains.read(tell(way, way.reference))
    for document in expected.sales_documents:
        (alone,) = way.reference.sales_documents.read([document.number])
        own = SALES_OPERATIONS[document.category]
        for category, over in ((None, ErpOperation.SALES_ORDER), (document.category, own)):
            found = way.helped.sales_documents.read([document.number], category)
            assert unequal(found, (as_shown(way, alone, over),), document.category.name) == ""
        reference = document.purchase_order_by_customer
        assert way.helped.sales_documents.find(
            reference, document.category
        ) == way.reference.sales_documents.find(reference, document.category)
    numbers = [each.number for each in expected.deliveries]
    assert way.helped.deliveries.read(numbers) == expected.deliveries
    numbers = [each.number for each in expected.billing_documents]
    assert way.helped.billing_documents.read(numbers) == expected.billing_documents
    assert len({each.category for each in expected.sales_documents}) == 6
    assert len({each.category for each in expected.billing_documents}) == 4


def test_every_chain_reads_the_same(way: Way) -> None:
    orders = tell(way, way.reference)
    for numbers in (*([each] for each in orders), orders):
        _require_same(way, way.erp.chains.read(numbers), way.reference.chains.read(numbers))


def test_every_open_item_reads_the_same(way: Way) -> None:
    tell(way, way.reference)
    for company_code in ("1000", "2000", "3000"):
        for key_date in KEY_DATES:
            for customers in ([], ["C-100"], ["JP-400", "C-100", "P-701"]):
                found, expected = (
                    erp.open_items.customer_items(company_code, customers, key_date)
                    for erp in (way.erp, way.reference)
                )
                assert unequal(found, expected) == ""
            assert way.erp.open_items.receivable_balances(
                company_code, key_date
            ) == way.reference.open_items.receivable_balances(company_code, key_date)
    assert [each.amount for each in open_at_the_end(way)] != []


def open_at_the_end(way: Way) -> tuple[CustomerItem, ...]:
    return way.erp.open_items.customer_items("1000", [], KEY_DATES[-1])


def test_a_simulation_says_the_same(way: Way, erp: Erp) -> None:
    document = sales_document(
        "SIM-1",
        item(10, quantity="3", conditions=[Condition(condition_type="RA00", rate=Decimal(-3))]),
        item(20, "M-02", "2"),
        conditions=(Condition(condition_type="HB00", rate=Decimal("-1.00"), currency="EUR"),),
    )
    found = erp.sales_documents.simulate(document)
    expected = way.reference.sales_documents.simulate(document)
    shown = tuple(
        each
        for each in expected.condition_values
        if not (differs(way, Difference.NO_TAX_CONDITIONS) and each.tax_code)
    )
    assert set(found.condition_values) == set(shown)
    hidden = {"condition_values": ()}
    assert found.model_copy(update=hidden) == expected.model_copy(update=hidden)


def _require_same(way: Way, found: ChainSnapshot, expected: ChainSnapshot) -> None:
    expected = _without_hidden(way, expected)
    by_number = {each.number: each for each in found.sales_documents}
    assert set(by_number) == {each.number for each in expected.sales_documents}
    for each in expected.sales_documents:
        assert unequal(by_number[each.number], as_shown(way, each), each.category.name) == ""
    assert unequal(found.deliveries, expected.deliveries) == ""
    billed = tuple(sorted(found.billing_documents, key=lambda each: each.number))
    assert unequal(billed, expected.billing_documents) == ""
    assert unequal(found.items, expected.items) == ""
    assert links_as_shown(way, found.links) == links_as_shown(way, expected.links)


def _without_hidden(way: Way, chain: ChainSnapshot) -> ChainSnapshot:
    """Return *chain* without what the way hides: returns deliveries, debit memos."""
    hidden: set[C] = set()
    if differs(way, Difference.NO_RETURNS_DELIVERIES):
        hidden |= {C.RETURNS_DELIVERY}
    if differs(way, Difference.NO_DEBIT_MEMO_REQUESTS):
        hidden |= {C.DEBIT_MEMO_REQUEST, C.DEBIT_MEMO}
    billing = {each.number for each in chain.billing_documents if each.category in hidden}
    posted = {i.key for i in chain.items if i.billing_document in billing}
    documents = {key.accounting_document for key in posted}

    def hides(end: ItemReference) -> bool:
        return end.category in hidden or end.document in documents

    return ChainSnapshot(
        tuple(each for each in chain.sales_documents if each.category not in hidden),
        tuple(each for each in chain.deliveries if each.category not in hidden),
        tuple(each for each in chain.billing_documents if each.category not in hidden),
        tuple(each for each in chain.items if each.key not in posted),
        tuple(x for x in chain.links if not hides(x.preceding) and not hides(x.subsequent)),
    )
