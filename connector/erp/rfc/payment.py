"""
Incoming payments over RFC: the port's `Payments`.

Two routes: BAPI_ACC_DOCUMENT_POST posts the payment with an open credit item, which the ERP's own
clearing run matches with the invoice; or a function of the customer's own posts and clears in one
document, as transaction F-28 does. There is no released function for the latter
(POSTING_INTERFACE_CLEARING cannot be called from outside): its interface is described in
`docs/explanation/rfc-transport.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from connector.erp.rfc.customer_items import items_of
from connector.erp.rfc.options import RfcOptions
from connector.erp.rfc.payment_parameters import clearing_parameters, posting_parameters
from connector.erp.rfc.posting import Poster, Posting
from connector.erp.rfc.read_back import ReadBacks
from connector.erp.rfc.read_table import ReadTable, TableRow, equals
from connector.erp.rfc.reading import Reads
from connector.erp.rfc.session import Session
from connector.erp.rfc.tables import BKPF
from connector.erp.rfc.wire import dats
from connector.errors import OutcomeUnknownError
from connector.ports.erp import SubmissionObserver
from connector.sd_documents.payment import AccountingDocumentKey, CustomerItem, IncomingPayment
from connector.sd_documents.values import pad_number

POST: Final = "BAPI_ACC_DOCUMENT_POST"


@dataclass(frozen=True, slots=True)
class RfcPayments:
    """Posts and finds incoming payments."""

    poster: Poster
    reads: Reads
    read_backs: ReadBacks
    options: RfcOptions

    def post(self, payment: IncomingPayment, observer: SubmissionObserver) -> AccountingDocumentKey:
        """Post *payment*; its items are cleared at once where the clearing function is set."""
        # A down payment clears nothing: the customer's function has no field for its indicator.
        clearing = "" if payment.special_gl_indicator else self.options.clearing_function

        def look(numbers: tuple[str, ...]) -> None:
            key = _key(numbers[0])
            _require_posted(self.read_backs.accounting_document(key), key, payment)

        if clearing:
            posting = Posting(
                function=clearing,
                parameters=clearing_parameters(payment, self.options),
                numbers=lambda answer: _cleared_document(answer, payment.company_code),
                look=look,
            )
        else:
            parameters = posting_parameters(payment, self.options)
            header = parameters["DOCUMENTHEADER"]
            posting = Posting(
                function=POST,
                parameters=parameters,
                numbers=_posted_document,
                look=look,
                for_session=lambda session: {
                    "DOCUMENTHEADER": {**header, "USERNAME": session.user}
                },
            )
        numbers = self.poster.post(posting, observer)
        return _key(numbers[0])

    def find(
        self, payment_reference: str, company_code: str, payer: str
    ) -> tuple[AccountingDocumentKey, ...]:
        """Return the payments that carry *payment_reference*, oldest first."""
        conditions = (
            equals("BUKRS", company_code),
            equals("XBLNR", payment_reference),
            equals("BLART", self.options.payment_document_type),
        )

        def read(session: Session) -> list[CustomerItem]:
            tables = ReadTable(session, self.options)
            return items_of(tables, tables.rows(BKPF, BKPF.fields, *conditions))

        found = [item for item in self.reads.run(read) if item.customer == pad_number(payer)]
        found.sort(key=lambda item: (item.entry_date, item.key.accounting_document))
        return tuple(dict.fromkeys(item.key for item in found))


def _posted_document(answer: Mapping[str, Any]) -> tuple[str, ...]:
    """OBJ_KEY is document number, company code and year in one: 10, 4 and 4 characters."""
    key = answer["OBJ_KEY"]
    if len(key) != 18 or not key[14:].isdigit():
        return ()
    return (_numbered(key[10:14].strip(), key[:10], key[14:]),)


def _cleared_document(answer: Mapping[str, Any], company_code: str) -> tuple[str, ...]:
    number = answer["DOC_NO"]
    return (_numbered(company_code, number, answer["FISC_YEAR"]),) if number else ()


def _numbered(company_code: str, number: str, year: str) -> str:
    return f"{company_code}/{pad_number(number)}/{year}"


def _key(number: str) -> AccountingDocumentKey:
    company_code, document, year = number.split("/")
    return AccountingDocumentKey(
        company_code=company_code, accounting_document=document, fiscal_year=int(year)
    )


def _require_posted(
    there: TableRow | None, key: AccountingDocumentKey, payment: IncomingPayment
) -> None:
    """
    Raise OutcomeUnknownError unless *there*, the header of *key*, has the payment's reference.

    Its lines went in together with its header: they need no second look.
    """
    if there is None:
        raise OutcomeUnknownError(f"payment {key} was reported as posted and cannot be read")
    expected = (
        payment.payment_reference,
        payment.received.currency,
        dats(payment.posting_date),
    )
    found = (there["XBLNR"], there["WAERS"], there["BUDAT"])
    if found != expected:
        raise OutcomeUnknownError(
            f"document {key} is not the payment: it has {found}, posted were {expected}"
        )
