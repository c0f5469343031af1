"""Messages that the store has received in a period, and how a command is told which."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Final, Self

import typer

if TYPE_CHECKING:
    from connector.bootstrap.application import Application
    from connector.bootstrap.channel_setup import ChannelSetup
    from connector.errors import MessageError
    from connector.mappings.inbound_order import InboundOrder

#: How many of the latest unreadable messages are looked through for those of a period.
MOST_UNREADABLE: Final = 100_000

ReceivedFromOption = Annotated[
    datetime | None,
    typer.Option(
        "--received-from",
        formats=["%Y-%m-%d"],
        help="Instead of files: what the store has received since the start of this day.",
    ),
]
ReceivedToOption = Annotated[
    datetime | None,
    typer.Option(
        "--received-to",
        formats=["%Y-%m-%d"],
        help="Instead of files: what the store has received up to the end of this day.",
    ),
]


@dataclass(frozen=True, slots=True)
class Period:
    """Days where the company keeps its books, both included; an end that is None is open."""

    first: date | None
    last: date | None

    @classmethod
    def of(cls, received_from: datetime | None, received_to: datetime | None) -> Self | None:
        """Return the period of the two options, None where neither was given."""
        if received_from is None and received_to is None:
            return None
        return cls(
            None if received_from is None else received_from.date(),
            None if received_to is None else received_to.date(),
        )

    def wants(self, time_zone: str) -> Callable[[datetime], bool]:
        """Return what tells whether an instant is in it, days being those of *time_zone*."""
        from connector.sync.context import SyncOptions

        start_of = SyncOptions(time_zone=time_zone).start_of
        since = None if self.first is None else start_of(self.first)
        until = None if self.last is None else start_of(self.last + timedelta(days=1))
        return lambda at: (since is None or at >= since) and (until is None or at < until)


def received_messages(
    application: Application, setup: ChannelSetup, period: Period
) -> Iterator[InboundOrder | MessageError]:
    """
    Yield what the store has received of the channel in *period*.

    Of each order the latest version of that time is read anew by the present profile, from the
    message as it was received; where raw messages are not kept, the order is taken as it was read
    then. Unreadable messages come last, as the errors that they were.
    """
    from connector.errors import MessageError
    from connector.mappings.inbound_order import InboundOrder
    from connector.mappings.reading import read_again

    store, is_wanted = application.store, period.wants(application.settings.time_zone)
    name = setup.channel.name
    after = 0
    while flow_ids := store.flows.ids(channel=name, after_id=after):
        after = flow_ids[-1]
        for flow_id in flow_ids:
            wanted = [v for v in store.orders.versions(flow_id) if is_wanted(v.received_at)]
            if not wanted:
                continue
            latest = wanted[-1]
            raw = store.orders.raw(flow_id, latest.version)
            if raw:
                yield from read_again(setup.profile, raw, latest.source)
            else:
                yield InboundOrder(order=latest.order, source=latest.source, raw="")
    for found in store.orders.unreadable(MOST_UNREADABLE):
        if found.channel == name and is_wanted(found.received_at):
            yield MessageError(found.source, found.problem, found.expected)
