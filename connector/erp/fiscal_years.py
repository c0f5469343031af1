"""
The fiscal year of a clearing, where the ERP tells its number and its day only.

Numbers of FI documents begin again each year, so that a number alone names several documents. Open
and cleared items (BSID, BSAD) carry the clearing document (AUGBL) and its day (AUGDT); all lines of
one clearing share both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Final

from connector.sd_documents.payment import CustomerItem, FiDocument

#: How much later than its document a clearing may be dated.
_LATER: Final = timedelta(days=31)
#: Company code, number of the clearing document and day of the clearing.
Group = tuple[str, str, date | None]


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

    What is cleared with an invoice of January by a payment of December may be dated in January, on
    the invoice's posting date. A line of that payment is cleared by its own document then: its year
    is the clearing's, unless a document of that number is known in the year of the day.
    """
    found = list(items)
    own = {
        _group(each): each.document
        for each in found
        if each.clearing_document == each.key.accounting_document
        and each.clearing != each.document
        and each.cleared_on is not None
        and each.cleared_on - each.posting_date <= _LATER
    }
    if not own:
        return found
    latest: dict[Group, date] = {}
    for each in found:
        if (group := _group(each)) in own:
            latest[group] = max(each.posting_date, latest.get(group, each.posting_date))
    # Otherwise a later document, without a line of its own, has the number of an earlier one.
    own = {group: document for group, document in own.items() if latest[group] == group[2]}
    known = {each.document for each in found}
    return [_of_own_document(each, own, known) for each in found]


def _group(item: CustomerItem) -> Group:
    """Return what all lines of one clearing share."""
    return item.key.company_code, item.clearing_document or "", item.cleared_on


def _of_own_document(
    item: CustomerItem, own: Mapping[Group, FiDocument], known: set[FiDocument]
) -> CustomerItem:
    document = own.get(_group(item))
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
