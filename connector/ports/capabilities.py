"""
What a transport can do, and which transport does what.

Each transport declares its capabilities; the settings route each operation to one transport, and a
route to something that a transport cannot do is refused before anything starts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Transport(StrEnum):
    """The ways to an ERP."""

    RFC = "rfc"
    ODATA = "odata"
    SOAP = "soap"


class ErpOperation(StrEnum):
    """What is routed, under the name that it has in the settings."""

    INQUIRY = "inquiry"
    QUOTATION = "quotation"
    SALES_ORDER = "sales_order"
    RETURNS_ORDER = "returns_order"
    CREDIT_MEMO_REQUEST = "credit_memo_request"
    DEBIT_MEMO_REQUEST = "debit_memo_request"
    SIMULATION = "simulation"
    DELIVERY = "delivery"
    GOODS_ISSUE = "goods_issue"
    BILLING = "billing"
    BILLING_PDF = "billing_pdf"
    PAYMENT = "payment"
    DOCUMENT_FLOW = "document_flow"
    OPEN_ITEMS = "open_items"
    MASTER_DATA = "master_data"


class Access(StrEnum):
    """How far an operation goes; each includes those below it where they make sense."""

    #: The document cannot even be read.
    NONE = "none"
    READ = "read"
    #: Read, and changed or cancelled, but not created: someone else creates it.
    CHANGE = "change"
    CREATE = "create"


@dataclass(frozen=True, slots=True)
class Capability:
    """
    What one transport can do of one operation.

    ``through`` names the functions or services it uses, for people and for authorisations.
    """

    access: Access
    through: tuple[str, ...] = ()


Capabilities: TypeAlias = Mapping[ErpOperation, Capability]
