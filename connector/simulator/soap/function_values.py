"""Parameters of functions in XML: read into what the dictionary's checks take, and written."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from lxml import etree

from connector.simulator.rfc.dictionary import FieldType, Function, Parameter, Row, Structure
from connector.simulator.soap.function_wsdl import NAMESPACE, xml_name

_INTEGERS: Final = frozenset({"INT", "INT1", "INT2", "INT8"})
_BINARY: Final = frozenset({"BYTE", "XSTRING"})


def arguments(function: Function, request: etree._Element) -> dict[str, Any]:
    """
    Return the parameters that *request* gives; initial values are left out.

    Raises:
        ValueError: a value that the schema lets pass and that is none, e.g. a 31st of February.
    """
    given: dict[str, Any] = {}
    for parameter in function.parameters.values():
        element = request.find(xml_name(parameter.name))
        if element is None or parameter.direction == "export":
            continue
        value = _read(parameter, element)
        if value is not None:
            given[parameter.name] = value
    return given


def _read(parameter: Parameter, element: etree._Element) -> Any:
    kind = parameter.type
    if isinstance(kind, FieldType):
        return _field(kind, element.text or "", parameter.name)
    if parameter.is_table:
        return [_row(kind, item) for item in element.findall("item")]
    return _row(kind, element)


def _row(structure: Structure, element: etree._Element) -> Row:
    row: Row = {}
    for name, kind in structure.fields.items():
        child = element.find(xml_name(name))
        value = _field(kind, child.text or "", name) if child is not None else None
        if value is not None:
            row[name] = value
    return row


def _field(kind: FieldType, written: str, name: str) -> Any:
    """Return a field's value, None where it is initial."""
    stripped = written.strip()
    if not stripped:
        return None
    match kind.rfc:
        case "DATE":
            return _date(stripped, name)
        case "TIME":
            value: Any = stripped.replace(":", "")
        case "BCD":
            value = Decimal(stripped)
        case "FLOAT":
            value = float(stripped)
        case "NUM":
            value = stripped
        case rfc if rfc in _INTEGERS:
            value = int(stripped)
        case rfc if rfc in _BINARY:
            value = _binary(stripped, name)
        case _:
            value = written
    return value


def _date(written: str, name: str) -> str | None:
    """A date is initial when all of its digits are zeros."""
    digits = written.replace("-", "")
    if not digits.strip("0"):
        return None
    month, day = int(digits[4:6]), int(digits[6:8])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        raise ValueError(f"{name}: {written} is no date")
    return digits


def _binary(written: str, name: str) -> bytes:
    try:
        return base64.b64decode(written, validate=True)
    except binascii.Error as error:
        raise ValueError(f"{name}: not base64") from error


def response(function: Function, results: Mapping[str, Any], tables: set[str]) -> etree._Element:
    """
    Return the response element with every export and changing parameter and the named *tables*.

    *results* is canonical (see `rfc.encode`); what it leaves out is initial.
    """
    root = etree.Element(
        f"{{{NAMESPACE}}}{xml_name(function.name)}.Response", nsmap={"n0": NAMESPACE}
    )
    for parameter in function.results:
        kind, value = parameter.type, results.get(parameter.name)
        if parameter.is_table and parameter.name not in tables:
            continue
        made = etree.SubElement(root, xml_name(parameter.name))
        if isinstance(kind, FieldType):
            made.text = _text(kind, kind.initial() if value is None else value)
        elif parameter.is_table:
            for row in value or ():
                _fill(etree.SubElement(made, "item"), kind, row)
        else:
            _fill(made, kind, value or {})
    return root


def _fill(element: etree._Element, structure: Structure, row: Row) -> None:
    for name, value in {**structure.initial, **row}.items():
        made = etree.SubElement(element, xml_name(name))
        made.text = _text(structure.fields[name], value)


def _text(kind: FieldType, value: Any) -> str:
    match kind.rfc:
        case "DATE":
            digits = value or "00000000"
            return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
        case "TIME":
            return f"{value[:2]}:{value[2:4]}:{value[4:]}"
        case "BCD":
            return f"{value:f}"
        case rfc if rfc in _BINARY:
            return base64.b64encode(value).decode("ascii")
        case _:
            return str(value)
