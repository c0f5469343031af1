"""
What is kept of each field and what is put in the place of the rest.

The table is `fields.csv` beside this module: every field that the connector reads or sends, by
protocol, and every field of people that the interfaces are known to have. A field that is not in
it is replaced, whatever it holds.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from connector.errors import ConfigurationError

SHIPPED: Final = Path(__file__).with_name("fields.csv")
_COLUMNS: Final = ("protocol", "field", "treatment")
#: What a kept value may look like: codes, numbers, dates, references. A blank makes it a text.
_CODE: Final = re.compile(r"[^\s@]{1,80}")
_LABEL: Final = re.compile(r"[^\r\n@]{1,60}")


class Protocol(StrEnum):
    """Whose names the fields have."""

    RFC = "rfc"
    ODATA = "odata"
    SOAP = "soap"
    #: The connector's own model of an order from outside.
    ORDER = "order"


class Treatment(StrEnum):
    """What becomes of a value."""

    #: Codes, document numbers, dates, amounts, quantities.
    KEEP = "keep"
    #: Words of the shop or the system, such as the name of a way of shipping: kept with blanks.
    LABEL = "label"
    #: As keep, but other in every run: not compared in a replay.
    VOLATILE = "volatile"
    NAME = "name"
    STREET = "street"
    CITY = "city"
    POSTCODE = "postcode"
    EMAIL = "email"
    PHONE = "phone"
    #: Accounts, cards, mandates.
    BANK = "bank"
    TAX_NUMBER = "tax_number"
    #: Users of the ERP, and the machines they work on.
    USER = "user"
    #: Free text, and everything that nobody knows.
    TEXT = "text"
    #: Documents as files.
    BINARY = "binary"

    @property
    def keeps(self) -> bool:
        """Whether the value stays as it is."""
        return self in (Treatment.KEEP, Treatment.LABEL, Treatment.VOLATILE)


class Fields:
    """The table; later rows replace earlier ones."""

    def __init__(self, rows: Mapping[tuple[Protocol, str], Treatment]) -> None:
        self._rows = dict(rows)

    def treatment(self, protocol: Protocol, field: str, value: str = "") -> Treatment:
        """Return what becomes of *value* in *field*; a kept field keeps only what is a code."""
        known = self._rows.get((protocol, field), Treatment.TEXT)
        form = _LABEL if known is Treatment.LABEL else _CODE
        if known.keeps and value and not form.fullmatch(value.strip()):
            return Treatment.TEXT
        return known

    def knows(self, protocol: Protocol, field: str) -> bool:
        """Tell whether the table has a row for *field*."""
        return (protocol, field) in self._rows

    def for_comparison(self) -> Fields:
        """Return a table that keeps nothing that differs from run to run."""
        changed = {
            key: Treatment.TEXT if treatment is Treatment.VOLATILE else treatment
            for key, treatment in self._rows.items()
        }
        return Fields(changed)

    def with_rows_of(self, path: Path | None) -> Fields:
        """
        Return the table with the rows of *path* on top, for fields of one's own.

        Raises:
            ConfigurationError: *path* is not readable, or a line is not of the table's form.
        """
        return self if path is None else Fields({**self._rows, **_read(path)})


@cache
def shipped_fields() -> Fields:
    """Return the table that travels with the connector."""
    return Fields(_read(SHIPPED))


def _read(path: Path) -> dict[tuple[Protocol, str], Treatment]:
    rows: dict[tuple[Protocol, str], Treatment] = {}
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines)
            if tuple(reader.fieldnames or ()) != _COLUMNS:
                raise ConfigurationError(
                    f"{path}, line 1", f"the columns must be {','.join(_COLUMNS)}"
                )
            for row in reader:
                where = f"{path}, line {reader.line_num}"
                rows[_protocol(row["protocol"], where), row["field"]] = _treatment(
                    row["treatment"], where
                )
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(str(path), f"cannot be read: {error}") from error
    return rows


def _protocol(value: str, where: str) -> Protocol:
    try:
        return Protocol(value)
    except ValueError:
        expected = ", ".join(Protocol)
        raise ConfigurationError(
            f"{where}: protocol", f"'{value}' is not allowed, expected {expected}"
        ) from None


def _treatment(value: str | None, where: str) -> Treatment:
    try:
        return Treatment(value or "")
    except ValueError:
        expected = ", ".join(Treatment)
        raise ConfigurationError(
            f"{where}: treatment", f"'{value}' is not allowed, expected {expected}"
        ) from None
