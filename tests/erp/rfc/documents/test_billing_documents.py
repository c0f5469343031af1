"""Billing: one invoice for several deliveries, several where the ERP splits, cancellation."""

from __future__ import annotations

from datetime import date

from connector.ports.erp import Point
from connector.sd_documents.billing_document import BillingRequest
from connector.sd_documents.values import DocumentCategory as C
from tests.contract.observing import Observer
from tests.contract.walking import Walk
from tests.erp.rfc.documents.conftest import System


def test_functions_that_commit_by_themselves_are_fenced_first(
    system: System, walk: Walk, observer: Observer
) -> None:
    (delivery,) = walk.issue(*walk.deliver(walk.create("REF-1")))
    request = BillingRequest(
        preceding=(delivery.number,),
        preceding_category=C.DELIVERY,
        billing_date=date(2026, 1, 9),
    )
    system.face.settings.billing_commits_itself = True
    with system.erp(billing_commits_itself=True) as erp:
        (number,) = erp.billing_documents.create(request, observer)
    assert observer.points.index(Point.AFTER_FENCE_CHECK) == 1
    assert system.engine.billing_document(number) is not None
