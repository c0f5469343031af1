"""Rows that value tables lack, as lookups found out."""

from __future__ import annotations

from typing import NamedTuple


class MissingRow(NamedTuple):
    """
    A row that a table of the rules does not have.

    ``table`` is its name in the rules, ``label`` what messages call it, ``key`` one value per key
    column, ``where`` the field of the external order that was looked up, ``rule`` the key of the
    lookup. ``code`` is why orders are held for it, empty where something else was taken;
    ``by_default`` tells that it was a row with ``*``.
    """

    table: str
    label: str
    key: tuple[str, ...]
    where: str
    rule: str
    code: str = ""
    by_default: bool = False
