"""What a key of terms of payment usually stands for, learnt from the lines that carry it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from connector.reconciliation.assignment import AssignmentContent
from connector.reconciliation.matching import Documents
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.payment import CustomerItem
from connector.sd_documents.values import DocumentCategory

#: What has terms of payment that are agreed.
INVOICES: Final = frozenset({DocumentCategory.INVOICE, DocumentCategory.DEBIT_MEMO})
#: So many lines must have the same terms before another one is thought to be the odd one out.
_FEWEST: Final = 3


def terms_of(line: CustomerItem) -> str:
    """
    Return what the terms of *line* come to, as a text to be compared.

    Days and percentages of both discounts, net days, and days from posting to baseline.
    """
    return (
        f"{line.cash_discount_days_1} {line.cash_discount_percent_1.normalize():f} "
        f"{line.cash_discount_days_2} {line.cash_discount_percent_2.normalize():f} "
        f"{line.net_days} {(line.baseline_date - line.posting_date).days}"
    )


def seen_terms(
    document: BillingDocument, documents: Documents
) -> Iterator[tuple[AssignmentContent | None, str, str]]:
    """
    Yield the key of terms of each line of an invoice, and what it comes to.

    Before it what assignments must hold for the line to be the invoice's, None where it is so
    anyway.
    """
    if document.category in INVOICES:
        for content, lines in documents.lines_by_content(document):
            for line in lines:
                yield content, line.payment_terms, terms_of(line)


def usual_terms(seen: Iterable[tuple[str, str, int]]) -> dict[str, str]:
    """
    Return what most lines with a key of terms have; keys that vary with the date have none.

    *seen* says how often a key stood for something. A line is only called odd where nearly all
    others agree: terms may take their baseline from a fixed day of the month.
    """
    counts: dict[str, Counter[str]] = {}
    for key, terms, count in seen:
        counts.setdefault(key, Counter())[terms] += count
    usual = {}
    for key, counter in counts.items():
        (terms, count), *_ = counter.most_common(1)
        if count >= _FEWEST and count * 10 >= (counter.total() - 1) * 9:
            usual[key] = terms
    return usual
