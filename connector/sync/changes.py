"""What differs between two documents, field by field, for a person to read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from connector.sd_documents.sales_document import SalesDocument

#: Fields whose values are personal: they are named, never shown.
_PERSONAL: Final = frozenset({"partners", "texts"})
#: How many differences a message names before it only counts.
_NAMED: Final = 5


def differing_fields(old: SalesDocument, new: SalesDocument) -> tuple[str, ...]:
    """Return the fields in which *new* differs from *old*, with their values; empty if none."""
    return tuple(_differences("", old.model_dump(mode="json"), new.model_dump(mode="json")))


def in_short(differences: tuple[str, ...]) -> str:
    """Return *differences* as part of a sentence, the first few named and the rest counted."""
    text = "; ".join(differences[:_NAMED])
    rest = len(differences) - _NAMED
    return f"{text}; and {rest} more" if rest > 0 else text


def _differences(path: str, old: Any, new: Any) -> Iterator[str]:
    if old == new:
        return
    if path in _PERSONAL:
        yield path
    elif isinstance(old, dict) and isinstance(new, dict):
        for name in old.keys() | new.keys():
            inner = f"{path}.{name}" if path else name
            yield from _differences(inner, old.get(name), new.get(name))
    elif isinstance(old, list) and isinstance(new, list):
        before, after = _keyed(old), _keyed(new)
        for key in sorted(before.keys() | after.keys(), key=str):
            yield from _differences(f"{path}[{key}]", before.get(key), after.get(key))
    elif old is None or new is None or isinstance(old, (dict, list)):
        yield f"{path} {'is new' if old is None else 'is gone' if new is None else 'differs'}"
    else:
        yield f"{path} {old} -> {new}"


def _keyed(rows: list[Any]) -> dict[Any, Any]:
    """Give the rows of a list their own key where they have one, else their position."""
    return {
        row.get("item_number") or position if isinstance(row, dict) else position: row
        for position, row in enumerate(rows)
    }
