"""
What the protocol half answers instead: status, code and text, in JSON or XML.

The codes are those seen in answers of SAP Gateway. The long ones without a message class belong to
its parser and differ between releases, so clients should not depend on them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4
from xml.sax.saxutils import escape, quoteattr

from connector.simulator.engine.outcome import Message
from connector.simulator.http.messages import Headers, HttpResponse

MALFORMED = "005056A509B11EE1B9A8FEC11C21578E"
WRONG_TYPE_IN_FILTER = "005056A509B11EE1BB8AF4A65EC3CA20"
NOT_ACCEPTABLE = "005056A509B11ED19BEB6513AA349DA5"
METHOD_NOT_ALLOWED = "005056A509B11ED199D8826D151FC0FE"
SYNTAX = "005056A509B11ED1B9BF94F386DD82E6"
NOT_FOUND = "/IWBEP/CM_MGW_RT/020"
NOT_IMPLEMENTED = "/IWBEP/CM_MGW_RT/021"
BATCH = "/IWFND/CM_MGW_RT/049"
NO_SERVICE = "/IWFND/MED/170"
OUTDATED = "/IWBEP/CM_COS/005"

_METADATA = "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"
_SEVERITIES = {"E": "error", "A": "error", "W": "warning", "I": "info", "S": "success"}


@dataclass(frozen=True, slots=True)
class Detail:
    """One message of an error body: severity is error, warning, info or success."""

    code: str
    message: str
    severity: str = "error"
    property: str = ""


class ODataError(Exception):
    """The request is answered with *status* and an error body; *headers* are added to it."""

    def __init__(
        self,
        status: int,
        text: str,
        code: str = MALFORMED,
        details: Sequence[Detail] = (),
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.status, self.text, self.code = status, text, code
        self.details, self.headers = tuple(details), tuple(headers)
        super().__init__(text)


def bad_request(text: str, code: str = MALFORMED) -> ODataError:
    """Return the answer to a request that is not as it should be."""
    return ODataError(400, text, code)


def not_found(segment: str) -> ODataError:
    """Return the answer where *segment* (a type or a part of the path) leads to nothing."""
    return ODataError(404, f"Resource not found for segment '{segment}'", NOT_FOUND)


def not_allowed(method: str, allowed: str) -> ODataError:
    """Return the answer to a method that the resource does not have."""
    text = f"Method {method} not allowed for this resource"
    return ODataError(405, text, METHOD_NOT_ALLOWED, headers=[("Allow", allowed)])


def of_messages(messages: Sequence[Message], status: int) -> ODataError:
    """Return the answer that shows messages of the ERP."""
    details = [detail_of(message) for message in messages]
    first = details[0] if details else Detail("", "The operation was not done")
    return ODataError(status, first.message, first.code, details)


def detail_of(message: Message) -> Detail:
    """Return a message of the ERP as an error body or ``sap-message`` has it."""
    code = f"{message.id}/{message.number}"
    return Detail(code, message.text, _SEVERITIES.get(message.type, "info"), message.field)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an error comes from: the service as the body names it, language and time."""

    service: str
    version: str
    language: str
    at: datetime

    @property
    def stamp(self) -> str:
        """The time as the error log has it."""
        return self.at.strftime("%Y%m%d%H%M%S.") + f"{self.at.microsecond:06}0"


def render(error: ODataError, origin: Origin, *, as_json: bool) -> HttpResponse:
    """Return *error* as an answer."""
    kind = "application/json;charset=utf-8" if as_json else "application/xml;charset=utf-8"
    headers = Headers([("Content-Type", kind), ("DataServiceVersion", "1.0"), *error.headers])
    body = _json(error, origin) if as_json else _xml(error, origin)
    return HttpResponse(error.status, headers, body)


def _details(error: ODataError) -> Sequence[Detail]:
    return error.details or (Detail(error.code, error.text),)


def _json(error: ODataError, origin: Origin) -> bytes:
    content = {
        "error": {
            "code": error.code,
            "message": {"lang": origin.language.lower(), "value": error.text},
            "innererror": {
                "application": {
                    "component_id": "SD-SLS",
                    "service_namespace": "/SAP/",
                    "service_id": origin.service,
                    "service_version": origin.version,
                },
                "transactionid": uuid4().hex.upper(),
                "timestamp": origin.stamp,
                "errordetails": [
                    {
                        "code": each.code,
                        "message": each.message,
                        "propertyref": each.property,
                        "severity": each.severity,
                        "target": each.property,
                    }
                    for each in _details(error)
                ],
            },
        }
    }
    return json.dumps(content, ensure_ascii=False).encode(errors="replace")


def _xml(error: ODataError, origin: Origin) -> bytes:
    inner = "".join(
        f"<errordetail><code>{_text(each.code)}</code><message>{_text(each.message)}</message>"
        f"<propertyref>{_text(each.property)}</propertyref>"
        f"<severity>{each.severity}</severity></errordetail>"
        for each in _details(error)
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><error xmlns="{_METADATA}">'
        f"<code>{_text(error.code)}</code>"
        f"<message xml:lang={quoteattr(origin.language.lower())}>{_text(error.text)}</message>"
        f"<innererror><application><component_id>SD-SLS</component_id>"
        f"<service_namespace>/SAP/</service_namespace>"
        f"<service_id>{_text(origin.service)}</service_id>"
        f"<service_version>{origin.version}</service_version></application>"
        f"<transactionid>{uuid4().hex.upper()}</transactionid>"
        f"<timestamp>{origin.stamp}</timestamp>"
        f"<errordetails>{inner}</errordetails></innererror></error>"
    ).encode(errors="replace")


def _text(text: str) -> str:
    """Escape, and leave out what XML cannot carry."""
    return escape("".join(c for c in text if c in "\t\n\r" or " " <= c < "\ufffe"))
