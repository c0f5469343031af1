"""The confirmation of a bulk request: numbers, and the log with its severities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from lxml import etree

from connector.simulator.engine.finance_records import AccountingDocument
from connector.simulator.engine.outcome import Message

NAMESPACE: Final = "http://sap.com/xi/SAPSCORE/SFIN"
#: Type of a message -> severity in the log.
SEVERITIES: Final = {"S": "1", "I": "1", "W": "2", "E": "3", "A": "3", "X": "3"}
_NOTE: Final = 200


@dataclass(frozen=True, slots=True)
class MessageHeader:
    """Whose message it is: the parts of a header that an answer refers to, empty if not given."""

    id: str = ""
    uuid: str = ""


@dataclass(frozen=True, slots=True)
class EntryResult:
    """What became of one entry: *document* is None when it was refused."""

    header: MessageHeader
    company_code: str
    document: AccountingDocument | None
    messages: Sequence[Message]


@dataclass(frozen=True, slots=True)
class ConfirmationWriter:
    """
    Writes confirmations as of *now*.

    ``system`` is the logical system that answers, ``base_url`` where texts of messages are shown.
    """

    now: datetime
    system: str
    base_url: str
    zeros_when_refused: bool

    def bulk(self, header: MessageHeader, results: Iterable[EntryResult]) -> etree._Element:
        """Return the confirmation of a whole request."""
        root = etree.Element(
            f"{{{NAMESPACE}}}JournalEntryBulkCreateConfirmation", nsmap={"n0": NAMESPACE}
        )
        self._header(root, header)
        for result in results:
            self._entry(root, result)
        etree.SubElement(root, "Log")
        return root

    def _header(self, parent: etree._Element, to: MessageHeader) -> None:
        made = etree.SubElement(parent, "MessageHeader")
        if to.id:
            _add(made, "ReferenceID", to.id)
        if to.uuid:
            _add(made, "ReferenceUUID", to.uuid)
        _add(made, "CreationDateTime", timestamp(self.now))
        _add(made, "SenderBusinessSystemID", self.system)

    def _entry(self, root: etree._Element, result: EntryResult) -> None:
        made = etree.SubElement(root, "JournalEntryCreateConfirmation")
        self._header(made, result.header)
        document = result.document
        if document is not None:
            _document(made, document.number, document.company_code, str(document.fiscal_year))
        elif self.zeros_when_refused:
            _document(made, "0" * 10, result.company_code, "0000")
        log = etree.SubElement(made, "Log")
        severities = [SEVERITIES[message.type] for message in result.messages]
        if severities:
            _add(log, "MaximumLogItemSeverityCode", max(severities))
        for message, severity in zip(result.messages, severities, strict=True):
            item = etree.SubElement(log, "Item")
            _add(item, "TypeID", f"{message.number}({message.id})")
            _add(item, "SeverityCode", severity)
            if message.parameter:
                _add(item, "ReferenceMessageElementName", message.parameter)
            _add(item, "Note", message.text[:_NOTE])
            _add(item, "WebURI", self._uri(message))

    def _uri(self, message: Message) -> str:
        variables = (message.v1, message.v2, message.v3, message.v4)
        query = {"ID": "NA", "OBJECT": f"{message.id}{message.number}", "LANGUAGE": "E"}
        query |= {f"MSGV{at}": value for at, value in enumerate(variables, start=1) if value}
        return f"{self.base_url}/sap/xi/docu_apperror?{urlencode(query)}"


def timestamp(now: datetime) -> str:
    """Write an instant as the messages do: UTC, to the second, with Z."""
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _document(parent: etree._Element, number: str, company_code: str, year: str) -> None:
    made = etree.SubElement(parent, "JournalEntryCreateConfirmation")
    _add(made, "AccountingDocument", number)
    _add(made, "CompanyCode", company_code)
    _add(made, "FiscalYear", year)


def _add(parent: etree._Element, name: str, value: str) -> None:
    etree.SubElement(parent, name).text = value
