"""`sd-connector mapping init`: a first profile and first rules from sample messages."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.failures import ExitCode
from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.output import print_json, say, show, table

if TYPE_CHECKING:
    from connector.mappings.checking.findings import Finding
    from connector.mappings.proposing.propose import Proposal, Trial

_SETTINGS = "connector.yaml"


def add_to(group: typer.Typer) -> None:
    """Add the command to *group*."""
    group.command("init", epilog="Example: sd-connector mapping init kiosk samples/*.json")(init)


def init(
    context: typer.Context,
    channel: Annotated[str, typer.Argument(help="Name of the new channel: small letters.")],
    samples: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", help="Sample messages, all of one format; the more, the surer."
        ),
    ],
    *,
    into: Annotated[
        Path | None,
        typer.Option(help="Folder for channels/ and mappings/; that of the settings if left out."),
    ] = None,
    prefix: Annotated[
        str, typer.Option(help="Beginning of the references of documents; else from the name.")
    ] = "",
    force: Annotated[
        bool, typer.Option("--force", help="Write over files that are there already.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """
    Write a first profile, rules and tables for messages like the samples: a proposal to be checked.

    Fields are found by their names, by what values look like, and by which amounts add up; each
    says how sure it is. What is open stands in the files and in the output. Both files are marked
    as a proposal: they can be tried, and no real order goes by them until a person removes the
    mark. Where the folder has no settings yet, a connector.yaml with a simulated ERP is written.

    Ends with 1, because a proposal always leaves something open; with 2 for samples that are not
    understood.
    """
    from connector.mappings.checking.check import check_channel
    from connector.mappings.proposing.propose import orders_in, propose, try_out, with_tables

    for path in samples:
        if not path.is_file():
            raise typer.BadParameter(f"there is no file {path}", param_hint="FILE")
    folder = into if into is not None else invocation_of(context).config.parent
    proposal = propose(channel, samples, prefix)
    _refuse_existing(folder, proposal, force=force)
    _copy_shipped(folder, proposal)
    _write(folder, proposal)
    orders, _ = orders_in(folder / proposal.profile, samples)
    if not proposal.like:
        _write(folder, with_tables(proposal, orders))
    settings = _settings(folder, proposal)
    trial = try_out(folder / proposal.profile, folder / proposal.rules, samples)
    findings = check_channel(folder / proposal.profile, folder / proposal.rules)
    if as_json:
        print_json(_plain(folder, proposal, trial, findings))
    else:
        _tell(folder, proposal, trial, findings, settings)
    raise typer.Exit(ExitCode.NEEDS_PERSON)


def _refuse_existing(folder: Path, proposal: Proposal, *, force: bool) -> None:
    there = [name for name in proposal.files if (folder / name).exists()]
    if there and not force:
        raise typer.BadParameter(
            f"{folder / there[0]} is there already; choose another name, or say --force",
            param_hint="CHANNEL",
        )


def _copy_shipped(folder: Path, proposal: Proposal) -> None:
    """Copy what the proposal includes, and plans and schemas; files that are there stay."""
    from connector.resources import shipped

    config = shipped("config")
    for part in (*proposal.shipped, "plans", "schemas"):
        source = config / part
        if not source.exists():
            continue
        for file in [source] if source.is_file() else sorted(source.rglob("*")):
            copy = folder / file.relative_to(config)
            if file.is_file() and not copy.exists():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, copy)


def _write(folder: Path, proposal: Proposal) -> None:
    for name, text in proposal.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="\n")


def _settings(folder: Path, proposal: Proposal) -> str:
    """Write settings where there are none; return what is to be added to those that are there."""
    name = proposal.channel
    block = (
        f"  {name}:\n"
        f"    path: inbox/{name}\n"
        f"    patterns: [{', '.join(_patterns(folder, proposal))}]\n"
        f"    profile: {proposal.profile}\n"
        f"    rules: {proposal.rules}\n"
        "    plan: standard\n"
    )
    path = folder / _SETTINGS
    if path.exists():
        return block
    (folder / "inbox" / name).mkdir(parents=True, exist_ok=True)
    path.write_text(
        "# Settings with a simulated ERP; every key is described in docs/reference/settings.md.\n"
        "store:\n  url: sqlite:///store.sqlite3\n"
        "erp:\n  driver: simulator\n  simulator:\n    state: erp.sqlite3\n  transport:\n"
        "    clearing_function: Z_SD_CONNECTOR_POST_CLEAR\n"
        f"channels:\n{block}plans: plans\n",
        "utf-8",
        newline="\n",
    )
    return ""


def _patterns(folder: Path, proposal: Proposal) -> list[str]:
    from connector.mappings.message_format import file_patterns
    from connector.mappings.profile import load_profile

    message = load_profile(folder / proposal.profile).message
    return [f'"{pattern}"' for pattern in file_patterns(message)]


def _tell(
    folder: Path, proposal: Proposal, trial: Trial, findings: list[Finding], settings: str
) -> None:
    if proposal.fields:
        rows = [
            (each.field, each.expression, f"{each.confidence:.0%}", each.why)
            for each in proposal.fields
            if each.why
        ]
        show(table("Proposed fields", ("Field", "Expression", ">Sure", "Why"), rows))
    else:
        say(f"The samples follow {proposal.like}: the shipped profile and rules are included.")
    read = len(trial.orders)
    say(f"{read} orders are read of the samples, {len(trial.unreadable)} messages are not.")
    for each in trial.unreadable[:5]:
        say(f"  {each}")
    if trial.held:
        told = ", ".join(f"{code} ({count})" for code, count in sorted(trial.held.items()))
        say(f"By the rules as they are, orders are held: {told}.")
    errors = [each for each in findings if each.level == "error"]
    for error in errors:
        say(f"Error: {error}")
    say("Open questions:")
    for question in [*proposal.questions, *_tables(proposal)]:
        say(f"- {question}")
    say("Written:")
    for name in proposal.files:
        say(f"  {folder / name}")
    if settings:
        say(f"Add to the channels of {folder / _SETTINGS}:")
        say(settings.rstrip())
    say("This is a proposal: no order goes by it until you remove `proposal` from both files.")


def _tables(proposal: Proposal) -> list[str]:
    return [
        f"{name}: fill in the empty columns"
        for name, text in proposal.files.items()
        if name.endswith(".csv") and text.count("\n") > 1
    ]


def _plain(
    folder: Path, proposal: Proposal, trial: Trial, findings: list[Finding]
) -> dict[str, Any]:
    return {
        "channel": proposal.channel,
        "like": proposal.like,
        "files": [str(folder / name) for name in proposal.files],
        "fields": [
            {
                "field": each.field, "expression": each.expression,
                "confidence": round(each.confidence, 2), "why": each.why,
            }
            for each in proposal.fields
        ],
        "questions": [*proposal.questions, *_tables(proposal)],
        "orders": len(trial.orders),
        "unreadable": list(trial.unreadable),
        "held": dict(trial.held),
        "findings": [asdict(each) for each in findings],
    }  # fmt: skip
