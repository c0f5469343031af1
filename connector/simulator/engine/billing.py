"""
Creating billing documents from deliveries and orders.

As few documents as possible: what agrees in every header field goes together, any field that
differs parts them (`billing_split.py`). Prices come from the order unchanged, tax is determined
again on the billing date, and accounting follows at once (`billing_posting.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from connector.simulator.engine import billing_posting, billing_split
from connector.simulator.engine.billing_pricing import priced_items
from connector.simulator.engine.billing_sources import BillableItem, collect
from connector.simulator.engine.finance_records import BillingDocument
from connector.simulator.engine.keys import padded
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.outcome import Message, Outcome, RefusedError
from connector.simulator.engine.sales_records import FlowRow
from connector.simulator.engine.specs import BillingRef

ZERO = Decimal(0)


def create(
    work: UnitOfWork, refs: Sequence[BillingRef], *, billing_date: date | None, billing_type: str
) -> Outcome:
    """Create billing documents, see `Session.create_billing_documents`."""
    on = billing_date or work.today
    notes: list[Message] = []
    faults: list[Message] = []
    found: list[BillableItem] = []
    by_document: dict[str, list[BillingRef]] = {}
    for ref in refs:
        by_document.setdefault(padded(ref.document), []).append(ref)
    for number, wanted in by_document.items():
        try:
            found.extend(collect(work, number, wanted, billing_type, on))
        except RefusedError as refusal:
            faults.extend(refusal.messages)
    if any(each.is_error for each in faults) or not found:
        return Outcome(tuple(faults))
    documents = []
    by_plan = billing_date is None and work.core.settings.plan_date_is_billing_date
    for group in billing_split.groups(work, found, on, by_plan=by_plan):
        notes.extend(group.messages)
        document = _document(work, group, group.on)
        document, rows = billing_posting.transfer(work, document)
        work.put("billing", document.number, document, created=True)
        for row in _flow_rows(work, document):
            work.put_flow(row)
        notes.append(work.message("billing document saved", document.number.lstrip("0")))
        notes.extend(rows)
        documents.append(document)
    numbers = tuple(each.number for each in documents)
    return Outcome((*faults, *notes), numbers, tuple(documents))


def release_to_accounting(work: UnitOfWork, number: str) -> Outcome:
    """Post a billing document that is not in accounting yet."""
    document = locked(work, number)
    if document.transfer_status in ("C", "D", "E"):
        raise RefusedError(work.message("already passed to accounting", number.lstrip("0")))
    released, rows = billing_posting.transfer(work, document, released=True)
    if released.transfer_status == "C":
        rows = (work.message("billing document saved", released.number.lstrip("0")),)
    work.put("billing", released.number, replace(released, changed_at=work.now))
    return Outcome(rows, (released.number,), (released,))


def locked(work: UnitOfWork, number: str) -> BillingDocument:
    """Return the billing document, locked; RefusedError when unknown or held by another."""
    key = padded(number)
    document = work.billing_document(key)
    if document is None:
        raise RefusedError(work.message("billing document unknown", key.lstrip("0")))
    holder = work.lock("billing", key)
    if holder is not None:
        raise RefusedError(work.message("sales document locked", key.lstrip("0"), holder))
    return document


def _document(work: UnitOfWork, group: billing_split.BillingGroup, on: date) -> BillingDocument:
    first = group.items[0]
    order = first.order
    billing_type = work.core.master.billing_types[first.billing_type]
    number = work.number("billing", billing_type.number_range)
    items = priced_items(work, group.items, on)
    partners = (
        group.partner("AG"),
        group.partner("RE"),
        group.partner("RG"),
        group.partner("WE"),
    )
    document = BillingDocument(
        number=number,
        category=billing_type.category,
        billing_type=billing_type.billing_type,
        sales_organization=order.sales_organization,
        distribution_channel=order.distribution_channel,
        division=order.division,
        company_code=order.company_code,
        sold_to=group.partner("AG").customer,
        payer=group.partner("RG").customer,
        bill_to=group.partner("RE").customer,
        billing_date=on,
        currency=order.currency,
        terms_of_payment=first.terms_of_payment,
        items=items,
        partners=tuple(partners),
        created_at=work.now,
        changed_at=work.now,
        created_by=work.user,
        net_value=sum((item.net_value for item in items), ZERO),
        tax_amount=sum((item.tax_amount for item in items), ZERO),
        incoterms=first.incoterms,
        incoterms_location=first.incoterms_location,
        purchase_order_by_customer=order.purchase_order_by_customer,
        split_reason=", ".join(group.split_by),
        combination_criteria=group.key["credited invoice"] or group.key["single invoice"],
    )
    settings = work.core.settings
    return replace(
        document,
        assignment=order.assignment
        or billing_split.reference_value(first, settings.assignment_source, number)[:18],
        reference=order.reference
        or billing_split.reference_value(first, settings.reference_source, number)[:16],
    )


def _flow_rows(work: UnitOfWork, document: BillingDocument) -> list[FlowRow]:
    shares = work.core.settings.plan_date_quantity == "share"
    return [
        FlowRow(
            preceding=item.reference_document,
            preceding_item=item.reference_item,
            preceding_category=item.reference_category,
            subsequent=document.number,
            subsequent_item=item.item_number,
            subsequent_category=document.category,
            quantity=item.quantity,
            unit=item.sales_unit,
            created_at=work.now,
            value=item.net_value,
            currency=document.currency,
            sign="" if item.billing_plan_date and not shares else "+",
            material=item.material,
            billing_plan=item.billing_plan,
            billing_plan_date=item.billing_plan_date,
        )
        for item in document.items
    ]
