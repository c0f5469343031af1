"""
Taking back what accounting has done: reset of a clearing (FBRA), reversal of a document (FB08).

A reset opens the cleared items again and leaves the documents. A clearing that left a residual item
can only be reset together with the reversal of its document, and only while the residual is open.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from connector.simulator.engine import posting
from connector.simulator.engine.accounting import not_posted, posted
from connector.simulator.engine.finance_records import AccountingDocument, AccountingLine
from connector.simulator.engine.keys import padded
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.outcome import Outcome, RefusedError

#: Documents that are taken back where they were made: billing, goods movement, vendor's invoice.
_ELSEWHERE = ("VBRK", "MKPF", "RMRP")
_MIRRORED = {"01": "12", "11": "02", "15": "05", "05": "15", "09": "19", "19": "09", "06": "16"}
_MIRRORED |= {"40": "50", "50": "40", "16": "06", "12": "01", "02": "11"}


def reset_clearing(
    work: UnitOfWork, company_code: str, number: str, fiscal_year: int, *, reverse: bool
) -> Outcome:
    """Open cleared items again, see `Session.reset_clearing`."""
    try:
        document = _locked(work, company_code, number, fiscal_year)
        _reset(work, document, reverse=reverse)
        if reverse:
            return _reverse(work, document, work.today)
    except RefusedError as refusal:
        return not_posted(work, refusal.messages)
    row = work.message("clearing reset", document.number)
    return Outcome((row,), (document.number,), (document,))


def reverse_document(
    work: UnitOfWork,
    company_code: str,
    number: str,
    fiscal_year: int,
    *,
    posting_date: date | None,
) -> Outcome:
    """Reverse a document, see `Session.reverse_accounting_document`."""
    try:
        document = _locked(work, company_code, number, fiscal_year)
        if any(line.clearing_date is not None for line in document.lines):
            raise RefusedError(work.message("document is cleared", document.number))
        return _reverse(work, document, posting_date or work.today)
    except RefusedError as refusal:
        return not_posted(work, refusal.messages)


def _locked(
    work: UnitOfWork, company_code: str, number: str, fiscal_year: int
) -> AccountingDocument:
    key = padded(number)
    document = work.accounting_document(company_code, key, fiscal_year)
    if document is None:
        raise RefusedError(work.message("accounting document unknown", key, company_code))
    holder = work.lock("accounting", company_code, key, str(document.fiscal_year))
    if holder is not None:
        raise RefusedError(work.message("account locked", key.lstrip("0"), holder))
    return document


def _reset(work: UnitOfWork, document: AccountingDocument, *, reverse: bool) -> None:
    finance = work.core.store.finance
    cleared = finance.cleared_by(document.company_code, document.number, document.fiscal_year)
    if not cleared:
        raise RefusedError(work.message("nothing cleared", document.number))
    residual = [
        line
        for line in document.lines
        if line.account_type == "D" and not _is_cleared_by(line, document)
    ]
    closes = any(_is_cleared_by(line, document) for line in document.lines)
    if closes and residual and not reverse:
        raise RefusedError(work.message("clearing has residual", document.number))
    if any(line.clearing_date is not None for line in residual):
        raise RefusedError(work.message("document is cleared", document.number))
    for key in dict.fromkeys(key for key, _ in cleared):
        known = work.accounting_document(*key)
        assert known is not None
        if known.key != document.key and work.lock("accounting", key[0], key[1], str(key[2])):
            raise RefusedError(work.message("account locked", key[1], ""))
        work.put_accounting(replace(known, lines=_opened(known, document)))


def _is_cleared_by(line: AccountingLine, document: AccountingDocument) -> bool:
    return (line.clearing_document, line.clearing_year) == (document.number, document.fiscal_year)


def _opened(
    document: AccountingDocument, clearing: AccountingDocument
) -> tuple[AccountingLine, ...]:
    return tuple(
        replace(line, clearing_document="", clearing_date=None, clearing_year=0)
        if _is_cleared_by(line, clearing)
        else line
        for line in document.lines
    )


def _reverse(work: UnitOfWork, document: AccountingDocument, on: date) -> Outcome:
    if document.object_type in _ELSEWHERE:
        raise RefusedError(work.message("reverse at origin", document.number, document.object_type))
    now = work.accounting_document(*document.key)
    assert now is not None
    mirrored = [
        replace(
            line,
            debit=not line.debit,
            posting_key=_MIRRORED.get(line.posting_key, line.posting_key),
            clearing_document="*" if line.account_type == "D" else "",
            clearing_date=on if line.account_type == "D" else None,
        )
        for line in now.lines
    ]
    reversal = posting.post(
        work,
        posting.Header(
            company_code=document.company_code,
            document_type="AB",
            currency=document.currency,
            posting_date=on,
            document_date=on,
            reference=document.reference,
            reversal_of=document.number,
        ),
        mirrored,
    )
    work.put_accounting(posting.cleared_by(now, reversal, on))
    return posted(work, reversal)
