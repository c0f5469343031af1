"""Billing plans of order items: the plan, its dates, and changes to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from connector.simulator.engine.billing_plan_specs import BillingPlanDateChange, BillingPlanDateSpec
from connector.simulator.engine.specs import (
    SalesDocumentChange,
    SalesItemChange,
)
from connector.simulator.odata.entities import writing
from connector.simulator.odata.entities.forms import item_number, text
from connector.simulator.odata.entities.records import Row, Writers
from connector.simulator.odata.entities.sales_change import Changes, SalesChange
from connector.simulator.odata.entities.sales_item import items_of
from connector.simulator.odata.entity_set import Body, Context, Key

if TYPE_CHECKING:
    from connector.simulator.engine.sales_records import SalesDocument, SalesItem
    from connector.simulator.odata.entities.forms import Forms

#: Category of a plan with milestones (FPTYP).
_MILESTONES = "0"
_CENT = Decimal("0.01")
_DATE, _PERCENT, _AMOUNT, _BLOCK, _DESCRIPTION = (
    "BillingPlanBillingDate", "BillingPlanAmountPercent", "BillingPlanAmount",
    "BillingBlockReason", "BillingPlanDateDescriptionCode",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlanRows:
    """Rows of the billing plans of the items of *document*."""

    document: str

    def __call__(self, forms: Forms, record: SalesDocument, item: int) -> Iterator[Row]:
        """Yield a row per item with a plan."""
        for each in items_of(record, item):
            if each.billing_plan:
                category = forms.master.item_categories[each.item_category]
                yield {
                    **_place(forms, self.document, record, each),
                    "BillingPlanStartDate": each.billing_plan[0].billing_date,
                    "BillingPlanEndDate": each.billing_plan[-1].billing_date,
                    "BillingPlanCategory": _MILESTONES,
                    "BillingPlanType": category.billing_plan_type,
                }


@dataclass(frozen=True, slots=True)
class PlanDateRows:
    """Rows of the dates of the billing plans of *document*."""

    document: str

    def __call__(self, forms: Forms, record: SalesDocument, item: int) -> Iterator[Row]:
        """Yield a row per date."""
        status = forms.erp.sales_status(record.number).items
        order_type = forms.master.order_types[record.document_type]
        for each in items_of(record, item):
            category = forms.master.item_categories[each.item_category]
            for date in each.billing_plan:
                billed = date.number in status[each.item_number].billed_dates
                yield {
                    **_place(forms, self.document, record, each),
                    "BillingPlanItem": str(date.number),
                    _DATE: date.billing_date,
                    _AMOUNT: forms.amount(date.value, record.currency),
                    "TransactionCurrency": record.currency,
                    _PERCENT: date.percent.quantize(_CENT),
                    "CustomerPaymentTerms": each.terms_of_payment or record.terms_of_payment,
                    "ProposedBillingDocumentType": order_type.order_billing_type,
                    _DESCRIPTION: date.description,
                    _BLOCK: date.billing_block,
                    "BillingPlanRelatedBillgStatus": "C" if billed else "A",
                    "BillingPlanType": category.billing_plan_type,
                    "BillingPlanBillingRule": date.rule,
                }


@dataclass(frozen=True, slots=True)
class PlanDateWriter(SalesChange):
    """Writes dates of billing plans; what is billed stays as it is."""

    def writers(self) -> Writers:
        """Return what may be done."""
        return Writers(self.create, self.update, self.delete)

    def create(self, body: Body, context: Context) -> Key:
        """Add a date to an item's plan."""
        record, number = self.record(body.values, context), self.item(body.values)
        new = date_of(body)
        self._send(context, record, number, BillingPlanDateChange(new=new))
        item = record.item(number)
        dates = item.billing_plan if item else ()
        at = new.number or max((each.number for each in dates), default=0) + 1
        return {
            **self.place(record.number, number, context),
            "BillingPlan": item.billing_plan_number if item else "",
            "BillingPlanItem": str(at),
        }

    def update(self, key: Key, changes: Changes, context: Context) -> None:
        """Change day, share, amount or block of a date; an empty block lifts it."""
        record, number = self.record(key, context), self.item(key)
        known = (_DATE, _PERCENT, _AMOUNT, _BLOCK, _DESCRIPTION)
        self.refuse(writing.filled(changes) - set(known))
        change = BillingPlanDateChange(
            item_number(key.get("BillingPlanItem")),
            writing.day(changes.get(_DATE)),
            writing.number(changes.get(_PERCENT)),
            writing.number(changes.get(_AMOUNT)),
            text(changes[_BLOCK]) if _BLOCK in changes else None,
            text(changes[_DESCRIPTION]) if _DESCRIPTION in changes else None,
        )
        self._send(context, record, number, change)

    def delete(self, key: Key, context: Context) -> None:
        """Take a date out of the plan."""
        record, number = self.record(key, context), self.item(key)
        at = item_number(key.get("BillingPlanItem"))
        self._send(context, record, number, BillingPlanDateChange(at, deleted=True))

    def _send(
        self, context: Context, record: SalesDocument, number: int, change: BillingPlanDateChange
    ) -> None:
        item = SalesItemChange(number, billing_plan=[change])
        self.send(context, record.number, SalesDocumentChange(items=[item]))


def plan_of(bodies: Sequence[Body]) -> tuple[BillingPlanDateSpec, ...]:
    """Return the dates of the plan that is nested in an item, none when it brings no plan."""
    return tuple(
        date_of(each)
        for plan in bodies
        for each in plan.navigations.get("to_BillingPlanItem", ())
        if writing.day(each.values.get(_DATE)) is not None
    )


def date_of(body: Body) -> BillingPlanDateSpec:
    """Return one date; without a share it bills its amount."""
    values = body.values
    percent = writing.number(values.get(_PERCENT)) or Decimal(0)
    amount = writing.number(values.get(_AMOUNT))
    on = writing.day(values.get(_DATE))
    if on is None:
        raise writing.invalid("A date of a billing plan needs its BillingPlanBillingDate")
    return BillingPlanDateSpec(
        on,
        percent,
        None if percent else amount,
        text(values.get(_BLOCK)),
        text(values.get(_DESCRIPTION)),
        item_number(values.get("BillingPlanItem")),
    )


def _place(forms: Forms, name: str, record: SalesDocument, item: SalesItem) -> Row:
    return {
        name: forms.number(record.number),
        f"{name}Item": forms.item(item.item_number),
        # The plan's number keeps its zeros in the services' answers.
        "BillingPlan": item.billing_plan_number,
    }
