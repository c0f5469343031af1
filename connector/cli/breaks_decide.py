"""`sd-connector breaks assign`, `due`, `comment` and `accept`: what people decide."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.invocation import invocation_of
from connector.cli.output import say

if TYPE_CHECKING:
    from connector.ports.reconciliation import NewEntry
    from connector.reconciliation.break_register import BreakRecord

BreakArgument = Annotated[
    str, typer.Argument(metavar="BREAK", help="Id of a break or its beginning.")
]
AsOption = Annotated[
    str, typer.Option("--as", help="Who does this; the user of the machine when left out.")
]


def add_to(group: typer.Typer) -> None:
    """Add the commands to *group*."""
    example = "Example: sd-connector breaks"
    group.command("assign", epilog=f'{example} assign BRK-4f1a "J. Doe" --due 2026-04-15')(
        assign_break
    )
    group.command("due", epilog=f"{example} due BRK-4f1a 2026-04-15")(due)
    group.command("comment", epilog=f'{example} comment BRK-4f1a "asked the bank"')(comment_on)
    group.command(
        "accept", epilog=f'{example} accept BRK-4f1a --reason "below cost of work" --as "B. Boss"'
    )(accept_break)


def assign_break(
    context: typer.Context,
    break_id: BreakArgument,
    owner: Annotated[str, typer.Argument(help="Who works on it from now on.")],
    *,
    due_on: Annotated[
        datetime | None,
        typer.Option("--due", formats=["%Y-%m-%d"], help="Day on which it is to be settled."),
    ] = None,
    text: Annotated[str, typer.Option("--comment", help="What the owner should know.")] = "",
    by: AsOption = "",
) -> None:
    """Give a break an owner, and a day until when it is to be settled."""
    from connector.reconciliation.break_decisions import assign

    day = due_on.date() if due_on else None
    _decide(
        context,
        break_id,
        lambda record: assign(record, owner.strip(), _name(by), due_on=day, text=text.strip()),
        f"{owner.strip()} has it" + (f", due {day.isoformat()}" if day else ""),
    )


def due(
    context: typer.Context,
    break_id: BreakArgument,
    due_on: Annotated[
        datetime, typer.Argument(formats=["%Y-%m-%d"], help="Day on which it is to be settled.")
    ],
    *,
    by: AsOption = "",
) -> None:
    """Set the day on which a break is to be settled; after it `breaks list --state overdue`."""
    from connector.reconciliation.break_decisions import set_due

    day = due_on.date()
    _decide(
        context,
        break_id,
        lambda record: set_due(record, day, _name(by)),
        f"due {day.isoformat()}",
    )


def comment_on(
    context: typer.Context,
    break_id: BreakArgument,
    text: Annotated[str, typer.Argument(help="What is to be known about it.")],
    *,
    by: AsOption = "",
) -> None:
    """Add a comment to a break; it is kept for good."""
    from connector.reconciliation.break_decisions import comment

    _decide(context, break_id, lambda record: comment(record, text, _name(by)), "noted")


def accept_break(
    context: typer.Context,
    break_id: BreakArgument,
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why it is taken as it is.")],
    by: Annotated[
        str,
        typer.Option("--as", help="Who approves: not the owner. Left out: the machine's user."),
    ] = "",
) -> None:
    """
    Accept a break as it is, with a reason; whoever works on it cannot do that.

    It is open again when its amount changes.
    """
    from connector.reconciliation.break_decisions import accept

    _decide(
        context,
        break_id,
        lambda record: accept(record, reason, _name(by)),
        f"accepted by {_name(by)}",
    )


def _decide(
    context: typer.Context,
    break_id: str,
    decision: Callable[[BreakRecord], NewEntry],
    done: str,
) -> None:
    """Decide on the state that is there, and write only if it still is."""
    from connector.reconciliation.break_decisions import find_break
    from connector.reconciliation.break_register import BreakRegister

    with invocation_of(context).application(beside=True) as application:
        log = application.reconciliation_log
        head = log.head()
        record = find_break(BreakRegister.read(log), break_id)
        log.append([decision(record)], at=application.clock.now(), after=head.sequence)
    say(f"{record.id} {record.code.value}: {done}")


def _name(given: str) -> str:
    return given.strip() or getpass.getuser()
