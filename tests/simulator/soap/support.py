"""Raw SOAP messages, written by hand: no SOAP library has a part in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lxml import etree

from connector.simulator.http.messages import Headers, HttpFace, HttpRequest, HttpResponse

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
MEDIA = {SOAP_11: "text/xml; charset=utf-8", SOAP_12: "application/soap+xml; charset=utf-8"}
SFIN = "http://sap.com/xi/SAPSCORE/SFIN"
RFC = "urn:sap-com:document:sap:rfc:functions"
ENTRIES = "/sap/bc/srt/scs/sap/journalentrycreaterequestconfi"
FUNCTIONS = "/sap/bc/srt/rfc/sap/"


@dataclass(frozen=True)
class Client:
    """Posts to the faces as an HTTP server would hand it on."""

    faces: Mapping[str, HttpFace]

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        query: str = "",
        media: str = MEDIA[SOAP_11],
    ) -> HttpResponse:
        face = next(face for below, face in self.faces.items() if path.startswith(below))
        headers = Headers([("Content-Type", media)] if body else [])
        request = HttpRequest(method, path, query, headers, body, "http://erp.test:8000", "WEB")
        return face.answer(request)

    def post(
        self, path: str, payload: str, version: str = SOAP_11, header: str = ""
    ) -> HttpResponse:
        return self.send("POST", path, envelope(payload, version, header), media=MEDIA[version])

    def book(self, *entries: str, message: str = "") -> list[Confirmed]:
        """Post entries in one message and return what is confirmed of each."""
        answer = self.post(ENTRIES, bulk(*entries, message=message))
        assert answer.status == 200, answer.body
        return [Confirmed(each) for each in payload_of(answer).findall("*") if _is_entry(each)]

    def call(self, function: str, content: str, version: str = SOAP_11) -> etree._Element:
        """Call a function and return its response element."""
        answer = self.post(
            FUNCTIONS + function.lower(), f'<f:{function} xmlns:f="{RFC}">{content}</f:{function}>',
            version,
        )  # fmt: skip
        assert answer.status == 200, answer.body
        return payload_of(answer)


def _is_entry(element: etree._Element) -> bool:
    return element.tag == "JournalEntryCreateConfirmation"


@dataclass(frozen=True)
class Confirmed:
    """The confirmation of one entry."""

    element: etree._Element

    @property
    def document(self) -> str:
        return self.element.findtext("JournalEntryCreateConfirmation/AccountingDocument") or ""

    @property
    def rows(self) -> list[tuple[str, str]]:
        """Severity and type of each message."""
        return [
            (item.findtext("SeverityCode") or "", item.findtext("TypeID") or "")
            for item in self.element.findall("Log/Item")
        ]


def envelope(payload: str, version: str = SOAP_11, header: str = "") -> bytes:
    top = f"<e:Header>{header}</e:Header>" if header else ""
    return (
        f'<?xml version="1.0"?><e:Envelope xmlns:e="{version}">{top}'
        f"<e:Body>{payload}</e:Body></e:Envelope>"
    ).encode()


def payload_of(answer: HttpResponse) -> etree._Element:
    root = etree.fromstring(answer.body)
    body = root.find("{*}Body")
    assert body is not None
    return body[0]


def fault_of(answer: HttpResponse) -> tuple[str, str]:
    """Return a fault's code and text, of either version."""
    fault = payload_of(answer)
    assert etree.QName(fault).localname == "Fault", answer.body
    code = fault.findtext("faultcode") or fault.findtext("{*}Code/{*}Value") or ""
    text = fault.findtext("faultstring") or fault.findtext("{*}Reason/{*}Text") or ""
    return code.rpartition(":")[2], text


def bulk(*entries: str, message: str = "") -> str:
    return (
        f'<n:JournalEntryBulkCreateRequest xmlns:n="{SFIN}">'
        f"<MessageHeader><ID>BULK{message}</ID>"
        "<CreationDateTime>2026-01-02T08:00:00Z</CreationDateTime></MessageHeader>"
        f"{''.join(entries)}</n:JournalEntryBulkCreateRequest>"
    )


def entry(*lines: str, message: str = "", **header: str) -> str:
    """A journal entry; *header* replaces elements of its head, empty leaves one out."""
    head = {
        "OriginalReferenceDocumentType": "BKPFF",
        "BusinessTransactionType": "RFBU",
        "AccountingDocumentType": "DZ",
        "DocumentReferenceID": "PAY-1",
        "CreatedByUser": "TESTER",
        "CompanyCode": "1000",
        "DocumentDate": "2026-01-02",
        "PostingDate": "2026-01-02",
    } | header
    own = f"<ID>{message}</ID>" if message else ""
    fields = "".join(f"<{name}>{text}</{name}>" for name, text in head.items() if text)
    return (
        f"<JournalEntryCreateRequest><MessageHeader>{own}"
        "<CreationDateTime>2026-01-02T08:00:00Z</CreationDateTime></MessageHeader>"
        f"<JournalEntry>{fields}{''.join(lines)}</JournalEntry></JournalEntryCreateRequest>"
    )


def amount(value: str, currency: str = "EUR", name: str = "AmountInTransactionCurrency") -> str:
    return f'<{name} currencyCode="{currency}">{value}</{name}>'


def sign(value: str) -> str:
    return f"<DebitCreditCode>{'S' if Decimal(value) >= 0 else 'H'}</DebitCreditCode>"


def ledger(number: int, account: str, value: str, currency: str = "EUR", more: str = "") -> str:
    return (
        f"<Item><ReferenceDocumentItem>{number}</ReferenceDocumentItem>"
        f"<GLAccount>{account}</GLAccount>{amount(value, currency)}{sign(value)}{more}</Item>"
    )


def debtor(number: int, customer: str, value: str, currency: str = "EUR", more: str = "") -> str:
    return (
        f"<DebtorItem><ReferenceDocumentItem>{number}</ReferenceDocumentItem>"
        f"<Debtor>{customer}</Debtor>{amount(value, currency)}{sign(value)}{more}</DebtorItem>"
    )


def tax(number: int, code: str, value: str, base: str) -> str:
    return (
        f"<ProductTaxItem><ReferenceDocumentItem>{number}</ReferenceDocumentItem>"
        f"<TaxCode>{code}</TaxCode>{amount(value)}{sign(value)}"
        f"{amount(base, name='TaxBaseAmountInTransCrcy')}</ProductTaxItem>"
    )


def payment(value: str = "119.00", **more: Any) -> str:
    """A payment on account: bank to customer."""
    return entry(ledger(1, "0000113100", value), debtor(2, "C-100", f"-{value}"), **more)
