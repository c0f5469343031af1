"""How values of the engine are written in the services, and how those of clients are read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from connector.simulator.engine.keys import padded
from connector.simulator.odata.entities.settings import EntitySettings

if TYPE_CHECKING:
    from connector.simulator.engine.erp import SimulatedErp
    from connector.simulator.engine.master_data import MasterData
    from connector.simulator.engine.master_records import Unit
    from connector.simulator.odata.entity_set import Context, Value

ZERO = Decimal(0)
_ITEM_WIDTH = 6
_NINE = Decimal("1e-9")
_THREE = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Forms:
    """The ERP a request reads, and the outside forms of its language and settings."""

    erp: SimulatedErp
    language: str
    settings: EntitySettings

    @classmethod
    def of(cls, context: Context, settings: EntitySettings) -> Forms:
        """Return the forms of a request."""
        return cls(context.erp, context.language, settings)

    @property
    def master(self) -> MasterData:
        """Master data and customizing."""
        return self.erp.master_data

    # -- keys ------------------------------------------------------------------------------------

    def number(self, number: str) -> str:
        """Return a document or customer number: without leading zeros when it is numeric."""
        if self.settings.padded_numbers or not number.isdigit():
            return number
        return number.lstrip("0")

    def item(self, number: int) -> str:
        """Return an item number of a sales or billing document, "0" for none."""
        return f"{number:0{_ITEM_WIDTH}}" if self.settings.padded_items else str(number)

    def delivery_item(self, number: int) -> str:
        """Return an item number as the delivery service writes it."""
        return f"{number:0{_ITEM_WIDTH}}" if self.settings.padded_delivery_items else str(number)

    def partner_function(self, function: str) -> str:
        """Return a partner function as the logon language shows it: AG is SP in English."""
        known = self.master.partner_functions.get(function)
        return known.external if known and self.language != "DE" else function

    def order_type(self, document_type: str) -> str:
        """Return an order type as the logon language shows it: TA is OR in English."""
        known = self.master.order_types.get(document_type)
        return known.external if known and self.language != "DE" else document_type

    # -- quantities and amounts ------------------------------------------------------------------

    def unit(self, unit: str) -> str:
        """Return a unit in its commercial form (PC), or as internal key where so set."""
        known = self._unit(unit)
        return known.commercial if known and not self.settings.internal_units else unit

    def iso_unit(self, unit: str) -> str:
        """Return the ISO code of a unit, empty when there is none."""
        known = self._unit(unit)
        return known.iso[:3] if known else ""

    def units(self, name: str, unit: str) -> dict[str, Value]:
        """Return the three properties that write one unit, e.g. *name* RequestedQuantity."""
        return {
            f"{name}Unit": self.unit(unit),
            f"{name}SAPUnit": unit,
            f"{name}ISOUnit": self.iso_unit(unit),
        }

    def quantity(self, quantity: Decimal, unit: str) -> Decimal:
        """Return a quantity with the decimals of its unit, more where it needs them (up to 3)."""
        known = self._unit(unit)
        places = known.decimals if known else 3
        shown = quantity.quantize(_THREE).normalize()
        exponent = min(-places, _exponent(shown))
        return shown.quantize(Decimal(1).scaleb(exponent))

    def amount(self, amount: Decimal, currency: str) -> Decimal:
        """Return an amount with the decimals of its currency: JPY 0, KWD 3."""
        known = self.master.currencies.get(currency)
        return amount.quantize(Decimal(1).scaleb(-(known.decimals if known else 2)))

    @staticmethod
    def rate(value: Decimal) -> Decimal:
        """Return a rate or base of a condition, with nine decimals."""
        return value.quantize(_NINE)

    @staticmethod
    def weight(value: Decimal) -> Decimal:
        """Return a weight, with three decimals."""
        return value.quantize(_THREE)

    # -- dates -----------------------------------------------------------------------------------

    def day(self, moment: datetime) -> date:
        """Return the date of a moment where the ERP is."""
        return self._local(moment).date()

    def hour(self, moment: datetime) -> time:
        """Return the time of day of a moment where the ERP is, in whole seconds."""
        return self._local(moment).time().replace(microsecond=0)

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo(self.erp.settings.time_zone))

    def _unit(self, unit: str) -> Unit | None:
        return self.master.units.get(unit)


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return min(exponent, 0) if isinstance(exponent, int) else 0


def text(value: Value) -> str:
    """Return a value that a client sent for a string property, stripped; None is empty."""
    return "" if value is None else str(value).strip()


def document_number(value: Value) -> str:
    """Return a document or customer number as the engine keeps it, empty for none."""
    given = text(value)
    return padded(given) if given else ""


def item_number(value: Value) -> int:
    """Return an item number, 0 when there is none or it is no number."""
    given = text(value)
    return int(given) if given.isdigit() else 0


def same(one: Value, other: Value) -> bool:
    """Return whether two key values mean the same: numbers count without leading zeros."""
    if isinstance(one, str) and isinstance(other, str):
        return _plain(one) == _plain(other)
    return one == other


def _plain(value: str) -> str:
    value = value.strip()
    return (value.lstrip("0") or "0") if value.isdigit() else value
