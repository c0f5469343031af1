"""Partners of SD documents by function, and their addresses."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

from connector.sd_documents.model import Frozen
from connector.sd_documents.values import ItemNumber


class PartnerFunction(StrEnum):
    """
    Partner function by its stored, language-independent key.

    Source: table TPAR; the English display keys are SP, SH, BP and PY.
    """

    SOLD_TO_PARTY = "AG"
    SHIP_TO_PARTY = "WE"
    BILL_TO_PARTY = "RE"
    PAYER = "RG"


class Address(Frozen):
    """A manual address for a one-time customer or a ship-to; lengths as in BAPIADDR1."""

    name: Annotated[str, StringConstraints(max_length=40)]
    name_2: Annotated[str, StringConstraints(max_length=40)] = ""
    street: Annotated[str, StringConstraints(max_length=60)] = ""
    postal_code: Annotated[str, StringConstraints(max_length=10)] = ""
    city: Annotated[str, StringConstraints(max_length=40)] = ""
    region: Annotated[str, StringConstraints(max_length=3)] = ""
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    telephone: Annotated[str, StringConstraints(max_length=30)] = ""
    email: Annotated[str, StringConstraints(max_length=241)] = ""


class Partner(Frozen):
    """
    One business partner in one function.

    ``item_number`` is empty for the header; ``address`` is empty where the customer master's own
    address holds.
    """

    function: PartnerFunction
    customer: Annotated[str, StringConstraints(min_length=1, max_length=10)]
    item_number: ItemNumber | None = None
    address: Address | None = None
