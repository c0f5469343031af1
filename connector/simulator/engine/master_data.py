"""The simulated company: master data and customizing, read once and looked up by key."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from operator import attrgetter
from pathlib import Path
from typing import Any

from connector.simulator.engine import customizing_records as customizing
from connector.simulator.engine import master_records as master
from connector.simulator.engine import price_records as prices
from connector.simulator.engine.keys import material_key
from connector.simulator.engine.master_tables import (
    RowsByTable,
    combined,
    read_folder,
    records_of,
)
from connector.simulator.engine.record_groups import grouped, newest_first

ONE = Decimal(1)


class MasterData:
    """
    Everything the business rules look up. Built from rows, once; nothing in it changes.

    Attributes are dictionaries by the record's key: a single value, or a tuple in the order of
    the record's `KEY`.
    """

    def __init__(self, records: dict[str, dict[Any, Any]]) -> None:
        self.currencies: dict[str, master.Currency] = records["currencies"]
        self.units: dict[str, master.Unit] = records["units"]
        self.company_codes: dict[str, master.CompanyCode] = records["company_codes"]
        self.sales_areas: dict[tuple[str, str, str], master.SalesArea] = records["sales_areas"]
        self.plants: dict[str, master.Plant] = records["plants"]
        self.customers: dict[str, master.Customer] = records["customers"]
        self.customer_sales_areas: dict[tuple[str, str, str, str], master.CustomerSalesArea] = (
            records["customer_sales_areas"]
        )
        self.customer_companies: dict[tuple[str, str], master.CustomerCompany] = records[
            "customer_companies"
        ]
        self.credit_limits: dict[str, master.CreditLimit] = records["credit_limits"]
        self.materials: dict[str, master.Material] = records["materials"]
        self.material_plants: dict[tuple[str, str], master.MaterialPlant] = records[
            "material_plants"
        ]
        self.vendors: dict[str, master.Vendor] = records["vendors"]
        self.info_records: dict[str, master.InfoRecord] = records["info_records"]
        self.order_types: dict[str, customizing.OrderType] = records["order_types"]
        self.item_categories: dict[str, customizing.ItemCategory] = records["item_categories"]
        self.delivery_types: dict[str, customizing.DeliveryType] = records["delivery_types"]
        self.billing_types: dict[str, customizing.BillingType] = records["billing_types"]
        self.copy_control: dict[tuple[str, str, str], customizing.CopyControl] = records[
            "copy_control"
        ]
        self.condition_types: dict[str, customizing.ConditionType] = records["condition_types"]
        self.pricing_procedures: dict[str, customizing.PricingProcedure] = records[
            "pricing_procedures"
        ]
        self.terms_of_payment: dict[str, customizing.TermsOfPayment] = records["terms_of_payment"]
        self.gl_accounts: dict[tuple[str, str], customizing.GlAccount] = records["gl_accounts"]
        self.inventory_accounts: dict[tuple[str, str], customizing.InventoryAccount] = records[
            "inventory_accounts"
        ]
        self.tax_accounts: dict[tuple[str, str], customizing.TaxAccount] = records["tax_accounts"]
        self.special_gl_accounts: dict[tuple[str, str], customizing.SpecialGlAccount] = records[
            "special_gl_accounts"
        ]
        self.accounting_document_types: dict[str, customizing.AccountingDocumentType] = records[
            "accounting_document_types"
        ]
        self.number_ranges: dict[tuple[str, str], customizing.NumberRange] = records[
            "number_ranges"
        ]
        self.codes: dict[tuple[str, str], customizing.Code] = records["codes"]
        self.partner_functions: dict[str, customizing.PartnerFunction] = records[
            "partner_functions"
        ]
        self._records = records
        self._index()

    @classmethod
    def load(cls, *folders: Path) -> MasterData:
        """
        Read the CSV files of *folders*; a row of a later folder replaces its like of an earlier.

        Raises ConfigurationError naming file, line and field.
        """
        return cls.from_rows(combined(*(read_folder(folder) for folder in folders)))

    @classmethod
    def from_rows(cls, rows: RowsByTable) -> MasterData:
        """
        Build from rows by table (`master_tables.TABLES`); values are text or already typed.

        Raises ConfigurationError naming table, line and field.
        """
        return cls(records_of(rows))

    # -- organisation and units ------------------------------------------------------------------

    def decimals(self, currency: str) -> int:
        """Return the decimals of *currency*; KeyError when it is not defined."""
        return self.currencies[currency].decimals

    def exchange_rate(self, source: str, target: str, on: date) -> Decimal | None:
        """Return how much *target* one *source* is on a day, directly or inverted, or None."""
        if source == target:
            return ONE
        for pair, inverted in (((source, target), False), ((target, source), True)):
            for record in self._rates.get(pair, ()):
                if record.valid_from <= on:
                    return ONE / record.rate if inverted else record.rate
        return None

    def unit_key(self, unit: str) -> str:
        """Return the internal key of a unit given as internal, commercial or ISO; empty if none."""
        return self._unit_keys.get(unit.strip().upper(), "")

    def unit_factor(self, material: master.Material, unit: str) -> tuple[Decimal, Decimal] | None:
        """Return numerator and denominator from *unit* to the base unit, or None."""
        if unit == material.base_unit:
            return ONE, ONE
        found = self._material_units.get((material.material, unit))
        return (found.numerator, found.denominator) if found else None

    def shipping_point(self, plant: str, conditions: str, loading_group: str) -> str:
        """Return the shipping point, empty when none is determined."""
        table = self._records["shipping_point_determination"]
        for key in (
            (plant, conditions, loading_group),
            (plant, conditions, ""),
            (plant, "", loading_group),
            (plant, "", ""),
        ):
            if key in table:
                found: master.ShippingPointDetermination = table[key]
                return found.shipping_point
        return ""

    def route(self, shipping_point: str, country: str, conditions: str) -> master.Route | None:
        """Return the route to *country*, or None."""
        table: dict[tuple[str, str, str], master.Route] = self._records["routes"]
        for key in (
            (shipping_point, country, conditions),
            (shipping_point, country, ""),
            (shipping_point, "", conditions),
            (shipping_point, "", ""),
        ):
            if key in table:
                return table[key]
        return None

    # -- partners and documents ------------------------------------------------------------------

    def partner_function(self, function: str) -> str:
        """Return the internal key of a function given internally or in English; empty if none."""
        return self._functions.get(function.strip().upper(), "")

    def partners_of(self, sales_area: tuple[str, str, str], customer: str) -> dict[str, str]:
        """Return the first partner per function that the customer's record names."""
        return self._partners.get((customer, *sales_area), {})

    def order_type(self, document_type: str) -> customizing.OrderType | None:
        """Return the order type by internal key, else by its English display, or None."""
        key = document_type.strip().upper()
        return self.order_types.get(key) or self._external_order_types.get(key)

    def item_category(
        self, document_type: str, group: str, higher_level: str = ""
    ) -> customizing.ItemCategoryDetermination | None:
        """Return how items of a group are categorised in a document type, or None."""
        found: customizing.ItemCategoryDetermination | None = self._records[
            "item_category_determination"
        ].get((document_type, group, higher_level))
        return found

    def billing_plan_dates_of(self, plan_type: str) -> tuple[customizing.BillingPlanProposal, ...]:
        """Return the dates that a billing plan type proposes, in their order."""
        return tuple(self._plans.get(plan_type, ()))

    # -- materials -------------------------------------------------------------------------------

    def material(self, number: str) -> master.Material | None:
        """Return the material, or None."""
        return self.materials.get(material_key(number))

    def material_sales(
        self, material: str, organization: str, channel: str
    ) -> master.MaterialSales | None:
        """Return the material's sales view: that of the channel, else of every channel."""
        table: dict[tuple[str, str, str], master.MaterialSales] = self._records["material_sales"]
        return table.get((material, organization, channel)) or table.get(
            (material, organization, "")
        )

    def material_of_customer(
        self, organization: str, channel: str, customer: str, customer_material: str
    ) -> str:
        """Return our number for the customer's own, or empty."""
        found = self._records["customer_materials"].get(
            (organization, channel, customer, customer_material)
        )
        return found.material if found else ""

    @property
    def customer_materials(self) -> tuple[master.CustomerMaterial, ...]:
        """All customers' own numbers for materials."""
        return tuple(self._records["customer_materials"].values())

    def customer_material(
        self, organization: str, channel: str, customer: str, material: str
    ) -> master.CustomerMaterial | None:
        """Return what is agreed with a customer on a material, or None."""
        return self._customer_materials.get((organization, channel, customer, material))

    def components_of(self, material: str) -> tuple[master.SetComponent, ...]:
        """Return the components of a set, empty when it is none."""
        return tuple(self._components.get(material, ()))

    def free_goods(
        self, sales_area: tuple[str, str, str], customer: str, material: str, on: date
    ) -> prices.FreeGoods | None:
        """Return what is agreed on free goods for a material on a day, or None."""
        if not self._free_goods:
            return None
        organization, channel, _ = sales_area
        for by_customer in (customer, ""):
            for by_channel in (channel, ""):
                for each in self._free_goods.get(
                    (organization, by_channel, by_customer, material), ()
                ):
                    if each.valid_from <= on <= each.valid_to:
                        return each
        return None

    # -- prices, taxes, accounts -----------------------------------------------------------------

    def procedure(
        self, sales_area: tuple[str, str, str], document: str, customer: str
    ) -> customizing.PricingProcedure | None:
        """Return the pricing procedure: the determination with most columns filled wins."""
        key = (*sales_area, document, customer)
        best: customizing.PricingProcedureDetermination | None = None
        filled = -1
        for columns, record in self._records["pricing_procedure_determination"].items():
            if all(given in ("", wanted) for given, wanted in zip(columns, key, strict=True)):
                count = sum(1 for each in columns if each)
                if count > filled:
                    best, filled = record, count
        return self.pricing_procedures[best.procedure] if best else None

    def condition_record(
        self,
        condition_type: str,
        sales_area: tuple[str, str, str],
        *,
        customer: str,
        material: str,
        currency: str,
        on: date,
    ) -> prices.ConditionRecord | None:
        """Return the record valid on a day, most specific first, in *currency* if there is one."""
        organization, channel, _ = sales_area
        for by_customer, by_material in (
            (customer, material),
            ("", material),
            (customer, ""),
            ("", ""),
        ):
            for by_channel in (channel, ""):
                candidates = self._prices.get(
                    (condition_type, organization, by_channel, by_customer, by_material)
                )
                if not candidates:
                    continue
                valid = [each for each in candidates if each.valid_from <= on <= each.valid_to]
                if valid:
                    fitting = [each for each in valid if each.currency in ("", currency)]
                    return (fitting or valid)[0]
        return None

    def tax_rule(
        self, departure: str, destination: str, customer_class: str, material_class: str, on: date
    ) -> prices.TaxRule | None:
        """Return the output tax rule valid on a day: that of the destination, else of any."""
        for country in (destination, ""):
            for rule in self._taxes.get((departure, country, customer_class, material_class), ()):
                if rule.valid_from <= on <= rule.valid_to:
                    return rule
        return None

    def revenue_account(
        self, chart: str, key: str, organization: str, customer_group: str, material_group: str
    ) -> str:
        """Return the account of an account key (VKOA), empty when none is determined."""
        table = self._records["revenue_accounts"]
        for by_organization in (organization, ""):
            for by_customer in (customer_group, ""):
                for by_material in (material_group, ""):
                    found = table.get((chart, key, by_organization, by_customer, by_material))
                    if found:
                        account: str = found.account
                        return account
        return ""

    def posting_account(self, chart: str, purpose: str) -> str:
        """Return the account of a purpose, empty when none is determined."""
        found = self._records["posting_accounts"].get((chart, purpose))
        return found.account if found else ""

    def _index(self) -> None:
        self._index_names()
        self._index_customers()
        self._index_prices()
        records = self._records
        self._material_units: dict[tuple[str, str], master.MaterialUnit] = records["material_units"]
        self._components: dict[str, list[master.SetComponent]] = grouped(
            records["set_components"].values(), "material"
        )
        proposals = [each for _, each in sorted(records["billing_plan_proposals"].items())]
        self._plans: dict[str, list[customizing.BillingPlanProposal]] = grouped(
            proposals, "plan_type"
        )

    def _index_names(self) -> None:
        """Index what is found by another name than its key."""
        self._unit_keys: dict[str, str] = {}
        for unit in self.units.values():
            for name in (unit.iso, unit.commercial):
                self._unit_keys.setdefault(name.upper(), unit.unit)
        # An internal key always means itself, whatever another unit is called outside.
        self._unit_keys.update({unit.upper(): unit for unit in self.units})
        self._functions = {
            name.upper(): each.function
            for each in self.partner_functions.values()
            for name in (each.external, each.function)
        }
        self._external_order_types = {
            each.external.upper(): each for each in self.order_types.values()
        }

    def _index_customers(self) -> None:
        """Index what is agreed with customers."""
        records = self._records
        self._partners: dict[tuple[str, str, str, str], dict[str, str]] = {}
        for each in records["customer_partners"].values():
            area = (
                each.customer,
                each.sales_organization,
                each.distribution_channel,
                each.division,
            )
            self._partners.setdefault(area, {}).setdefault(each.function, each.partner)
        place = ("sales_organization", "distribution_channel", "customer", "material")
        self._free_goods: dict[tuple[str, str, str, str], list[prices.FreeGoods]] = grouped(
            records["free_goods"].values(), *place
        )
        of_place = attrgetter(*place)
        self._customer_materials: dict[tuple[str, str, str, str], master.CustomerMaterial] = {
            of_place(each): each for each in records["customer_materials"].values()
        }

    def _index_prices(self) -> None:
        """Index what is valid for a time, the newest first."""
        records = self._records
        self._rates: dict[tuple[str, str], list[master.ExchangeRate]] = newest_first(
            records["exchange_rates"], "from_currency", "to_currency"
        )
        self._prices: dict[tuple[str, str, str, str, str], list[prices.ConditionRecord]] = (
            newest_first(
                records["condition_records"],
                "condition_type",
                "sales_organization",
                "distribution_channel",
                "customer",
                "material",
            )
        )
        self._taxes: dict[tuple[str, str, str, str], list[prices.TaxRule]] = newest_first(
            records["tax_rules"],
            "departure_country",
            "destination_country",
            "customer_tax_class",
            "material_tax_class",
        )
