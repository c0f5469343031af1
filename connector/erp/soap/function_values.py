"""
Parameters of a function as the RFC transport makes them, in the form of its web service.

The WSDL decides: dates are ``YYYY-MM-DD`` where its type is date10, a table's rows are ``item``
elements, and fields that it asks for are sent initial where they have no value.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from zeep import xsd

from connector.errors import ConfigurationError

_INITIAL_DATE: Final = "0000-00-00"
#: Types of the schema below the WSDL's own -> initial value.
_INITIAL: Final[Mapping[type, Any]] = {
    xsd.String: "",
    xsd.Decimal: Decimal(0),
    xsd.Int: 0,
    xsd.Short: 0,
    xsd.Long: 0,
    xsd.Integer: 0,
    xsd.UnsignedByte: 0,
    xsd.Double: 0.0,
    xsd.Time: "00:00:00",
    xsd.Base64Binary: b"",
}

Row = Mapping[str, Any]


def service_values(
    parameters: Mapping[str, Any], request_type: Any, tables: tuple[str, ...], where: str
) -> dict[str, Any]:
    """
    Return *parameters* as the elements of *request_type*.

    Args:
        tables: sent empty where there are no rows: what is not sent does not come back.
        where: the WSDL, for errors.

    Raises:
        ConfigurationError: the WSDL has no such parameter or field.
    """
    types = dict(request_type.elements)
    wanted = {**{name: [] for name in tables}, **parameters}
    for name in wanted:
        _require(name in types, where, name)
    values: dict[str, Any] = {}
    for name, element in types.items():
        if name in wanted:
            values[name] = _value(wanted[name], element, where)
        elif not element.is_optional:
            values[name] = _initial(element)
    return values


def _value(value: Any, element: Any, where: str) -> Any:
    if isinstance(value, list):
        rows = dict(element.type.elements)
        _require("item" in rows, where, f"{element.attr_name}.item")
        return {"item": [_row(row, rows["item"].type, where) for row in value]}
    if isinstance(value, Mapping):
        return _row(value, element.type, where)
    return _scalar(value, element.type)


def _row(row: Row, kind: Any, where: str) -> dict[str, Any]:
    types = dict(kind.elements)
    for name in row:
        _require(name in types, where, f"{kind.name}.{name}")
    result: dict[str, Any] = {}
    for name, element in types.items():
        if name in row:
            result[name] = _scalar(row[name], element.type)
        elif not element.is_optional:
            result[name] = _initial(element)
    return result


def _scalar(value: Any, kind: Any) -> Any:
    if _is_date(kind) and isinstance(value, str):
        return f"{value[:4]}-{value[4:6]}-{value[6:]}" if value.strip(" 0") else _INITIAL_DATE
    return value


def _initial(element: Any) -> Any:
    kind = element.type
    if isinstance(kind, xsd.ComplexType):
        types = dict(kind.elements)
        if set(types) == {"item"}:
            return {"item": []}
        return {name: _initial(each) for name, each in types.items() if not each.is_optional}
    if _is_date(kind):
        return _INITIAL_DATE
    return next((v for base, v in _INITIAL.items() if isinstance(kind, base)), "")


def _is_date(kind: Any) -> bool:
    return bool(kind.name) and kind.name.lower().startswith("date")


def _require(known: bool, where: str, name: str) -> None:
    if not known:
        raise ConfigurationError(
            where,
            f"has no {name}",
            "The function needs the interface of the create function that it calls, in full",
        )


def plain_rows(table: Any) -> list[dict[str, Any]]:
    """Return the rows of a table that came back; empty texts, which come as None, are empty."""
    items = getattr(table, "item", None) or ()
    return [
        {name: "" if value is None else value for name, value in row.__values__.items()}
        for row in items
    ]
