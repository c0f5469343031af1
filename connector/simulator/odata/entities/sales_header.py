"""Headers of sales documents; property names that depend on the document carry its name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from connector.simulator.odata.entities.records import Row

if TYPE_CHECKING:
    from connector.simulator.engine.master_records import CustomerSalesArea
    from connector.simulator.engine.sales_records import SalesDocument
    from connector.simulator.engine.status import SalesStatus
    from connector.simulator.odata.entities.forms import Forms

#: Width of the older field for the place of the incoterms.
TRANSFER_LOCATION = 28
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class HeaderRows:
    """Rows of the header of *document* (SalesOrder, SalesQuotation ..)."""

    document: str

    def __call__(self, forms: Forms, record: SalesDocument, item: int) -> Iterator[Row]:
        """Yield the one header row."""
        del item
        yield header_row(forms, self.document, record, forms.erp.sales_status(record.number))


def header_row(forms: Forms, name: str, record: SalesDocument, status: SalesStatus) -> Row:
    """Return the row of the header."""
    agreed = agreement(forms, record)
    order_type = forms.master.order_types[record.document_type]
    return {
        name: forms.number(record.number),
        f"{name}Type": forms.order_type(record.document_type),
        f"{name}Date": record.document_date,
        "SalesOrganization": record.sales_organization,
        "DistributionChannel": record.distribution_channel,
        "OrganizationDivision": record.division,
        "SoldToParty": forms.number(record.sold_to),
        "CreationDate": forms.day(record.created_at),
        "CreatedByUser": record.created_by[:12],
        # AEDAT is empty until the document itself is changed.
        "LastChangeDate": forms.day(record.changed_at) if record.version > 1 else None,
        "LastChangeDateTime": forms.erp.last_change("sales", record.number) or record.changed_at,
        "PurchaseOrderByCustomer": record.purchase_order_by_customer,
        "CustomerPurchaseOrderType": record.purchase_order_type,
        "CustomerPurchaseOrderDate": record.purchase_order_date,
        "TotalNetAmount": forms.amount(record.net_value, record.currency),
        "TransactionCurrency": record.currency,
        "SDDocumentReason": record.order_reason,
        "PricingDate": record.pricing_date,
        "PriceDetnExchangeRate": Decimal("1.00000"),
        "SDPricingProcedure": record.pricing_procedure,
        "ProposedBillingDocumentType": order_type.order_billing_type,
        "RequestedDeliveryDate": record.requested_delivery_date,
        "ShippingCondition": record.shipping_conditions,
        "CompleteDeliveryIsDefined": record.complete_delivery,
        "HeaderBillingBlockReason": record.billing_block,
        "DeliveryBlockReason": record.delivery_block,
        "BindingPeriodValidityStartDate": record.valid_from,
        "BindingPeriodValidityEndDate": record.valid_to,
        "HdrOrderProbabilityInPercent": "0",
        "ExpectedOrderNetAmount": forms.amount(ZERO, record.currency),
        **incoterms(record.incoterms, record.incoterms_location),
        "CustomerPaymentTerms": record.terms_of_payment,
        "AssignmentReference": record.assignment,
        "AccountingDocExternalReference": record.reference,
        "ReferenceSDDocument": forms.number(record.reference_document),
        "ReferenceSDDocumentCategory": category_of(forms, record.reference_document),
        "CustomerAccountAssignmentGroup": agreed.account_assignment_group if agreed else "",
        "BillingDocumentDate": record.billing_date or record.requested_delivery_date,
        "AdditionalValueDays": "0",
        "OverallSDProcessStatus": status.overall,
        "TotalCreditCheckStatus": status.credit,
        "OverallTotalDeliveryStatus": status.delivery,
        "OverallDeliveryStatus": status.delivery,
        "OverallSDDocumentRejectionSts": status.rejection,
        "OverallOrdReltdBillgStatus": status.order_billing,
        "OverallSDDocReferenceStatus": status.reference,
    }


def incoterms(classification: str, location: str) -> Row:
    """Return the incoterms in their older and newer fields."""
    return {
        "IncotermsClassification": classification,
        "IncotermsTransferLocation": location[:TRANSFER_LOCATION],
        "IncotermsLocation1": location[:70],
    }


def agreement(forms: Forms, record: SalesDocument) -> CustomerSalesArea | None:
    """Return what is agreed with the sold-to party in the document's sales area."""
    return forms.master.customer_sales_areas.get(
        (
            record.sold_to,
            record.sales_organization,
            record.distribution_channel,
            record.division,
        )
    )


def category_of(forms: Forms, number: str) -> str:
    """Return the category of a document that another refers to, empty when there is none."""
    if not number:
        return ""
    found = forms.erp.sales_document(number) or forms.erp.billing_document(number)
    return found.category if found else ""
