"""
The ERP's own words in an answer: the body of an error, and the header `sap-message`.

Both come as JSON or, from some gateways whatever was asked for, as XML. Nothing here fails: words
that cannot be read are no words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

from lxml import etree

from connector.erp.http.exchange import Answer
from connector.errors import ErpMessage

_CODE: Final = re.compile(r"^(?P<message_class>[^\s].*?)[/ ](?P<number>\d{3})$")
_ITEM: Final = re.compile(r"Item\w*='?0*(\d{1,6})'?")
_TYPES: Final = {
    "error": "E",
    "abort": "A",
    "warning": "W",
    "info": "I",
    "information": "I",
    "success": "S",
    # Numeric severities, as newer gateways write them.
    "1": "S",
    "2": "I",
    "3": "W",
    "4": "E",
}
_LONGEST: Final = 1_000_000


def messages_of_error(answer: Answer) -> tuple[ErpMessage, ...]:
    """Return the messages in an error body, the headline first; empty when it has none."""
    error = _error_of(answer.body)
    if error is None:
        return ()
    headline = _message(error, "E")
    inner = error.get("innererror")
    details = inner.get("errordetails") if isinstance(inner, Mapping) else None
    if isinstance(details, Mapping):
        details = details.get("errordetail")
    found = [headline, *(_message(each, "E") for each in _maps(details))]
    return _each_once(found)


def messages_of_header(answer: Answer) -> tuple[ErpMessage, ...]:
    """Return the messages in `sap-message`, which comes with success too; empty without it."""
    raw = answer.headers.get("sap-message", "")
    if not raw:
        return ()
    with suppress(UnicodeError):
        # Header values arrive as Latin-1; gateways write UTF-8 or escape.
        raw = raw.encode("latin-1").decode("utf-8")
    content = _json(raw)
    if content is None:
        content = _notification(raw.encode("utf-8"))
    if not isinstance(content, Mapping):
        return ()
    found = [
        _message(content, "I"),
        *(_message(each, "I") for each in _maps(content.get("details"))),
    ]
    return _each_once(found)


def _error_of(body: bytes) -> Mapping[str, Any] | None:
    if len(body) > _LONGEST:
        return None
    content = _json(body)
    if isinstance(content, Mapping):
        error = content.get("error")
        return error if isinstance(error, Mapping) else None
    return _error_in_xml(body)


def _json(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _message(content: Mapping[str, Any], default_type: str) -> ErpMessage:
    """Return one message, written as the headline (`message.value`) or as a detail."""
    words = content.get("message")
    if isinstance(words, Mapping):
        words = words.get("value")
    code = str(content.get("code") or "").strip()
    match = _CODE.match(code)
    severity = str(content.get("severity") or content.get("numericSeverity") or "").lower()
    field = str(content.get("target") or content.get("propertyref") or "")
    item = _ITEM.search(field)
    return ErpMessage(
        type=_TYPES.get(severity, default_type),
        message_class=match["message_class"] if match else "",
        number=match["number"] if match else "",
        text=str(words or "").strip(),
        key="" if match else code,
        item_number=int(item[1]) if item else None,
        field=field,
    )


def _maps(value: Any) -> Iterator[Mapping[str, Any]]:
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, Mapping):
            yield each


def _each_once(messages: list[ErpMessage]) -> tuple[ErpMessage, ...]:
    """Drop what says nothing, and details that only repeat the headline."""
    found: dict[tuple[str, str, str, str], ErpMessage] = {}
    for message in messages:
        if message.text or message.number or message.key:
            same = (message.message_class, message.number, message.key, message.text)
            known = found.get(same)
            if known is None or not known.field:
                found[same] = message
    return tuple(found.values())


def _error_in_xml(body: bytes) -> Mapping[str, Any] | None:
    root = _xml(body)
    if root is None or etree.QName(root).localname != "error":
        return None
    content = _flat(root)
    inner = root.find("{*}innererror")
    if inner is not None:
        details = inner.findall("{*}errordetails/{*}errordetail")
        content["innererror"] = {"errordetails": [_flat(each) for each in details]}
    return content


def _notification(body: bytes) -> Mapping[str, Any] | None:
    root = _xml(body)
    if root is None:
        return None
    details = [_flat(each) for each in root.findall("{*}details/{*}detail")]
    return {**_flat(root), "details": details}


def _xml(body: bytes) -> etree._Element | None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _flat(element: etree._Element) -> dict[str, Any]:
    return {
        etree.QName(child).localname: child.text or ""
        for child in element
        if isinstance(child.tag, str) and not len(child)
    }
