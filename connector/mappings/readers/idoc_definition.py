"""What the segments of an IDoc look like in a flat file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import yaml

from connector.resources import shipped

#: The definition's name of a segment in a file (E2EDK01005) and its type (E1EDK01).
_DEFINED: Final = re.compile(r"([EZ])2(\w+?)(\d{3})?")

#: The administrative part of a data record; what follows are the segment's fields.
RECORD: Final = {"SEGNAM": 30, "MANDT": 3, "DOCNUM": 16, "SEGNUM": 6, "PSGNUM": 6, "HLEVEL": 2}
RECORD_LENGTH: Final = sum(RECORD.values())


@dataclass(frozen=True, slots=True)
class IdocDefinition:
    """Fields and their lengths, of the control record and by segment type, and parents."""

    control: Mapping[str, int]
    segments: Mapping[str, Mapping[str, int]]
    parents: Mapping[str, str]


@lru_cache(maxsize=1)
def orders05() -> IdocDefinition:
    """Return the segments of ORDERS05 (`fixtures/sap/idoc/orders05.yaml`)."""
    content = yaml.safe_load(shipped("fixtures/sap/idoc/orders05.yaml").read_text("utf-8"))
    return IdocDefinition(content["control"], content["segments"], content["parents"])


def segment_type(name: str) -> str:
    """Return the segment type that a flat file names by its definition."""
    found = _DEFINED.fullmatch(name)
    return f"{found[1]}1{found[2]}" if found else name


def cut(text: str, fields: Mapping[str, int]) -> dict[str, str]:
    """Return the fields of fixed length that are not empty."""
    found: dict[str, str] = {}
    start = 0
    for name, length in fields.items():
        value = text[start : start + length].strip()
        start += length
        if value:
            found[name] = value
    return found
