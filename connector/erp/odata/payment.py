"""
Payments over OData: found, never posted.

The services for accounting documents only read. Payments are posted by SOAP, whose service in turn
cannot find them.
"""

from __future__ import annotations

from dataclasses import dataclass

from connector.erp.odata import customer_items
from connector.erp.odata.release import Services
from connector.errors import ConfigurationError
from connector.ports.erp import SubmissionObserver
from connector.sd_documents.payment import AccountingDocumentKey, IncomingPayment


@dataclass(frozen=True, slots=True)
class ODataPayments:
    """Finds payments on the payer's account."""

    services: Services

    def post(self, payment: IncomingPayment, observer: SubmissionObserver) -> AccountingDocumentKey:
        """Refuse: no OData v2 service posts to accounting."""
        del observer
        raise ConfigurationError(
            "erp.routes.payment",
            f"{customer_items.SERVICE} cannot post payment {payment.payment_reference}",
            "Route payment to soap or rfc",
        )

    def find(
        self, payment_reference: str, company_code: str, payer: str
    ) -> tuple[AccountingDocumentKey, ...]:
        """Return the documents that carry *payment_reference* on the payer's account."""
        service = self.services.service(customer_items.SERVICE)
        return customer_items.find_payments(service, payment_reference, company_code, payer)
