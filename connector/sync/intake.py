"""Intake: what a channel delivers becomes order versions, each content once."""

from __future__ import annotations

from collections.abc import Callable

from connector.errors import MessageError
from connector.mappings.inbound_order import InboundOrder
from connector.ports.channels import Channel
from connector.ports.store_records import Received
from connector.sync.context import SyncContext


def receive(
    context: SyncContext, channel: Channel, progress: Callable[[int], None] | None = None
) -> Received:
    """
    Store everything that *channel* has, in batches of one transaction each.

    A source is acknowledged once all of its messages are durable, so that a crash in between
    delivers some of them again, and the store knows them. An unreadable message is recorded and
    stops none of its neighbours. *progress* is called with the number of messages so far.

    Raises:
        TransientError: the channel cannot be reached; what came before is stored.
        ConfigurationError: the channel is set up wrongly.
    """
    plan = context.route(channel.name).plan
    total = Received()
    batch: list[InboundOrder | MessageError] = []
    seen = 0

    def store_batch() -> Received:
        result = context.store.orders.receive(
            batch, channel=channel.name, plan=plan, now=context.clock.now()
        )
        for source in dict.fromkeys(message.source for message in batch):
            channel.acknowledge(source)
        batch.clear()
        return result

    for message in channel.receive():
        batch.append(message)
        seen += 1
        if len(batch) >= context.options.intake_batch:
            total += store_batch()
            if progress is not None:
                progress(seen)
    if batch:
        total += store_batch()
        if progress is not None:
            progress(seen)
    return total
