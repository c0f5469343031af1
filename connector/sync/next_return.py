"""What comes back of an order, is credited or charged on top. Pure, like next_steps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from connector.mappings.external_order import ExternalReturn, ExternalReturnKind
from connector.mappings.map_returns import RETURN_CATEGORY
from connector.mappings.problems import Problem
from connector.ports.step_state import StepState
from connector.ports.store_records import FlowView
from connector.sd_documents.sales_document import (
    PostedSalesDocument,
    PostedSalesDocumentItem,
    SalesDocument,
    SalesDocumentItem,
)
from connector.sd_documents.values import DocumentCategory, ItemReference, display_number
from connector.sync import hold_reasons
from connector.sync.chain import OPEN, order_of, outbound, reference_of, valid_invoices
from connector.sync.changed_version import last_wanted
from connector.sync.next_steps import NextStep, Situation, Stop, Wait
from connector.sync.plan import CORRECTIONS, SALES_CHAIN, MadeBy

#: What takes back or credits an item.
_TAKES_BACK = frozenset({DocumentCategory.RETURNS_ORDER, DocumentCategory.CREDIT_MEMO_REQUEST})


def correction(situation: Situation) -> NextStep | None:
    """Return the next return or memo request, or the wait for it; None when all are there."""
    view = situation.view
    for returned in sorted(view.order.returns, key=lambda r: (r.returned_at, r.return_id)):
        category = RETURN_CATEGORY[returned.kind]
        plan = situation.plan.sales_document(category)
        if plan.by is MadeBy.OBSERVE or _exists(situation, returned):
            continue
        if plan.by is MadeBy.ABSENT:
            problem = _unplanned(situation, returned)
            if situation.unaccepted((problem,)):
                return Stop((problem,))
            continue
        day = situation.options.day_of(returned.returned_at) + timedelta(days=plan.wait_days)
        return situation.not_before(day) or _create(situation, returned)
    return None


def _exists(situation: Situation, returned: ExternalReturn) -> bool:
    operation = CORRECTIONS[RETURN_CATEGORY[returned.kind]]
    step = situation.view.step(operation, returned.return_id)
    return step is not None and step.state is StepState.DONE


def _create(situation: Situation, returned: ExternalReturn) -> NextStep:
    view = situation.view
    order = order_of(view)
    assert order is not None
    if returned.kind is ExternalReturnKind.GOODS and not _is_issued(view):
        return Wait()
    mapped = situation.route.map_return(view.order, returned)
    if problems := situation.unaccepted(mapped.problems):
        return Stop(problems)
    category = RETURN_CATEGORY[returned.kind]
    document = mapped.document(category)
    if document is None:
        return Stop((_unmapped(returned, category),))
    document, problem = _referring(situation, order, document, returned)
    if problem is not None and situation.unaccepted((problem,)):
        return Stop((problem,))
    return situation.submit(
        CORRECTIONS[category],
        document,
        key=returned.return_id,
        reference=document.purchase_order_by_customer,
    )


def _is_issued(view: FlowView) -> bool:
    """Tell whether anything has left that could come back."""
    return any(delivery.goods_movement_status not in OPEN for delivery in outbound(view))


def _referring(
    situation: Situation,
    order: PostedSalesDocument,
    document: SalesDocument,
    returned: ExternalReturn,
) -> tuple[SalesDocument, Problem | None]:
    """
    Return *document* with reference to what billed its lines, else to the order itself.

    The second value is a problem where more would come back than was billed or ordered. An amount
    without lines refers to the order: the pieces that it stands on do not come back, and those of
    the invoice stay free for what does.
    """
    view = situation.view
    items: list[SalesDocumentItem] = []
    problem: Problem | None = None
    numbers = _item_numbers(view)
    for item in document.items:
        number = numbers.get(item.line_id)
        if number is None:
            items.append(item)
            continue
        if returned.amount is not None:
            source = reference_of(order, order.item(number))
            items.append(item.model_copy(update={"reference": source}))
            continue
        source, available = _source(view, order, number)
        wanted = item.requested_quantity.value
        taken = _taken_back(view, source) if document.category in _TAKES_BACK else Decimal(0)
        if document.category in _TAKES_BACK and wanted + taken > available and problem is None:
            problem = Problem(
                code=hold_reasons.RETURN_ABOVE_BILLED,
                message=f"{item.requested_quantity} of line {item.line_id} would come back, but of "
                f"{available.normalize():f} of {source} {taken.normalize():f} are back already. "
                "Correct the return, or release to create it all the same",
            )
        items.append(item.model_copy(update={"reference": source}))
    references = {(i.reference.category, i.reference.document) for i in items if i.reference}
    # Its memo is matched with the order's invoice.
    assignment = document.assignment or view.flow.reference[:18]
    update: dict[str, object] = {"items": tuple(items), "assignment": assignment}
    if len(references) == 1 and all(item.reference for item in items):
        [(category, number_of)] = references
        update |= {"reference_document": number_of, "reference_category": category}
    return document.model_copy(update=update), problem


def _item_numbers(view: FlowView) -> dict[str, int]:
    """Return the item of the order by the channel's name of its line."""
    category, operation = SALES_CHAIN[-1]
    created = view.step(operation)
    if created is None or created.state is not StepState.DONE:
        return {}
    wanted = last_wanted(view, category, created)
    return {item.line_id: item.item_number for item in wanted.items if item.line_id}


def _source(
    view: FlowView, order: PostedSalesDocument, item_number: int
) -> tuple[ItemReference, Decimal]:
    """Return the invoice item that billed most of an order's item, else the item, and how much."""
    billed = [
        (item.billing_quantity.value, document, item.item_number)
        for document in valid_invoices(view)
        if document.category is DocumentCategory.INVOICE
        for item in document.items
        if (item.sales_document, item.sales_document_item) == (order.number, item_number)
    ]
    if not billed:
        item = order.item(item_number)
        return reference_of(order, item), item.requested_quantity.value
    quantity, document, billed_item = max(billed, key=lambda found: (found[0], found[1].number))
    source = ItemReference(
        category=document.category, document=document.number, item_number=billed_item
    )
    return source, quantity


def _taken_back(view: FlowView, source: ItemReference) -> Decimal:
    return sum(
        (item.requested_quantity.value for item in _referring_items(view, source)), Decimal(0)
    )


def _referring_items(view: FlowView, source: ItemReference) -> Iterator[PostedSalesDocumentItem]:
    amounts = tuple(f"/{each.return_id}" for each in view.order.returns if each.amount is not None)
    for document in view.sales_documents:
        if document.purchase_order_by_customer.endswith(amounts):
            continue  # money alone: no piece came back
        if document.category in _TAKES_BACK:
            for item in document.items:
                if item.reference == source and not item.rejection_reason:
                    yield item


def _unplanned(situation: Situation, returned: ExternalReturn) -> Problem:
    name = RETURN_CATEGORY[returned.kind].name.lower()
    order = order_of(situation.view)
    number = display_number(order.number) if order is not None else ""
    return Problem(
        code=hold_reasons.NO_PLAN_FOR_RETURN,
        message=f"return {returned.return_id} of order {number} wants a {name}, and the plan "
        f"{situation.plan.name} has none. Add {name} to the plan, or make it in the ERP and "
        "release",
        where=f"returns[{returned.return_id}]",
    )


def _unmapped(returned: ExternalReturn, category: DocumentCategory) -> Problem:
    return Problem(
        code=hold_reasons.NOT_MAPPED,
        message=f"no {category.name.lower()} could be made of return {returned.return_id}: this "
        "cannot be released as it is. Correct the cause, then retry",
    )
