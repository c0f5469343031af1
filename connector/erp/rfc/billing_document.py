"""Billing documents over RFC: the port's `BillingDocuments`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from connector.erp.rfc.customer_items import headers_of_billing
from connector.erp.rfc.options import RfcOptions
from connector.erp.rfc.posting import Poster, Posting
from connector.erp.rfc.read_table import ReadTable, TableRow, any_of, equals, number
from connector.erp.rfc.reading import Reads
from connector.erp.rfc.session import Session
from connector.erp.rfc.tables import VBRK, VBRP
from connector.erp.rfc.wire import CATEGORIES, dats, external_material, required_day, stored_money
from connector.errors import ConfigurationError, OutcomeUnknownError
from connector.ports.erp import SubmissionObserver
from connector.sd_documents.billing_document import (
    BillingDocument,
    BillingDocumentItem,
    BillingRequest,
)
from connector.sd_documents.status import AccountingTransferStatus
from connector.sd_documents.values import ItemReference, Quantity, display_number, pad_number

CREATE: Final = "BAPI_BILLINGDOC_CREATEMULTIPLE"
CANCEL: Final = "BAPI_BILLINGDOC_CANCEL1"


@dataclass(frozen=True, slots=True)
class RfcBillingDocuments:
    """Creates, cancels and reads billing documents."""

    poster: Poster
    reads: Reads
    options: RfcOptions

    def create(self, request: BillingRequest, observer: SubmissionObserver) -> tuple[str, ...]:
        """Bill *request*; the ERP combines what agrees and splits the rest."""
        preceding = [pad_number(each) for each in request.preceding]

        def read_back(session: Session, numbers: tuple[str, ...]) -> None:
            rows = ReadTable(session, self.options).rows(
                VBRP, ("VBELN", "POSNR", "VGBEL", "AUBEL"), any_of("VBELN", numbers)
            )
            _require_bills(numbers, preceding, rows)

        return self.poster.post(
            Posting(
                function=CREATE,
                parameters={"BILLINGDATAIN": [_request_row(request, each) for each in preceding]},
                numbers=_billed,
                read_back=read_back,
                rows_in=("RETURN", "ERRORS"),
                commits_itself=self.options.billing_commits_itself,
            ),
            observer,
        )

    def cancel(
        self, billing_document: str, billing_date: date, observer: SubmissionObserver
    ) -> str:
        """Cancel *billing_document* and return the number of the cancellation."""
        original = pad_number(billing_document)

        def read_back(session: Session, numbers: tuple[str, ...]) -> None:
            rows = ReadTable(session, self.options).rows(
                VBRK, ("VBELN", "SFAKN"), equals("VBELN", numbers[0])
            )
            if [row["SFAKN"] for row in rows] != [original]:
                raise OutcomeUnknownError(
                    f"billing document {display_number(numbers[0])} was reported as the "
                    f"cancellation of {display_number(original)}, and is not"
                )

        numbers = self.poster.post(
            Posting(
                function=CANCEL,
                parameters={
                    "BILLINGDOCUMENT": original,
                    "BILLINGDATE": dats(billing_date),
                    # The function commits by itself unless it is told not to.
                    "NO_COMMIT": "X",
                },
                numbers=lambda answer: tuple(n for n in _billed(answer) if n != original),
                read_back=read_back,
            ),
            observer,
        )
        return numbers[0]

    def read(self, numbers: Sequence[str]) -> tuple[BillingDocument, ...]:
        """Read billing documents; those that do not exist are left out."""
        padded = [pad_number(each) for each in numbers]
        return self.reads.run(
            lambda session: read_billing_documents(ReadTable(session, self.options), padded)
        )

    def pdf(self, billing_document: str) -> bytes:
        """The print of a billing document stays in the ERP's spool: no function hands it out."""
        raise ConfigurationError(
            f"billing document {display_number(billing_document)}",
            "cannot be fetched as PDF over RFC",
            "Route billing_pdf to odata: API_BILLING_DOCUMENT_SRV has GetPDF",
        )


