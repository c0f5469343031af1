"""
What one service has of a sales document: its names, its fields and what it leaves out.

The services differ in little more than the name of the document, from which most names of sets and
fields are made. Source: the published interface of each service.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from connector.sd_documents.values import DocumentCategory

#: Header fields that every service has and the connector reads, beside those named after the
#: document.
HEADER: Final = (
    "SalesOrganization", "DistributionChannel", "OrganizationDivision", "SoldToParty",
    "PurchaseOrderByCustomer", "TotalNetAmount", "TransactionCurrency",
    "HeaderBillingBlockReason", "CustomerPaymentTerms", "OverallSDProcessStatus",
    "TotalCreditCheckStatus", "CreationDate", "LastChangeDateTime",
)  # fmt: skip
#: Item fields that every service has and the connector reads.
ITEM: Final = (
    "Material", "RequestedQuantity", "RequestedQuantityUnit", "TransactionCurrency", "NetAmount",
    "SalesDocumentRjcnReason", "SDProcessStatus",
)  # fmt: skip
PRICE: Final = (
    "ConditionType", "ConditionAmount", "TransactionCurrency", "TaxCode", "ConditionClass",
    "ConditionCategory", "ConditionIsForStatistics", "ConditionInactiveReason",
)  # fmt: skip
PARTNER: Final = ("PartnerFunction", "Customer")


@dataclass(frozen=True, slots=True)
class Shape:
    """
    One kind of sales document in one service.

    ``document`` is the key field and begins most other names. ``header`` and ``item`` are fields
    that not every service has; ``sent`` are those of the header that a create may fill besides
    those that all have. ``schedule`` are the fields of a schedule line, empty where the service
    shows none, and ``takes_schedule`` says whether it takes them. ``plan`` are the fields of a date
    of an item's billing plan, empty where the service shows none. ``flow`` is the item's navigation
    to what follows it, empty where there is none.
    """

    service: str
    category: DocumentCategory
    document: str
    partner_set: str
    item_partner_set: str
    plant: str = ""
    header: tuple[str, ...] = ()
    item: tuple[str, ...] = ()
    sent: frozenset[str] = frozenset()
    schedule: tuple[str, ...] = ()
    schedule_set: str = ""
    takes_schedule: bool = False
    plan: tuple[str, ...] = ()
    address: tuple[str, ...] = ()
    partner_address_set: str = ""
    flow: str = ""
    flow_fields: tuple[str, ...] = field(default=())
    #: What an item refers to where neither item nor header says so.
    refers_to: DocumentCategory | None = None
    read_only: bool = False

    @property
    def header_set(self) -> str:
        """Entity set of the headers."""
        return f"A_{self.document}"

    @property
    def item_set(self) -> str:
        """Entity set of the items."""
        return f"A_{self.document}Item"

    @property
    def item_key(self) -> str:
        """Key field of an item, beside that of its document."""
        return f"{self.document}Item"

    @property
    def type_field(self) -> str:
        """Field with the order type."""
        return f"{self.document}Type"

    @property
    def date_field(self) -> str:
        """Field with the document date."""
        return f"{self.document}Date"

    @property
    def item_category_field(self) -> str:
        """Field with the item category."""
        return f"{self.document}ItemCategory"

    @property
    def item_text_field(self) -> str:
        """Field with the item's description."""
        return f"{self.document}ItemText"

    @property
    def header_fields(self) -> tuple[str, ...]:
        """All fields of the header that are read."""
        return (self.document, self.type_field, self.date_field, *HEADER, *self.header)

    @property
    def item_fields(self) -> tuple[str, ...]:
        """All fields of an item that are read."""
        plant = (self.plant,) if self.plant else ()
        return (self.item_key, self.item_category_field, *ITEM, *plant, *self.item)
