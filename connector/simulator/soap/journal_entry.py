"""
JournalEntryCreateRequestConfirmation_In: one message with several entries, each its own unit of
work.

What business refuses is in the log of the entry's confirmation; a SOAP fault is only for requests
that the schema refuses and for programs that end.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Final

from lxml import etree

from connector.resources import shipped
from connector.simulator.engine.messages import MessageBook
from connector.simulator.engine.outcome import Message
from connector.simulator.http.messages import HttpRequest
from connector.simulator.soap import entry_reading
from connector.simulator.soap.confirmation import (
    NAMESPACE,
    ConfirmationWriter,
    EntryResult,
    MessageHeader,
)
from connector.simulator.soap.envelope import SoapFault
from connector.simulator.soap.service import ServiceDescription
from connector.simulator.soap.settings import SoapSettings

if TYPE_CHECKING:
    from connector.simulator.engine.erp import SimulatedErp
    from connector.simulator.engine.finance_records import AccountingDocument

PATH: Final = "/sap/bc/srt/scs/sap"
NAME: Final = "journalentrycreaterequestconfi"
#: Has to be there, and may be empty: the user who logs on is the author then.
_MAY_BE_EMPTY: Final = "CreatedByUser"
_REQUEST: Final = f"{{{NAMESPACE}}}JournalEntryBulkCreateRequest"


@cache
def shipped_description() -> ServiceDescription:
    """Return the service's WSDL as it is shipped."""
    path = shipped("fixtures/sap/soap") / "JournalEntryCreateRequestConfirmation_In.wsdl"
    return ServiceDescription(path.read_bytes())


class JournalEntryService:
    """Posts journal entries. May be called from any thread."""

    def __init__(self, erp: SimulatedErp, settings: SoapSettings) -> None:
        self._erp, self._settings = erp, settings
        self._posted: dict[str, str] = {}
        self._lock = threading.Lock()

    @property
    def description(self) -> ServiceDescription:
        """The WSDL."""
        return shipped_description()

    def run(self, payload: etree._Element, request: HttpRequest, version: str) -> etree._Element:
        """Post every entry of the message and confirm each."""
        if payload.tag != _REQUEST:
            raise SoapFault("Client", f"operation {payload.tag} is not offered here", version)
        if self._settings.empty_is_absent:
            _drop_empty(payload)
        self.description.check(payload, version)
        writer = ConfirmationWriter(
            self._erp.clock.now(),
            self._erp.settings.logical_system,
            request.base_url,
            self._settings.zeros_when_refused,
        )
        entries = payload.findall("JournalEntryCreateRequest")
        results = [self._post(entry, request.user) for entry in entries]
        return writer.bulk(_header(payload), results)

    def _post(self, request: etree._Element, user: str) -> EntryResult:
        header = _header(request)
        entry = request.find("JournalEntry")
        if entry is None:
            raise ValueError("a request without entry passed the schema")
        key = header.uuid.lower() or header.id
        earlier = self._reserve(key)
        if earlier:
            company = entry_reading.text(entry, "CompanyCode")
            words = f"Message {key} was processed before: {earlier}"
            rows = [self._refused(), entry_reading.free_text(words)]
            return EntryResult(header, company, None, rows)
        result = None
        try:
            result = self._book(header, entry, user)
        finally:
            self._keep(key, result.document if result is not None else None)
        return result

    def _book(self, header: MessageHeader, entry: etree._Element, user: str) -> EntryResult:
        spec, problems = entry_reading.read(entry)
        company = spec.company_code
        if problems:
            return EntryResult(header, company, None, [self._refused(), *problems])
        author = entry_reading.text(entry, "CreatedByUser") or user
        with self._erp.session(author) as session:
            outcome = session.post_accounting_document(spec)
            if not outcome.accepted:
                return EntryResult(header, company, None, outcome.messages)
            committed = session.commit(wait=self._settings.waits_for_update)
            if not committed.accepted:
                return EntryResult(header, company, None, committed.messages)
        return EntryResult(header, company, outcome.documents[0], outcome.messages)

    def _reserve(self, key: str) -> str:
        """Return what the message was posted as before, else note that it is being posted."""
        if self._settings.repeated_message != "refuse" or not key:
            return ""
        with self._lock:
            earlier = self._posted.get(key, "")
            if not earlier:
                self._posted[key] = "being processed"
            return earlier

    def _keep(self, key: str, document: AccountingDocument | None) -> None:
        """A message that was refused may come again."""
        with self._lock:
            if document is not None and key:
                self._posted[key] = document.object_key
            else:
                self._posted.pop(key, None)

    def _refused(self) -> Message:
        book = MessageBook(self._erp.settings.message_numbers)
        system = self._erp.settings.logical_system
        return book.row("accounting document refused", entry_reading.OBJECT_TYPE, "$", system)


def _header(element: etree._Element) -> MessageHeader:
    read = entry_reading.text
    return MessageHeader(read(element, "MessageHeader/ID"), read(element, "MessageHeader/UUID"))


def _drop_empty(root: etree._Element) -> None:
    """Remove elements without text, attributes and children; then those that became so."""
    leaves: Iterable[etree._Element] = [each for each in root.iter() if not len(each)]
    for leaf in leaves:
        each: etree._Element | None = leaf
        while each is not None and each is not root and _is_empty(each):
            parent = each.getparent()
            if parent is None:
                break
            parent.remove(each)
            each = parent


def _is_empty(element: etree._Element) -> bool:
    if element.tag == _MAY_BE_EMPTY or len(element) or element.attrib:
        return False
    return not (element.text or "").strip()
