"""`sd-connector orders`: what came in, how it stands, and what a person decides about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.failures import ExitCode
from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.output import note, print_json, say, show

if TYPE_CHECKING:
    from connector.ports.store import FlowStore
    from connector.ports.store_records import FlowView, Hold

NumberArgument = Annotated[
    str, typer.Argument(help="External id, order name, or the number of any of its documents.")
]
ChannelOption = Annotated[str, typer.Option("--channel", help="Only orders of this channel.")]
CommentOption = Annotated[str, typer.Option("--comment", help="Why; it is kept with the order.")]


def add_to(app: typer.Typer) -> None:
    """Add the group to *app*."""
    group = typer.Typer(
        name="orders",
        help="List and show orders; retry, release or cancel those that are held.",
        no_args_is_help=True,
        epilog="Example: sd-connector orders list --held",
    )
    group.command("list", epilog="Example: sd-connector orders list --held")(list_orders)
    group.command("show", epilog="Example: sd-connector orders show 1001")(show_order)
    for name, command in (("retry", retry), ("release", release), ("cancel", cancel)):
        example = f"Example: sd-connector orders {name} 1001"
        comment = "" if name == "retry" else ' --comment "agreed with the customer"'
        group.command(name, epilog=example + comment)(command)
    app.add_typer(group)


def list_orders(
    context: typer.Context,
    *,
    channel: ChannelOption = "",
    held: Annotated[bool, typer.Option("--held", help="Only orders that are held.")] = False,
    open_only: Annotated[
        bool, typer.Option("--open", help="Only orders that are neither complete nor cancelled.")
    ] = False,
    unreadable: Annotated[
        bool, typer.Option("--unreadable", help="Messages that could not be read, instead.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="Most orders to list, newest first.")] = 50,
    as_json: JsonOption = False,
) -> None:
    """List orders, newest first, with the numbers of their documents."""
    from connector.cli.order_table import hold_table, order_row, order_table, waiting_table

    with invocation_of(context).application(read_only=True) as application:
        store = application.store
        if unreadable:
            _list_unreadable(store, limit, as_json)
            return
        ids = store.flows.ids(
            channel=channel or None,
            held=True if held else None,
            open_only=open_only,
            limit=limit,
            newest_first=True,
        )
        found = {view.flow.id: view for view in store.flows.views(ids)}
        views = [found[each] for each in ids if each in found]
        counts, now = store.flows.count(), application.clock.now()
    if as_json:
        for view in views:
            print_json(order_row(view, now))
        return
    show(order_table(views))
    if any(view.holds for view in views):
        show(hold_table(views, "Held"))
    if any(not view.holds and view.flow.closed_at is None for view in views):
        show(waiting_table(views, now, "Waiting"))
    say(f"{len(views)} shown; " + ", ".join(f"{count} {state}" for state, count in counts.items()))


def _list_unreadable(store: FlowStore, limit: int, as_json: bool) -> None:
    from connector.cli.output import table

    messages = store.orders.unreadable(limit)
    if as_json:
        for each in messages:
            print_json(
                {
                    "channel": each.channel,
                    "source": each.source,
                    "problem": each.problem,
                    "expected": each.expected,
                    "received_at": each.received_at.isoformat(),
                }
            )
        return
    rows = [
        (
            each.channel,
            f"{each.received_at:%Y-%m-%d %H:%M}",
            each.source,
            each.problem,
            each.expected,
        )
        for each in messages
    ]
    show(table("", ("Channel", "Received", "Source", "Problem", "Expected"), rows))


def show_order(
    context: typer.Context,
    number: NumberArgument,
    *,
    channel: ChannelOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show one order: its chain, its holds, its steps and all that happened to it."""
    from connector.cli.chain_json import chain_json
    from connector.cli.chain_tree import chain_tree
    from connector.cli.order_history import event_table, events_json, step_table, version_table

    with invocation_of(context).application(read_only=True) as application:
        store = application.store
        view = one_order(store, number, channel)
        versions = store.orders.versions(view.flow.id)
        events = store.events.of_flow(view.flow.id)
    if as_json:
        print_json({**chain_json(view), "events": events_json(events)})
        return
    show(chain_tree(view), version_table(versions), step_table(view), event_table(events))


def retry(
    context: typer.Context,
    number: NumberArgument,
    *,
    comment: CommentOption = "",
    channel: ChannelOption = "",
) -> None:
    """
    Try again what holds an order, after its cause was removed. The same problem holds it again.

    The daemon takes it up within moments; without one, run `sd-connector sync`.
    """
    from connector.sync import actions

    with invocation_of(context).application(beside=True) as application:
        view = one_order(application.store, number, channel)
        holds = actions.retry(
            application.store, application.clock, view.flow.id, by=person(), comment=comment
        )
    say(f"{_name(view)} is tried again" + (f"; released: {_reasons(holds)}." if holds else "."))


def release(
    context: typer.Context,
    number: NumberArgument,
    *,
    comment: Annotated[str, typer.Option("--comment", help="Why it may go on as it is.")],
    channel: ChannelOption = "",
) -> None:
    """
    Let an order go on as it is: its problems are accepted and hold it no more.

    What cannot be accepted (a document that the ERP refuses) is tried again. The comment is kept.
    """
    from connector.sync import actions

    with invocation_of(context).application(beside=True) as application:
        view = one_order(application.store, number, channel)
        holds = actions.release(
            application.store, application.clock, view.flow.id, by=person(), comment=comment
        )
    say(f"{_name(view)} goes on; accepted: {_reasons(holds)}.")


def cancel(
    context: typer.Context,
    number: NumberArgument,
    *,
    comment: Annotated[str, typer.Option("--comment", help="Why it is given up.")],
    channel: ChannelOption = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """
    Stop following an order for good. Nothing is changed in the ERP.

    Names the documents that exist there, for whoever has to reverse them.
    """
    from connector.sd_documents.values import display_number
    from connector.sync import actions

    with invocation_of(context).application(beside=True) as application:
        view = one_order(application.store, number, channel)
        if not yes:
            typer.confirm(f"Give up {_name(view)} for good?", abort=True)
        documents = actions.cancel(
            application.store, application.clock, view.flow.id, by=person(), comment=comment
        )
    say(f"{_name(view)} is cancelled.")
    if documents:
        numbers = ", ".join(display_number(number) for number in documents)
        say(f"In the ERP there are still: {numbers}. Reverse them there if they must not stand.")


def person() -> str:
    """Return who decides, for the record: the login name."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"  # a container's user need not have a name


def _name(view: FlowView) -> str:
    return f"Order {view.flow.order_name or view.flow.external_id}"


def _reasons(holds: Sequence[Hold]) -> str:
    return ", ".join(dict.fromkeys(hold.reason for hold in holds))


def one_order(store: FlowStore, number: str, channel: str = "") -> FlowView:
    """
    Return the order that *number* belongs to.

    Ends the command with a message when there is none, or more than one.
    """
    views = [
        view
        for view in store.flows.views(store.flows.find(number))
        if not channel or view.flow.channel == channel
    ]
    if len(views) == 1:
        return views[0]
    if not views:
        note(f"No order has the number {number}. Orders: sd-connector orders list")
        raise typer.Exit(ExitCode.NEEDS_PERSON)
    named = ", ".join(f"{view.flow.external_id} ({view.flow.channel})" for view in views)
    note(f"Several orders have the number {number}: {named}. Name one by its external id,")
    note("or add --channel.")
    raise typer.Exit(ExitCode.WRONG_USAGE)
