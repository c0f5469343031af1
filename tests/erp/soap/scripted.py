"""Answers written by hand, to a transport whose payments nobody finds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from connector.clock import ManualClock
from connector.erp.http.options import BasicLogon, HttpOptions
from connector.erp.soap.options import SoapOptions
from connector.erp.soap.payment import FindPayments
from connector.erp.soap.transport import SoapTransport, soap_transport
from connector.sd_documents.payment import AccountingDocumentKey
from tests.erp.http.wire_server import Reply, reply

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
SFIN = "http://sap.com/xi/SAPSCORE/SFIN"
KEY = AccountingDocumentKey(company_code="1000", accounting_document="1400000001", fiscal_year=2026)
POSTED = (
    "<JournalEntryCreateConfirmation><AccountingDocument>1400000001</AccountingDocument>"
    "<CompanyCode>1000</CompanyCode><FiscalYear>2026</FiscalYear></JournalEntryCreateConfirmation>"
)
SUCCESS = "<Item><TypeID>605(RW)</TypeID><SeverityCode>1</SeverityCode><Note>posted</Note></Item>"


def nobody_finds(
    reference: str, company_code: str, payer: str
) -> tuple[AccountingDocumentKey, ...]:
    del reference, company_code, payer
    return ()


@contextmanager
def transport_to(
    url: str, finder: FindPayments = nobody_finds, **options: Any
) -> Iterator[SoapTransport]:
    """A transport to *url* that believes confirmations, unless *options* say otherwise."""
    logon = BasicLogon(user="CONNECTOR", password=SecretStr("secret"))
    made = soap_transport(
        HttpOptions(base_url=url, logon=logon),
        SoapOptions(**{"read_back": False, **options}),
        ManualClock(datetime(2026, 1, 5, 11, tzinfo=UTC)),
        finder,
    )
    try:
        yield made
    finally:
        made.close()


def item(type_id: str, severity: str, note: str = "Words", more: str = "") -> str:
    return (
        f"<Item><TypeID>{type_id}</TypeID><SeverityCode>{severity}</SeverityCode>"
        f"<Note>{note}</Note>{more}</Item>"
    )


def entry(document: str = POSTED, items: str = SUCCESS, header: str = "") -> str:
    return (
        "<JournalEntryCreateConfirmation><MessageHeader>"
        f"{header}<CreationDateTime>2026-01-05T11:00:00Z</CreationDateTime></MessageHeader>"
        f"{document}<Log>{items}</Log></JournalEntryCreateConfirmation>"
    )


def confirmation(*entries: str, header: str = "", log: str = "") -> str:
    return (
        f'<n:JournalEntryBulkCreateConfirmation xmlns:n="{SFIN}"><MessageHeader>{header}'
        "<CreationDateTime>2026-01-05T11:00:00Z</CreationDateTime></MessageHeader>"
        f"{''.join(entries)}<Log>{log}</Log></n:JournalEntryBulkCreateConfirmation>"
    )


def envelope(payload: str, version: str = SOAP_11, doctype: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="utf-8"?>{doctype}<e:Envelope xmlns:e="{version}">'
        f"<e:Header/><e:Body>{payload}</e:Body></e:Envelope>"
    ).encode()


def answer(payload: str, status: int = 200, version: str = SOAP_11, **more: Any) -> Reply:
    media = "text/xml" if version == SOAP_11 else "application/soap+xml"
    body = envelope(payload, version, more.pop("doctype", ""))
    return reply(status, body, Content_Type=f"{media}; charset=utf-8", **more)


def fault(code: str, text: str = "Words", version: str = SOAP_11) -> str:
    if version == SOAP_11:
        return (
            f"<e:Fault><faultcode>e:{code}</faultcode><faultstring>{text}</faultstring></e:Fault>"
        )
    return (
        f"<e:Fault><e:Code><e:Value>e:{code}</e:Value></e:Code>"
        f'<e:Reason><e:Text xml:lang="en">{text}</e:Text></e:Reason></e:Fault>'
    )