def _request_row(request: BillingRequest, preceding: str) -> dict[str, Any]:
    row = {
        "REF_DOC": preceding,
        "REF_DOC_CA": request.preceding_category.value,
        "BILL_DATE": dats(request.billing_date),
    }
    if request.billing_document_type:
        row["ORDBILLTYP"] = request.billing_document_type
    return row


def _billed(answer: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        sorted({pad_number(row["BILL_DOC"]) for row in answer["SUCCESS"] if row["BILL_DOC"]})
    )


def _require_bills(
    numbers: Sequence[str], preceding: Iterable[str], rows: Sequence[TableRow]
) -> None:
    missing = set(numbers) - {row["VBELN"] for row in rows}
    if missing:
        names = ", ".join(sorted(display_number(each) for each in missing))
        raise OutcomeUnknownError(
            f"billing document {names} was reported as saved and cannot be read"
        )
    unbilled = set(preceding) - {row["VGBEL"] for row in rows} - {row["AUBEL"] for row in rows}
    if unbilled:
        names = ", ".join(sorted(display_number(each) for each in unbilled))
        raise OutcomeUnknownError(f"the billing documents do not bill {names}")


def read_billing_documents(
    tables: ReadTable, numbers: Sequence[str]
) -> tuple[BillingDocument, ...]:
    """Read headers and items, and the accounting documents where the header does not name them."""
    wanted = any_of("VBELN", numbers)
    headers = tables.rows(VBRK, VBRK.fields, wanted)
    items: dict[str, list[TableRow]] = defaultdict(list)
    if headers:
        for row in tables.rows(VBRP, VBRP.fields, wanted):
            items[row["VBELN"]].append(row)
    accounting = _accounting_documents(tables, headers)
    return tuple(
        _document(header, items[header["VBELN"]], accounting.get(header["VBELN"], ""))
        for header in sorted(headers, key=lambda row: row["VBELN"])
        if header["VBTYP"] in CATEGORIES
    )


def _accounting_documents(tables: ReadTable, headers: Iterable[TableRow]) -> dict[str, str]:
    """Return the accounting document by billing document; older releases leave VBRK-BELNR empty."""
    known = {row["VBELN"]: row["BELNR"] for row in headers if row["BELNR"]}
    posted = [row["VBELN"] for row in headers if not row["BELNR"] and row["RFBSK"] == "C"]
    if posted:
        known |= {row["AWKEY"]: row["BELNR"] for row in headers_of_billing(tables, posted)}
    return known


def _document(header: TableRow, items: Iterable[TableRow], accounting: str) -> BillingDocument:
    currency = header["WAERK"]
    return BillingDocument(
        number=header["VBELN"],
        category=CATEGORIES[header["VBTYP"]],
        billing_document_type=header["FKART"],
        billing_date=required_day(header["FKDAT"], f"{header['VBELN']}: FKDAT"),
        company_code=header["BUKRS"],
        payer=header["KUNRG"],
        sold_to_party=header["KUNAG"],
        currency=currency,
        items=tuple(_item(row, currency) for row in sorted(items, key=lambda each: each["POSNR"])),
        accounting_transfer_status=AccountingTransferStatus(header["RFBSK"]),
        accounting_document=accounting or None,
        is_cancelled=bool(header["FKSTO"]),
        cancelled_document=header["SFAKN"] or None,
        payment_terms=header["ZTERM"],
    )


def _item(row: TableRow, currency: str) -> BillingDocumentItem:
    return BillingDocumentItem(
        item_number=int(row["POSNR"]),
        material=external_material(row["MATNR"]),
        billing_quantity=Quantity(value=number(row["FKIMG"]), unit=row["VRKME"]),
        net_amount=stored_money(number(row["NETWR"]), currency),
        tax_amount=stored_money(number(row["MWSBP"]), currency),
        preceding=ItemReference(
            category=CATEGORIES[row["VGTYP"]],
            document=row["VGBEL"],
            item_number=int(row["VGPOS"]),
        ),
        sales_document=row["AUBEL"],
        sales_document_item=int(row["AUPOS"]),
    )
