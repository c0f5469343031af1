"""
Status pull: what changed in the ERP, read in batches, mirrored, and told as events.

Only what changed since the watermark is asked for, only our documents are read, and the watermark
moves after what it covers is durable: a crash in between reads something twice, never nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from connector.ports.erp import ChainSnapshot
from connector.ports.step_state import Operation
from connector.ports.store_records import Flow, FlowView, MirrorUpdate
from connector.sync.chain import sales_document_numbers
from connector.sync.chains_apart import Chains
from connector.sync.context import SyncContext
from connector.sync.news import news_events

#: Name of the watermark of the document chains.
WATERMARK: Final = "document chains"
_NONE: Final[Mapping[int, FlowView]] = MappingProxyType({})
#: A closed flow whose documents changed is read again at most this often.
_CLOSED_AGAIN: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull did: sales documents that changed in the ERP, flows of ours that were read."""

    changed_documents: int = 0
    flows_read: int = 0


def changed_flows(context: SyncContext) -> tuple[tuple[int, ...], str, int]:
    """
    Ask the ERP what changed since the watermark.

    Returns the flows it concerns, the next watermark, and how many documents changed in all.
    """
    changed = context.erp.chains.changed_since(context.store.mirror.watermark(WATERMARK))
    flows = context.store.mirror.flows_of(
        changed.numbers, closed_unread_since=context.clock.now() - _CLOSED_AGAIN
    )
    return flows, changed.watermark, len(changed.numbers)


def pull(context: SyncContext) -> Pulled:
    """Mirror every chain of ours that changed since the last pull. Advances nothing."""
    flows, watermark, documents = changed_flows(context)
    read = 0
    for batch in batches(flows, context.options.read_batch):
        read += len(refresh(context, batch))
    keep_watermark(context, watermark)
    return Pulled(documents, read)


def keep_watermark(context: SyncContext, watermark: str) -> None:
    """Note that everything up to *watermark* is mirrored."""
    if watermark != context.store.mirror.watermark(WATERMARK):
        context.store.mirror.set_watermark(WATERMARK, watermark, now=context.clock.now())


def refresh(
    context: SyncContext, flow_ids: Sequence[int], known: Mapping[int, FlowView] = _NONE
) -> tuple[FlowView, ...]:
    """
    Read the chains of *flow_ids* in one go, mirror them, and return the flows as they are now.

    Flows that have no document yet, and those the connector wrote for in the meantime, are left
    out. *known* are flows that the caller has in hand just as it left them: they need not be read
    from the store once more. Raises what reads of the ERP raise; nothing is stored then.
    """
    unknown = [flow_id for flow_id in flow_ids if flow_id not in known]
    found = [known[flow_id] for flow_id in flow_ids if flow_id in known]
    found += context.store.flows.views(unknown) if unknown else ()
    views = [view for view in found if sales_document_numbers(view)]
    if not views:
        return ()
    numbers = {view.flow.id: sales_document_numbers(view) for view in views}
    snapshot = context.erp.chains.read(sorted({n for found in numbers.values() for n in found}))
    chains = Chains(snapshot)
    now = context.clock.now()
    after: list[FlowView] = []
    updates: list[MirrorUpdate] = []
    for old in views:
        part = chains.of(numbers[old.flow.id])
        if _lags(old, part, now - timedelta(seconds=context.options.settle_s)):
            continue
        after.append(_mirrored(old, part))
        updates.append(
            MirrorUpdate(
                flow_id=old.flow.id,
                read_at_writes=old.flow.writes,
                snapshot=part,
                events=news_events(old, after[-1]),
            )
        )
    return _as_stored(context, after, context.store.mirror.store(updates, now=now))


def _as_stored(
    context: SyncContext, after: Sequence[FlowView], flows: Mapping[int, Flow]
) -> tuple[FlowView, ...]:
    """
    Return *after* with the flows as they were stored.

    Somebody may have changed a flow meanwhile (a version, a decision): the store has woken it once
    more than this reading did, and it is read anew.
    """
    stored = [view for view in after if view.flow.id in flows]
    overtaken = {
        view.flow.id
        for view in stored
        if flows[view.flow.id].version != view.flow.version
        or flows[view.flow.id].wakes > view.flow.wakes + 1
    }
    kept = [
        replace(view, flow=flows[view.flow.id]) for view in stored if view.flow.id not in overtaken
    ]
    anew = context.store.flows.views(sorted(overtaken)) if overtaken else ()
    return (*kept, *anew)


def _lags(view: FlowView, part: ChainSnapshot, since: datetime) -> bool:
    """
    Tell whether the ERP does not show yet what it has just confirmed to us.

    Believing such a reading would make us create the document once more. What is still missing
    after the settle time was deleted there.
    """
    known = _numbers(view) | _numbers(part)
    return any(
        number not in known
        for step in view.steps
        if step.operation is not Operation.POST_PAYMENT
        and step.finished_at is not None
        and step.finished_at > since
        for number in step.numbers
    )


def _numbers(chain: FlowView | ChainSnapshot) -> set[str]:
    numbers = {document.number for document in chain.sales_documents}
    numbers |= {delivery.number for delivery in chain.deliveries}
    return numbers | {document.number for document in chain.billing_documents}


def batches(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """Cut *ids* into pieces of at most *size*."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def _mirrored(view: FlowView, part: ChainSnapshot) -> FlowView:
    return replace(
        view,
        sales_documents=part.sales_documents,
        deliveries=part.deliveries,
        billing_documents=part.billing_documents,
        items=part.items,
        links=part.links,
    )
