"""Billing: one invoice for several deliveries, several where the ERP splits, cancellation."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connector.errors import RejectedError
from connector.sd_documents.billing_document import BillingRequest
from connector.sd_documents.conditions import Condition
from connector.sd_documents.status import AccountingTransferStatus, Status
from connector.sd_documents.values import DocumentCategory as C
from connector.sd_documents.values import ItemReference, Money
from connector.simulator.engine.specs import SalesDocumentChange
from tests.contract.documents import eur, item, pieces
from tests.contract.observing import Observer
from tests.contract.walking import Walk
from tests.contract.ways import Way


def test_an_invoice_has_exact_amounts_and_reaches_accounting(walk: Walk) -> None:
    order = walk.create("REF-1", item(10, quantity="3"), item(20, "M-02", "2"))
    (delivery,) = walk.issue(*walk.deliver(order))
    (invoice,) = walk.bill(delivery.number)
    assert invoice.category is C.INVOICE
    assert (invoice.net_amount, invoice.tax_amount) == (eur("350.00"), eur("66.50"))
    assert invoice.receivable_amount == eur("416.50")
    assert invoice.billing_date == date(2026, 1, 9)
    assert (invoice.company_code, invoice.payer) == ("1000", "C-100")
    assert invoice.accounting_transfer_status is AccountingTransferStatus.POSTED
    assert invoice.accounting_document is not None
    first, second = invoice.items
    assert first.billing_quantity == pieces("3")
    assert first.preceding == ItemReference(
        category=C.DELIVERY, document=delivery.number, item_number=10
    )
    assert (second.sales_document, second.sales_document_item) == (order.number, 20)
    (delivery,) = walk.erp.deliveries.read([delivery.number])
    assert delivery.billing_status is Status.COMPLETELY


def test_deliveries_that_agree_become_one_invoice(walk: Walk) -> None:
    order = walk.create("REF-1", item(10, quantity="10"))
    first = walk.issue(*walk.deliver(order, "6"))
    second = walk.issue(*walk.deliver(order, "4"))
    (invoice,) = walk.bill(*(d.number for d in (*first, *second)))
    assert [i.billing_quantity for i in invoice.items] == [pieces("6"), pieces("4")]
    assert invoice.net_amount == eur("1000.00")


def test_deliveries_that_differ_become_several_invoices(walk: Walk, observer: Observer) -> None:
    numbers = []
    for reference, terms in (("REF-1", "Z030"), ("REF-2", "Z060")):
        order = walk.create(reference, item(10), payment_terms=terms)
        numbers += [d.number for d in walk.issue(*walk.deliver(order))]
    invoices = walk.bill(*numbers)
    assert sorted(i.payment_terms for i in invoices) == ["Z030", "Z060"]
    del observer


@pytest.mark.parametrize(
    ("category", "billed_as", "credited"),
    [
        (C.CREDIT_MEMO_REQUEST, C.CREDIT_MEMO, True),
        (C.DEBIT_MEMO_REQUEST, C.DEBIT_MEMO, False),
        (C.RETURNS_ORDER, C.CREDIT_MEMO, True),
    ],
)
def test_requests_are_billed_from_the_order(
    way: Way, walk: Walk, category: C, billed_as: C, credited: bool
) -> None:
    request = walk.create("REF-1", item(10, quantity="2"), category=category)
    blocked = request.billing_block_reason
    assert blocked
    with way.engine.session("CLERK") as session:
        session.change_sales_document(request.number, SalesDocumentChange(billing_block=""))
        session.commit()
    (memo,) = walk.bill(request.number, category=category)
    assert memo.category is billed_as
    assert memo.total_amount == eur("238.00")
    assert (memo.receivable_amount.amount < 0) is credited
    assert memo.items[0].preceding.document == request.number


def test_a_billing_block_is_refused(walk: Walk, observer: Observer) -> None:
    request = walk.create("REF-1", category=C.CREDIT_MEMO_REQUEST)
    with pytest.raises(RejectedError, match="blocked for billing"):
        walk.erp.billing_documents.create(
            BillingRequest(
                preceding=(request.number,),
                preceding_category=C.CREDIT_MEMO_REQUEST,
                billing_date=date(2026, 1, 9),
            ),
            observer,
        )
    assert observer.was_refused


def test_a_cancellation_names_what_it_cancels(walk: Walk, observer: Observer) -> None:
    invoice = walk.invoiced("REF-1", item(10, quantity="3"))
    number = walk.erp.billing_documents.cancel(invoice.number, date(2026, 1, 10), observer)
    original, cancellation = walk.erp.billing_documents.read([invoice.number, number])
    assert original.is_cancelled
    assert cancellation.category is C.INVOICE_CANCELLATION
    assert cancellation.cancelled_document == invoice.number
    assert cancellation.receivable_amount == -invoice.receivable_amount
    assert observer.numbers == (number,)


def test_what_is_billed_already_is_refused_with_its_reason(walk: Walk, observer: Observer) -> None:
    invoice = walk.invoiced("REF-1", item(10, quantity="3"))
    delivery = invoice.items[0].preceding.document
    with pytest.raises(RejectedError) as caught:
        walk.erp.billing_documents.create(
            BillingRequest(
                preceding=(delivery,),
                preceding_category=C.DELIVERY,
                billing_date=date(2026, 1, 9),
            ),
            observer,
        )
    assert caught.value.code == "ALREADY_BILLED"


def test_one_refused_delivery_leaves_none_billed(way: Way, walk: Walk) -> None:
    """The ERP could bill the other one alone; half a request would be nobody's intent."""
    (good,) = walk.issue(*walk.deliver(walk.create("REF-1")))
    (not_issued,) = walk.deliver(walk.create("REF-2"))
    with pytest.raises(RejectedError):
        walk.bill(good.number, not_issued.number)
    assert way.engine.document_counts()["billing"] == 0


def test_a_billing_document_that_accounting_refused_is_read_as_such(way: Way, walk: Walk) -> None:
    way.engine.faults.inject("account determination", on="create billing documents")
    invoice = walk.invoiced("REF-1")
    assert invoice.accounting_transfer_status is not AccountingTransferStatus.POSTED
    assert invoice.accounting_document is None


@pytest.mark.parametrize(
    ("organization", "customer", "material", "currency", "rate", "net", "tax"),
    [
        ("2000", "JP-400", "JPY-01", "JPY", "333", "999", "100"),
        ("3000", "KW-400", "KWD-01", "KWD", "1.234", "3.702", "0"),
    ],
)
def test_stored_amounts_are_read_in_the_currencys_decimals(
    walk: Walk,
    organization: str,
    customer: str,
    material: str,
    currency: str,
    rate: str,
    net: str,
    tax: str,
) -> None:
    price = Condition(condition_type="PMP0", rate=Decimal(rate), currency=currency, unit="ST")
    invoice = walk.invoiced(
        "REF-1",
        item(10, material, "3", conditions=[price]),
        organization=organization,
        customer=customer,
        currency=currency,
    )
    assert invoice.net_amount == Money(amount=Decimal(net), currency=currency)
    assert invoice.tax_amount == Money(amount=Decimal(tax), currency=currency)
    (posted,) = walk.items_of(invoice)
    assert posted.amount == invoice.total_amount
