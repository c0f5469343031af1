"""
What a change makes of a document: the request that would create it as it then is.

A change is refused here when something that follows the document forbids it: a quantity below what
is delivered or billed, an item deleted or a partner replaced behind a follower.
"""

from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal

from connector.simulator.engine import billing_plan, flow
from connector.simulator.engine.keys import padded
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.outcome import RefusedError
from connector.simulator.engine.sales_records import FlowRow, SalesDocument, SalesItem
from connector.simulator.engine.specs import (
    Partner,
    SalesDocumentChange,
    SalesDocumentSpec,
    SalesItemChange,
    SalesItemSpec,
    ScheduleLineSpec,
)

ZERO = Decimal(0)

#: Fields of a change that go into the document as they are.
_HEADER = tuple(
    field.name
    for field in fields(SalesDocumentChange)
    if not field.name.startswith("removed_")
    and field.name not in ("items", "conditions", "texts", "partners", "version")
)
_ITEM = (
    "quantity", "rejection_reason", "billing_block", "plant", "short_text",
    "requested_delivery_date", "terms_of_payment",
)  # fmt: skip


def spec_of(document: SalesDocument) -> SalesDocumentSpec:
    """Return the spec that would create *document*; its items keep no reference."""
    shared = {field.name for field in fields(SalesDocumentSpec)} - {
        "items", "conditions", "texts", "partners", "schedule_lines", "behave_when_error",
        "reference_category",
    }  # fmt: skip
    values = {name: getattr(document, name) for name in shared}
    return SalesDocumentSpec(
        **values,
        partners=list(document.partners),
        conditions=list(document.manual_conditions),
        texts=list(document.texts),
        items=[_item_spec(item) for item in document.items],
        schedule_lines=[
            ScheduleLineSpec(
                item.item_number,
                line.quantity,
                line.requested_date,
                line.material_availability_date,
                line.goods_issue_date,
            )
            for item in document.items
            for line in item.schedule_lines
            if line.quantity
        ],
    )


def _item_spec(item: SalesItem) -> SalesItemSpec:
    shared = {field.name for field in fields(SalesItemSpec)} - {
        "short_text", "reference_document", "reference_item", "reference_category", "billing_plan",
    }  # fmt: skip
    values = {name: getattr(item, name) for name in shared}
    return SalesItemSpec(
        **values, short_text=item.description, billing_plan=billing_plan.specs_of(item)
    )


def apply(
    work: UnitOfWork,
    document: SalesDocument,
    spec: SalesDocumentSpec,
    wanted: SalesDocumentChange,
) -> None:
    """Write *wanted* into *spec*, which would create *document*; RefusedError when it may not."""
    for name in _HEADER:
        value = getattr(wanted, name)
        if value is not None:
            setattr(spec, name, value)
    rows = work.flow_after(document.number)
    for item_change in wanted.items:
        _change_item(work, document, spec, item_change, rows)
    _change_partners(work, document, spec, wanted, rows)
    replaced = {(each.condition_type, each.item_number) for each in wanted.conditions}
    replaced |= set(wanted.removed_conditions)
    spec.conditions = [
        each for each in spec.conditions if (each.condition_type, each.item_number) not in replaced
    ]
    spec.conditions.extend(wanted.conditions)
    rewritten = {(each.text_id, each.item_number, each.language) for each in wanted.texts}
    rewritten |= set(wanted.removed_texts)
    spec.texts = [
        each
        for each in spec.texts
        if (each.text_id, each.item_number, each.language) not in rewritten
    ]
    spec.texts.extend(wanted.texts)


def _change_item(
    work: UnitOfWork,
    document: SalesDocument,
    spec: SalesDocumentSpec,
    wanted: SalesItemChange,
    rows: tuple[FlowRow, ...],
) -> None:
    number = wanted.item_number
    if wanted.action == "I":
        if wanted.new is None:
            raise RefusedError(work.message("quantity invalid", number))
        spec.items.append(replace(wanted.new, item_number=number or wanted.new.item_number))
        spec.schedule_lines.extend(wanted.schedule_lines or ())
        return
    position = next((at for at, each in enumerate(spec.items) if each.item_number == number), -1)
    if position < 0:
        raise RefusedError(work.message("item unknown", number, document.number.lstrip("0")))
    if wanted.action == "D":
        _delete_item(work, spec, number, rows)
        return
    changed = {name: getattr(wanted, name) for name in _ITEM if getattr(wanted, name) is not None}
    changed |= _reschedule(spec, wanted)
    if "plant" in changed:
        changed["shipping_point"] = ""
    if wanted.billing_plan:
        changed["billing_plan"] = billing_plan.changed(
            work,
            number,
            spec.items[position].billing_plan,
            wanted.billing_plan,
            billing_plan.billed_values(rows, number),
        )
    quantity = changed.get("quantity")
    followed = max(
        flow.quantity_after(rows, number, flow.DELIVERED_BY),
        flow.quantity_after(rows, number, flow.BILLED_BY),
    )
    if quantity is not None and quantity < followed:
        raise RefusedError(
            work.message("quantity below delivered", number, followed, parameter="SALES_ITEM_IN")
        )
    before = spec.items[position]
    spec.items[position] = replace(before, **changed)
    _change_sub_items(work, spec, before, spec.items[position], rows)


