"""`sd-connector reconcile sign-off`: a preparer signs a run, and then a reviewer."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from connector.cli.invocation import invocation_of
from connector.cli.kept_runs import RunArgument, find_run
from connector.cli.output import say


class SigningRole(StrEnum):
    """As what somebody signs."""

    PREPARER = "preparer"
    REVIEWER = "reviewer"


def add_to(group: typer.Typer) -> None:
    """Add the command to *group*."""
    example = 'Example: sd-connector reconcile sign-off last --as "J. Doe" --role preparer'
    group.command("sign-off", epilog=example)(sign_off)


def sign_off(
    context: typer.Context,
    run: RunArgument,
    *,
    name: Annotated[str, typer.Option("--as", help="Who signs.")],
    role: Annotated[
        SigningRole, typer.Option("--role", help="As what; the reviewer is somebody else.")
    ],
    note: Annotated[str, typer.Option("--note", help="What should be known about it.")] = "",
) -> None:
    """
    Sign the figures of a run: first its preparer, then a reviewer who is somebody else.

    Refused for runs that are INCOMPLETE or FAILED. The sign-off is void as soon as a later run
    finds another figure for the key date; `reconcile list` and `show` say so.
    """
    from connector.reconciliation.chain_of_runs import RunHistory
    from connector.reconciliation.sign_off import Role, sign, sign_offs

    with invocation_of(context).application(beside=True) as application:
        log = application.reconciliation_log
        head = log.head()
        history = RunHistory.read(log)
        found = find_run(history, run)
        entry = sign(
            found,
            Role(role.value),
            name.strip(),
            note,
            history=history,
            signed=sign_offs(log),
            runs=application.reconciliation_runs,
        )
        log.append([entry], at=application.clock.now(), after=head.sequence)
    say(f"{found.run_id}: signed by {name.strip()} as {role.value} over {found.content_hash}")
