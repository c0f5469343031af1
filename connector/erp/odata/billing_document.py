"""
Billing documents over OData: the port's `BillingDocuments`.

The service reads, cancels and prints. It creates none: the ERP's own billing run does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from connector.erp.hold_reasons import HoldReason
from connector.erp.messages import MessageTable
from connector.erp.odata.answers import after_posting, understood
from connector.erp.odata.filters import any_of, chunks
from connector.erp.odata.function_results import require_accepted
from connector.erp.odata.names import (
    Names,
    material,
    optional_number,
    shown_number,
    stored_number,
)
from connector.erp.odata.options import ODataOptions
from connector.erp.odata.release import Services
from connector.erp.odata.row import Row
from connector.erp.odata.selection import selection
from connector.erp.odata.service import ODataService, Query
from connector.erp.odata.shown_values import category_of, money
from connector.erp.odata.values import key
from connector.erp.odata.write import Write
from connector.errors import ConfigurationError, OutcomeUnknownError, RejectedError
from connector.ports.erp import SubmissionObserver
from connector.sd_documents.billing_document import (
    BillingDocument,
    BillingDocumentItem,
    BillingRequest,
)
from connector.sd_documents.document_flow import FlowLink
from connector.sd_documents.status import AccountingTransferStatus
from connector.sd_documents.values import DocumentCategory as C
from connector.sd_documents.values import ItemReference, Quantity, display_number, pad_number

SERVICE: Final = "API_BILLING_DOCUMENT_SRV"
HEADER_SET: Final = "A_BillingDocument"
ITEM_SET: Final = "A_BillingDocumentItem"
CANCEL: Final = "Cancel"
PRINT: Final = "GetPDF"

HEADER: Final = (
    "BillingDocument", "SDDocumentCategory", "BillingDocumentType", "BillingDocumentDate",
    "CompanyCode", "PayerParty", "SoldToParty", "TransactionCurrency", "AccountingDocument",
    "AccountingTransferStatus", "BillingDocumentIsCancelled", "CancelledBillingDocument",
    "CustomerPaymentTerms", "CreationDate",
)  # fmt: skip
ITEM: Final = (
    "BillingDocumentItem", "Material", "BillingQuantity", "BillingQuantityUnit", "NetAmount",
    "TaxAmount", "ReferenceSDDocument", "ReferenceSDDocumentItem", "ReferenceSDDocumentCategory",
    "SalesDocument", "SalesDocumentItem", "SalesSDDocumentCategory",
)  # fmt: skip
#: What a cancellation takes back.
_CANCELLED: Final = {C.INVOICE_CANCELLATION: C.INVOICE, C.CREDIT_MEMO_CANCELLATION: C.CREDIT_MEMO}


@dataclass(frozen=True, slots=True)
class FoundBilling:
    """A billing document with the links from what it bills or cancels."""

    document: BillingDocument
    links: tuple[FlowLink, ...]
    created_on: date | None


@dataclass(frozen=True, slots=True)
class ODataBillingDocuments:
    """Reads, cancels and prints billing documents."""

    services: Services
    options: ODataOptions
    names: Names
    table: MessageTable

    @property
    def _service(self) -> ODataService:
        return self.services.service(SERVICE)

    def create(self, request: BillingRequest, observer: SubmissionObserver) -> tuple[str, ...]:
        """Refuse: no OData v2 service creates billing documents."""
        del observer
        raise ConfigurationError(
            "erp.routes.billing",
            f"{SERVICE} cannot bill {', '.join(map(display_number, request.preceding))}",
            "Route billing to a transport that creates it, or let the plan observe the ERP's own "
            "billing run",
        )

    def cancel(
        self, billing_document: str, billing_date: date, observer: SubmissionObserver
    ) -> str:
        """
        Cancel *billing_document* and return the number of the cancellation.

        The service takes no date: the ERP cancels on the date that its own rules give.
        """
        del billing_date
        service, original = self._service, pad_number(billing_document)
        name = display_number(original)
        write = Write(observer, f"cancel {name}")
        answer = service.invoke(CANCEL, {"BillingDocument": shown_number(original)}, write)
        rows = answer.rows("results") if "results" in answer else (answer,)
        require_accepted(rows, self.table, f"cancel {name}")
        with understood():
            numbers = [
                number
                for row in rows
                if (number := optional_number(row.text("CancellationBillingDocument")))
                and number != original
            ]
        if not numbers:
            raise RejectedError(
                f"billing document {name}: the ERP cancelled nothing, without a message",
                code=HoldReason.NOTHING_CREATED.value,
            )
        observer.created_uncommitted(tuple(numbers))
        with after_posting(f"the cancellation of billing document {name}"):
            there = service.entity(
                Query(
                    key(HEADER_SET, shown_number(numbers[0])),
                    {"$select": "BillingDocument,CancelledBillingDocument"},
                )
            )
            cancelled = there and optional_number(there.text("CancelledBillingDocument"))
            if cancelled != original:
                raise OutcomeUnknownError(
                    f"billing document {display_number(numbers[0])} was reported as the "
                    f"cancellation of {name}, and is not"
                )
        return numbers[0]

    def read(self, numbers: Sequence[str]) -> tuple[BillingDocument, ...]:
        """Read billing documents; those that do not exist are left out."""
        padded = (pad_number(number) for number in numbers)
        found = read_billing_documents(self._service, self.options, self.names, padded)
        return tuple(each.document for each in found)

    def pdf(self, billing_document: str) -> bytes:
        """Return the document as the ERP prints it."""
        name = shown_number(pad_number(billing_document))
        answer = self._service.read_function(PRINT, {"BillingDocument": name})
        content = answer.binary("BillingDocumentBinary")
        if not content:
            raise RejectedError(f"billing document {name} was not printed, so it has no PDF")
        return content


def read_billing_documents(
    service: ODataService, options: ODataOptions, names: Names, numbers: Iterable[str]
) -> tuple[FoundBilling, ...]:
    """Read billing documents in one batch; those that do not exist are left out."""
    shown = selection([("", HEADER), ("to_Item", ITEM)])
    queries = [
        Query(HEADER_SET, {"$filter": any_of("BillingDocument", map(shown_number, part)), **shown})
        for part in chunks(numbers, options.documents_per_query)
    ]
    if not queries:
        return ()
    if len(queries) == 1:
        rows = list(service.rows(queries[0]))
    else:
        rows = [row for part in service.batch(queries) for row in part]
    with understood():
        found = [_found(row, names) for row in rows]
        return tuple(
            sorted((each for each in found if each), key=lambda each: each.document.number)
        )


def _found(row: Row, names: Names) -> FoundBilling | None:
    kind = category_of(row.text("SDDocumentCategory"))
    if kind is None:
        return None
    currency = row.text("TransactionCurrency")
    billed_on = row.date("BillingDocumentDate")
    if billed_on is None:
        raise ValueError("BillingDocumentDate is empty")
    items = sorted(row.rows("to_Item"), key=lambda each: int(each.text("BillingDocumentItem")))
    document = BillingDocument(
        number=stored_number(row.text("BillingDocument")),
        category=kind,
        billing_document_type=row.text("BillingDocumentType"),
        billing_date=billed_on,
        company_code=row.text("CompanyCode"),
        payer=stored_number(row.text("PayerParty")),
        sold_to_party=stored_number(row.text("SoldToParty")),
        currency=currency,
        items=tuple(_item(each, currency, names) for each in items),
        accounting_transfer_status=AccountingTransferStatus(row.text("AccountingTransferStatus")),
        accounting_document=optional_number(row.text("AccountingDocument")),
        is_cancelled=row.boolean("BillingDocumentIsCancelled"),
        cancelled_document=optional_number(row.text("CancelledBillingDocument")),
        payment_terms=row.text("CustomerPaymentTerms"),
    )
    created = row.date("CreationDate")
    return FoundBilling(document, tuple(_links(document, created)), created)


def _item(row: Row, currency: str, names: Names) -> BillingDocumentItem:
    reference = stored_number(row.text("ReferenceSDDocument"))
    kind = category_of(row.text("ReferenceSDDocumentCategory"))
    if kind is None:
        raise ValueError("ReferenceSDDocumentCategory is of no known category")
    return BillingDocumentItem(
        item_number=int(row.text("BillingDocumentItem")),
        material=material(row.text("Material")),
        billing_quantity=Quantity(
            value=row.decimal("BillingQuantity"),
            unit=names.stored_unit(row.text("BillingQuantityUnit")),
        ),
        net_amount=money(row.decimal("NetAmount"), currency),
        tax_amount=money(row.decimal("TaxAmount"), currency),
        preceding=ItemReference(
            category=kind,
            document=reference,
            item_number=int(row.text("ReferenceSDDocumentItem")),
        ),
        sales_document=stored_number(row.text("SalesDocument")),
        sales_document_item=int(row.text("SalesDocumentItem")),
    )


def _links(document: BillingDocument, created: date | None) -> Iterator[FlowLink]:
    """Yield the link to each item from the one that it bills, or from the one that it cancels."""
    cancelled = document.cancelled_document
    for item in document.items:
        preceding = item.preceding
        if cancelled and document.category in _CANCELLED:
            preceding = ItemReference(
                category=_CANCELLED[document.category],
                document=cancelled,
                item_number=item.item_number,
            )
        yield FlowLink(
            preceding=preceding,
            subsequent=_reference(document, item),
            quantity=item.billing_quantity,
            net_amount=item.net_amount,
            created_on=created,
        )


def taken_back(billing: Mapping[str, FoundBilling]) -> Iterator[FlowLink]:
    """
    Yield links from what cancelled documents billed to their cancellations.

    They count against (sign -1): what was billed is open again. *billing* is by number.
    """
    for found in billing.values():
        document = found.document
        original = billing.get(document.cancelled_document or "")
        if original is None:
            continue
        billed = {item.item_number: item.preceding for item in original.document.items}
        for item in document.items:
            if item.item_number in billed:
                yield FlowLink(
                    preceding=billed[item.item_number],
                    subsequent=_reference(document, item),
                    quantity=item.billing_quantity,
                    net_amount=item.net_amount,
                    sign=-1,
                    created_on=found.created_on,
                )


def _reference(document: BillingDocument, item: BillingDocumentItem) -> ItemReference:
    return ItemReference(
        category=document.category, document=document.number, item_number=item.item_number
    )