def _change_sub_items(
    work: UnitOfWork,
    spec: SalesDocumentSpec,
    before: SalesItemSpec,
    now: SalesItemSpec,
    rows: tuple[FlowRow, ...],
) -> None:
    """
    Let the sub-items of an item follow it.

    Components of a set keep their proportion and are rejected with it. Free goods go, unless
    something follows them: they are determined anew for the new quantity.
    """
    master = work.core.master
    own = [each for each in spec.items if each.higher_level_item == now.item_number]
    rescaled = now.quantity != before.quantity
    is_set = bool(master.components_of(now.material))
    for each in own:
        followed = any(row.preceding_item == each.item_number for row in rows)
        if rescaled and not is_set and not followed and _is_free(master, each):
            spec.items.remove(each)
            continue
        if rescaled and is_set and each.quantity and now.quantity and before.quantity:
            quantity = each.quantity * now.quantity / before.quantity
            done = flow.quantity_after(rows, each.item_number, flow.DELIVERED_BY)
            if quantity < done:
                raise RefusedError(work.message("quantity below delivered", each.item_number, done))
            each.quantity = quantity
            spec.schedule_lines = [
                line for line in spec.schedule_lines if line.item_number != each.item_number
            ]
        if now.rejection_reason != before.rejection_reason:
            each.rejection_reason = now.rejection_reason


def _is_free(master: MasterData, item: SalesItemSpec) -> bool:
    category = master.item_categories.get(item.item_category)
    return category is not None and not category.priced


def _delete_item(
    work: UnitOfWork, spec: SalesDocumentSpec, number: int, rows: tuple[FlowRow, ...]
) -> None:
    """Delete an item with its sub-items."""
    gone = {number}
    for each in spec.items:
        if each.higher_level_item in gone:
            gone.add(each.item_number)
    followed = sorted({row.preceding_item for row in rows} & gone)
    if followed:
        raise RefusedError(work.message("item has follow-on documents", followed[0]))
    spec.items = [each for each in spec.items if each.item_number not in gone]
    spec.schedule_lines = [each for each in spec.schedule_lines if each.item_number not in gone]
    spec.conditions = [each for each in spec.conditions if each.item_number not in gone]
    spec.partners = [each for each in spec.partners if each.item_number not in gone]


def _reschedule(spec: SalesDocumentSpec, wanted: SalesItemChange) -> dict[str, object]:
    """Replace the schedule lines of an item; return its new quantity and first date, if any."""
    number, moved = wanted.item_number, wanted.requested_delivery_date
    own = [each for each in spec.schedule_lines if each.item_number == number]
    if wanted.schedule_lines is not None:
        lines = [each for each in wanted.schedule_lines if each.quantity]
    elif wanted.quantity is not None:
        first = moved or (own[0].requested_date if own else None)
        lines = [ScheduleLineSpec(number, wanted.quantity, first)]
    elif moved is not None:
        lines = [ScheduleLineSpec(number, each.quantity, moved) for each in own]
    else:
        return {}
    others = [each for each in spec.schedule_lines if each.item_number != number]
    spec.schedule_lines = [*others, *lines]
    changed: dict[str, object] = {}
    if wanted.schedule_lines is not None:
        changed["quantity"] = sum((each.quantity for each in lines), ZERO)
        if lines and lines[0].requested_date is not None:
            changed["requested_delivery_date"] = lines[0].requested_date
    return changed


def _change_partners(
    work: UnitOfWork,
    document: SalesDocument,
    spec: SalesDocumentSpec,
    wanted: SalesDocumentChange,
    rows: tuple[FlowRow, ...],
) -> None:
    master = work.core.master
    for given in wanted.partners:
        function = master.partner_function(given.function)
        partner = replace(
            given, function=function or given.function, customer=padded(given.customer)
        )
        old = document.partner(partner.function, partner.item_number)
        if partner.address is None and old is not None and old.customer == partner.customer:
            partner = replace(partner, address=old.address)
        _check_replaced(work, document, partner, rows)
        spec.partners = [
            each for each in spec.partners if not _same_place(each, function, partner.item_number)
        ]
        spec.partners.append(partner)
    for name, item_number in wanted.removed_partners:
        function = master.partner_function(name)
        if not item_number or document.partner(function, item_number) is None:
            raise RefusedError(
                work.message("partner cannot be removed", name, item_number, parameter="PARTNERS")
            )
        # The header's partner takes the item over.
        header = Partner(function, document.partner_number(function), item_number)
        _check_replaced(work, document, header, rows)
        spec.partners = [
            each for each in spec.partners if not _same_place(each, function, item_number)
        ]


def _same_place(partner: Partner, function: str, item_number: int) -> bool:
    return (partner.function, partner.item_number) == (function, item_number)


def _check_replaced(
    work: UnitOfWork, document: SalesDocument, partner: Partner, rows: tuple[FlowRow, ...]
) -> None:
    """Refuse another customer behind documents that were made for the one before."""
    if document.partner_number(partner.function, partner.item_number) == partner.customer:
        return
    followed = [
        row for row in rows if row.sign != "-" and partner.item_number in (0, row.preceding_item)
    ]
    if followed and not work.core.settings.partner_change_after_followers:
        raise RefusedError(
            work.message(
                "partner cannot be changed",
                partner.function,
                document.number.lstrip("0"),
                followed[0].subsequent.lstrip("0"),
                parameter="PARTNERS",
            )
        )
