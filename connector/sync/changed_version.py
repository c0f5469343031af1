"""What a new version of an order asks for once its documents exist. Pure, like next_steps."""

from __future__ import annotations

from connector.mappings.problems import Problem
from connector.ports.step_state import FINAL, StepState
from connector.ports.store_records import FlowView, Step
from connector.sd_documents.sales_document import SalesDocument
from connector.sd_documents.values import DocumentCategory
from connector.sync import hold_reasons
from connector.sync.changes import differing_fields, in_short
from connector.sync.next_steps import (
    Abandon,
    AcceptVersion,
    NextStep,
    ReadChain,
    Situation,
    Stop,
    referring,
)
from connector.sync.order_changes import Difference, difference, rejection, renumbered
from connector.sync.plan import CHANGE_OF, SALES_CHAIN
from connector.sync.writes import ChangeRequest, read_payload


def changed_version(situation: Situation) -> NextStep | None:
    """
    Compare a new version with what the ERP has, and send the difference where the plan says so.

    Only documents that exist count. New payments alone change no document. A change that was
    refused or waits to be tried again is made anew from the version that holds now.
    """
    view = situation.view
    unfinished = _unfinished_change(view)
    if view.flow.version == view.flow.checked_version and unfinished is None:
        return None
    existing = [(category, step) for category, step in _made(view)]
    if not existing:
        return None
    category, step = existing[-1]
    if situation.plan.changes.are_sent and category in CHANGE_OF:
        return _send_difference(situation, category, step, unfinished)
    return _stop_for_difference(situation, existing)


def _made(view: FlowView) -> list[tuple[DocumentCategory, Step]]:
    """Return the sales documents of the chain that exist, with the steps that made them."""
    found = ((category, view.step(operation)) for category, operation in SALES_CHAIN)
    return [
        (category, step)
        for category, step in found
        if step is not None and step.state is StepState.DONE
    ]


def _unfinished_change(view: FlowView) -> Step | None:
    operations = frozenset(CHANGE_OF.values())
    return next((s for s in view.steps if s.operation in operations and s.state not in FINAL), None)


def last_wanted(view: FlowView, category: DocumentCategory, created: Step) -> SalesDocument:
    """Return the document as it was wanted last: by the newest change that was made of it."""
    for step in reversed(view.steps):
        if step.operation is CHANGE_OF.get(category) and step.state is StepState.DONE:
            request = read_payload(step)
            assert isinstance(request, ChangeRequest)
            if request.wanted is not None:
                return request.wanted
    return SalesDocument.model_validate_json(created.payload)


def _send_difference(
    situation: Situation, category: DocumentCategory, created: Step, unfinished: Step | None
) -> NextStep:
    view = situation.view
    if not view.flow.is_mirrored:
        return ReadChain()
    found = view.sales_document(category)
    if found is None:
        return ReadChain() if not view.sales_documents else _gone(situation, category)
    sent = last_wanted(view, category, created)
    used = [item.item_number for item in found.items]
    if view.order.cancelled_at is not None:
        result, wanted, to_price = rejection(view, found, situation.plan.changes), sent, None
    else:
        if problems := situation.unaccepted(situation.mapped.problems):
            return Stop(problems)
        mapped = situation.mapped.document(category)
        if mapped is None:
            return _gone(situation, category)
        wanted = referring(situation, renumbered(mapped, sent, used))
        result, to_price = difference(view, found, sent, wanted, situation.plan.changes), mapped
    return _decided(situation, result, wanted, to_price, unfinished)


def _decided(
    situation: Situation,
    result: Difference,
    wanted: SalesDocument,
    to_price: SalesDocument | None,
    unfinished: Step | None,
) -> NextStep:
    view = situation.view
    if problems := situation.unaccepted(tuple(result.problems)):
        return Stop(problems)
    if result.change is None:
        return Abandon(unfinished) if unfinished is not None else AcceptVersion()
    found = view.sales_document(result.change.category)
    assert found is not None
    is_order = found.category is DocumentCategory.SALES_ORDER
    return situation.submit(
        CHANGE_OF[found.category],
        ChangeRequest(change=result.change, wanted=wanted, before=found),
        to_price=to_price if is_order else None,
    )


def _gone(situation: Situation, category: DocumentCategory) -> NextStep:
    problem = Problem(
        code=hold_reasons.CHANGED_AFTER_CREATION,
        message=f"version {situation.view.flow.version} of the order changes the "
        f"{category.name.lower()}, which the ERP or the mapping has no more. Change it in the ERP "
        "and release, or cancel the order",
    )
    return Stop((problem,)) if situation.unaccepted((problem,)) else AcceptVersion()


def _stop_for_difference(
    situation: Situation, existing: list[tuple[DocumentCategory, Step]]
) -> NextStep:
    view = situation.view
    if problems := situation.unaccepted(situation.mapped.problems):
        return Stop(problems)
    differences: list[str] = []
    for category, step in existing:
        document = situation.mapped.document(category)
        if document is None:
            differences.append(f"{category.name.lower()} is gone")
            continue
        sent = last_wanted(view, category, step)
        wanted = referring(situation, renumbered(document, sent, ()))
        differences += differing_fields(sent, wanted)
    if not differences:
        return AcceptVersion()
    problem = Problem(
        code=hold_reasons.CHANGED_AFTER_CREATION,
        message=f"version {view.flow.version} of the order changes what the ERP already has: "
        f"{in_short(tuple(differences))}. Change it there and release, or cancel the order",
    )
    return Stop((problem,)) if situation.unaccepted((problem,)) else AcceptVersion()
