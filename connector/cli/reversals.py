"""`sd-connector billing` and `deliveries`: have documents cancelled, taken back or let through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from connector.cli.failures import ExitCode
from connector.cli.invocation import invocation_of
from connector.cli.orders import one_order, person
from connector.cli.output import note, say

if TYPE_CHECKING:
    from connector.bootstrap.application import Application
    from connector.ports.store_records import FlowView

OrderOption = Annotated[
    str, typer.Option("--order", help="External id of the order, where several share the document.")
]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; it is kept with the order.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]

_NEXT: Final = "The daemon posts it within moments; without one, run `sd-connector sync`."


def add_to(app: typer.Typer) -> None:
    """Add both groups to *app*."""
    billing = typer.Typer(
        name="billing",
        help="Cancel billing documents, or release what is blocked for billing.",
        no_args_is_help=True,
        epilog='Example: sd-connector billing cancel 90000001 --reason "wrong address"',
    )
    billing.command(
        "cancel", epilog='Example: sd-connector billing cancel 90000001 --reason "wrong address"'
    )(cancel)
    billing.command(
        "release", epilog='Example: sd-connector billing release 60000001 --reason "goods checked"'
    )(release)
    app.add_typer(billing)
    deliveries = typer.Typer(
        name="deliveries",
        help="Take back the goods issue of deliveries.",
        no_args_is_help=True,
        epilog='Example: sd-connector deliveries reverse 80000001 --reason "not loaded"',
    )
    deliveries.command(
        "reverse", epilog='Example: sd-connector deliveries reverse 80000001 --reason "not loaded"'
    )(reverse)
    app.add_typer(deliveries)


def cancel(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="Number of the billing document.")],
    *,
    reason: ReasonOption,
    rebill: Annotated[
        bool,
        typer.Option(
            "--rebill/--no-rebill", help="Bill it again, or ask a person before billing again."
        ),
    ] = True,
    order: OrderOption = "",
    yes: YesOption = False,
) -> None:
    """
    Cancel a billing document in the ERP, and bill again what it billed.

    Refused when its item is cleared: reset the clearing in the ERP first.
    """
    from connector.sync import requests

    with invocation_of(context).application(beside=True) as application:
        view = _flow(application, number, order)
        if not yes:
            typer.confirm(f"Cancel billing document {number} in the ERP?", abort=True)
        requests.cancel_billing(
            application.store,
            application.clock,
            view,
            application.plan(view.flow.plan),
            number,
            today=application.clock.today(application.settings.time_zone),
            by=person(),
            reason=reason,
            rebill=rebill,
        )
    say(f"The cancellation of {number} is on its way. {_NEXT}")


def release(
    context: typer.Context,
    number: Annotated[
        str, typer.Argument(help="Number of the order, returns order or memo request.")
    ],
    *,
    reason: ReasonOption,
    order: OrderOption = "",
) -> None:
    """Remove the billing block of a sales document: it may be billed."""
    from connector.sync import requests

    with invocation_of(context).application(beside=True) as application:
        view = _flow(application, number, order)
        requests.release_billing_block(
            application.store, application.clock, view, number, by=person(), reason=reason
        )
    say(f"The billing block of {number} is on its way out. {_NEXT}")


def reverse(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="Number of the delivery.")],
    *,
    reason: ReasonOption,
    order: OrderOption = "",
    yes: YesOption = False,
) -> None:
    """
    Take back the goods issue of a delivery in the ERP.

    It is not posted again by itself: correct the delivery in the ERP, or delete it there, and the
    connector goes on from what it finds. Refused while the delivery is billed.
    """
    from connector.sync import requests

    with invocation_of(context).application(beside=True) as application:
        view = _flow(application, number, order)
        if not yes:
            typer.confirm(f"Take back the goods issue of delivery {number}?", abort=True)
        requests.reverse_goods_issue(
            application.store,
            application.clock,
            view,
            application.plan(view.flow.plan),
            number,
            today=application.clock.today(application.settings.time_zone),
            by=person(),
            reason=reason,
        )
    say(f"The reversal of {number} is on its way. {_NEXT}")


def _flow(application: Application, number: str, order: str) -> FlowView:
    """Return the order that *number* belongs to, and *order* where several have it."""
    store = application.store
    if not order:
        return one_order(store, number)
    views = store.flows.views(store.flows.find(number))
    view = next((v for v in views if order in (v.flow.external_id, v.flow.order_name)), None)
    if view is None:
        note(f"Order {order} has no document {number}")
        raise typer.Exit(ExitCode.NEEDS_PERSON)
    return view
