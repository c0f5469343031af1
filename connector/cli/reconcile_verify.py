"""`sd-connector reconcile verify` and `anchor`: the proof that nobody edited the log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.failures import ExitCode
from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.output import print_json, say, show, table
from connector.errors import ConfigurationError, RejectedError

if TYPE_CHECKING:
    from connector.bootstrap.application import Application
    from connector.reconciliation.verification import Anchor, Damage

AnchorOption = Annotated[
    Path | None,
    typer.Option("--anchor", help="File with heads that `reconcile anchor` wrote before."),
]


def add_to(group: typer.Typer) -> None:
    """Add the commands to *group*."""
    example = "Example: sd-connector reconcile verify --anchor anchors.jsonl"
    group.command("verify", epilog=example)(verify_log)
    group.command("anchor", epilog="Example: sd-connector reconcile anchor anchors.jsonl")(anchor)


def verify_log(
    context: typer.Context, *, anchor: AnchorOption = None, as_json: JsonOption = False
) -> None:
    """
    Prove that no entry of the log was changed, deleted, moved or cut off, and say where if one was.

    That the newest entries were cut off shows against an anchor that is kept elsewhere. Exit code
    0 when the log is as it was written, 1 when it is not.
    """
    anchors = _anchors(anchor, must_exist=True) if anchor is not None else ()
    with invocation_of(context).application(read_only=True) as application:
        damage = _damage(application, anchors)
        head = application.reconciliation_log.head()
    if as_json:
        print_json(
            {
                "entries": head.sequence,
                "head": {"sequence": head.sequence, "hash": head.hash},
                "anchors": len(anchors),
                "damage": [
                    {"sequence": each.sequence, "where": each.where, "what": each.what}
                    for each in damage
                ],
            }
        )
    elif damage:
        rows = [(each.where, each.what) for each in damage]
        show(table("The log is not as it was written", ("Where", "What"), rows))
    else:
        against = f", {len(anchors)} anchors fit" if anchors else ""
        say(f"{head.sequence} entries are as they were written{against}")
        say(f"Head: entry {head.sequence}, {head.hash}")
    if damage:
        raise typer.Exit(ExitCode.NEEDS_PERSON)


def anchor(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="File that the head is added to; keep it where the log is not.")
    ],
) -> None:
    """
    Write the head of the log to a file outside, so that nobody can cut the log off unseen.

    The log is proved first, also against the anchors that the file holds already.
    """
    from connector.reconciliation.verification import Anchor, anchor_entry

    anchors = _anchors(file, must_exist=False)
    with invocation_of(context).application(beside=True) as application:
        damage = _damage(application, anchors)
        if damage:
            raise RejectedError(
                f"{damage[0].where}: {damage[0].what}; nothing was anchored, "
                "see `sd-connector reconcile verify`"
            )
        log, now = application.reconciliation_log, application.clock.now()
        head = log.head()
        (entry,) = log.append([anchor_entry(head, str(file))], at=now, after=head.sequence)
    made = Anchor(sequence=entry.sequence, hash=entry.hash, at=now)
    try:
        with file.open("a", encoding="utf-8") as target:
            target.write(made.to_line() + "\n")
    except OSError as error:
        raise ConfigurationError(
            str(file), f"cannot be written: {error.strerror}", "Name another file"
        ) from error
    say(f"Entry {entry.sequence} is anchored in {file}: {entry.hash}")


def _anchors(file: Path, *, must_exist: bool) -> tuple[Anchor, ...]:
    from connector.reconciliation.verification import read_anchors

    try:
        return read_anchors(file.read_text("utf-8"), str(file))
    except FileNotFoundError as error:
        if not must_exist:
            return ()
        raise ConfigurationError(
            str(file), "does not exist", "Write one with `sd-connector reconcile anchor`"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            str(file), f"cannot be read: {error}", "Name a file that `reconcile anchor` wrote"
        ) from error


def _damage(application: Application, anchors: tuple[Anchor, ...]) -> tuple[Damage, ...]:
    from connector.ports.reconciliation import EntryKind
    from connector.reconciliation.kept_matches import verify_matches
    from connector.reconciliation.verification import all_entries, verify

    log, runs = application.reconciliation_log, application.reconciliation_runs
    found = verify(all_entries(log), runs.content_hashes(), anchors)
    known = {each.sequence for each in found}
    sound = (e for e in log.entries([EntryKind.RUN_FINISHED]) if e.sequence not in known)
    return (*found, *verify_matches(sound, runs))
