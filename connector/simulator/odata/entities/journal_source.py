"""Which lines of accounting documents a request asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from connector.simulator.odata.entities import selection
from connector.simulator.odata.entities.forms import document_number, item_number, text

if TYPE_CHECKING:
    from connector.simulator.engine.finance_records import AccountingDocument, CustomerItem
    from connector.simulator.odata.entities.forms import Forms
    from connector.simulator.odata.entity_set import Key, Narrowing

#: A key date after every posting; the engine looks at the day after it, too.
FOREVER = date(9999, 12, 30)
LineKey = tuple[str, str, int, int]


@dataclass(frozen=True, slots=True)
class PostedLines:
    """An accounting document with the numbers of the lines meant; empty is all of them."""

    document: AccountingDocument
    lines: frozenset[int] = frozenset()


class JournalSource:
    """Accounting documents by number, customer, clearing, origin, reference or day of entry."""

    def keyed(self, key: Key, forms: Forms) -> Iterable[PostedLines]:
        """Return the document of *key* (company, year, number)."""
        found = forms.erp.accounting_document(
            text(key.get("CompanyCode")),
            document_number(key.get("AccountingDocument")),
            item_number(key.get("FiscalYear")),
        )
        return () if found is None else (PostedLines(found),)

    def select(self, narrowing: Narrowing, forms: Forms) -> Iterator[PostedLines]:
        """Yield documents, each once, by the cheapest index that the filter allows."""
        companies = selection.texts(narrowing, "CompanyCode")
        asked = Asked(forms, narrowing, companies or tuple(forms.master.company_codes))
        for way in (_by_number, _by_clearing, _by_origin, _by_reference, _by_customer):
            found = way(asked)
            if found is not None:
                yield from found
                return
        yield from _by_day(asked)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for lines of some company codes."""

    forms: Forms
    narrowing: Narrowing
    companies: tuple[str, ...]

    def numbers(self, name: str) -> tuple[str, ...] | None:
        """Return the document numbers *name* is limited to; None also when empty is among them."""
        found = selection.numbers(self.narrowing, name)
        return None if found is None or "" in found else found

    def flag(self, name: str) -> bool | None:
        """Return the only value a Boolean property may have, or None."""
        values = self.narrowing.one_of(name)
        return bool(values[0]) if values is not None and len(values) == 1 else None


def _by_number(asked: Asked) -> Iterable[PostedLines] | None:
    numbers = asked.numbers("AccountingDocument")
    if numbers is None:
        return None
    years = selection.texts(asked.narrowing, "FiscalYear") or ("0",)
    return _documents(
        document
        for company in asked.companies
        for number in numbers
        for year in years
        for document in asked.forms.erp.accounting_documents_numbered(
            company, number, item_number(year)
        )
    )


def _by_clearing(asked: Asked) -> Iterable[PostedLines] | None:
    numbers = asked.numbers("ClearingAccountingDocument")
    if numbers is None:
        return None
    return _items(
        asked.forms,
        (
            item
            for company in asked.companies
            for number in numbers
            for item in asked.forms.erp.items_cleared_by(company, number)
        ),
    )


def _by_origin(asked: Asked) -> Iterable[PostedLines] | None:
    billing = asked.numbers("BillingDocument")
    if billing is not None:
        origins = [("VBRK", number) for number in billing]
    else:
        keys = selection.texts(asked.narrowing, "OriginalReferenceDocument")
        if keys is None or "" in keys:
            return None
        kinds = selection.texts(asked.narrowing, "ReferenceDocumentType") or ("VBRK", "MKPF")
        origins = [(kind, key) for kind in kinds for key in keys]
    return _documents(
        document
        for kind, key in origins
        for document in asked.forms.erp.accounting_documents_of(kind, key)
        if document.company_code in asked.companies
    )


def _by_reference(asked: Asked) -> Iterable[PostedLines] | None:
    references = selection.texts(asked.narrowing, "DocumentReferenceID")
    if references is None or "" in references:
        return None
    return _documents(
        document
        for reference in references
        for document in asked.forms.erp.accounting_documents_by_reference(reference)
        if document.company_code in asked.companies
    )


def _by_customer(asked: Asked) -> Iterable[PostedLines] | None:
    """Return lines of customers: open, cleared or both; of all customers when only open ones."""
    customers = asked.numbers("Customer")
    erp = asked.forms.erp
    cleared = asked.flag("IsCleared")
    since = selection.lowest_day(asked.narrowing, "ClearingDate")
    accounts = selection.texts(asked.narrowing, "FinancialAccountType")
    if customers is None:
        if accounts != ("D",) or cleared is not False:
            return None
        return _items(
            asked.forms,
            (
                item
                for company in asked.companies
                for item in erp.open_items(company, key_date=FOREVER)
            ),
        )

    def items() -> Iterator[CustomerItem]:
        for company in asked.companies:
            for customer in customers:
                if cleared is not True and since is None:
                    yield from erp.open_items(company, customer, FOREVER)
                if cleared is not False:
                    yield from erp.cleared_items(company, customer, since)

    return _items(asked.forms, items())


def _by_day(asked: Asked) -> Iterable[PostedLines]:
    erp = asked.forms.erp
    changed = selection.changed(
        asked.narrowing,
        asked.forms,
        "accounting",
        "AccountingDocumentCreationDate",
        "LastChangeDate",
        "ClearingCreationDate",
    )
    keys = erp.document_numbers("accounting") if changed is None else changed
    for key in keys:
        company, number, year = key.split("/")
        if company in asked.companies:
            found = erp.accounting_document(company, number, int(year))
            if found is not None:
                yield PostedLines(found)


def _documents(found: Iterable[AccountingDocument]) -> Iterator[PostedLines]:
    unique = {each.key: each for each in found}
    return (PostedLines(each) for each in unique.values())


def _items(forms: Forms, found: Iterable[CustomerItem]) -> Iterator[PostedLines]:
    """Yield the documents of customer items with those lines alone."""
    lines: dict[tuple[str, str, int], set[int]] = {}
    for item in found:
        key = (item.company_code, item.accounting_document, item.fiscal_year)
        lines.setdefault(key, set()).add(item.line_item)
    for key in sorted(lines):
        document = forms.erp.accounting_document(*key)
        if document is not None:
            yield PostedLines(document, frozenset(lines[key]))
