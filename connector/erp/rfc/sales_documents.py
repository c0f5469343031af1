"""All sales documents over RFC: the port's `SalesDocuments`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from connector.clock import Clock
from connector.erp.rfc import (
    credit_memo_request,
    debit_memo_request,
    detailed_list,
    inquiry,
    quotation,
    returns_order,
    sales_document_change,
    sales_order,
    simulation,
)
from connector.erp.rfc.detailed_list import DetailedList
from connector.erp.rfc.options import RfcOptions
from connector.erp.rfc.posting import Poster, Posting
from connector.erp.rfc.read_back import ReadBacks
from connector.erp.rfc.read_table import ReadTable, any_of, at_least, at_most, equals
from connector.erp.rfc.reading import Reads
from connector.erp.rfc.sales_document import CreateFunction, create_parameters
from connector.erp.rfc.session import Session
from connector.erp.rfc.tables import VBAK, VBAK_LIST, VBKD, VBPA
from connector.erp.rfc.wire import dats, required_day
from connector.errors import OutcomeUnknownError
from connector.ports.erp import OrderPayer, SalesOrderHead, SubmissionObserver
from connector.sd_documents.partners import PartnerFunction
from connector.sd_documents.sales_document import PostedSalesDocument, SalesDocument
from connector.sd_documents.sales_document_change import SalesDocumentChange
from connector.sd_documents.values import DocumentCategory as C
from connector.sd_documents.values import display_number, pad_number

_CREATE: Final[Mapping[C, CreateFunction]] = {
    C.INQUIRY: inquiry.CREATE,
    C.QUOTATION: quotation.CREATE,
    C.SALES_ORDER: sales_order.CREATE,
    C.RETURNS_ORDER: returns_order.CREATE,
    C.CREDIT_MEMO_REQUEST: credit_memo_request.CREATE,
    C.DEBIT_MEMO_REQUEST: debit_memo_request.CREATE,
}


@dataclass(frozen=True, slots=True)
class RfcSalesDocuments:
    """Creates, prices, finds and reads sales documents of every category."""

    poster: Poster
    reads: Reads
    read_backs: ReadBacks
    options: RfcOptions
    clock: Clock

    def create(self, document: SalesDocument, observer: SubmissionObserver) -> str:
        """Post *document*, commit it, read it back and return its number."""
        function = _CREATE[document.category]

        def look(numbers: tuple[str, ...]) -> None:
            found = self.read_backs.sales_document(numbers[0])
            _require_equal(found, numbers[0], document)

        numbers = self.poster.post(
            Posting(
                function=function.name,
                parameters=create_parameters(function, document, self.options),
                numbers=lambda answer: _given(answer["SALESDOCUMENT"]),
                look=look,
                item_numbers=[item.item_number for item in document.items],
            ),
            observer,
        )
        return numbers[0]

    def change(self, change: SalesDocumentChange, observer: SubmissionObserver) -> None:
        """Make *change*, commit it and read back that it is there."""
        number = pad_number(change.number)
        function = sales_document_change.CHANGE[change.category]

        def parameters(session: Session) -> Mapping[str, Any]:
            before = sales_document_change.read_before(session, number)
            return sales_document_change.change_parameters(function, change, before, self.options)

        self.poster.post(
            Posting(
                function=function.name,
                parameters={},
                numbers=lambda answer: (number,),
                read_back=lambda session, _: sales_document_change.require_changed(session, change),
                item_numbers=change.item_numbers,
                for_session=parameters,
            ),
            observer,
        )

    def simulate(self, document: SalesDocument) -> PostedSalesDocument:
        """Price *document* without saving it."""
        today = self.clock.today(self.options.time_zone)
        return self.reads.run(
            lambda session: simulation.simulate(
                session, document, self.reads.table, self.options, today
            )
        )

    def find(self, purchase_order_by_customer: str, category: C) -> tuple[str, ...]:
        """Return the numbers of the documents with that reference, oldest first."""
        return self.reads.run(
            lambda session: _find(
                ReadTable(session, self.options), purchase_order_by_customer, category
            )
        )

    def read(
        self, numbers: Sequence[str], category: C | None = None
    ) -> tuple[PostedSalesDocument, ...]:
        """Read documents; those that do not exist are left out. One function reads them all."""
        del category
        wanted = list(dict.fromkeys(numbers))
        step = self.options.documents_per_call
        batches = [wanted[start : start + step] for start in range(0, len(wanted), step)]
        return tuple(document for batch in batches for document in self._read(batch))

    def orders_created(self, first: date, last: date) -> tuple[SalesOrderHead, ...]:
        """Return all sales orders created between two days."""
        return self.reads.run(
            lambda session: _orders_created(ReadTable(session, self.options), first, last)
        )

    def payers(self, sales_orders: Sequence[str]) -> tuple[OrderPayer, ...]:
        """Return the payers of sales orders (VBPA)."""
        wanted = sorted({pad_number(each) for each in sales_orders})
        return self.reads.run(lambda session: _payers(ReadTable(session, self.options), wanted))

    def _read(self, numbers: Sequence[str]) -> Iterable[PostedSalesDocument]:
        found = self.reads.run(lambda session: detailed_list.call_with_partners(session, numbers))
        return detailed_list.posted_documents(found)


def _given(number: str) -> tuple[str, ...]:
    return (pad_number(number),) if number else ()


def _find(tables: ReadTable, reference: str, category: C) -> tuple[str, ...]:
    """Look in the business data for the reference, and in the headers for age and category."""
    hits = tables.rows(VBKD, ("VBELN",), equals("BSTKD", reference), equals("POSNR", "000000"))
    if not hits:
        return ()
    headers = tables.rows(
        VBAK,
        ("VBELN", "VBTYP", "ERDAT", "ERZET"),
        any_of("VBELN", [row["VBELN"] for row in hits]),
    )
    of_category = [row for row in headers if row["VBTYP"] == category.value]
    of_category.sort(key=lambda row: (row["ERDAT"], row["ERZET"], row["VBELN"]))
    return tuple(row["VBELN"] for row in of_category)


def _orders_created(tables: ReadTable, first: date, last: date) -> tuple[SalesOrderHead, ...]:
    headers = [
        row
        for row in tables.rows(
            VBAK_LIST,
            VBAK_LIST.fields,
            at_least("ERDAT", dats(first)),
            at_most("ERDAT", dats(last)),
        )
        if row["VBTYP"] == C.SALES_ORDER.value
    ]
    references = {
        row["VBELN"]: row["BSTKD"]
        for row in tables.rows(
            VBKD,
            VBKD.fields,
            any_of("VBELN", [row["VBELN"] for row in headers]),
            equals("POSNR", "000000"),
        )
    }
    return tuple(
        SalesOrderHead(
            number=row["VBELN"],
            purchase_order_by_customer=references.get(row["VBELN"], ""),
            sold_to_party=row["KUNNR"],
            created_on=required_day(row["ERDAT"], f"{row['VBELN']}: ERDAT"),
        )
        for row in sorted(headers, key=lambda row: row["VBELN"])
    )


def _payers(tables: ReadTable, sales_orders: Sequence[str]) -> tuple[OrderPayer, ...]:
    if not sales_orders:
        return ()
    rows = tables.rows(
        VBPA,
        VBPA.fields,
        any_of("VBELN", sales_orders),
        equals("PARVW", PartnerFunction.PAYER.value),
    )
    found = [OrderPayer(row["VBELN"], int(row["POSNR"] or 0), row["KUNNR"]) for row in rows]
    return tuple(sorted(found, key=lambda each: (each.sales_order, each.item_number)))


def _require_equal(found: DetailedList, number: str, document: SalesDocument) -> None:
    """
    Raise OutcomeUnknownError unless *number* exists and is *document*.

    Items that the ERP added (components, free goods) are no difference.
    """
    name = f"document {display_number(number)}"
    if number not in found.headers:
        raise OutcomeUnknownError(f"{name} was reported as saved and cannot be read")
    reference = found.business[number]["PURCH_NO_C"]
    if reference != document.purchase_order_by_customer:
        raise OutcomeUnknownError(f"{name} carries the reference {reference!r}")
    quantities = {
        int(row["ITM_NUMBER"]): detailed_list.ordered_quantity(row) for row in found.items[number]
    }
    for item in document.items:
        there = quantities.get(item.item_number)
        if there != item.requested_quantity:
            raise OutcomeUnknownError(
                f"{name} has {there or 'nothing'} as item {item.item_number}, "
                f"ordered were {item.requested_quantity}"
            )
