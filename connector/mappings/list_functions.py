"""Lists and choices in expressions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connector.mappings.number_functions import decimal
from connector.mappings.text_functions import text


def at(values: Any, index: Any) -> Any:
    """`at(list, index)`: the element at a computed position, counted from 0; empty if none."""
    if not isinstance(values, list) or index is None:
        return None
    position = int(decimal(index) or 0)
    return values[position] if 0 <= position < len(values) else None


def entries(values: Any, name: str = "key") -> list[Any]:
    """
    `entries(mapping, name?)`: the objects of a mapping as a list, each with its key under `name`
    (`key` where it is left out): `{"A1": {..}}` becomes `[{"key": "A1", ..}]`, and `{"A1": 2}`
    `[{"key": "A1", "value": 2}]`. A list stays as it is.
    """
    if isinstance(values, list):
        return values
    if values is None or values == "":
        return []
    if not isinstance(values, dict):
        raise ValueError(f"{text(values)[:40]!r} is not a mapping of objects")
    return [
        {**(value if isinstance(value, dict) else {"value": value}), name: key}
        for key, value in values.items()
    ]


def numbered(values: Any, name: str = "position") -> list[Any]:
    """
    `numbered(list, name?)`: the objects of a list, each with its place, counted from 1, under
    `name` (`position` where it is left out).
    """
    return [
        {**value, name: place}
        for place, value in enumerate(values or (), start=1)
        if isinstance(value, dict)
    ]


def unique_by(values: Any, name: str) -> list[Any]:
    """`unique_by(list, name)`: the elements without those whose field `name` came before."""
    found: dict[str, Any] = {}
    for value in values or ():
        key = text(value.get(name)) if isinstance(value, dict) else ""
        found.setdefault(key, value)
    return list(found.values())


def attach(values: Any, name: str, index: str, others: Any) -> list[Any]:
    """
    `attach(list, name, index, others)`: the elements, each with the one of `others` that its
    field `index` counts to (from 0) under `name`; without such a one, empty.
    """
    return [
        {**value, name: at(others, value.get(index))}
        for value in values or ()
        if isinstance(value, dict)
    ]


def same_taxes(values: Any, taxes: Any) -> bool:
    """
    `same_taxes(list, taxes)`: whether every element of the list is taxed at the rates of `taxes`.
    Elements and `taxes` are as in the external order; a rate of 0 is no tax.
    """
    wanted = {tax["rate"] for tax in taxes or () if tax["rate"]}
    return all({tax["rate"] for tax in value["taxes"] if tax["rate"]} == wanted for value in values)


def choose(value: Any, choices: Any) -> Any:
    """
    `choose(value, choices)`: what `choices` (a JSON mapping in backticks) has under the value. A
    value that is not among them is refused.
    """
    key = text(value)
    if not isinstance(choices, dict) or key not in choices:
        known = ", ".join(choices) if isinstance(choices, dict) else "nothing"
        raise ValueError(f"{key!r} is not among {known}")
    return choices[key]


def pairs(values: Any, name: str = "name", value: str = "value") -> dict[str, str]:
    """`pairs(list, name, value)`: a list of name and value fields as one mapping of texts."""
    result: dict[str, str] = {}
    for element in values or ():
        if isinstance(element, dict) and element.get(name) not in (None, ""):
            content = element.get(value)
            plain = content is None or isinstance(content, (str, int, Decimal))
            result[text(element[name])] = text(content) if plain else "(structured)"
    return result
