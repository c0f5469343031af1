"""
The fiscal year of a clearing, where the ERP tells its number and its day only.

Numbers of FI documents begin again each year, so that a number alone names several documents. Open
and cleared items (BSID, BSAD) carry the clearing document (AUGBL) and its day (AUGDT); all lines of
one clearing share both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from connector.sd_documents.payment import CustomerItem, FiDocument


def year_of(day: date, posted_on: date, fiscal_year: int, starts_in: int = 1) -> int:
    """
    Return the fiscal year that *day* is in.

    Args:
        day: the day of a clearing.
        posted_on: when the cleared item itself was posted.
        fiscal_year: what *posted_on* is in; it tells which calendar year years are named after.
        starts_in: the month that fiscal years of the company code start in.
    """
    return fiscal_year + _begun(day, starts_in) - _begun(posted_on, starts_in)


def _begun(day: date, starts_in: int) -> int:
    """Return the calendar year in which the fiscal year of *day* began."""
    return day.year if day.month >= starts_in else day.year - 1


def with_clearing_years(items: Iterable[CustomerItem]) -> list[CustomerItem]:
    """
    Return *items* with the years of clearings that were dated later than their document.

    What is cleared with an invoice of January by a payment of December may be dated in January. A
    line of that payment is cleared by its own document then: its year is the clearing's, unless a
    document of that number is known in the year of the day.
    """
    found = list(items)
    own = {
        (each.key.company_code, each.clearing_document, each.cleared_on): each.document
        for each in found
        if each.clearing_document == each.key.accounting_document and each.clearing != each.document
    }
    if not own:
        return found
    known = {each.document for each in found}
    return [_of_own_document(each, own, known) for each in found]


def _of_own_document(
    item: CustomerItem,
    own: Mapping[tuple[str, str, date | None], FiDocument],
    known: set[FiDocument],
) -> CustomerItem:
    clearing = item.clearing_document or ""
    document = own.get((item.key.company_code, clearing, item.cleared_on))
    if document is None or item.clearing in known:
        return item
    return item.model_copy(update={"clearing_year": document[2]})


def around(
    own: Iterable[CustomerItem], found: Iterable[CustomerItem], clearings: set[FiDocument]
) -> list[CustomerItem]:
    """
    Return what of *found* names a document of *own*, or stands in one of *clearings*.

    The ERP is asked by numbers, and answers with documents of other years as well.
    """
    documents = {each.document for each in own}
    return [each for each in found if each.invoice in documents or each.clearing in clearings]
