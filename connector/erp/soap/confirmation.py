"""What a confirmation says: the document, and the log's messages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from connector.erp.messages import ReturnRow
from connector.erp.soap.journal_entry import MessageIds
from connector.errors import ErpMessage
from connector.sd_documents.payment import AccountingDocumentKey

#: Severity in the log -> type of the message. Information and success share one.
_TYPES: Final = {"1": "S", "2": "W", "3": "E", "4": "A"}
#: A message's number and class, as in 605(RW).
_TYPE_ID: Final = re.compile(r"^\s*(\d{1,3})\s*\(\s*([^()\s]+)\s*\)\s*$")


@dataclass(frozen=True, slots=True)
class Confirmed:
    """
    The answer to one entry.

    ``key`` is None where no document was made; ``rows`` are the messages of the entry and of the
    whole message.
    """

    key: AccountingDocumentKey | None
    rows: tuple[ReturnRow, ...]


def read_confirmation(answer: Any, ids: MessageIds) -> Confirmed:
    """
    Return what *answer* says of the one entry that was sent.

    Raises:
        ValueError: it is no answer to that message, or holds no usable document number.
    """
    entries = [each for each in answer.JournalEntryCreateConfirmation or () if each is not None]
    if len(entries) > 1:
        raise ValueError(f"{len(entries)} entries are confirmed, one was sent")
    rows = list(_rows(answer.Log))
    for header, own in (
        (answer.MessageHeader, ids.bulk),
        *((e.MessageHeader, ids.entry) for e in entries),
    ):
        _require_ours(header, own.hex, str(own))
    key = None
    for entry in entries:
        rows += _rows(entry.Log)
        key = _key(entry.JournalEntryCreateConfirmation)
    return Confirmed(key, tuple(rows))


def _require_ours(header: Any, own_id: str, own_uuid: str) -> None:
    if header is None:
        return
    answered = _text(header.ReferenceID), _text(header.ReferenceUUID).lower()
    for told, own in zip(answered, (own_id, own_uuid), strict=True):
        if told and told != own:
            raise ValueError("the answer belongs to another message")


def _key(document: Any) -> AccountingDocumentKey | None:
    """Return the document; a number of nothing but zeros is none."""
    if document is None or not (_text(document.AccountingDocument)).strip("0"):
        return None
    return AccountingDocumentKey(
        company_code=_text(document.CompanyCode),
        accounting_document=_text(document.AccountingDocument).zfill(10),
        fiscal_year=int(_text(document.FiscalYear)),
    )


def _rows(log: Any) -> Iterable[ReturnRow]:
    for item in (log.Item or ()) if log is not None else ():
        yield _row(item)


def _row(item: Any) -> ReturnRow:
    type_id = _text(item.TypeID)
    found = _TYPE_ID.match(type_id)
    message = ErpMessage(
        # A severity that nobody knows may be an error's.
        type=_TYPES.get(_text(item.SeverityCode), "E"),
        message_class=found.group(2) if found else "",
        number=found.group(1).zfill(3) if found else "",
        text=_text(item.Note),
        key="" if found else type_id,
        field=_text(item.ReferenceMessageElementName),
    )
    named = item.LogItemNotePlaceholderSubstitutionList
    if named is None:
        return ReturnRow(message)
    return ReturnRow(
        message,
        _text(named.FirstPlaceholderSubstitutionText),
        _text(named.SecondPlaceholderSubstitutionText),
    )


def _text(value: Any) -> str:
    """Return an element's text; one with attributes comes as an object."""
    inner = getattr(value, "_value_1", value)
    return str(inner).strip() if inner is not None else ""
