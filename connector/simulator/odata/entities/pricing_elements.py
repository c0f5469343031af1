"""Pricing elements: the lines of the items' price calculation, and what was entered for all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connector.simulator.odata.entities.records import Row

if TYPE_CHECKING:
    from datetime import date

    from connector.simulator.engine.sales_records import Condition
    from connector.simulator.odata.entities.forms import Forms

ZERO = Decimal(0)
STEP = 10
#: Condition category (KNTYP) by the engine's kind of condition.
CATEGORY = {"price": "H", "tax": "D", "freight": "F", "cost": "G"}
#: Calculation type (KRECH).
CALCULATION = {"percent": "A", "amount": "B", "quantity": "C"}
#: Condition class (KOAID): B prices, D taxes, A discounts and surcharges.
CLASS = {"price": "B", "cost": "B", "tax": "D"}


@dataclass(frozen=True, slots=True)
class PricingRows:
    """Rows of the items' conditions of *document*."""

    document: str

    def __call__(self, forms: Forms, record: Any, item: int) -> Iterator[Row]:
        """Yield a row per condition, in order of the procedure."""
        for each in record.items:
            if item in (0, each.item_number):
                for position, condition in enumerate(each.conditions):
                    yield {
                        self.document: forms.number(record.number),
                        f"{self.document}Item": forms.item(each.item_number),
                        **condition_row(forms, record, condition, position),
                    }


@dataclass(frozen=True, slots=True)
class HeaderPricingRows:
    """Rows of the conditions that count for the whole *document*."""

    document: str

    def __call__(self, forms: Forms, record: Any, item: int) -> Iterator[Row]:
        """Yield a row per condition type that was entered for the header."""
        del item
        for position, condition in enumerate(header_conditions(record)):
            yield {
                self.document: forms.number(record.number),
                **condition_row(forms, record, condition, position),
            }


def header_conditions(record: Any) -> list[Condition]:
    """Return the header's conditions, the shares of the items added up again."""
    found: dict[tuple[str, Decimal, bool], Condition] = {}
    for item in record.items:
        for each in item.conditions:
            if not each.header or each.kind == "tax":
                continue
            key = (each.condition_type, each.rate, each.manual)
            known = found.get(key)
            if known is None:
                found[key] = each
            else:
                found[key] = replace(
                    known,
                    value=known.value + each.value,
                    base=known.base + each.base,
                    difference=known.difference + each.difference,
                )
    return list(found.values())


def condition_row(forms: Forms, record: Any, condition: Condition, position: int) -> Row:
    """Return what a condition says, without the key of its document and item."""
    per_quantity = condition.calculation == "quantity"
    unit = condition.unit if per_quantity else ""
    priced_on: date = getattr(record, "pricing_date", None) or record.billing_date
    return {
        "PricingProcedureStep": str((position + 1) * STEP),
        "PricingProcedureCounter": "1",
        "ConditionType": condition.condition_type,
        "PricingDateTime": f"{priced_on:%Y%m%d}000000",
        "PriceConditionDeterminationDte": priced_on,
        "ConditionCalculationType": CALCULATION.get(condition.calculation, ""),
        "ConditionBaseValue": forms.rate(condition.base),
        "ConditionRateValue": forms.rate(condition.rate),
        "ConditionCurrency": condition.currency,
        "ConditionQuantity": condition.per.quantize(Decimal(1)) if per_quantity else ZERO,
        **forms.units("ConditionQuantity", unit),
        "ConditionCategory": CATEGORY.get(condition.kind, ""),
        "ConditionIsForStatistics": condition.statistical,
        "ConditionOrigin": "C" if condition.manual else "A",
        "IsGroupCondition": "X" if condition.header else "",
        "TaxCode": condition.tax_code,
        "CndnRoundingOffDiffAmount": forms.amount(condition.difference, record.currency),
        "ConditionAmount": forms.amount(condition.value, record.currency),
        "TransactionCurrency": record.currency,
        "ConditionClass": CLASS.get(condition.kind, "A"),
        "ConditionScaleBasisValue": forms.rate(ZERO),
        "ConditionIsManuallyChanged": condition.manual,
        "ConditionSequentialNumber": "0",
        "PrcgProcedureCounterForHeader": "0",
    }
