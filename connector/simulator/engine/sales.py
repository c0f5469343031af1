"""Creating and simulating sales documents."""

from __future__ import annotations

from dataclasses import replace

from connector.simulator.engine import credit, partners, third_party
from connector.simulator.engine.copy_control import expanded
from connector.simulator.engine.customizing_records import OrderType
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.master_records import CustomerSalesArea, SalesArea
from connector.simulator.engine.outcome import Message, Outcome, RefusedError
from connector.simulator.engine.partner_copying import with_copied
from connector.simulator.engine.sales_assembly import Assembled, assemble
from connector.simulator.engine.sales_items import SalesContext
from connector.simulator.engine.sales_records import FlowRow, SalesDocument
from connector.simulator.engine.specs import SalesDocumentSpec

#: The shown names of the segments, by the structure that the message's first variable names.
SEGMENTS = {"VBAKKOM": "SALES_HEADER_IN", "VBAPKOM": "SALES_ITEM_IN"}


def create(work: UnitOfWork, spec: SalesDocumentSpec) -> Outcome:
    """Create a sales document, see `Session.create_sales_document`."""
    assembled, messages = _attempt(work, spec)
    if assembled is None or spec.behave_when_error == "R":
        return _not_saved(work, messages, kept=assembled is not None)
    document = assembled.document
    order_type = assembled.order_type
    number = work.number("sales", order_type.number_range)
    document = with_plan_numbers(work, replace(document, number=number))
    document = third_party.with_requisitions(work, document, messages)
    work.put("sales", number, document, created=True)
    for row in flow_rows(work, document):
        work.put_flow(row)
    # With behave_when_error P the rows of the items left out stay, as warnings of their kind.
    notes = [replace(each, type="W") if each.is_error else each for each in messages]
    return Outcome((*notes, *saved(work, document, order_type)), (number,), (document,))


def with_plan_numbers(work: UnitOfWork, document: SalesDocument) -> SalesDocument:
    """Return *document* with a number for each billing plan that has none."""
    if not any(item.billing_plan and not item.billing_plan_number for item in document.items):
        return document
    items = (
        replace(item, billing_plan_number=work.number("billing plan", "FP"))
        if item.billing_plan and not item.billing_plan_number
        else item
        for item in document.items
    )
    return replace(document, items=tuple(items))


def simulate(work: UnitOfWork, spec: SalesDocumentSpec) -> Outcome:
    """Assemble without saving, see `Session.simulate_sales_document`."""
    savepoint = work.savepoint()
    try:
        assembled, messages = _attempt(work, spec)
    finally:
        work.back_to(savepoint)
    if assembled is None:
        return Outcome(tuple(messages))
    return Outcome(tuple(messages), (), (assembled.document,))


def _attempt(work: UnitOfWork, spec: SalesDocumentSpec) -> tuple[Assembled | None, list[Message]]:
    """Return the assembled document, None when its errors refuse it, and all rows."""
    try:
        context = context_of(work, spec)
        assembled = assemble(context, expanded(work, spec))
    except RefusedError as refusal:
        return None, list(refusal.messages)
    messages = context.messages
    document = assembled.document
    tolerant = spec.behave_when_error in ("P", "R")
    if not document.items:
        if not any(each.is_error for each in messages):
            messages.append(work.message("no items", parameter="SALES_HEADER_IN"))
        return None, messages
    if any(each.is_error for each in messages) and not tolerant:
        return None, messages
    check_credit(work, assembled, messages)
    _check_purchase_order(work, assembled, messages)
    if assembled.document.incompletion:
        if not work.core.settings.save_incomplete:
            row = work.message("document incomplete")
            messages.append(replace(row, type="E"))
            return None, messages
        messages.append(work.message("document incomplete"))
    return assembled, messages


def context_of(work: UnitOfWork, spec: SalesDocumentSpec) -> SalesContext:
    """Return document type, sales area and partners of *spec*; RefusedError names all faults."""
    master = work.core.master
    faults: list[Message] = []
    order_type = master.order_type(spec.document_type)
    if order_type is None:
        faults.append(_header(work, "order type unknown", spec.document_type))
    key = (spec.sales_organization, spec.distribution_channel, spec.division)
    area: SalesArea | None = master.sales_areas.get(key)
    if area is None:
        raise RefusedError(*faults, _header(work, "sales area unknown", *key))
    found, wrong = partners.determine(work, key, with_copied(work, spec))
    faults.extend(wrong)
    faults.extend(_unknown_codes(work, spec))
    if spec.currency and spec.currency not in master.currencies:
        faults.append(_header(work, "currency unknown", spec.currency))
    if faults or order_type is None:
        raise RefusedError(*faults)
    sold_to = next(each.customer for each in found if each.function == "AG")
    agreed: CustomerSalesArea = master.customer_sales_areas[sold_to, *key]
    return SalesContext(
        work,
        spec,
        order_type,
        area,
        agreed,
        found,
        spec.shipping_conditions or agreed.shipping_conditions,
    )


