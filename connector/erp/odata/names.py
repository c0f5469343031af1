"""Keys as the services show them, and as the ERP (and the connector) keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connector.erp.odata.options import ODataOptions
from connector.sd_documents.partners import PartnerFunction
from connector.sd_documents.values import display_number, pad_number


@dataclass(frozen=True, slots=True)
class _Keys:
    """One conversion exit: stored key -> shown key, and back; others are shown as they are."""

    shown_by_stored: Mapping[str, str]
    stored_by_shown: Mapping[str, str]

    @classmethod
    def of(cls, shown_by_stored: Mapping[str, str]) -> _Keys:
        return cls(shown_by_stored, {shown: key for key, shown in shown_by_stored.items()})

    def shown(self, key: str) -> str:
        return self.shown_by_stored.get(key, key)

    def stored(self, shown: str) -> str:
        return self.stored_by_shown.get(shown, shown)


class Names:
    """
    The language-dependent keys of one ERP.

    Services show order types, partner functions and units in the logon language; the connector
    keeps what the ERP stores, as every other transport does.
    """

    def __init__(self, options: ODataOptions) -> None:
        self._document_types = _Keys.of(options.document_types)
        self._functions = _Keys.of(options.partner_functions)
        self._units = _Keys.of(options.units)
        self._known = {function.value: function for function in PartnerFunction}

    def shown_type(self, document_type: str) -> str:
        """Return an order type as the services show it: TA is OR."""
        return self._document_types.shown(document_type)

    def stored_type(self, shown: str) -> str:
        """Return an order type as the ERP stores it: OR is TA."""
        return self._document_types.stored(shown)

    def shown_function(self, function: PartnerFunction) -> str:
        """Return a partner function as the services show it: WE is SH."""
        return self._functions.shown(function.value)

    def function(self, shown: str) -> PartnerFunction | None:
        """Return a partner function, None for one that the connector has no use for."""
        return self._known.get(self._functions.stored(shown))

    def shown_unit(self, unit: str) -> str:
        """Return a unit as the services show it: ST is PC."""
        return self._units.shown(unit)

    def stored_unit(self, shown: str) -> str:
        """Return a unit as the ERP stores it: PC is ST."""
        return self._units.stored(shown)


def shown_number(number: str) -> str:
    """Return a document or customer number as the services show it: without leading zeros."""
    return display_number(number)


def stored_number(shown: str) -> str:
    """Return a document or customer number zero-padded to 10, empty for none."""
    return pad_number(shown) if shown else ""


def optional_number(shown: str) -> str | None:
    """Return a document number zero-padded to 10, None for none or for zeros."""
    return pad_number(shown) if shown.strip("0") else None


def material(shown: str) -> str:
    """Return a material number as people write it: without leading zeros when it is numeric."""
    return shown.lstrip("0") or shown if shown.isdigit() else shown
