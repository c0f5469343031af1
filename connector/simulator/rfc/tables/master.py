"""Customers, materials and customizing as tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from connector.simulator.engine.keys import material_key
from connector.simulator.rfc import keys
from connector.simulator.rfc.tables.source import Source, Table

_FUNCTIONS = ("AG", "RE", "RG", "WE")


def _customers(source: Source) -> Iterator[Any]:
    known = source.erp.master_data.customers
    numbers = source.numbers("KUNNR")
    for number in known if numbers is None else numbers:
        if number in known:
            yield known[number]


def _materials(source: Source) -> Iterator[Any]:
    known = source.erp.master_data.materials
    numbers = source.pinned("MATNR")
    for number in known if numbers is None else map(material_key, numbers):
        if number in known:
            yield known[number]


def _sales_areas(source: Source) -> Iterator[Any]:
    wanted = source.numbers("KUNNR")
    for area in source.erp.master_data.customer_sales_areas.values():
        if wanted is None or area.customer in wanted:
            yield area


def _partners(source: Source) -> Iterator[tuple[Any, str, str]]:
    """Every customer is its own partner in each function unless its record names another."""
    for area in _sales_areas(source):
        key = (area.sales_organization, area.distribution_channel, area.division)
        named = source.erp.master_data.partners_of(key, area.customer)
        for function in _FUNCTIONS:
            yield area, function, named.get(function, area.customer)


def _companies_of_customers(source: Source) -> Iterable[Any]:
    wanted = source.numbers("KUNNR")
    return (
        each
        for each in source.erp.master_data.customer_companies.values()
        if wanted is None or each.customer in wanted
    )


def _units_of_materials(source: Source) -> Iterator[tuple[Any, str, Any]]:
    master = source.erp.master_data
    for material in _materials(source):
        for unit in master.units:
            factor = master.unit_factor(material, unit)
            if factor is not None:
                yield material, unit, factor


def _customer_materials(source: Source) -> Iterable[Any]:
    wanted = source.numbers("KUNNR")
    return (
        each
        for each in source.erp.master_data.customer_materials
        if wanted is None or each.customer in wanted
    )


def _organizations(source: Source) -> Iterable[Any]:
    found = {a.sales_organization: a for a in source.erp.master_data.sales_areas.values()}
    return found.values()


def _other_decimals(source: Source) -> Iterable[Any]:
    """TCURX lists the currencies that do not have two decimals."""
    return (c for c in source.erp.master_data.currencies.values() if c.decimals != 2)


TABLES = {
    "KNA1": Table(
        _customers,
        {
            "KUNNR": lambda x: x.customer,
            "LAND1": lambda x: x.country,
            "NAME1": lambda x: x.name,
            "NAME2": lambda x: x.name_2,
            "ORT01": lambda x: x.city,
            "PSTLZ": lambda x: x.postal_code,
            "REGIO": lambda x: x.region,
            "STRAS": lambda x: x.street,
            "TELF1": lambda x: x.telephone,
            "XCPDK": lambda x: "X" if x.one_time else "",
            "SPRAS": lambda x: x.language,
            "STCEG": lambda x: x.tax_number,
        },
    ),
    "KNVV": Table(
        _sales_areas,
        {
            "KUNNR": lambda x: x.customer,
            "VKORG": lambda x: x.sales_organization,
            "VTWEG": lambda x: x.distribution_channel,
            "SPART": lambda x: x.division,
            "WAERS": lambda x: x.currency,
            "ZTERM": lambda x: x.terms_of_payment,
            "INCO1": lambda x: x.incoterms,
            "INCO2": lambda x: x.incoterms_location,
            "VSBED": lambda x: x.shipping_conditions,
            "VWERK": lambda x: x.delivering_plant,
            "LIFSD": lambda x: x.delivery_block,
            "FAKSD": lambda x: x.billing_block,
            "AUTLF": lambda x: "X" if x.complete_delivery else "",
            "KZTLF": lambda x: x.partial_delivery,
            "ANTLF": lambda x: x.maximum_partial_deliveries,
            "KZAZU": lambda x: "X" if x.order_combination else "",
            "UEBTO": lambda x: x.over_delivery_tolerance,
            "UNTTO": lambda x: x.under_delivery_tolerance,
            "UEBTK": lambda x: "X" if x.unlimited_over_delivery else "",
        },
    ),
    "KNVP": Table(
        _partners,
        {
            "KUNNR": lambda x: x[0].customer,
            "VKORG": lambda x: x[0].sales_organization,
            "VTWEG": lambda x: x[0].distribution_channel,
            "SPART": lambda x: x[0].division,
            "PARVW": lambda x: x[1],
            "KUNN2": lambda x: x[2],
        },
    ),
    "KNB1": Table(
        _companies_of_customers,
        {
            "KUNNR": lambda x: x.customer,
            "BUKRS": lambda x: x.company_code,
            "AKONT": lambda x: x.reconciliation_account,
            "ZTERM": lambda x: x.terms_of_payment,
            "SPERR": lambda x: "X" if x.posting_block else "",
        },
    ),
    "MARA": Table(
        _materials,
        {
            "MATNR": lambda x: keys.material_out(x.material),
            "MTART": lambda x: x.material_type,
            "MATKL": lambda x: x.material_group,
            "MEINS": lambda x: x.base_unit,
            "BRGEW": lambda x: x.gross_weight,
            "NTGEW": lambda x: x.net_weight,
            "GEWEI": lambda x: x.weight_unit,
            "EAN11": lambda x: x.gtin,
            "BISMT": lambda x: x.old_material_number,
        },
    ),
    "KNMT": Table(
        _customer_materials,
        {
            "VKORG": lambda x: x.sales_organization,
            "VTWEG": lambda x: x.distribution_channel,
            "KUNNR": lambda x: x.customer,
            "MATNR": lambda x: keys.material_out(x.material),
            "KDMAT": lambda x: x.customer_material,
        },
    ),
    "MAKT": Table(
        _materials,
        {
            "MATNR": lambda x: keys.material_out(x.material),
            "SPRAS": lambda x: "E",
            "MAKTX": lambda x: x.description,
        },
    ),
    "MARM": Table(
        _units_of_materials,
        {
            "MATNR": lambda x: keys.material_out(x[0].material),
            "MEINH": lambda x: x[1],
            "UMREZ": lambda x: x[2][0],
            "UMREN": lambda x: x[2][1],
        },
    ),
    "TVKO": Table(
        _organizations,
        {
            "VKORG": lambda x: x.sales_organization,
            "WAERS": lambda x: x.currency,
            "BUKRS": lambda x: x.company_code,
        },
    ),
    "T001": Table(
        lambda source: source.erp.master_data.company_codes.values(),
        {
            "BUKRS": lambda x: x.company_code,
            "BUTXT": lambda x: x.name,
            "ORT01": lambda x: x.city,
            "LAND1": lambda x: x.country,
            "WAERS": lambda x: x.currency,
            "KTOPL": lambda x: x.chart_of_accounts,
        },
    ),
    "TCURX": Table(
        _other_decimals,
        {"CURRKEY": lambda x: x.currency, "CURRDEC": lambda x: x.decimals},
    ),
    "T006": Table(
        lambda source: source.erp.master_data.units.values(),
        {"MSEHI": lambda x: x.unit, "ISOCODE": lambda x: x.iso},
    ),
    "T052": Table(
        lambda source: source.erp.master_data.terms_of_payment.values(),
        {
            "ZTERM": lambda x: x.terms_of_payment,
            "ZTAG1": lambda x: x.discount_days_1,
            "ZPRZ1": lambda x: x.discount_percent_1,
            "ZTAG2": lambda x: x.discount_days_2,
            "ZPRZ2": lambda x: x.discount_percent_2,
            "ZTAG3": lambda x: x.net_days,
        },
    ),
}
