"""The tables of the simulated ERP's master data: names, record types and cross-references."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from connector.errors import ConfigurationError
from connector.simulator.engine import customizing_records as customizing
from connector.simulator.engine import master_records as master
from connector.simulator.engine import price_records as prices
from connector.simulator.engine import tables
from connector.simulator.engine.keys import material_key, padded

#: table (and name of its CSV file) -> record type.
TABLES: dict[str, Any] = {
    "currencies": master.Currency,
    "exchange_rates": master.ExchangeRate,
    "units": master.Unit,
    "company_codes": master.CompanyCode,
    "sales_areas": master.SalesArea,
    "plants": master.Plant,
    "shipping_point_determination": master.ShippingPointDetermination,
    "routes": master.Route,
    "customers": master.Customer,
    "customer_sales_areas": master.CustomerSalesArea,
    "customer_companies": master.CustomerCompany,
    "customer_partners": master.CustomerPartner,
    "credit_limits": master.CreditLimit,
    "materials": master.Material,
    "material_sales": master.MaterialSales,
    "material_plants": master.MaterialPlant,
    "material_units": master.MaterialUnit,
    "customer_materials": master.CustomerMaterial,
    "vendors": master.Vendor,
    "info_records": master.InfoRecord,
    "set_components": master.SetComponent,
    "free_goods": prices.FreeGoods,
    "condition_records": prices.ConditionRecord,
    "tax_rules": prices.TaxRule,
    "partner_functions": customizing.PartnerFunction,
    "order_types": customizing.OrderType,
    "item_categories": customizing.ItemCategory,
    "billing_plan_proposals": customizing.BillingPlanProposal,
    "item_category_determination": customizing.ItemCategoryDetermination,
    "delivery_types": customizing.DeliveryType,
    "billing_types": customizing.BillingType,
    "copy_control": customizing.CopyControl,
    "condition_types": customizing.ConditionType,
    "pricing_procedures": customizing.PricingProcedure,
    "pricing_procedure_determination": customizing.PricingProcedureDetermination,
    "terms_of_payment": customizing.TermsOfPayment,
    "gl_accounts": customizing.GlAccount,
    "revenue_accounts": customizing.RevenueAccount,
    "inventory_accounts": customizing.InventoryAccount,
    "tax_accounts": customizing.TaxAccount,
    "posting_accounts": customizing.PostingAccount,
    "special_gl_accounts": customizing.SpecialGlAccount,
    "accounting_document_types": customizing.AccountingDocumentType,
    "number_ranges": customizing.NumberRange,
    "codes": customizing.Code,
}

#: (table, column) -> table whose single-column key must hold the value, when it is not empty.
REFERENCES: dict[tuple[str, str], str] = {
    ("company_codes", "currency"): "currencies",
    ("sales_areas", "company_code"): "company_codes",
    ("sales_areas", "currency"): "currencies",
    ("plants", "company_code"): "company_codes",
    ("shipping_point_determination", "plant"): "plants",
    ("customer_sales_areas", "customer"): "customers",
    ("customer_sales_areas", "currency"): "currencies",
    ("customer_sales_areas", "terms_of_payment"): "terms_of_payment",
    ("customer_sales_areas", "delivering_plant"): "plants",
    ("customer_companies", "customer"): "customers",
    ("customer_companies", "company_code"): "company_codes",
    ("customer_partners", "customer"): "customers",
    ("customer_partners", "partner"): "customers",
    ("credit_limits", "currency"): "currencies",
    ("materials", "base_unit"): "units",
    ("material_sales", "material"): "materials",
    ("material_sales", "sales_unit"): "units",
    ("material_sales", "delivering_plant"): "plants",
    ("material_plants", "material"): "materials",
    ("material_plants", "plant"): "plants",
    ("material_units", "material"): "materials",
    ("material_units", "unit"): "units",
    ("customer_materials", "material"): "materials",
    ("info_records", "material"): "materials",
    ("info_records", "vendor"): "vendors",
    ("info_records", "currency"): "currencies",
    ("set_components", "material"): "materials",
    ("set_components", "component"): "materials",
    ("free_goods", "material"): "materials",
    ("free_goods", "free_material"): "materials",
    ("condition_records", "condition_type"): "condition_types",
    ("condition_records", "material"): "materials",
    ("item_category_determination", "document_type"): "order_types",
    ("item_category_determination", "item_category"): "item_categories",
    ("order_types", "delivery_type"): "delivery_types",
    ("order_types", "delivery_billing_type"): "billing_types",
    ("order_types", "order_billing_type"): "billing_types",
    ("billing_types", "cancellation_type"): "billing_types",
    ("billing_types", "accounting_document_type"): "accounting_document_types",
    ("pricing_procedure_determination", "procedure"): "pricing_procedures",
}

_CUSTOMER_COLUMNS = ("customer", "partner", "credit_account", "vendor")
_MATERIAL_COLUMNS = ("material", "component", "free_material")

RowsByTable = Mapping[str, Iterable[Mapping[str, object]]]


def read_folder(folder: Path) -> dict[str, list[dict[str, str]]]:
    """
    Return the rows of every CSV file in *folder*, by table.

    Raises ConfigurationError for a folder that is not there, or a file that is no table.
    """
    if not folder.is_dir():
        raise ConfigurationError(str(folder), "is not a folder of master data")
    rows = {}
    for path in sorted(folder.glob("*.csv")):
        _check_table(path.stem, str(path))
        rows[path.stem] = tables.read_rows(path)
    return rows


def combined(*layers: RowsByTable) -> dict[str, list[Mapping[str, object]]]:
    """Return the rows of all *layers* behind one another: a later row with the same key wins."""
    rows: dict[str, list[Mapping[str, object]]] = {}
    for layer in layers:
        for table, added in layer.items():
            rows.setdefault(table, []).extend(added)
    return rows


def records_of(rows: RowsByTable) -> dict[str, dict[Any, Any]]:
    """
    Return typed records by table and key, cross-references checked.

    Raises ConfigurationError naming table and value.
    """
    for table in rows:
        _check_table(table, "master data")
    records: dict[str, dict[Any, Any]] = {}
    for table, record in TABLES.items():
        normal = [_normal(row) for row in rows.get(table, ())]
        parsed: list[Any] = tables.parse(record, normal, table)
        key: tuple[str, ...] = record.KEY
        if len(key) == 1:
            records[table] = {getattr(each, key[0]): each for each in parsed}
        else:
            records[table] = {
                tuple(getattr(each, column) for column in key): each for each in parsed
            }
    _check_references(records)
    return records


def _normal(row: Mapping[str, object]) -> dict[str, object]:
    normal = dict(row)
    for column in _CUSTOMER_COLUMNS:
        if column in normal:
            normal[column] = padded(str(normal[column]))
    for column in _MATERIAL_COLUMNS:
        if column in normal:
            normal[column] = material_key(str(normal[column]))
    return normal


def _check_table(table: str, where: str) -> None:
    if table not in TABLES:
        near = difflib.get_close_matches(table, TABLES, n=1)
        hint = f"Did you mean {near[0]}.csv" if near else f"Known: {', '.join(TABLES)}"
        raise ConfigurationError(where, f"there is no table {table!r}", hint)


def _check_references(records: dict[str, dict[Any, Any]]) -> None:
    for (table, column), target in REFERENCES.items():
        for record in records[table].values():
            value = getattr(record, column)
            if value and value not in records[target]:
                raise ConfigurationError(
                    f"{table}, field {column}",
                    f"{value!r} is not in {target}",
                    f"Add it to {target}.csv or correct the row {record}",
                )
