"""How the SOAP transport works on one ERP: what differs between releases and installations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

#: Sales documents that a wrapper may create, under their names in the routes.
SalesOperation = Literal[
    "inquiry",
    "quotation",
    "sales_order",
    "returns_order",
    "credit_memo_request",
    "debit_memo_request",
]

#: The wrapper whose WSDL is shipped: creates a sales order and commits it in one call.
ORDER_WRAPPER: Final = "Z_SD_CONNECTOR_ORDER_CREATE"


class WrapperOptions(BaseModel):
    """
    A function of the customer's own, offered as a web service in RFC style.

    It has the interface of the create function that it calls, and commits before it returns: a
    commit as a call of its own would belong to another session and commit nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    #: Name of the function.
    function: Annotated[str, Field(min_length=1, max_length=30)]
    #: WSDL of its service; empty: the shipped one, which there is for
    #: Z_SD_CONNECTOR_ORDER_CREATE.
    wsdl: Path | None = None
    #: Path of its service; empty: `/sap/bc/srt/rfc/sap/` and the function's name in lower case.
    path: str = ""


def _shipped_wrappers() -> dict[SalesOperation, WrapperOptions]:
    return {"sales_order": WrapperOptions(function=ORDER_WRAPPER)}


class SoapOptions(BaseModel):
    """Options of the transport; the defaults fit a delivered S/4HANA."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    #: WSDL of the journal entry service, from the ERP's own catalogue of services; empty: the
    #: shipped one.
    wsdl: Path | None = None
    #: Path of the journal entry service on the ERP's host.
    path: str = "/sap/bc/srt/scs/sap/journalentrycreaterequestconfi"
    #: Which of the WSDL's bindings is used.
    soap_version: Literal["1.1", "1.2"] = "1.1"
    #: User noted as the author of payments; empty: the one who logs on, if that is a user.
    created_by_user: Annotated[str, Field(max_length=12)] = ""
    #: Logical system noted as the source of payments; empty: none.
    logical_system: Annotated[str, Field(max_length=10)] = ""
    #: FI document type of incoming payments.
    payment_document_type: Annotated[str, Field(min_length=1, max_length=5)] = "DZ"
    #: Account of the cash discount granted; needed where payments take one.
    cash_discount_account: Annotated[str, Field(max_length=10)] = ""
    #: Account of the charges that the bank keeps back; needed where it does.
    bank_charges_account: Annotated[str, Field(max_length=10)] = ""
    #: Account of small payment differences; needed where they are tolerated.
    small_difference_account: Annotated[str, Field(max_length=10)] = ""
    #: Account key of output tax, for the tax correction of cash discounts.
    tax_item_classification: Annotated[str, Field(min_length=1, max_length=3)] = "MWS"
    #: Look a payment up once it is confirmed: a confirmation may come before the ERP has written
    #: it, and an update that then fails leaves nothing.
    read_back: bool = True
    #: Material numbers that are all digits are stored with leading zeros up to this length
    #: (18 or 40); 0 leaves them as they are.
    material_number_length: Annotated[int, Field(ge=0, le=40)] = 18
    #: Functions that create and commit, by what they create: `sales_order`, `quotation`,
    #: `inquiry`, `returns_order`, `credit_memo_request`, `debit_memo_request`.
    wrappers: dict[SalesOperation, WrapperOptions] = Field(default_factory=_shipped_wrappers)
    #: More messages or other verdicts than the shipped table has; same columns.
    messages: Path | None = None
