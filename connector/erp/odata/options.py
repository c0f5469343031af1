"""How the OData transport works on one ERP: what differs between releases and installations."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from connector.erp.odata.protocol import ProtocolOptions

#: What an English logon shows for the keys that SAP stores. Sources: tables TVAK, TPAUM, T006A.
_DOCUMENT_TYPES: Final[Mapping[str, str]] = {
    "AF": "IN", "AG": "QT", "TA": "OR", "G2": "CR", "L2": "DR",
}  # fmt: skip
_PARTNER_FUNCTIONS: Final[Mapping[str, str]] = {"AG": "SP", "WE": "SH", "RE": "BP", "RG": "PY"}
_UNITS: Final[Mapping[str, str]] = {"ST": "PC", "KAR": "CAR", "STD": "H", "LE": "AU"}


class ODataOptions(ProtocolOptions):
    """Options of the transport; the defaults fit a delivered S/4HANA with an English logon."""

    #: Release of API_SALES_ORDER_SRV: `2020` shows no process flow and takes no schedule lines or
    #: addresses, `2026` does; `auto` asks the service once what it has.
    sales_order_release: Literal["auto", "2020", "2026"] = "auto"
    #: Order types, partner functions and units as the ERP stores them, with what it shows in the
    #: logon language (conversion exits AUART, PARVW, CUNIT). What is not named is shown as it is.
    document_types: dict[str, str] = Field(default_factory=lambda: dict(_DOCUMENT_TYPES))
    partner_functions: dict[str, str] = Field(default_factory=lambda: dict(_PARTNER_FUNCTIONS))
    units: dict[str, str] = Field(default_factory=lambda: dict(_UNITS))
    #: Order types that are priced as another one: the simulation takes types of orders only.
    simulated_as: dict[str, str] = Field(
        default_factory=lambda: {"AF": "TA", "AG": "TA", "RE": "TA", "G2": "TA", "L2": "TA"}
    )
    #: Documents that one query names; more are spread over several queries of one batch.
    documents_per_query: Annotated[int, Field(ge=1, le=200)] = 25
    #: Documents whose chains are read together.
    documents_per_call: Annotated[int, Field(ge=1)] = 100
    #: How long before the newest change stamp changes are read again, in seconds: a document may
    #: be stamped before it is committed.
    settles_in_s: Annotated[int, Field(ge=0)] = 300
    #: Company codes whose customer items are looked through for clearings; empty: all.
    company_codes: tuple[str, ...] = ()
    #: Reconciliation accounts of customers per company code; empty: those of the customers' items.
    receivable_accounts: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    #: More messages or other verdicts than the shipped table has; same columns.
    messages: Path | None = None
    #: Time zone of the ERP's dates (IANA name).
    time_zone: str = "Europe/Berlin"
