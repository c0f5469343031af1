"""`sd-connector erp`: what the ERP's transports can do, and what works on this ERP."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli import erp_recording
from connector.cli.failures import ExitCode
from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.output import print_json, say, show, table

if TYPE_CHECKING:
    from connector.bootstrap.erp_check import ErpChecked
    from connector.erp.checking import OperationChecked, TransportChecked


def add_to(app: typer.Typer) -> None:
    """Add the group to *app*."""
    group = typer.Typer(
        name="erp",
        help="Check the ERP, and show what goes over which transport.",
        no_args_is_help=True,
        epilog="Example: sd-connector erp check",
    )
    group.command("check", epilog="Example: sd-connector erp check --json")(check)
    group.command("capabilities", epilog="Example: sd-connector erp capabilities")(capabilities)
    erp_recording.add_to(group)
    app.add_typer(group)


def check(
    context: typer.Context,
    *,
    company_code: Annotated[
        str,
        typer.Option(
            "--company-code", help="Where open items are asked for; the first of the settings."
        ),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """
    Log on over each transport in use, and call the read side of every operation.

    Nothing is written: whether a user may create shows only when an order comes. Exit code 0 when
    everything works, 1 when an authorization is missing or something answers wrongly, 3 when a
    transport cannot be reached.
    """
    from connector.bootstrap.erp_check import check_erp

    with invocation_of(context).application(read_only=True) as application:
        checked = check_erp(application, company_code)
    if as_json:
        print_json(_as_json(checked))
    else:
        _show(checked)
    if checked.is_unreachable:
        raise typer.Exit(ExitCode.UNREACHABLE)
    if not checked.works:
        raise typer.Exit(ExitCode.NEEDS_PERSON)


def capabilities(context: typer.Context, as_json: JsonOption = False) -> None:
    """
    Print what each transport can do of each operation, and which one does it.

    `create` includes changing and reading, `change` includes reading. An operation without route
    is not done.
    """
    from connector.bootstrap.routes import capability_rows

    settings = invocation_of(context).settings()
    rows = capability_rows(settings)
    if as_json:
        found = [
            {
                "operation": row.operation.value,
                "route": row.route.value if row.route else None,
                "access": row.access.value,
                "transports": {
                    transport.value: {"access": each.access.value, "through": list(each.through)}
                    for transport, each in row.transports.items()
                },
            }
            for row in rows
        ]
        print_json({"profile": settings.erp.profile, "operations": found})
        return
    names = [transport.value for transport in rows[0].transports]
    show(
        table(
            f"System profile {settings.erp.profile}: {settings.erp.system.description}",
            ("operation", "route", *names, "through"),
            [
                (
                    row.operation.value,
                    row.route.value if row.route else "-",
                    *(_access(each.access.value) for each in row.transports.values()),
                    ", ".join(row.transports[row.route].through) if row.route else "",
                )
                for row in rows
            ],
        )
    )


def _access(value: str) -> str:
    return "-" if value == "none" else value


def _show(checked: ErpChecked) -> None:
    show(
        table(
            "Transports",
            ("transport", "outcome", "system", "client", "user", "host", "release", ">ms"),
            [_transport_row(each) for each in checked.transports],
        )
    )
    show(
        table(
            "Operations",
            ("operation", "route", "outcome", ">ms"),
            [
                (
                    each.operation.value,
                    each.transport.value,
                    each.outcome.value,
                    _ms(each.latency_s),
                )
                for each in checked.operations
            ],
        )
    )
    missing = dict.fromkeys(each.authorization for each in checked.found if each.authorization)
    if missing:
        say("Missing authorizations")
        for authorization in missing:
            say(f"- {authorization}")
    for problem in _problems(checked.found):
        say(f"- {problem}")
    for warning in checked.warnings:
        say(f"- {warning}")


def _problems(found: Iterable[TransportChecked | OperationChecked]) -> Iterable[str]:
    """Yield each problem once; what was not tried is no problem of its own."""
    from connector.erp.checking import Outcome

    failed = [each for each in found if each.outcome not in (Outcome.WORKS, Outcome.NOT_TRIED)]
    return dict.fromkeys(each.problem for each in failed)


def _transport_row(checked: TransportChecked) -> tuple[str, ...]:
    system = checked.system
    if system is None:
        return checked.transport.value, checked.outcome.value, *("",) * 6
    return (
        checked.transport.value,
        checked.outcome.value,
        system.system_id,
        system.client,
        system.user,
        system.host,
        system.release,
        _ms(system.latency_s),
    )


def _ms(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds * 1000:.0f}"


def _as_json(checked: ErpChecked) -> dict[str, Any]:
    return {
        "works": checked.works,
        "profile": checked.profile,
        "transports": [_transport_json(each) for each in checked.transports],
        "operations": [
            {
                "operation": each.operation.value,
                "transport": each.transport.value,
                "outcome": each.outcome.value,
                "latency_ms": _rounded(each.latency_s),
                "problem": each.problem,
                "authorization": each.authorization,
            }
            for each in checked.operations
        ],
        "warnings": list(checked.warnings),
    }


def _transport_json(checked: TransportChecked) -> dict[str, Any]:
    system = checked.system
    told = (
        {
            "system": system.system_id,
            "client": system.client,
            "user": system.user,
            "host": system.host,
            "release": system.release,
            "latency_ms": _rounded(system.latency_s),
        }
        if system is not None
        else {}
    )
    return {
        "transport": checked.transport.value,
        "outcome": checked.outcome.value,
        **told,
        "problem": checked.problem,
        "authorization": checked.authorization,
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)
