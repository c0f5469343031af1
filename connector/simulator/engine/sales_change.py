"""Changing sales documents: the document is taken apart, changed, and assembled again."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from connector.simulator.engine import availability, credit, derived, sales_respec, third_party
from connector.simulator.engine.keys import padded
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.outcome import Message, Outcome, RefusedError
from connector.simulator.engine.sales import (
    check_credit,
    context_of,
    flow_rows,
    saved,
    with_plan_numbers,
)
from connector.simulator.engine.sales_assembly import Assembled, assemble
from connector.simulator.engine.sales_records import (
    FlowRow,
    SalesDocument,
    SalesItem,
    ScheduleLine,
)
from connector.simulator.engine.specs import SalesDocumentChange, SalesItemSpec
from connector.simulator.engine.status import sales_item

ZERO = Decimal(0)


def change(work: UnitOfWork, number: str, wanted: SalesDocumentChange) -> Outcome:
    """Change a sales document, see `Session.change_sales_document`."""
    document = _locked(work, number)
    try:
        if wanted.version is not None and wanted.version != document.version:
            raise RefusedError(work.message("version outdated", document.number.lstrip("0")))
        spec = sales_respec.spec_of(document)
        sales_respec.apply(work, document, spec, wanted)
        context = context_of(work, spec)
        context.check_references = False
        context.free_goods_of = {
            each.item_number
            for each in wanted.items
            if each.quantity is not None or each.schedule_lines is not None or each.new is not None
        }
        assembled = assemble(context, _without_references(spec.items, document), document)
    except RefusedError as refusal:
        return _refused(work, document, refusal.messages)
    messages = context.messages
    if any(each.is_error for each in messages):
        return _refused(work, document, tuple(messages))
    assembled.document = with_plan_numbers(work, _with_references(assembled.document, document))
    if assembled.document.credit_status != "D":
        check_credit(work, assembled, messages)
    if assembled.document.incompletion:
        messages.append(work.message("document incomplete"))
    _purchase(work, document, assembled, messages)
    work.put("sales", document.number, assembled.document)
    for row in flow_rows(work, assembled.document):
        if document.item(row.subsequent_item) is None:
            work.put_flow(row)
    for row in work.core.store.flow.before(document.number):
        item = assembled.document.item(row.subsequent_item)
        if item is None:
            work.drop("flow", row.key)
        elif (item.quantity, item.net_value) != (row.quantity, row.value):
            work.put_flow(replace(row, quantity=item.quantity, value=item.net_value), replaces=True)
    rows = saved(work, assembled.document, assembled.order_type)
    return Outcome((*messages, *rows), (document.number,), (assembled.document,))


def delete(work: UnitOfWork, number: str) -> Outcome:
    """Delete a sales document, see `Session.delete_sales_document`."""
    document = _locked(work, number)
    shown = document.number.lstrip("0")
    followed = work.flow_after(document.number)
    if followed:
        row = work.message("item has follow-on documents", followed[0].preceding_item)
        return _refused(work, document, (row,))
    for row_before in work.core.store.flow.before(document.number):
        work.drop("flow", row_before.key)
    work.drop("sales", document.number)
    return Outcome((work.message("sales document deleted", shown),), (document.number,))


def _purchase(
    work: UnitOfWork, old: SalesDocument, assembled: Assembled, messages: list[Message]
) -> None:
    """Keep the requisitions of third-party items in step with the document."""
    for item in old.items:
        now = assembled.document.item(item.item_number)
        if now is None or (now.rejection_reason and not item.rejection_reason):
            third_party.withdraw(work, item, messages)
    assembled.document = third_party.with_requisitions(work, assembled.document, messages)


def release_credit(work: UnitOfWork, number: str) -> Outcome:
    """Set the credit status to D (released), see `Session.release_credit`."""
    document = _locked(work, number)
    released = replace(
        document, credit_status="D", changed_at=work.now, version=document.version + 1
    )
    released = third_party.with_requisitions(work, released, [])
    work.put("sales", document.number, released)
    order_type = work.core.master.order_types[document.document_type]
    row = work.message("sales document saved", order_type.text, document.number.lstrip("0"))
    return Outcome((row,), (document.number,), (released,))


def reschedule(work: UnitOfWork, number: str) -> bool:
    """Promise stock that has come in since; return whether the document was changed."""
    document = work.sales_document(number)
    if document is None or work.lock("sales", number) is not None:
        return False
    rows = work.flow_after(number)
    items = []
    changed = False
    for item in document.items:
        lines = _promised_again(work, item, rows)
        changed = changed or lines is not None
        items.append(item if lines is None else replace(item, schedule_lines=lines))
    if changed:
        work.put(
            "sales",
            number,
            replace(
                document,
                items=tuple(items),
                changed_at=work.now,
                version=document.version + 1,
            ),
        )
    return changed


def _promised_again(
    work: UnitOfWork, item: SalesItem, rows: tuple[FlowRow, ...]
) -> tuple[ScheduleLine, ...] | None:
    requested = [line for line in item.schedule_lines if line.quantity]
    category = work.core.master.item_categories[item.item_category]
    before = _from_stock(item.schedule_lines)
    if not category.delivery_relevant or not requested or before >= item.quantity:
        return None
    found = sales_item(work.core.master, item, rows)
    base = item.base_numerator / item.base_denominator
    held = derived.stock_requirement(item, found.delivered_quantity)
    savepoint = work.savepoint()
    lines = availability.schedule(
        work,
        availability.Demand(
            plant=item.plant,
            material=item.material,
            sales_unit=item.sales_unit,
            numerator=item.base_numerator,
            denominator=item.base_denominator,
            transit_days=(requested[0].delivery_date - requested[0].goods_issue_date).days,
            held=held + found.delivered_quantity * base,
        ),
        [availability.Request(line.quantity, line.requested_date) for line in requested],
        check=True,
    )
    if _from_stock(lines) > before:
        return lines
    work.back_to(savepoint)
    return None


def _from_stock(lines: tuple[ScheduleLine, ...]) -> Decimal:
    return sum(
        (line.confirmed_quantity for line in lines if line.covered_by != "replenishment"), ZERO
    )


def recheck_credit(work: UnitOfWork, number: str) -> bool:
    """Approve a blocked document when the limit allows it again; return whether it did."""
    document = work.sales_document(number)
    if document is None or document.credit_status != "B" or work.lock("sales", number):
        return False
    # The document's own value is part of what its account uses already.
    over = credit.check(work.core, document.credit_account, document.currency, ZERO)
    if over is None or over > 0:
        return False
    approved = replace(
        document, credit_status="A", changed_at=work.now, version=document.version + 1
    )
    approved = third_party.with_requisitions(work, approved, [])
    work.put("sales", number, approved)
    return True


def _without_references(items: list[SalesItemSpec], old: SalesDocument) -> list[SalesItemSpec]:
    # The reference was checked and its prices copied when the item was made.
    return [
        each
        if old.item(each.item_number) is None
        else replace(each, reference_document="", reference_item=0)
        for each in items
    ]


def _with_references(document: SalesDocument, old: SalesDocument) -> SalesDocument:
    items = []
    for item in document.items:
        before = old.item(item.item_number) or item
        items.append(
            replace(
                item,
                reference_document=before.reference_document,
                reference_item=before.reference_item,
                reference_category=before.reference_category,
                billing_plan_number=before.billing_plan_number if item.billing_plan else "",
            )
        )
    return replace(document, items=tuple(items))


def _locked(work: UnitOfWork, number: str) -> SalesDocument:
    key = padded(number)
    document = work.sales_document(key)
    if document is None:
        raise RefusedError(work.message("sales document does not exist", number))
    holder = work.lock("sales", key)
    if holder is not None:
        raise RefusedError(
            work.message("sales document locked", key.lstrip("0"), holder),
            work.message("sales document not changed", key.lstrip("0")),
        )
    return document


def _refused(work: UnitOfWork, document: SalesDocument, messages: tuple[Message, ...]) -> Outcome:
    trailer = work.message("sales document not changed", document.number.lstrip("0"))
    return Outcome((*messages, trailer))
