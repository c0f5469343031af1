"""`sd-connector reconcile show`: a kept run as it was, with its signatures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.kept_runs import RunArgument, find_run, read_run
from connector.cli.output import print_json, say, show, table
from connector.cli.reconcile_run import FullOption, reconciliation_tables

if TYPE_CHECKING:
    from connector.reconciliation.sign_off import SignOff


def add_to(group: typer.Typer) -> None:
    """Add the command to *group*."""
    group.command("show", epilog="Example: sd-connector reconcile show last --full")(show_run)


def show_run(
    context: typer.Context,
    run: RunArgument,
    *,
    full: FullOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show a run of the log as it was kept, and who has signed it."""
    from connector.reconciliation.chain_of_runs import RunHistory
    from connector.reconciliation.sign_off import sign_offs

    with invocation_of(context).application(read_only=True) as application:
        found = find_run(RunHistory.read(application.reconciliation_log), run)
        signed = sign_offs(application.reconciliation_log).get(found.run_id)
        kept = read_run(application, found)
    if as_json:
        content = json.loads(kept.to_json())
        content["sign_off"] = [_signature_json(*each) for each in _lines(signed)]
        content["sign_off_state"] = signed.state if signed is not None else ""
        print_json(content)
        return
    show(*reconciliation_tables(kept, full=full))
    if signed is not None:
        show(table("Sign-off", ("Role", "Name", "At (UTC)", "Note"), _lines(signed)))
        if signed.void_because:
            say(f"The sign-off is void: {signed.void_because}")


def _lines(signed: SignOff | None) -> Iterator[tuple[str, str, str, str]]:
    for each in signed.signatures if signed is not None else ():
        yield each.role.value, each.name, f"{each.at:%Y-%m-%d %H:%M:%S}", each.note


def _signature_json(role: str, name: str, at: str, note: str) -> dict[str, str]:
    return {"role": role, "name": name, "at": at, "note": note}
