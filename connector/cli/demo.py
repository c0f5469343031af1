"""`sd-connector demo`: web-shop orders through the simulated ERP, up to paid and reconciled."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.failures import ExitCode
from connector.cli.invocation import Invocation, invocation_of
from connector.cli.output import progress, say, show

if TYPE_CHECKING:
    from connector.bootstrap.application import Application
    from connector.bootstrap.demonstration import Day, Workspace
    from connector.ports.store_records import FlowView, UnreadableMessage
    from connector.reconciliation.report import ReconciliationRun
    from connector.settings import Settings

#: Of more orders than these only the first are listed.
_LISTED = 60
#: Lines of an order whose chain is easy to read.
_SHORT = 5


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command("demo", epilog="Example: sd-connector demo --orders my-orders --channel shopify")(
        demo
    )


def demo(
    context: typer.Context,
    *,
    orders: Annotated[
        Path | None,
        typer.Option("--orders", help="Folder with your own orders instead of the shipped ones."),
    ] = None,
    channel: Annotated[
        str, typer.Option("--channel", help="Channel that reads them; shopify when left out.")
    ] = "",
    master_data: Annotated[
        list[Path] | None,
        typer.Option("--master-data", help="Folder laid over the ERP's master data; repeatable."),
    ] = None,
    plan: Annotated[str, typer.Option("--plan", help="Another plan, such as presales.")] = "",
    profile: Annotated[
        str,
        typer.Option("--profile", help="Kind of ERP: ecc (RFC), s4 (OData and SOAP), s4-mixed."),
    ] = "ecc",
    workspace: Annotated[
        Path, typer.Option("--workspace", help="Folder that keeps everything between two runs.")
    ] = Path("var/demo"),
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Forget what an earlier demonstration left.")
    ] = False,
) -> None:
    """
    Run orders through the simulated ERP: created, delivered, billed, paid, reconciled.

    No SAP system is needed. Days pass in fast motion, and the ERP's own jobs deliver and bill. Run
    it a second time, and nothing is created twice. Exit code 0 when every message was read and
    only the orders are held that are meant to be, 1 otherwise.
    """
    from connector.bootstrap import build
    from connector.bootstrap.demonstration import (
        DEMO_CHANNEL,
        Wish,
        expected_holds,
        prepare,
        run_days,
    )
    from connector.bootstrap.reconciliation import run_reconciliation
    from connector.cli.logs import configure_logging

    invocation = invocation_of(context)
    configure_logging("auto", "debug" if invocation.debug else "error")
    wish = Wish(
        orders=orders,
        channel=channel or DEMO_CHANNEL,
        master_data=tuple(master_data or ()),
        plan=plan,
        profile=profile,
        known=_known_settings(invocation, channel),
    )
    prepared = prepare(workspace, wish, fresh=fresh)
    with build(prepared.settings, clock=prepared.clock) as application:
        before = _documents(application)
        with progress("Day 1") as line:
            days = []
            for day in run_days(application):
                days.append(day)
                line.at(day.number, doing=f"Day {day.number}")
        made = _documents(application) - before
        run = run_reconciliation(application)
        views = list(application.store.all_views())
        unreadable = application.store.orders.unreadable(_LISTED)
    _show(prepared, days, made, views, run)
    expected = expected_holds() if orders is None else frozenset()
    found = {(view.flow.order_name, hold.reason) for view in views for hold in view.holds}
    if _say_verdict(expected, found, unreadable, run):
        raise typer.Exit(ExitCode.NEEDS_PERSON)


def _known_settings(invocation: Invocation, channel: str) -> Settings | None:
    """Return the settings only where they may be needed: the demonstration works without any."""
    if not channel or not invocation.config.is_file():
        return None
    from connector.settings import load_settings

    return load_settings(invocation.config)


def _documents(application: Application) -> int:
    assert application.simulator is not None
    counts = application.simulator.document_counts()
    return sum(count for kind, count in counts.items() if kind != "flow")


def _show(
    prepared: Workspace,
    days: list[Day],
    made: int,
    views: list[FlowView],
    run: ReconciliationRun,
) -> None:
    from connector.cli.chain_tree import chain_tree
    from connector.cli.order_table import hold_table, order_table
    from connector.cli.reconcile_run import reconciliation_tables

    show(order_table(views[:_LISTED], "Orders"))
    if len(views) > _LISTED:
        say(f"... and {len(views) - _LISTED} more: sd-connector orders list --limit {len(views)}")
    billed = [view for view in views if view.billing_documents and view.items]
    short = [view for view in billed if len(view.order.lines) <= _SHORT]
    for view in (short or billed)[:1]:
        say("The chain of one order")
        show(chain_tree(view))
        say("")
    held = [view for view in views if view.holds]
    if held:
        show(hold_table(held[:_LISTED], "Held: these wait for a person, and stop no other"))
    show(*reconciliation_tables(run))
    received = [each.received for day in days for each in day.passes]
    new = sum(each.new_orders for each in received)
    known = sum(each.duplicates for each in received)
    say(
        f"{len(days)} {'day' if len(days) == 1 else 'days'}; {new} new orders, {known} known "
        f"already; {made} documents created in the ERP."
    )
    config, here = prepared.settings.file.path, Path.cwd()
    if config.is_relative_to(here):
        config = config.relative_to(here)
    say(f"Look closer: sd-connector --config {config} flow NUMBER")


def _say_verdict(
    expected: frozenset[tuple[str, str]],
    found: set[tuple[str, str]],
    unreadable: tuple[UnreadableMessage, ...],
    run: ReconciliationRun,
) -> bool:
    """Say what is not as it should be; returns whether anything is not."""
    problems = [f"order {order} is held: {reason}" for order, reason in sorted(found - expected)]
    problems += [
        f"order {order} should be held: {reason}" for order, reason in sorted(expected - found)
    ]
    problems += [
        f"{each.source} could not be read: {each.problem}; expected {each.expected}"
        for each in reversed(unreadable)
    ]
    problems += [
        f"{identity.name} differs by {identity.difference}"
        for identity in run.identities
        if not identity.holds
    ]
    for problem in problems:
        say(f"- {problem}")
    return bool(problems)
