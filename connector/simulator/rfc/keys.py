"""
How values are written at the RFC face and how the engine writes them.

Documents and customers are zero-padded on both sides. A numeric material has 18 digits outside and
none of its leading zeros inside. Partner functions and order types are the internal German keys;
with CONVERT set they are what the logon language shows (English OR and SP, German TA and AG).
Amounts in fields of type CURR are stored shifted by the currency's decimals, those in DEC fields
are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from connector.simulator.rfc.exceptions import short_dump

if TYPE_CHECKING:
    from connector.simulator.engine.erp import SimulatedErp
    from connector.simulator.engine.master_data import MasterData

ZERO = Decimal(0)
_MATERIAL_WIDTH = 18


def as_date(text: str) -> date | None:
    """Return a DATS value as a date, None when it is initial or blank."""
    if not text.strip() or text == "00000000":
        return None
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def local(erp: SimulatedErp, moment: datetime) -> datetime:
    """Return a moment in the ERP's own time zone: dates and times of entry are local in SAP."""
    return moment.astimezone(ZoneInfo(erp.settings.time_zone))


def number(row: Mapping[str, Any], field: str) -> Decimal | None:
    """
    Return a packed number, None when the field was not given.

    Raises:
        ABAPRuntimeError: the field holds no number (a short dump, as in any ABAP program).
    """
    value = row.get(field)
    if value is None:
        return None
    if not value.is_finite():
        raise short_dump("BCD_BADDATA", f"P field {field} does not contain correct BCD format")
    return Decimal(value)


def integer(row: Mapping[str, Any], field: str) -> int:
    """Return a NUMC field as a number, 0 when it was not given."""
    return int(row.get(field) or 0)


def material_in(row: Mapping[str, Any], field: str = "MATERIAL") -> str:
    """Return the material of *row*: the long field when it is filled."""
    value: str = row.get(f"{field}_LONG") or row.get(field, "")
    return value


def material_out(material: str) -> str:
    """Return a material number as the database keeps it."""
    return material.zfill(_MATERIAL_WIDTH) if material.isdigit() else material


def material_fields(material: str) -> dict[str, str]:
    """Return the short and the long field of a material."""
    stored = material_out(material)
    return {"MATERIAL": stored[:_MATERIAL_WIDTH], "MATERIAL_LONG": stored}


def unit_in(master: MasterData, unit: str, iso: str) -> str:
    """Return the unit: the field as it is, else the internal key of the ISO code."""
    return unit or (master.unit_key(iso) if iso else "")


def unit_iso(master: MasterData, unit: str) -> str:
    """Return the ISO code of a unit, empty when there is none."""
    known = master.units.get(unit)
    return known.iso[:3] if known else ""


def decimals(master: MasterData, currency: str) -> int:
    """Return the currency's decimals, 2 where the currency is not defined (TCURX)."""
    known = master.currencies.get(currency)
    return known.decimals if known else 2


def to_stored(master: MasterData, amount: Decimal, currency: str) -> Decimal:
    """Return an amount as a CURR field stores it: JPY 100 as 1.00, KWD 1.234 as 12.34."""
    return amount.scaleb(decimals(master, currency) - 2)


def from_stored(master: MasterData, amount: Decimal, currency: str) -> Decimal:
    """Return what a CURR field means."""
    return amount.scaleb(2 - decimals(master, currency))


@dataclass(frozen=True, slots=True)
class KeyConversion:
    """
    How order types and partner functions are read.

    ``convert`` takes what ``language`` shows, as CONVERT does; otherwise internal keys are taken,
    and with ``lenient`` the shown ones, too.
    """

    master: MasterData
    convert: bool
    language: str
    lenient: bool = False

    def partner_function(self, role: str) -> str:
        """Return the internal partner function, empty when *role* is none."""
        internal = role if role in self.master.partner_functions else ""
        known = self.master.partner_functions.values()
        shown = next((each.function for each in known if each.external == role), "")
        return self._chosen(internal, shown)

    def order_type(self, document_type: str) -> str:
        """Return the internal order type, empty when there is none."""
        internal = document_type if document_type in self.master.order_types else ""
        known = self.master.order_types.values()
        shown = next((each.document_type for each in known if each.external == document_type), "")
        return self._chosen(internal, shown)

    def _chosen(self, internal: str, shown: str) -> str:
        if self.language == "DE":
            return internal
        if self.convert:
            return shown
        return internal or (shown if self.lenient else "")
