"""`sd-connector simulator inject`, `faults`, `release`: let things go wrong in a served ERP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.output import print_json, say, show, table

if TYPE_CHECKING:
    from connector.bootstrap.remote_simulator import RemoteSimulator

_Address = Annotated[
    str,
    typer.Option(
        "--address", help="HOST:PORT (rfc) of a running `simulator serve`; that of the settings."
    ),
]


def add_to(group: typer.Typer) -> None:
    """Add the commands to the group of the simulator."""
    group.command(
        "inject",
        epilog='Example: sd-connector simulator inject "connection lost after commit" '
        "--on BAPI_TRANSACTION_COMMIT --address 127.0.0.1:3300",
    )(inject)
    group.command("faults", epilog="Example: sd-connector simulator faults --json")(faults)
    group.command("release", epilog="Example: sd-connector simulator release")(release)


def inject(
    context: typer.Context,
    fault: Annotated[str, typer.Argument(help="Name of the fault, see `simulator faults`.")],
    *,
    on: Annotated[
        str,
        typer.Option("--on", help="Call that it strikes; any, or the one that the fault means."),
    ] = "",
    times: Annotated[int, typer.Option(min=1, help="How often it strikes.")] = 1,
    skip: Annotated[int, typer.Option(min=0, help="Calls that pass before.")] = 0,
    seconds: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="How long something is late, is to be waited, or by how much a clock is off.",
        ),
    ] = None,
    part: Annotated[
        str, typer.Option("--in", help="engine, rfc or http, where several have this fault.")
    ] = "",
    by: Annotated[str, typer.Option("--by", help="User who holds a locked document.")] = "",
    field: Annotated[
        str, typer.Option("--field", help="Field that an answer lacks or has of another type.")
    ] = "",
    address: _Address = "",
) -> None:
    """
    Let a fault happen on the next calls of a served ERP. It waits there until it strikes.

    What it is injected on tells which part is meant: an operation of the business, a function
    module of RFC, or an entity set, service or function import of OData and SOAP.
    """
    from connector.bootstrap.faults import FaultWish

    wish = FaultWish(fault, on, times, skip, seconds, part, by, field)
    struck = _served(context, address).inject(wish)
    often = "once" if times == 1 else f"{times} times"
    say(f"{fault!r} waits in {struck}, on {on or 'the call that it means'}, {often}.")


def faults(
    context: typer.Context,
    *,
    waiting: Annotated[
        bool, typer.Option("--waiting", help="Those that wait in a served ERP instead.")
    ] = False,
    clear: Annotated[
        bool, typer.Option("--clear", help="Forget those that wait in a served ERP.")
    ] = False,
    address: _Address = "",
    as_json: JsonOption = False,
) -> None:
    """List every fault: when it strikes, what is seen of it, and where it can be injected."""
    if waiting or clear:
        _waiting(_served(context, address), clear=clear, as_json=as_json)
        return
    from connector.bootstrap.fault_catalogue import fault_catalogue

    entries = fault_catalogue()
    if as_json:
        print_json(
            [
                {
                    "fault": each.name,
                    "in": each.part,
                    "moment": each.moment,
                    "client_sees": each.client_sees,
                    "erp_has_done": each.erp_has_done,
                    "can_be_injected": each.can_be_injected,
                    "on": each.calls,
                    "examples": list(each.examples),
                }
                for each in entries
            ]
        )
        return
    for part in dict.fromkeys(each.part for each in entries):
        of_part = [each for each in entries if each.part == part]
        show(
            table(
                f"In {part}, on {of_part[0].calls}",
                ("fault", "strikes", "the client sees", "the ERP has done"),
                [(e.name, e.moment, e.client_sees, e.erp_has_done) for e in of_part],
            )
        )
        if of_part[0].examples:
            say(f"For example on: {', '.join(of_part[0].examples)}")
        say("")


def release(context: typer.Context, *, address: _Address = "") -> None:
    """Let what a fault holds back go on: late commits, answers and updates."""
    count = _served(context, address).release()
    say(f"{count} held calls go on.")


def _waiting(served: RemoteSimulator, *, clear: bool, as_json: bool) -> None:
    if clear:
        served.clear_faults()
    found = served.waiting_faults()
    if as_json:
        print_json(
            [{"in": part, "fault": name, "on": on, "times": n} for part, name, on, n in found]
        )
    elif found:
        show(table("Waiting", ("in", "fault", "on", ">times"), found))
    else:
        say("No fault waits.")


def _served(context: typer.Context, address: str) -> RemoteSimulator:
    from connector.bootstrap.remote_simulator import RemoteSimulator
    from connector.errors import ConfigurationError

    if address:
        host, _, port = address.rpartition(":")
        if not host or not port.isdigit():
            raise typer.BadParameter(f"{address!r} is no HOST:PORT")
        return RemoteSimulator(address)
    settings = invocation_of(context).settings()
    if not settings.erp.simulator.address:
        raise ConfigurationError(
            "simulator",
            "faults wait in an ERP that runs, and none is named",
            "Start one with `sd-connector simulator serve`, and give its rfc address in --address",
        )
    return RemoteSimulator(settings.erp.simulator.address)