def check_credit(work: UnitOfWork, assembled: Assembled, messages: list[Message]) -> None:
    """Set the credit status of the assembled document, with a W row when it is blocked."""
    document, order_type = assembled.document, assembled.order_type
    account = document.credit_account
    forced = order_type.credit_check and work.core.faults.take("credit block", work.operation)
    if not order_type.credit_check:
        return
    amount = document.net_value + document.tax_amount - assembled.value_before
    over = credit.check(work.core, account, document.currency, amount)
    if over is None and not forced:
        return
    if forced or (over is not None and over > 0):
        messages.append(work.message("credit check failed", account, over or 0, document.currency))
        assembled.document = replace(document, credit_status="B")
    else:
        assembled.document = replace(document, credit_status="A")


def saved(work: UnitOfWork, document: SalesDocument, order_type: OrderType) -> tuple[Message, ...]:
    """Return the success rows: V4 233 per segment, then V1 311 with type text and number."""
    rows = [_segment(work, "VBAKKOM", "", 0)]
    for row, item in enumerate(document.items, start=1):
        rows.append(_segment(work, "VBAPKOM", f"{item.item_number:06d}", row))
    number = document.number.lstrip("0")
    rows.append(work.message("sales document saved", order_type.text, number))
    return tuple(rows)


def flow_rows(work: UnitOfWork, document: SalesDocument) -> list[FlowRow]:
    """Return the links from the references of *document* to its items."""
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
            material=item.material,
        )
        for item in document.items
        if item.reference_document and not item.higher_level_item
    ]


def _segment(work: UnitOfWork, structure: str, item: str, row: int) -> Message:
    shown = SEGMENTS[structure]
    message = work.message("segment processed", structure, item, parameter=shown, row=row)
    return replace(message, text=f"{shown} has been processed successfully")


def _not_saved(work: UnitOfWork, messages: list[Message], *, kept: bool) -> Outcome:
    if kept and not any(each.is_error for each in messages):
        return Outcome(tuple(messages))
    return Outcome((*messages, work.message("sales document not changed", "")))


def _check_purchase_order(work: UnitOfWork, assembled: Assembled, messages: list[Message]) -> None:
    document, order_type = assembled.document, assembled.order_type
    if work.core.faults.take("duplicate purchase order", work.operation):
        messages.append(work.message("duplicate purchase order", "1", parameter="SALES_HEADER_IN"))
        return
    wanted = work.core.settings.duplicate_purchase_order_check or order_type.purchase_order_check
    if not wanted or not document.purchase_order_by_customer or document.number:
        return
    for other in work.core.store.sales_by_purchase_order(document.purchase_order_by_customer):
        if other.sold_to == document.sold_to and other.category == document.category:
            messages.append(
                work.message(
                    "duplicate purchase order",
                    other.number.lstrip("0"),
                    parameter="SALES_HEADER_IN",
                )
            )
            return


def _unknown_codes(work: UnitOfWork, spec: SalesDocumentSpec) -> list[Message]:
    master = work.core.master
    rows = []
    for kind, code in (
        ("delivery block", spec.delivery_block),
        ("billing block", spec.billing_block),
        ("order reason", spec.order_reason),
        ("incoterms", spec.incoterms),
        *(("rejection reason", item.rejection_reason) for item in spec.items),
        *(("billing block", item.billing_block) for item in spec.items),
        *(("incoterms", item.incoterms) for item in spec.items),
    ):
        if code and (kind, code) not in master.codes:
            rows.append(_header(work, "code unknown", kind.capitalize(), code))
    for terms in (spec.terms_of_payment, *(item.terms_of_payment for item in spec.items)):
        if terms and terms not in master.terms_of_payment:
            rows.append(_header(work, "code unknown", "Terms of payment", terms))
    return rows


def _header(work: UnitOfWork, situation: str, *variables: object) -> Message:
    return work.message(situation, *variables, parameter="SALES_HEADER_IN")
