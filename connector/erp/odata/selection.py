"""``$select`` and ``$expand`` for what is read along navigations."""

from __future__ import annotations

from collections.abc import Sequence


def selection(parts: Sequence[tuple[str, Sequence[str]]]) -> dict[str, str]:
    """Return ``$select`` and ``$expand`` for the fields of each navigation path."""
    names = [f"{path}/{name}" if path else name for path, fields in parts for name in fields]
    expanded = [path for path, _ in parts if path]
    return {"$select": ",".join(names)} | ({"$expand": ",".join(expanded)} if expanded else {})
