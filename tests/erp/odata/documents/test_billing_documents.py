"""Billing documents over OData: read, cancelled, printed, never created."""

from __future__ import annotations

import pytest

from connector.erp.odata.erp import ODataErp
from connector.erp.rfc.erp import RfcErp
from connector.errors import ConfigurationError, LeaseLostError, RejectedError
from connector.ports.erp import Point
from connector.sd_documents.billing_document import BillingDocument, BillingRequest
from connector.sd_documents.values import DocumentCategory as C
from tests.contract.documents import TODAY, item
from tests.contract.observing import Observer
from tests.contract.walking import Walk


@pytest.fixture
def invoice(others: RfcErp) -> BillingDocument:
    """An invoice that the ERP's own run made."""
    return Walk(others).invoiced("REF-1", item(10, quantity="3"), item(20, "M-02", "2"))


def test_an_invoice_reads_as_it_does_over_rfc(erp: ODataErp, invoice: BillingDocument) -> None:
    assert erp.billing_documents.read([invoice.number, "4711"]) == (invoice,)


def test_a_cancellation_takes_back_what_was_billed(
    erp: ODataErp, others: RfcErp, invoice: BillingDocument, observer: Observer
) -> None:
    number = erp.billing_documents.cancel(invoice.number, TODAY, observer)
    cancellation, original = (erp.billing_documents.read([n])[0] for n in (number, invoice.number))
    assert cancellation.category is C.INVOICE_CANCELLATION
    assert cancellation.cancelled_document == invoice.number
    assert original.is_cancelled
    assert cancellation.total_amount == invoice.total_amount
    assert erp.billing_documents.read([number]) == others.billing_documents.read([number])
    assert observer.numbers == (number,)
    assert observer.points[-1] is Point.COMMIT_ANSWERED


def test_what_is_cancelled_cannot_be_cancelled_again(
    erp: ODataErp, invoice: BillingDocument
) -> None:
    erp.billing_documents.cancel(invoice.number, TODAY, Observer())
    with pytest.raises(RejectedError):
        erp.billing_documents.cancel(invoice.number, TODAY, Observer())


def test_a_lost_lease_cancels_nothing(
    erp: ODataErp, invoice: BillingDocument, observer: Observer
) -> None:
    observer.lost = True
    with pytest.raises(LeaseLostError):
        erp.billing_documents.cancel(invoice.number, TODAY, observer)
    assert erp.billing_documents.read([invoice.number]) == (invoice,)


def test_an_invoice_is_printed_as_pdf(erp: ODataErp, invoice: BillingDocument) -> None:
    assert erp.billing_documents.pdf(invoice.number).startswith(b"%PDF-")


def test_what_does_not_exist_is_not_printed(erp: ODataErp) -> None:
    with pytest.raises(RejectedError):
        erp.billing_documents.pdf("0090004711")


def test_billing_is_a_matter_of_another_transport(erp: ODataErp, observer: Observer) -> None:
    request = BillingRequest(
        preceding=("0080000001",), preceding_category=C.DELIVERY, billing_date=TODAY
    )
    with pytest.raises(ConfigurationError, match="Route billing to a transport"):
        erp.billing_documents.create(request, observer)
    assert observer.points == []
