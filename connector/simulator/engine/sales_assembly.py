"""From drafts of items to a priced and scheduled sales document, not yet numbered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from connector.simulator.engine import billing_plan, credit, derived, partners
from connector.simulator.engine.customizing_records import OrderType
from connector.simulator.engine.item_schedule import planned, scheduled
from connector.simulator.engine.outcome import RefusedError
from connector.simulator.engine.pricing import Calculation, HeaderCondition, PricedItem, price
from connector.simulator.engine.sales_items import DraftItem, SalesContext, build
from connector.simulator.engine.sales_records import SalesDocument, SalesItem
from connector.simulator.engine.specs import ManualCondition, SalesItemSpec
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
    drafts = build(context, specs)
    header = _header_conditions(context, drafts)
    run = _calculation(context, drafts, header)
    incompletion = _missing(context, run)
    items = tuple(
        _finished(context, draft, priced, _requested_on(context), existing)
        for draft, priced in zip(drafts, run.items, strict=True)
    )
    incompletion.extend(_incomplete_partners(context))
    incompletion.extend(_incomplete_plans(drafts, items))
    document = replace(
        _head(context, run, existing),
        items=items,
        incompletion=tuple(incompletion),
        reference_document=context.spec.reference_document
        or next((item.reference_document for item in items if item.reference_document), ""),
        net_value=sum((item.net_value for item in items), ZERO),
        tax_amount=sum((item.tax_amount for item in items), ZERO),
        manual_conditions=_kept_conditions(drafts, header),
    )
    return Assembled(document, context.order_type, _value_before(context, existing))


def _requested_on(context: SalesContext) -> date:
    spec = context.spec
    return spec.requested_delivery_date or spec.document_date or context.work.today


def _calculation(
    context: SalesContext, drafts: list[DraftItem], header: list[ManualCondition]
) -> Calculation:
    """Price the items and add their tax. RefusedError: there is no procedure to do it by."""
    spec, work = context.spec, context.work
    procedure = work.core.master.procedure(
        context.key,
        context.order_type.document_procedure,
        context.agreed.customer_pricing_procedure,
    )
    if procedure is None:
        raise RefusedError(work.message("code unknown", "Pricing procedure", "/".join(context.key)))
    run = Calculation(
        work=work,
        procedure=procedure,
        sales_area=context.key,
        customer=next(each.customer for each in context.partners if each.function == "AG"),
        currency=spec.currency or context.agreed.currency,
        pricing_date=spec.pricing_date or spec.document_date or work.today,
        items=[_priced(context, draft) for draft in drafts],
        header=[HeaderCondition(each) for each in header],
    )
    price(run)
    add_tax(run)
    context.messages.extend(run.messages)
    return run


def _head(context: SalesContext, run: Calculation, existing: SalesDocument | None) -> SalesDocument:
    """Return the document without items, numbered as *existing*."""
    spec, work = context.spec, context.work
    payer = context.partner("RG", 0)
    return SalesDocument(
        number=existing.number if existing else "",
        category=context.order_type.category,
        document_type=context.order_type.document_type,
        sales_organization=context.area.sales_organization,
        distribution_channel=context.area.distribution_channel,
        division=context.area.division,
        company_code=context.area.company_code,
        currency=run.currency,
        items=(),
        partners=context.partners,
        document_date=spec.document_date or work.today,
        pricing_date=run.pricing_date,
        requested_delivery_date=_requested_on(context),
        created_at=existing.created_at if existing else work.now,
        changed_at=work.now,
        created_by=existing.created_by if existing else work.user,
        purchase_order_by_customer=spec.purchase_order_by_customer.strip(),
        purchase_order_date=spec.purchase_order_date,
        purchase_order_type=spec.purchase_order_type,
        valid_from=spec.valid_from,
        valid_to=spec.valid_to,
        billing_date=spec.billing_date,
        pricing_procedure=run.procedure.procedure,
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
        assignment=spec.assignment,
        reference=spec.reference,
        name=spec.name,
        texts=tuple(spec.texts),
        version=existing.version + 1 if existing else 1,
    )


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
        departure_country=draft.shipping.departure_country,
        destination_country=draft.shipping.destination_country,
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


def _incomplete_plans(drafts: list[DraftItem], items: tuple[SalesItem, ...]) -> list[str]:
    return [
        f"item {item.item_number}: billing plan"
        for draft, item in zip(drafts, items, strict=True)
        if draft.category.billing_relevance == billing_plan.BY_PLAN and not item.billing_plan
    ]


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
        schedule_lines=scheduled(context, draft, requested, existing),
        billing_plan=planned(context, draft, priced.net, existing),
    )


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
