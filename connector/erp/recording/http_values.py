"""
HTTP exchanges as plain JSON without the data of people, and back into answers.

A body is kept by its kind: JSON as it is, XML as text, a batch as its parts, so that two batches
that differ in their marks alone are the same. Of the headers only those stay that the connector
reads; no cookie, token or logon is ever written down.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, Final

from lxml import etree
from requests.structures import CaseInsensitiveDict

from connector.erp.recording.fields import Fields, Protocol
from connector.erp.recording.odata_values import ODataSanitiser, is_number
from connector.erp.recording.stand_ins import Replacement

_REQUEST_HEADERS: Final = ("Content-Type", "If-Match", "X-HTTP-Method", "SOAPAction")
_ANSWER_HEADERS: Final = (
    "Content-Type",
    "ETag",
    "Retry-After",
    "RepeatabilityResult",
    "DataServiceVersion",
)
_REQUEST_LINE: Final = re.compile(rb"^([A-Z]+) (\S+) HTTP/1\.\d\r?\n")
_STATUS_LINE: Final = re.compile(rb"^HTTP/1\.\d (\d{3})[^\r\n]*\r?\n")
_BOUNDARY: Final = "recorded_parts"
_METADATA: Final = "$metadata"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class HttpSanitiser:
    """Turns requests and answers into JSON."""

    fields: Fields
    replace: Replacement

    def request(self, method: str, address: str, headers: Mapping[str, str], body: bytes) -> Json:
        """Return what of a request tells it from others."""
        kept = {name: headers[name] for name in _REQUEST_HEADERS if headers.get(name)}
        kind = kept.get("Content-Type", "")
        if "Content-Type" in kept:
            kept["Content-Type"] = kind.partition(";")[0]
        return {
            "method": method,
            "address": self._odata.address(address),
            "headers": kept,
            "body": self._body(body, kind),
        }

    def answer(self, status: int, headers: Mapping[str, str], body: bytes, address: str) -> Json:
        """Return an answer; *address* is what was asked for."""
        kept = {name: headers[name] for name in _ANSWER_HEADERS if headers.get(name)}
        kind = kept.get("Content-Type", "")
        if kind.startswith("multipart/"):
            kept.pop("Content-Type")
        else:
            kept["Content-Type"] = kind.partition(";")[0]
        token = headers.get("X-CSRF-Token", "")
        if token:
            kept["X-CSRF-Token"] = "Required" if token.lower() == "required" else "recorded"
        if headers.get("sap-message"):
            kept["sap-message"] = self._message(headers["sap-message"])
        if address.partition("?")[0].endswith(_METADATA) and 200 <= status < 300:
            # The description of a service holds no data.
            content: Json = {"text": body.decode("utf-8", "replace")}
        else:
            content = self._body(body, kind)
        return {"status": status, "headers": kept, "body": content}

    def again(self, request: Mapping[str, Any]) -> Json:
        """Return what a recorded *request* becomes by this sanitiser, as if it were sent now."""
        body = request["body"]
        kind = str(request["headers"].get("Content-Type", ""))
        made: Json = {}
        if "parts" in body:
            made = {"parts": [self.again(part) for part in body["parts"]]}
        elif "json" in body:
            made = self._body(json.dumps(body["json"]).encode(), kind)
        elif body:
            made = self._body(str(body["text"]).encode(), kind)
        address = self._odata.address(str(request["address"]))
        return {**request, "address": address, "body": made}

    @property
    def _odata(self) -> ODataSanitiser:
        return ODataSanitiser(self.fields, self.replace)

    def _body(self, body: bytes, kind: str) -> Json:
        media = kind.partition(";")[0].strip().lower()
        if not body.strip():
            return {}
        if media.startswith("multipart/"):
            return {"parts": self._parts(body, kind)}
        if media.endswith("json"):
            return self._json(body)
        if media.endswith("xml"):
            return self._xml(body)
        return {"text": self._words(body, media)}

    def _words(self, body: bytes, media: str) -> str:
        text = body.decode("utf-8", "replace")
        if is_number(text):
            return text
        if media == "text/html":
            # Whether it was a logon form decides what it means.
            form = "<input type='password'>" if "password" in text.lower() else ""
            return f"<html>{form}</html>"
        return self._replaced(text)

    def _json(self, body: bytes) -> Json:
        try:
            return {"json": self._odata.body(json.loads(body))}
        except (ValueError, RecursionError):
            # What cannot be read as JSON stays that.
            return {"text": "{"}

    def _xml(self, body: bytes) -> Json:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        try:
            root = etree.fromstring(body, parser)
        except (etree.XMLSyntaxError, ValueError):
            return {"text": "<"}
        for element in list(root.iter()):
            if not isinstance(element.tag, str):
                parent = element.getparent()
                if parent is not None:
                    parent.remove(element)
                continue
            name = etree.QName(element).localname
            if element.text and element.text.strip():
                element.text = self._of_element(name, element.text)
            element.tail = None
            for attribute, value in element.attrib.items():
                element.attrib[attribute] = self._of_element(
                    etree.QName(attribute).localname, value
                )
        return {"text": etree.tostring(root, encoding="unicode")}

    def _of_element(self, name: str, value: str) -> str:
        for protocol in (Protocol.SOAP, Protocol.RFC, Protocol.ODATA):
            if self.fields.knows(protocol, name):
                treatment = self.fields.treatment(protocol, name, value)
                break
        else:
            treatment = self.fields.treatment(Protocol.SOAP, name, value)
        if treatment.keeps or not value.strip():
            return value
        return self.replace(treatment, value)

    def _message(self, header: str) -> str:
        try:
            return json.dumps(self._odata.body(json.loads(header)))
        except ValueError:
            return json.dumps({"message": self._replaced(header), "severity": "info"})

    def _replaced(self, text: str) -> str:
        treatment = self.fields.treatment(Protocol.ODATA, "", text)
        return self.replace(treatment, text)

    def _parts(self, body: bytes, kind: str) -> list[Json]:
        message = BytesParser(policy=HTTP).parsebytes(
            f"Content-Type: {kind}\r\n\r\n".encode("latin-1") + body
        )
        return [self._part(leaf) for leaf in _leaves(message)]

    def _part(self, leaf: Message) -> Json:
        content = leaf.get_payload(decode=True)
        raw = content.lstrip(b"\r\n") if isinstance(content, bytes) else b""
        asked, answered = _REQUEST_LINE.match(raw), _STATUS_LINE.match(raw)
        line = asked or answered
        if line is None:
            return {}
        head, _, body = raw[line.end() :].replace(b"\r\n", b"\n").partition(b"\n\n")
        if raw[line.end() : line.end() + 2] == b"\r\n":
            head, body = b"", raw[line.end() + 2 :]
        headers = CaseInsensitiveDict(_fields(head.decode("latin-1").splitlines()))
        if asked is not None:
            method, address = asked[1].decode(), asked[2].decode("latin-1")
            return self.request(method, address, headers, body)
        assert answered is not None
        return self.answer(int(answered[1]), headers, body, "")


def content_of(answer: Mapping[str, Any]) -> tuple[dict[str, str], bytes]:
    """Return headers and body of a recorded answer, as they come over the line."""
    headers, body = dict(answer["headers"]), answer["body"]
    if "parts" in body:
        headers["Content-Type"] = f"multipart/mixed; boundary={_BOUNDARY}"
        return headers, _multipart(body["parts"])
    if "json" in body:
        return headers, json.dumps(body["json"]).encode()
    return headers, str(body.get("text", "")).encode()


def _multipart(parts: Iterable[Mapping[str, Any]]) -> bytes:
    made = []
    for part in parts:
        headers, body = content_of(part)
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        made.append(
            f"--{_BOUNDARY}\r\nContent-Type: application/http\r\n"
            "Content-Transfer-Encoding: binary\r\n\r\n"
            f"HTTP/1.1 {part['status']} Recorded\r\n{head}"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
            + b"\r\n"
        )
    return b"".join(made) + f"--{_BOUNDARY}--\r\n".encode()


def _leaves(message: Message) -> list[Message]:
    if not message.is_multipart():
        return [message]
    found: list[Message] = []
    for part in message.get_payload():
        if isinstance(part, Message):
            found += _leaves(part)
    return found


def _fields(lines: Iterable[str]) -> list[tuple[str, str]]:
    return [
        (name.strip(), value.strip())
        for name, colon, value in (line.partition(":") for line in lines)
        if colon
    ]
