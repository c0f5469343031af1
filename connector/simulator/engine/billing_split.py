"""
Combining and splitting billing documents.

Items go together when every header partner and header field agrees; each field that differs parts
them and is named. What differs in items only (plant, reference) never splits.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from connector.simulator.engine import partners
from connector.simulator.engine.billing_sources import BillableItem
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.outcome import Message
from connector.simulator.engine.specs import Partner

#: What parts documents -> VBRK's field of it, as the split analysis shows; empty where VBRK keeps
#: it elsewhere.
FIELDS = {
    "billing type": "FKART",
    "company code": "BUKRS",
    "sales organization": "VKORG",
    "distribution channel": "VTWEG",
    "sold-to party": "KUNAG",
    "payer": "KUNRG",
    "bill-to party": "KUNRE",
    "address": "ADRNR",
    "billing date": "FKDAT",
    "currency": "WAERK",
    "terms of payment": "ZTERM",
    "incoterms": "INCO1",
    "destination country": "LAND1",
    "pricing procedure": "KALSM",
    "assignment": "ZUONR",
    "reference": "XBLNR",
    "credited invoice": "ZUKRI",
    "single invoice": "ZUKRI",
}


@dataclass(slots=True)
class BillingGroup:
    """Items of one billing document; `split_by` names what parts it from the first."""

    key: dict[str, str]
    on: date
    items: list[BillableItem] = field(default_factory=list)
    split_by: list[str] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    def partner(self, function: str) -> Partner:
        """Return the header partner."""
        found = self.items[0].partner(function)
        return Partner(function, found.customer, address=found.address)


def groups(
    work: UnitOfWork, items: list[BillableItem], on: date, *, by_plan: bool = False
) -> list[BillingGroup]:
    """
    Return *items* in as few groups as their header fields allow, with the splits reported.

    *by_plan* dates what a billing plan bills on the plan's own date.
    """
    found: dict[tuple[str, ...], BillingGroup] = {}
    for item in items:
        planned = item.plan_date.billing_date if by_plan and item.plan_date is not None else on
        key = _key(work, item, planned)
        group = found.setdefault(tuple(key.values()), BillingGroup(key, planned))
        group.items.append(item)
    first, *others = found.values()
    for other in others:
        for name, value in other.key.items():
            if value != first.key[name]:
                other.split_by.append(name)
                row = work.message("billing split", name, first.key[name], value, FIELDS[name])
                other.messages.append(replace(row, field=FIELDS[name]))
        for name in other.split_by:
            if name not in first.split_by:
                first.split_by.append(name)
    return [first, *others]


def reference_value(item: BillableItem, source: str, billing_number: str) -> str:
    """Return what copy control puts into assignment or reference, zeros cut off."""
    if source == "A":
        return item.order.purchase_order_by_customer
    if source == "B":
        return item.order.number.lstrip("0")
    if source == "C":
        return item.delivery.number.lstrip("0") if item.delivery else ""
    return billing_number.lstrip("0")


def _key(work: UnitOfWork, item: BillableItem, on: date) -> dict[str, str]:
    order = item.order
    settings = work.core.settings
    sold_to, bill_to, payer = (item.partner(each) for each in ("AG", "RE", "RG"))
    rule = work.core.master.copy_control["billing", item.source_type, item.billing_type]
    return {
        "billing type": item.billing_type,
        "company code": order.company_code,
        "sales organization": order.sales_organization,
        "distribution channel": order.distribution_channel,
        "sold-to party": sold_to.customer,
        "payer": payer.customer,
        "bill-to party": bill_to.customer,
        "address": repr(bill_to.address) if bill_to.address else "",
        "billing date": on.isoformat(),
        "currency": order.currency,
        "terms of payment": item.terms_of_payment,
        "incoterms": f"{item.incoterms} {item.incoterms_location}".strip(),
        "destination country": partners.country_of(work, item.partner("WE")),
        "pricing procedure": order.pricing_procedure,
        "assignment": order.assignment
        or (
            reference_value(item, settings.assignment_source, "")
            if settings.assignment_source != "E"
            else ""
        ),
        "reference": order.reference
        or (
            reference_value(item, settings.reference_source, "")
            if settings.reference_source != "E"
            else ""
        ),
        "credited invoice": item.order_item.reference_document
        if item.order_item.reference_category == "M"
        else "",
        "single invoice": item.source[0] if rule.routine == "single" else "",
    }
