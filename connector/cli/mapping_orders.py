"""Orders that a command about mappings is given: a file, a name among files, or the store's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from connector.cli.messages import messages_of

if TYPE_CHECKING:
    from connector.bootstrap.application import Application
    from connector.bootstrap.channel_setup import ChannelSetup
    from connector.mappings.inbound_order import InboundOrder


def the_channel(application: Application, name: str | None) -> ChannelSetup:
    """Return the channel *name*, or the only one; raises typer.BadParameter where it is unclear."""
    if name is not None:
        return application.channel(name)
    names = list(application.channels)
    if len(names) != 1:
        raise typer.BadParameter(
            f"say which channel: {', '.join(names) or 'the settings have none'}",
            param_hint="--channel",
        )
    return application.channels[names[0]]


def only_order(path: Path, setup: ChannelSetup) -> InboundOrder:
    """Return the one order in the file; raises MessageError or typer.BadParameter otherwise."""
    from connector.errors import MessageError

    found = list(messages_of([path], setup))
    if len(found) != 1:
        raise typer.BadParameter(
            f"{path} has {len(found)} orders; name one of them, and the file with --orders",
            param_hint="ORDER",
        )
    if isinstance(found[0], MessageError):
        raise found[0]
    return found[0]


def named_order(name: str, paths: Sequence[Path], setup: ChannelSetup) -> InboundOrder:
    """Return the first order called *name* in *paths*; raises typer.BadParameter for none."""
    from connector.errors import MessageError

    for found in messages_of(paths, setup):
        if isinstance(found, MessageError):
            continue
        order = found.order
        if name.lstrip("#") in (order.order_name.lstrip("#"), order.external_id):
            return found
    places = ", ".join(str(path) for path in paths)
    raise typer.BadParameter(f"no order in {places} is called {name}", param_hint="ORDER")


def stored_order(
    application: Application, number: str, channel: str | None
) -> tuple[ChannelSetup, InboundOrder]:
    """
    Return the latest version of the order that *number* belongs to, read anew where kept.

    *number* is any number of its chain. Raises typer.BadParameter unless there is exactly one.
    """
    from connector.errors import MessageError
    from connector.mappings.inbound_order import InboundOrder
    from connector.mappings.reading import read_again

    store = application.store
    flows = [view.flow for view in store.flows.views(store.flows.find(number))]
    flows = [flow for flow in flows if channel in (None, flow.channel)]
    if len(flows) != 1:
        several = ", ".join(f"{flow.channel} {flow.external_id}" for flow in flows)
        raise typer.BadParameter(
            f"{number} belongs to several orders: {several}; say --channel, or the external id"
            if flows
            else f"there is neither a file {number} nor an order of that number in the store",
            param_hint="ORDER",
        )
    flow = flows[0]
    setup = application.channel(flow.channel)
    latest = store.orders.versions(flow.id)[-1]
    raw = store.orders.raw(flow.id, latest.version)
    if raw:
        for found in read_again(setup.profile, raw, latest.source):
            if isinstance(found, MessageError):
                raise found
            return setup, found
    return setup, InboundOrder(order=latest.order, source=latest.source, raw="")
