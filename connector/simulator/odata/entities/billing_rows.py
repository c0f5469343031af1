"""Billing documents: headers and items."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from connector.simulator.odata.entities.process_flow import transfer_progress
from connector.simulator.odata.entities.records import Row
from connector.simulator.odata.entities.sales_header import incoterms
from connector.simulator.odata.entities.sales_item import subtotals, weights

if TYPE_CHECKING:
    from connector.simulator.engine.finance_records import BillingDocument, BillingItem
    from connector.simulator.odata.entities.forms import Forms

NAME = "BillingDocument"


def header_rows(forms: Forms, record: BillingDocument, item: int) -> Iterator[Row]:
    """Yield the header of a billing document."""
    del item
    posted = forms.erp.accounting_documents_of("VBRK", record.number)
    customer = forms.erp.customer(record.sold_to)
    bill_to = forms.erp.customer(record.bill_to)
    agreed = forms.master.customer_sales_areas.get(
        (record.sold_to, record.sales_organization, record.distribution_channel, record.division)
    )
    transfer = transfer_progress(record.transfer_status)
    order = forms.erp.sales_document(record.items[0].sales_document) if record.items else None
    yield {
        NAME: forms.number(record.number),
        "SDDocumentCategory": record.category,
        # FKTYP: L delivery-related, A order-related; a cancellation keeps its original's.
        "BillingDocumentCategory": _billing_category(forms, record),
        "BillingDocumentType": record.billing_type,
        "CreationDate": forms.day(record.created_at),
        "CreationTime": forms.hour(record.created_at),
        "LastChangeDate": forms.day(record.changed_at)
        if record.changed_at != record.created_at
        else None,
        "LastChangeDateTime": forms.erp.last_change("billing", record.number) or record.changed_at,
        "LogicalSystem": forms.erp.settings.logical_system[:10],
        "SalesOrganization": record.sales_organization,
        "DistributionChannel": record.distribution_channel,
        "Division": record.division,
        "BillingDocumentDate": record.billing_date,
        "BillingDocumentIsCancelled": record.cancelled,
        "CancelledBillingDocument": forms.number(record.cancelled_document),
        "TotalNetAmount": forms.amount(record.net_value, record.currency),
        "TransactionCurrency": record.currency,
        "TaxAmount": forms.amount(record.tax_amount, record.currency),
        "TotalGrossAmount": forms.amount(record.net_value + record.tax_amount, record.currency),
        "SDPricingProcedure": order.pricing_procedure if order else "",
        "VATRegistration": customer.tax_number[:20] if customer else "",
        **incoterms(record.incoterms, record.incoterms_location),
        "PayerParty": forms.number(record.payer),
        "SoldToParty": forms.number(record.sold_to),
        "PurchaseOrderByCustomer": record.purchase_order_by_customer,
        "Country": bill_to.country if bill_to else "",
        "Region": bill_to.region if bill_to else "",
        "CustomerPaymentTerms": record.terms_of_payment,
        "AdditionalValueDays": "0",
        "CompanyCode": record.company_code,
        "FiscalYear": str(posted[0].fiscal_year) if posted else "0",
        "AccountingDocument": forms.number(record.accounting_document),
        "CustomerAccountAssignmentGroup": agreed.account_assignment_group if agreed else "",
        "DocumentReferenceID": record.reference,
        "AssignmentReference": record.assignment,
        "OverallSDProcessStatus": transfer or "C",
        # FKSTK of a billing document: C once it is cancelled.
        "OverallBillingStatus": "C" if record.cancelled else "",
        "AccountingPostingStatus": transfer,
        "AccountingTransferStatus": record.transfer_status,
        "InvoiceClearingStatus": _clearing(forms, record),
    }


def item_rows(forms: Forms, record: BillingDocument, item: int) -> Iterator[Row]:
    """Yield the items of a billing document."""
    for each in record.items:
        if item in (0, each.item_number):
            yield _item(forms, record, each)


def _item(forms: Forms, record: BillingDocument, item: BillingItem) -> Row:
    currency = record.currency
    order = forms.erp.sales_document(item.sales_document)
    ordered = order.item(item.sales_item) if order else None
    material = forms.master.materials.get(item.material)
    numerator = ordered.base_numerator if ordered else Decimal(1)
    denominator = ordered.base_denominator if ordered else Decimal(1)
    base_unit = material.base_unit if material else item.sales_unit
    base = item.quantity * numerator / denominator
    plant = forms.master.plants.get(item.plant)
    view = forms.master.material_sales(
        item.material, record.sales_organization, record.distribution_channel
    )
    return {
        NAME: forms.number(record.number),
        "BillingDocumentItem": forms.item(item.item_number),
        "SalesDocumentItemCategory": item.item_category,
        "CreatedByUser": record.created_by[:12],
        "CreationDate": forms.day(record.created_at),
        "CreationTime": forms.hour(record.created_at),
        "OrganizationDivision": order.division if order else record.division,
        "Division": record.division,
        "Material": item.material,
        "OriginallyRequestedMaterial": item.material,
        "MaterialGroup": item.material_group,
        "Plant": item.plant,
        "BillingDocumentItemText": item.description,
        "ServicesRenderedDate": record.billing_date,
        "BillingQuantity": forms.quantity(item.quantity, item.sales_unit),
        "BillingQuantityUnit": forms.unit(item.sales_unit),
        "BillingQuantityInBaseUnit": forms.quantity(base, base_unit),
        "BaseUnit": forms.unit(base_unit),
        "BillingToBaseQuantityNmrtr": numerator,
        "BillingToBaseQuantityDnmntr": denominator,
        **weights(forms, item.material, base),
        "NetAmount": forms.amount(item.net_value, currency),
        "TransactionCurrency": currency,
        "GrossAmount": forms.amount(item.net_value + item.tax_amount, currency),
        "PricingDate": order.pricing_date if order else record.billing_date,
        "TaxAmount": forms.amount(item.tax_amount, currency),
        "CostAmount": forms.amount(item.cost, currency),
        **subtotals(forms, item.gross_value, currency),
        "EligibleAmountForCashDiscount": forms.amount(item.net_value + item.tax_amount, currency),
        "BillingPlan": item.billing_plan,
        "BillingPlanItem": str(item.billing_plan_date),
        "DepartureCountry": plant.country if plant else "",
        "ProductTaxClassification1": material.tax_class if material else "",
        "MatlAccountAssignmentGroup": view.account_assignment_group if view else "",
        "OriginSDDocument": forms.number(item.sales_document),
        "OriginSDDocumentItem": forms.item(item.sales_item),
        "ReferenceSDDocument": forms.number(item.reference_document),
        "ReferenceSDDocumentItem": forms.item(item.reference_item),
        "ReferenceSDDocumentCategory": item.reference_category,
        "SalesDocument": forms.number(item.sales_document),
        "SalesDocumentItem": forms.item(item.sales_item),
        "SalesSDDocumentCategory": order.category if order else "",
        "HigherLevelItem": forms.item(ordered.higher_level_item if ordered else 0),
        "SDDocumentReason": order.order_reason if order else "",
        "SalesOrderSalesOrganization": order.sales_organization if order else "",
        "SalesOrderDistributionChannel": order.distribution_channel if order else "",
        "ShippingPoint": ordered.shipping_point if ordered else "",
    }


def _billing_category(forms: Forms, record: BillingDocument) -> str:
    original = record
    if record.cancelled_document:
        original = forms.erp.billing_document(record.cancelled_document) or record
    categories = {item.reference_category for item in original.items}
    return "L" if categories & {"J", "T"} else "A"


def _clearing(forms: Forms, record: BillingDocument) -> str:
    """Return the clearing status of the receivable: A open, B partly, C cleared."""
    lines = [
        line
        for posted in forms.erp.accounting_documents_of("VBRK", record.number)
        for line in posted.lines
        if line.account_type == "D"
    ]
    if not lines:
        return ""
    cleared = sum(1 for line in lines if line.clearing_date is not None)
    if cleared == len(lines):
        return "C"
    return "B" if cleared else "A"
