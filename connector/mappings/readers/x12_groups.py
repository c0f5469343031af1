"""
How the segments of an X12 purchase order belong together.

Loops of the transaction sets 850 and 875 in the versions 003040 to 008010; a segment that a loop
does not know belongs to what is around it.
"""

from __future__ import annotations

from typing import Final

from connector.mappings.readers.segment_groups import Group

_PARTY = Group(
    "N1",
    frozenset({"N2", "N3", "N4", "NX2", "REF", "PER", "SI", "FOB", "PKG", "IN2", "TD1", "TD3",
               "TD4", "TD5"}),
)  # fmt: skip
_NOTE = Group("N9", frozenset({"DTM", "MSG", "MTX", "MEA", "PWK", "EFI"}))
_CHARGE = Group("SAC", frozenset({"CUR", "CTP", "TXI"}))
_SCHEDULE = Group("SCH", frozenset({"TD1", "TD5", "TD3", "TD4", "REF"}))
_DESCRIPTION = Group("PID", frozenset({"MEA"}))
_PRICE = Group("CTP", frozenset({"CUR"}))

_SUBLINE = Group(
    "SLN",
    frozenset({"MSG", "SI", "PO3", "TC2", "ADV", "DTM", "PAM", "PO4", "TAX", "QTY"}),
    {"PID": _DESCRIPTION, "CTP": _PRICE, "N9": _NOTE, "N1": _PARTY, "SAC": _CHARGE},
)

_LINE = Group(
    "PO1",
    takes_all=True,
    groups={"PID": _DESCRIPTION, "CTP": _PRICE, "N9": _NOTE, "N1": _PARTY, "SAC": _CHARGE,
            "SCH": _SCHEDULE, "SLN": _SUBLINE},
)  # fmt: skip

#: The whole transaction set.
MESSAGE: Final = Group(
    "850",
    takes_all=True,
    groups={"N1": _PARTY, "N9": _NOTE, "SAC": _CHARGE, "PO1": _LINE},
)

#: Segments that occur once: a mapping and no list.
SINGLE: Final = frozenset({"ST", "BEG", "SE", "CTT"})

#: With this segment the lines end.
TRAILER: Final = "CTT"

#: Where in a segment pairs of qualifier and product id begin, as elements from 0.
_PAIRS: Final = {"PO1": 5, "SLN": 8, "LIN": 1, "IT1": 5}


def product_ids(tag: str, elements: tuple[str, ...]) -> dict[str, str]:
    """Return product ids by qualifier (``VN`` vendor's, ``BP`` buyer's, ``UP`` UPC ..)."""
    start = _PAIRS.get(tag)
    if start is None:
        return {}
    found: dict[str, str] = {}
    for qualifier, value in zip(elements[start::2], elements[start + 1 :: 2], strict=False):
        if qualifier.strip() and value.strip():
            found.setdefault(qualifier.strip(), value.strip())
    return found
