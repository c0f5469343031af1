"""
Incoming payments over SOAP: the port's `Payments`.

The journal entry service posts, it does not clear: the ERP's own clearing run matches payment and
invoice by their assignment. It cannot be asked for a document either, so payments are found by
another transport.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import structlog

from connector.clock import Clock
from connector.erp.http.pool import HttpPool
from connector.erp.messages import MessageTable
from connector.erp.soap.certainty import confirmed_refusal, refusal_of_rows
from connector.erp.soap.confirmation import Confirmed, read_confirmation
from connector.erp.soap.journal_entry import message_ids, request_values
from connector.erp.soap.options import SoapOptions
from connector.erp.soap.web_service import WebService, noted
from connector.errors import ConnectorError, OutcomeUnknownError
from connector.ports.erp import SubmissionObserver
from connector.sd_documents.payment import AccountingDocumentKey, IncomingPayment

if TYPE_CHECKING:
    from connector.ports.erp import Payments

OPERATION: Final = "JournalEntryCreateRequestConfirmation_In"

#: Returns the documents with a payment reference: reference, company code, payer.
FindPayments = Callable[[str, str, str], tuple[AccountingDocumentKey, ...]]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SoapPayments:
    """Posts incoming payments; *finder* finds them over another transport."""

    pool: HttpPool
    service: WebService
    options: SoapOptions
    table: MessageTable
    clock: Clock
    finder: FindPayments
    user: str

    def post(self, payment: IncomingPayment, observer: SubmissionObserver) -> AccountingDocumentKey:
        """
        Post *payment* with open lines on the payer's account, and look it up.

        Its message id comes from its reference alone, so that an ERP which knows messages knows a
        repeated one.
        """
        values = request_values(payment, self.options, self.user, self.clock.now())
        with self.pool.session() as session:
            answer = self.service.post(values, session, observer)
        confirmed = _read(answer, payment)
        refusal = refusal_of_rows(confirmed.rows, self.table, OPERATION)
        if refusal is not None and confirmed.key is not None:
            raise OutcomeUnknownError(
                f"{OPERATION}: it named document {confirmed.key} and an error: {refusal}"
            ) from refusal
        if refusal is not None:
            _log.info("refused", operation=OPERATION, error=type(refusal).__name__)
            certain = confirmed_refusal(refusal, lambda: bool(self._documents(payment)))
            raise noted(certain, observer)
        if confirmed.key is None:
            raise OutcomeUnknownError(f"{OPERATION}: neither a document nor an error came back")
        observer.created_uncommitted((str(confirmed.key),))
        self._require_there(confirmed.key, payment)
        _log.info("posted", operation=OPERATION, document=str(confirmed.key))
        return confirmed.key

    def find(
        self, payment_reference: str, company_code: str, payer: str
    ) -> tuple[AccountingDocumentKey, ...]:
        """Return the documents that carry *payment_reference* on the payer's account."""
        return self.finder(payment_reference, company_code, payer)

    def _documents(self, payment: IncomingPayment) -> tuple[AccountingDocumentKey, ...]:
        return self.finder(payment.payment_reference, payment.company_code, payment.payer)

    def _require_there(self, key: AccountingDocumentKey, payment: IncomingPayment) -> None:
        if not self.options.read_back:
            return
        try:
            found = self._documents(payment)
        except ConnectorError as error:
            raise OutcomeUnknownError(
                f"{OPERATION}: {key} was confirmed and cannot be looked up: {error}"
            ) from error
        if key not in found:
            raise OutcomeUnknownError(f"{OPERATION}: {key} was confirmed and is not there")


def _read(answer: Any, payment: IncomingPayment) -> Confirmed:
    try:
        return read_confirmation(answer, message_ids(payment))
    except (AttributeError, TypeError, ValueError) as error:
        words = str(error) if type(error) is ValueError else type(error).__name__
        raise OutcomeUnknownError(f"{OPERATION}: the answer is not clear ({words})") from error


if TYPE_CHECKING:

    def _implements_the_port(payments: SoapPayments) -> Payments:
        return payments
