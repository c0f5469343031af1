"""From an external order to everything the ERP shall have of it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from connector.mappings.check_amounts import OrderAmounts, check_amounts, unchecked_amounts
from connector.mappings.evaluation import Draft
from connector.mappings.external_order import ExternalOrder
from connector.mappings.map_document import MAPPABLE, map_document
from connector.mappings.map_payments import map_payments
from connector.mappings.mapped_order import Mapped, MappedOrder
from connector.mappings.plain_values import plain_values
from connector.mappings.references import UnusableReferenceError, order_reference
from connector.mappings.rules import MappingRules
from connector.mappings.scope import Scope, Source
from connector.sd_documents.sales_document import SalesDocument
from connector.sd_documents.values import DocumentCategory


def map_order(
    order: ExternalOrder, rules: MappingRules, wanted: Collection[DocumentCategory]
) -> MappedOrder:
    """
    Turn *order* into the sales documents that are *wanted*, and its payments.

    Categories that are no sales documents (deliveries, billing) are not mapped and ignored. Pure:
    no clock, network or database, and nothing is raised for what the order says: what is wrong
    with it comes back as problems, which hold it.
    """
    draft = Draft(rules.tables)
    _check_state(draft, order)
    values: dict[str, Any] = {"order": plain_values(order)}
    if rules.calendars:
        values["calendars"] = rules.calendars
    scope = Scope(values, {"order": Source()})
    compiled = rules.compiled
    for lookup in compiled.lookups:
        scope = draft.lookup(lookup, scope)
    for hold in rules.holds:
        if draft.holds(hold.when, scope, hold.where):
            draft.problem(hold.code, hold.message, hold.where)
    documents = _documents(draft, scope, order, rules, wanted)
    payments = map_payments(draft, scope, compiled.payments, order) if compiled.payments else ()
    amounts = OrderAmounts(order)
    draft.problems.extend(p for p in check_amounts(order, amounts) if p not in draft.problems)
    return MappedOrder.model_construct(
        order=order,
        documents=documents,
        payments=payments,
        problems=tuple(draft.problems),
        notices=(*draft.notices, *unchecked_amounts(order, amounts)),
        missing_rows=tuple(draft.missing_rows),
    )


def _documents(
    draft: Draft,
    scope: Scope,
    order: ExternalOrder,
    rules: MappingRules,
    wanted: Collection[DocumentCategory],
) -> tuple[Mapped[SalesDocument], ...]:
    if not order.lines:
        return ()
    try:
        reference = order_reference(
            rules.reference.prefix, order.external_id, rules.reference.prefix_included
        )
    except UnusableReferenceError as error:
        draft.problem(
            error.code, f"{error}; see reference in {rules.path.name}", "purchase_order_by_customer"
        )
        return ()
    found: list[Mapped[SalesDocument]] = []
    for category in sorted(MAPPABLE & set(wanted)):
        if category not in rules.documents:
            draft.problem(
                "NO_RULE_FOR_DOCUMENT",
                f"the plan wants a document of the kind {category.name.lower()}, but "
                f"{rules.path.name} has no documents.{category.name.lower()}; add it, or choose "
                "another plan",
            )
            continue
        mapped = map_document(draft, scope, rules, category, reference)
        if mapped is not None:
            found.append(mapped)
    return tuple(found)


def _check_state(draft: Draft, order: ExternalOrder) -> None:
    if order.is_test:
        draft.problem(
            "TEST_ORDER", "the channel marks this order as a test; cancel it here", "is_test"
        )
    if order.cancelled_at is not None:
        draft.problem(
            "CANCELLED_ORDER",
            f"the channel cancelled this order on {order.cancelled_at:%Y-%m-%d}; cancel it here",
            "cancelled_at",
        )
    # A cancellation by itself names the order and no lines.
    elif not order.lines:
        draft.problem(
            "NO_LINES", "the order has no lines; ask the channel for the complete order", "lines"
        )
