"""Accounting documents by every way they are asked for: number, source, account, customer."""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from connector.simulator.engine.documents import DocumentTable
from connector.simulator.engine.finance_records import AccountingDocument, AccountingLine

ZERO = Decimal(0)

DocumentKey = tuple[str, str, int]
#: document key and line.
LineKey = tuple[DocumentKey, int]


class FinanceIndex:
    """All accounting documents; lines change only by being cleared."""

    def __init__(self, live_documents: int) -> None:
        self._documents: DocumentTable[DocumentKey, AccountingDocument] = DocumentTable(
            AccountingDocument, live_documents
        )
        self._years: dict[tuple[str, str], tuple[int, ...]] = {}
        self._objects: dict[tuple[str, str], tuple[DocumentKey, ...]] = {}
        self._references: dict[str, list[DocumentKey]] = {}
        self._account_lines: dict[tuple[str, str], list[LineKey]] = {}
        #: (company code, account) -> posting date -> currency ("" is the company's) -> amount.
        self._totals: dict[tuple[str, str], dict[date, dict[str, Decimal]]] = {}
        self._open: dict[tuple[str, str], dict[LineKey, None]] = {}
        self._open_totals: dict[str, dict[str, Decimal]] = {}
        self._cleared: dict[tuple[str, str], list[tuple[date, LineKey]]] = {}
        self._cleared_by: dict[tuple[str, str], tuple[LineKey, ...]] = {}
        self._referring: dict[tuple[str, str], tuple[LineKey, ...]] = {}

    def __len__(self) -> int:
        return len(self._documents)

    def documents(self) -> Iterator[AccountingDocument]:
        """Yield all documents, oldest first."""
        return self._documents.values()

    def numbers(self) -> tuple[str, ...]:
        """Return all documents as "company/number/year", oldest first."""
        return tuple("/".join(map(str, key)) for key in self._documents)

    def document(
        self, company_code: str, number: str, fiscal_year: int = 0
    ) -> AccountingDocument | None:
        """Return the document; year 0 takes the youngest of that number."""
        if not fiscal_year:
            years = self._years.get((company_code, number))
            if not years:
                return None
            fiscal_year = max(years)
        return self._documents.get((company_code, number, fiscal_year))

    def numbered(self, company_code: str, number: str) -> tuple[AccountingDocument, ...]:
        """Return the documents of that number, one per year, oldest first."""
        years = self._years.get((company_code, number), ())
        return tuple(self._documents[company_code, number, year] for year in years)

    def by_object(self, kind: str, key: str) -> tuple[AccountingDocument, ...]:
        """Return what was posted for a source document (AWTYP, AWKEY)."""
        return tuple(self._documents[each] for each in self._objects.get((kind, key), ()))

    def by_reference(self, reference: str) -> tuple[AccountingDocument, ...]:
        """Return the documents with this reference (XBLNR)."""
        return tuple(self._documents[each] for each in self._references.get(reference, ()))

    def line(self, key: LineKey) -> tuple[AccountingDocument, AccountingLine]:
        """Return a line with its document."""
        document = self._documents[key[0]]
        line = document.line(key[1])
        if line is None:
            raise KeyError(key)
        return document, line

    def account_lines(self, company_code: str, account: str) -> tuple[LineKey, ...]:
        """Return the lines of a G/L account, oldest first."""
        return tuple(self._account_lines.get((company_code, account), ()))

    def totals(self, company_code: str, account: str) -> dict[date, dict[str, Decimal]]:
        """Return the postings of an account summed by day and currency."""
        return self._totals.get((company_code, account), {})

    def customers(self, company_code: str) -> tuple[str, ...]:
        """Return the customers that have, or had, items."""
        found = dict.fromkeys(
            customer
            for company, customer in (*self._open, *self._cleared)
            if company == company_code
        )
        return tuple(found)

    def open_totals(self, customer: str) -> dict[str, Decimal]:
        """Return the sum of the customer's open items by currency, over all company codes."""
        return self._open_totals.get(customer, {})

    def open_lines(self, company_code: str, customer: str) -> tuple[LineKey, ...]:
        """Return the customer's lines that are open now."""
        return tuple(self._open.get((company_code, customer), ()))

    def cleared_lines(
        self,
        company_code: str,
        customer: str,
        cleared_from: date | None = None,
        cleared_to: date | None = None,
    ) -> tuple[LineKey, ...]:
        """Return the customer's lines cleared between two dates, inclusive."""
        cleared = self._cleared.get((company_code, customer), [])
        start = bisect.bisect_left(cleared, cleared_from or date.min, key=lambda each: each[0])
        stop = bisect.bisect_right(cleared, cleared_to or date.max, key=lambda each: each[0])
        return tuple(key for _, key in cleared[start:stop])

    def cleared_by(
        self, company_code: str, clearing_document: str, fiscal_year: int = 0
    ) -> tuple[LineKey, ...]:
        """Return the lines that a clearing document cleared; year 0: those of that number."""
        found = self._cleared_by.get((company_code, clearing_document), ())
        if not fiscal_year:
            return found
        return tuple(key for key in found if self.line(key)[1].clearing_year == fiscal_year)

    def referring_to(self, company_code: str, invoice: str) -> tuple[LineKey, ...]:
        """Return the customer lines whose invoice reference (REBZG) is *invoice*."""
        return self._referring.get((company_code, invoice), ())

    def put(self, document: AccountingDocument) -> None:
        """Add a document, or take over the clearing of its lines."""
        key = document.key
        before = self._documents.get(key)
        is_new = before is None
        self._documents[key] = document
        if is_new:
            place = key[:2]
            self._years[place] = (*self._years.get(place, ()), key[2])
            if document.object_key:
                source = (document.object_type, document.object_key)
                self._objects[source] = (*self._objects.get(source, ()), key)
            if document.reference:
                self._references.setdefault(document.reference, []).append(key)
            for line in document.lines:
                self._post(document, key, line)
        for line in document.lines:
            if line.account_type == "D":
                old = before.line(line.line_item) if before is not None else None
                if old is not None and old.clearing_document != line.clearing_document:
                    self._reopen(document, key, old)
                self._sort(document, key, line)

    def _reopen(
        self, document: AccountingDocument, document_key: DocumentKey, old: AccountingLine
    ) -> None:
        """Forget the clearing of a line that is open again."""
        if old.clearing_date is None:
            return
        key: LineKey = (document_key, old.line_item)
        self._cleared[document.company_code, old.customer].remove((old.clearing_date, key))
        clearing = (document.company_code, old.clearing_document)
        self._cleared_by[clearing] = tuple(
            each for each in self._cleared_by[clearing] if each != key
        )

    def _post(self, document: AccountingDocument, key: DocumentKey, line: AccountingLine) -> None:
        place = (document.company_code, line.account)
        self._account_lines.setdefault(place, []).append((key, line.line_item))
        day = self._totals.setdefault(place, {}).setdefault(document.posting_date, {})
        day[""] = day.get("", ZERO) + line.signed_local_amount
        day[document.currency] = day.get(document.currency, ZERO) + line.signed_amount
        if line.invoice_reference:
            invoice = (document.company_code, line.invoice_reference)
            self._referring[invoice] = (
                *self._referring.get(invoice, ()),
                (key, line.line_item),
            )

    def _sort(
        self, document: AccountingDocument, document_key: DocumentKey, line: AccountingLine
    ) -> None:
        place = (document.company_code, line.customer)
        key: LineKey = (document_key, line.line_item)
        listed = self._open.setdefault(place, {})
        if line.clearing_date is None:
            if key not in listed:
                listed[key] = None
                self._add_open(document, line, line.signed_amount)
            return
        clearing = (document.company_code, line.clearing_document)
        known = self._cleared_by.get(clearing, ())
        if key in known:
            return
        self._cleared_by[clearing] = (*known, key)
        if key in listed:
            del listed[key]
            self._add_open(document, line, -line.signed_amount)
        bisect.insort(self._cleared.setdefault(place, []), (line.clearing_date, key))

    def _add_open(
        self, document: AccountingDocument, line: AccountingLine, amount: Decimal
    ) -> None:
        totals = self._open_totals.setdefault(line.customer, {})
        totals[document.currency] = totals.get(document.currency, ZERO) + amount
