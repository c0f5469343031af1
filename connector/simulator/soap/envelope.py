"""
SOAP envelopes, 1.1 and 1.2: reading requests, writing answers and faults.

XML is read without DTD, entities and anything from outside; what has a DTD is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lxml import etree

from connector.simulator.http.messages import Headers, HttpRequest, HttpResponse

SOAP_11: Final = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12: Final = "http://www.w3.org/2003/05/soap-envelope"
_CONTENT_TYPES: Final = {SOAP_11: "text/xml", SOAP_12: "application/soap+xml"}
_PREFIX: Final = "soap-env"
_XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
#: Fault codes of 1.1 and what they are called in 1.2.
_CODES_12: Final = {
    "Client": "Sender",
    "Server": "Receiver",
    "VersionMismatch": "VersionMismatch",
    "MustUnderstand": "MustUnderstand",
}


class SoapFault(Exception):
    """A technical failure. ``code`` is that of SOAP 1.1: Client, Server, VersionMismatch..."""

    def __init__(
        self, code: str, text: str, version: str = SOAP_11, detail: etree._Element | None = None
    ) -> None:
        self.code, self.text, self.version, self.detail = code, text, version, detail
        super().__init__(text)

    def response(self) -> HttpResponse:
        """Return the answer: status 500, or 400 where SOAP 1.2 blames the sender."""
        blamed = self.version == SOAP_12 and self.code == "Client"
        return _respond(400 if blamed else 500, self.version, self._element())

    def _element(self) -> etree._Element:
        fault = etree.Element(f"{{{self.version}}}Fault")
        if self.version == SOAP_12:
            code = etree.SubElement(fault, f"{{{SOAP_12}}}Code")
            value = etree.SubElement(code, f"{{{SOAP_12}}}Value")
            value.text = f"{_PREFIX}:{_CODES_12[self.code]}"
            reason = etree.SubElement(fault, f"{{{SOAP_12}}}Reason")
            text = etree.SubElement(reason, f"{{{SOAP_12}}}Text")
            detail_name = f"{{{SOAP_12}}}Detail"
        else:
            etree.SubElement(fault, "faultcode").text = f"{_PREFIX}:{self.code}"
            text = etree.SubElement(fault, "faultstring")
            detail_name = "detail"
        text.set(_XML_LANG, "en")
        text.text = self.text
        if self.detail is not None:
            etree.SubElement(fault, detail_name).append(self.detail)
        return fault


@dataclass(frozen=True, slots=True)
class SoapRequest:
    """A request that could be read: the namespace of its version and the payload in its body."""

    version: str
    payload: etree._Element


def parse(content: bytes) -> etree._Element:
    """
    Return the root of *content*.

    Raises:
        SoapFault: not well-formed, or with a DTD.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise SoapFault("Client", f"XML parsing error: {error.msg}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise SoapFault("Client", "XML parsing error: a document type declaration is not allowed")
    return root


def read(request: HttpRequest) -> SoapRequest:
    """
    Return the payload of a SOAP request.

    Raises:
        SoapFault: no envelope of a known version, no single payload, or a header that has to be
            understood and is not.
    """
    envelope = parse(request.body)
    name = etree.QName(envelope)
    version = name.namespace or ""
    if name.localname != "Envelope" or version not in _CONTENT_TYPES:
        raise SoapFault("VersionMismatch", f"unknown envelope {name.text}")
    media = request.headers.get("Content-Type").partition(";")[0].strip().lower()
    if media and media != _CONTENT_TYPES[version]:
        raise SoapFault(
            "Client", f"content type {media} does not go with the envelope {version}", version
        )
    for header in envelope.findall(f"{{{version}}}Header/*"):
        if header.get(f"{{{version}}}mustUnderstand", "0") in ("1", "true"):
            raise SoapFault("MustUnderstand", f"header {header.tag} is not understood", version)
    body = envelope.find(f"{{{version}}}Body")
    payloads: Sequence[etree._Element] = [] if body is None else list(body)
    if len(payloads) != 1:
        raise SoapFault("Client", f"the body has {len(payloads)} elements, expected one", version)
    return SoapRequest(version, payloads[0])


def answer(version: str, payload: etree._Element) -> HttpResponse:
    """Return *payload* in an envelope of *version*."""
    return _respond(200, version, payload)


def _respond(status: int, version: str, payload: etree._Element) -> HttpResponse:
    envelope = etree.Element(f"{{{version}}}Envelope", nsmap={_PREFIX: version})
    etree.SubElement(envelope, f"{{{version}}}Header")
    etree.SubElement(envelope, f"{{{version}}}Body").append(payload)
    headers = Headers([("Content-Type", f"{_CONTENT_TYPES[version]}; charset=utf-8")])
    return HttpResponse(
        status, headers, etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
    )
