"""From drafts of items to a priced and scheduled sales document, not yet numbered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from connector.simulator.engine import availability, billing_plan, credit, derived, partners
from connector.simulator.engine.customizing_records import OrderType
from connector.simulator.engine.outcome import RefusedError
from connector.simulator.engine.pricing import Calculation, HeaderCondition, PricedItem, price
from connector.simulator.engine.sales_items import DraftItem, SalesContext, build
from connector.simulator.engine.sales_records import (
    BillingPlanDate,
    SalesDocument,
    SalesItem,
    ScheduleLine,
)
from connector.simulator.engine.specs import ManualCondition, SalesItemSpec
from connector.simulator.engine.status import sales_item
from connector.simulator.engine.tax import add_tax

ZERO = Decimal(0)


@dataclass(slots=True)
class Assembled:
    """A document with its type; `value_before` is its open credit value before a change."""

    document: SalesDocument
    order_type: OrderType
    value_before: Decimal = ZERO


def assemble(
    context: SalesContext, specs: list[SalesItemSpec], existing: SalesDocument | None = None
) -> Assembled:
    """
    Return the document of *specs*, numbered as *existing*; faulty items are left out.

    Every fault is a row in the context. RefusedError: nothing can be assembled at all.
    """
    spec, work = context.spec, context.work
    drafts = build(context, specs)
    currency = spec.currency or context.agreed.currency
    pricing_date = spec.pricing_date or spec.document_date or work.today
    procedure = work.core.master.procedure(
        context.key,
        context.order_type.document_procedure,
        context.agreed.customer_pricing_procedure,
    )
    if procedure is None:
        raise RefusedError(work.message("code unknown", "Pricing procedure", "/".join(context.key)))
    header = _header_conditions(context, drafts)
    run = Calculation(
        work=work,
        procedure=procedure,
        sales_area=context.key,
        customer=next(each.customer for each in context.partners if each.function == "AG"),
        currency=currency,
        pricing_date=pricing_date,
        items=[_priced(context, draft) for draft in drafts],
        header=[HeaderCondition(each) for each in header],
    )
    price(run)
    add_tax(run)
    context.messages.extend(run.messages)
    incompletion = _missing(context, run)
    requested = spec.requested_delivery_date or spec.document_date or work.today
    items = tuple(
        _finished(context, draft, priced, requested, existing)
        for draft, priced in zip(drafts, run.items, strict=True)
    )
    incompletion.extend(_incomplete_partners(context))
    incompletion.extend(
        f"item {item.item_number}: billing plan"
        for draft, item in zip(drafts, items, strict=True)
        if draft.category.billing_relevance == billing_plan.BY_PLAN and not item.billing_plan
    )
    payer = context.partner("RG", 0)
    document = SalesDocument(
        number=existing.number if existing else "",
        category=context.order_type.category,
        document_type=context.order_type.document_type,
        sales_organization=context.area.sales_organization,
        distribution_channel=context.area.distribution_channel,
        division=context.area.division,
        company_code=context.area.company_code,
        currency=currency,
        items=items,
        partners=context.partners,
        document_date=spec.document_date or work.today,
        pricing_date=pricing_date,
        requested_delivery_date=requested,
        created_at=existing.created_at if existing else work.now,
        changed_at=work.now,
        created_by=existing.created_by if existing else work.user,
        purchase_order_by_customer=spec.purchase_order_by_customer.strip(),
        purchase_order_date=spec.purchase_order_date,
        purchase_order_type=spec.purchase_order_type,
        valid_from=spec.valid_from,
        valid_to=spec.valid_to,
        billing_date=spec.billing_date,
        pricing_procedure=procedure.procedure,
        terms_of_payment=spec.terms_of_payment or context.agreed.terms_of_payment,
        incoterms=spec.incoterms or context.agreed.incoterms,
        incoterms_location=spec.incoterms_location or context.agreed.incoterms_location,
        delivery_block=spec.delivery_block
        or ("" if existing else context.order_type.delivery_block or context.agreed.delivery_block),
        billing_block=spec.billing_block
        or ("" if existing else context.order_type.billing_block or context.agreed.billing_block),
        order_reason=spec.order_reason,
        shipping_conditions=context.shipping_conditions,
        complete_delivery=context.agreed.complete_delivery
        if spec.complete_delivery is None
        else spec.complete_delivery,
        credit_status=existing.credit_status if existing else "",
        credit_account=credit.account_of(work.core, payer.customer) if payer else "",
        incompletion=tuple(incompletion),
        reference_document=spec.reference_document
        or next((item.reference_document for item in items if item.reference_document), ""),
        assignment=spec.assignment,
        reference=spec.reference,
        name=spec.name,
        net_value=sum((item.net_value for item in items), ZERO),
        tax_amount=sum((item.tax_amount for item in items), ZERO),
        manual_conditions=_kept_conditions(drafts, header),
        texts=tuple(spec.texts),
        version=existing.version + 1 if existing else 1,
    )
    return Assembled(document, context.order_type, _value_before(context, existing))


def _header_conditions(context: SalesContext, drafts: list[DraftItem]) -> list[ManualCondition]:
    header = [each for each in context.spec.conditions if not each.item_number]
    copied: dict[tuple[str, Decimal], ManualCondition] = {}
    for draft in drafts:
        for each in draft.header_conditions:
            copied.setdefault((each.condition_type, each.rate), each)
    return [*header, *copied.values()]


def _kept_conditions(
    drafts: list[DraftItem], header: list[ManualCondition]
) -> tuple[ManualCondition, ...]:
    return (*header, *(each for draft in drafts for each in draft.conditions))


def _priced(context: SalesContext, draft: DraftItem) -> PricedItem:
    return PricedItem(
        item_number=draft.item.item_number,
        material=draft.material,
        quantity=draft.item.quantity,
        sales_unit=draft.item.sales_unit,
        numerator=draft.item.base_numerator,
        denominator=draft.item.base_denominator,
        priced=draft.category.priced,
        plant=draft.item.plant,
        departure_country=draft.departure_country,
        destination_country=draft.destination_country,
        customer_tax_class=context.agreed.tax_class,
        manual=draft.conditions,
    )


def _missing(context: SalesContext, run: Calculation) -> list[str]:
    """Turn missing mandatory conditions into errors, or into the incompletion log."""
    if not context.work.core.settings.missing_price_is_error:
        return [f"item {number}: condition {name}" for number, name in run.missing]
    for number, name in run.missing:
        row = next((at for at, item in enumerate(run.items, 1) if item.item_number == number), 0)
        context.messages.append(
            context.work.message(
                "mandatory price missing", name, parameter="SALES_ITEM_IN", row=row
            )
        )
    return []


def _incomplete_partners(context: SalesContext) -> list[str]:
    missing = []
    for function in partners.HEADER_FUNCTIONS:
        partner = context.partner(function, 0)
        if partner is None:
            continue
        customer = context.work.core.master.customers[partner.customer]
        if customer.one_time and (partner.address is None or not partner.address.name):
            missing.append(f"partner {function}: address of one-time customer")
    return missing


def _finished(
    context: SalesContext,
    draft: DraftItem,
    priced: PricedItem,
    requested: date,
    existing: SalesDocument | None,
) -> SalesItem:
    item = draft.item
    price_line = next((each for each in priced.conditions if each.kind == "price"), None)
    per = price_line.per if price_line else Decimal(1)
    unit = price_line.unit if price_line else item.sales_unit
    net_price = ZERO
    if item.quantity:
        net_price = (priced.net * per / item.quantity).quantize(Decimal(10) ** -4)
    return replace(
        item,
        requested_delivery_date=item.requested_delivery_date or requested,
        gross_value=priced.gross,
        net_value=priced.net,
        tax_amount=priced.tax,
        cost=priced.cost,
        net_price=net_price,
        net_price_per=per,
        net_price_unit=unit,
        tax_code=priced.tax_code,
        conditions=tuple(priced.conditions),
        schedule_lines=_scheduled(context, draft, requested, existing),
        billing_plan=_planned(context, draft, priced.net, existing),
    )


def _planned(
    context: SalesContext, draft: DraftItem, net: Decimal, existing: SalesDocument | None
) -> tuple[BillingPlanDate, ...]:
    if draft.category.billing_relevance != billing_plan.BY_PLAN:
        return ()
    work, number = context.work, draft.item.item_number
    start = context.spec.document_date or work.today
    dates = billing_plan.proposed(work, draft.category, draft.spec.billing_plan, start)
    faults = billing_plan.faults(work, draft.item, dates)
    context.messages.extend(
        replace(each, parameter="SALES_ITEM_IN", row=draft.row) for each in faults
    )
    if not dates or faults:
        return ()
    old = existing.item(number) if existing is not None else None
    billed = billing_plan.billed_values(
        work.flow_after(existing.number) if existing is not None else (), number
    )
    currency = context.spec.currency or context.agreed.currency
    return billing_plan.valued(
        dates,
        net,
        work.core.master.decimals(currency),
        old.billing_plan if old is not None else (),
        tuple(billed),
    )


def _scheduled(
    context: SalesContext, draft: DraftItem, requested: date, existing: SalesDocument | None
) -> tuple[ScheduleLine, ...]:
    work, item = context.work, draft.item
    wanted = item.requested_delivery_date or requested
    if item.rejection_reason:
        return ()
    if draft.category.third_party:
        return _from_vendor(context, item, wanted, existing)
    if not draft.category.delivery_relevant:
        return (ScheduleLine(1, wanted, item.quantity, ZERO, wanted, wanted, wanted),)
    requests = _requests(context, item, wanted)
    old = existing.item(item.item_number) if existing else None
    held = ZERO
    if old is not None:
        same = (old.plant, old.material, old.sales_unit) == (
            item.plant,
            item.material,
            item.sales_unit,
        )
        before = [(line.quantity, line.requested_date) for line in old.schedule_lines]
        after = [(each.quantity, each.requested_date) for each in requests]
        if same and after and [each for each in before if each[0]] == after:
            return old.schedule_lines
        if (old.plant, old.material) == (item.plant, item.material) and existing is not None:
            found = sales_item(work.core.master, old, work.flow_after(existing.number))
            held = derived.stock_requirement(old, found.delivered_quantity)
            # What is delivered already has been confirmed and must not be promised again.
            held += found.delivered_quantity * old.base_numerator / old.base_denominator
    demand = availability.Demand(
        plant=item.plant,
        material=item.material,
        sales_unit=item.sales_unit,
        numerator=item.base_numerator,
        denominator=item.base_denominator,
        transit_days=draft.transit_days,
        held=held,
    )
    return availability.schedule(work, demand, requests, check=context.order_type.requirements)


def _from_vendor(
    context: SalesContext, item: SalesItem, wanted: date, existing: SalesDocument | None
) -> tuple[ScheduleLine, ...]:
    """Return the lines of a third-party item: promised as requested, each with its requisition."""
    old = existing.item(item.item_number) if existing else None
    known = [line.requisition for line in old.schedule_lines] if old is not None else []
    return tuple(
        ScheduleLine(
            line=at,
            requested_date=each.requested_date,
            quantity=each.quantity,
            confirmed_quantity=each.quantity,
            delivery_date=each.requested_date,
            goods_issue_date=each.requested_date,
            material_availability_date=each.requested_date,
            covered_by="vendor",
            requisition=known[at - 1] if at <= len(known) else "",
        )
        for at, each in enumerate(_requests(context, item, wanted), start=1)
    )


def _requests(context: SalesContext, item: SalesItem, wanted: date) -> list[availability.Request]:
    """Return the requested schedule lines; lines that miss the item's quantity do not count."""
    requests = [
        availability.Request(
            line.quantity,
            line.requested_date or wanted,
            line.material_availability_date,
            line.goods_issue_date,
        )
        for line in context.spec.schedule_lines
        if line.item_number == item.item_number
    ]
    if sum((each.quantity for each in requests), ZERO) != item.quantity:
        return [availability.Request(item.quantity, wanted)]
    return requests


def _value_before(context: SalesContext, existing: SalesDocument | None) -> Decimal:
    if existing is None:
        return ZERO
    work = context.work
    return sum(
        (
            derived.open_credit_value(existing.number, item, work.flow_after)
            for item in existing.items
        ),
        ZERO,
    )
