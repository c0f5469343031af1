"""`sd-connector flow`: the whole chain of an order, found by any of its numbers."""

from __future__ import annotations

from typing import Annotated

import typer

from connector.cli.failures import ExitCode
from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.output import note, print_json, show


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command("flow", epilog="Example: sd-connector flow 90000001")(flow)


def flow(
    context: typer.Context,
    number: Annotated[
        str,
        typer.Argument(
            help="External id, order name, purchase order, or the number of an order, delivery, "
            "invoice or payment; leading zeros may be left out."
        ),
    ],
    as_json: JsonOption = False,
) -> None:
    """
    Show the whole chain that NUMBER belongs to, with quantities, amounts, dates and statuses.

    The chain is as the ERP described it at the last status pull. A number that several orders
    have shows all of them.
    """
    from connector.cli.chain_json import chain_json
    from connector.cli.chain_tree import chain_tree

    with invocation_of(context).application(read_only=True) as application:
        store = application.store
        views = store.flows.views(store.flows.find(number))
    if not views:
        note(f"No order has the number {number}. Orders: sd-connector orders list")
        raise typer.Exit(ExitCode.NEEDS_PERSON)
    for view in views:
        if as_json:
            print_json(chain_json(view))
        else:
            show(chain_tree(view))
