"""
Sales documents over SOAP: one function that creates and commits, offered as a web service.

BAPI_TRANSACTION_COMMIT as a second call would run in a session of its own and commit nothing, so
a system has to offer a wrapper that does both; its name is a setting. Everything but the create
goes over another transport.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import structlog

from connector.erp.http.pool import HttpPool
from connector.erp.messages import MessageTable, ReturnRow
from connector.erp.rfc import (
    credit_memo_request,
    debit_memo_request,
    inquiry,
    quotation,
    returns_order,
    sales_order,
)
from connector.erp.rfc.messages import return_rows
from connector.erp.rfc.options import RfcOptions
from connector.erp.rfc.sales_document import CreateFunction, create_parameters
from connector.erp.soap.certainty import confirmed_refusal, refusal_of_rows
from connector.erp.soap.function_values import plain_rows, service_values
from connector.erp.soap.options import SoapOptions
from connector.erp.soap.web_service import WebService, noted
from connector.errors import ConfigurationError, ConnectorError, OutcomeUnknownError
from connector.ports.erp import OrderPayer, SalesOrderHead, SubmissionObserver
from connector.sd_documents.sales_document import PostedSalesDocument, SalesDocument
from connector.sd_documents.sales_document_change import SalesDocumentChange
from connector.sd_documents.values import DocumentCategory as C
from connector.sd_documents.values import pad_number

if TYPE_CHECKING:
    from connector.ports.erp import SalesDocuments

_CREATE: Final[Mapping[C, CreateFunction]] = {
    C.INQUIRY: inquiry.CREATE,
    C.QUOTATION: quotation.CREATE,
    C.SALES_ORDER: sales_order.CREATE,
    C.RETURNS_ORDER: returns_order.CREATE,
    C.CREDIT_MEMO_REQUEST: credit_memo_request.CREATE,
    C.DEBIT_MEMO_REQUEST: debit_memo_request.CREATE,
}

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SoapSalesDocuments:
    """
    Creates sales documents through their wrappers; the rest is done by *others*.

    *others* is the port's `SalesDocuments` of another transport.
    """

    pool: HttpPool
    services: Mapping[C, WebService]
    options: SoapOptions
    table: MessageTable
    others: SalesDocuments

    def create(self, document: SalesDocument, observer: SubmissionObserver) -> str:
        """Post *document* through its wrapper, read it back and return its number."""
        service = self._service(document.category)
        action = service.description.operation
        answer = self._post(service, document, observer)
        number, rows = _result(answer, document, action)
        refusal = refusal_of_rows(rows, self.table, action)
        if refusal is not None and number:
            raise OutcomeUnknownError(
                f"{action}: it named document {number} and an error: {refusal}"
            ) from refusal
        if refusal is not None:
            _log.info("refused", function=action, error=type(refusal).__name__)
            certain = confirmed_refusal(refusal, lambda: bool(self._found(document)))
            raise noted(certain, observer)
        if not number:
            raise OutcomeUnknownError(f"{action}: neither a document nor an error came back")
        observer.created_uncommitted((number,))
        self._require_there(number, document, action)
        _log.info("posted", function=action, document=number)
        return number

    def change(self, change: SalesDocumentChange, observer: SubmissionObserver) -> None:
        """Make *change* over the other transport."""
        self.others.change(change, observer)

    def simulate(self, document: SalesDocument) -> PostedSalesDocument:
        """Price *document* over the other transport."""
        return self.others.simulate(document)

    def find(self, purchase_order_by_customer: str, category: C) -> tuple[str, ...]:
        """Look for documents over the other transport."""
        return self.others.find(purchase_order_by_customer, category)

    def read(
        self, numbers: Sequence[str], category: C | None = None
    ) -> tuple[PostedSalesDocument, ...]:
        """Read documents over the other transport."""
        return self.others.read(numbers, category)

    def orders_created(self, first: date, last: date) -> tuple[SalesOrderHead, ...]:
        """List sales orders over the other transport."""
        return self.others.orders_created(first, last)

    def payers(self, sales_orders: Sequence[str]) -> tuple[OrderPayer, ...]:
        """Read payers over the other transport."""
        return self.others.payers(sales_orders)

    def _service(self, category: C) -> WebService:
        service = self.services.get(category)
        if service is None:
            name = category.name.lower()
            raise ConfigurationError(
                f"erp.soap.options.wrappers.{name}",
                "no function is named that creates and commits it",
                "Name the function and its WSDL, or choose another route",
            )
        return service

    def _post(
        self, service: WebService, document: SalesDocument, observer: SubmissionObserver
    ) -> Any:
        rfc = RfcOptions(material_number_length=self.options.material_number_length)
        values = service_values(
            create_parameters(_CREATE[document.category], document, rfc),
            service.description.request_type,
            ("RETURN",),
            str(service.description.path),
        )
        with self.pool.session() as session:
            return service.post(values, session, observer)

    def _found(self, document: SalesDocument) -> tuple[str, ...]:
        return self.others.find(document.purchase_order_by_customer, document.category)

    def _require_there(self, number: str, document: SalesDocument, action: str) -> None:
        try:
            found = self.others.read([number], document.category)
        except ConnectorError as error:
            raise OutcomeUnknownError(
                f"{action}: {number} was reported as saved and cannot be looked up: {error}"
            ) from error
        if not found:
            raise OutcomeUnknownError(f"{action}: {number} was reported as saved and is not there")
        reference = found[0].purchase_order_by_customer
        if reference != document.purchase_order_by_customer:
            raise OutcomeUnknownError(f"{action}: {number} carries the reference {reference!r}")


def _result(answer: Any, document: SalesDocument, action: str) -> tuple[str, tuple[ReturnRow, ...]]:
    """Return the number, empty for none, and the messages."""
    try:
        number = (answer.SALESDOCUMENT or "").strip()
        rows = return_rows(plain_rows(answer.RETURN), [item.item_number for item in document.items])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise OutcomeUnknownError(
            f"{action}: the answer is not clear ({type(error).__name__})"
        ) from error
    return (pad_number(number) if number.strip("0") else ""), rows


if TYPE_CHECKING:

    def _implements_the_port(documents: SoapSalesDocuments) -> SalesDocuments:
        return documents
