"""`sd-connector mapping test`: do messages still become what they are known to become?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.failures import ExitCode
from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.output import print_json, say

if TYPE_CHECKING:
    from connector.bootstrap.channel_setup import ChannelSetup
    from connector.mappings.golden_cases import Expectation, GoldenCase


def add_to(group: typer.Typer) -> None:
    """Add the command to *group*."""
    group.command("test", epilog="Example: sd-connector mapping test --channel shopify")(test)


def test(
    context: typer.Context,
    *,
    channel: Annotated[
        list[str] | None,
        typer.Option("--channel", help="Only this channel; may be given several times."),
    ] = None,
    cases: Annotated[
        Path | None,
        typer.Option(help="Folder of the cases of one channel, if not beside its rules."),
    ] = None,
    update: Annotated[
        bool,
        typer.Option("--update", help="Write what was found as expected, and show the difference."),
    ] = False,
    junit: Annotated[
        Path | None, typer.Option("--junit", help="Write the results as JUnit XML to this file.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """
    Run the golden cases that lie beside the rules: mappings/NAME/cases/CASE/.

    A case is a folder with a message. What the profile reads of it (external_order.json) and what
    the rules make of it (mapped_order.json: holds, notices, documents with each field's origin)
    lie beside the message; --update writes them. No ERP and no store is asked.

    Ends with 0 when all cases are as expected, with 1 when one differs, with 2 when there is no
    case at all. With --update it ends with 0: the difference is to be read, and kept or undone.
    """
    from connector.mappings.golden_cases import outcome
    from connector.reports.junit import TestResult, write_junit

    if junit is not None and not junit.absolute().parent.is_dir():
        raise typer.BadParameter(f"there is no folder {junit.parent}", param_hint="--junit")
    results: list[TestResult] = []
    different = 0
    with invocation_of(context).application(read_only=True) as application:
        names = channel or list(application.channels)
        setups = [application.channel(name) for name in names]
        for setup, case in _cases(setups, cases):
            found = outcome(case, setup.profile, setup.route.rules)
            changed = [each for each in found if not each.is_met]
            if update:
                for each in changed:
                    each.write()
            difference = "\n".join(each.difference for each in changed)
            results.append(TestResult(setup.name, case.name, "" if update else difference))
            different += bool(changed)
            _tell(setup.name, case, changed, update=update, as_json=as_json)
    if junit is not None:
        write_junit(junit, "mapping", results)
    if not as_json:
        said = "written anew, read the difference" if update else "not as expected"
        say(f"{len(results)} cases: {len(results) - different} as expected, {different} {said}.")
    if different and not update:
        raise typer.Exit(ExitCode.NEEDS_PERSON)


def _cases(
    setups: list[ChannelSetup], folder: Path | None
) -> list[tuple[ChannelSetup, GoldenCase]]:
    """Return the cases of *setups*; raises typer.BadParameter where there are none."""
    from connector.mappings.golden_cases import cases_beside, cases_in

    if folder is not None and len(setups) != 1:
        raise typer.BadParameter("say whose cases these are: --channel NAME", param_hint="--cases")
    found: list[tuple[ChannelSetup, GoldenCase]] = []
    looked_in: list[Path] = []
    for setup in setups:
        place = folder or cases_beside(setup.route.rules.path, setup.name)
        looked_in.append(place)
        if place.is_dir():
            found += [(setup, case) for case in cases_in(place, setup.profile)]
    if not found:
        places = ", ".join(str(place) for place in looked_in)
        raise typer.BadParameter(
            f"there are no cases in {places}; a case is a folder with a message",
            param_hint="--cases",
        )
    return found


def _tell(
    channel: str, case: GoldenCase, changed: list[Expectation], *, update: bool, as_json: bool
) -> None:
    if as_json:
        print_json(_plain(channel, case, changed, update))
        return
    if not changed:
        say(f"{channel}/{case.name}: as expected")
        return
    is_new = all(each.is_new for each in changed)
    if update:
        say(f"{channel}/{case.name}: {'written' if is_new else 'written anew'}")
    elif is_new:
        say(f"{channel}/{case.name}: nothing is expected yet; write it with --update")
        return
    else:
        say(f"{channel}/{case.name}: NOT as expected")
    for each in changed:
        if not each.is_new:
            say(each.difference)


def _plain(
    channel: str, case: GoldenCase, changed: list[Expectation], update: bool
) -> dict[str, Any]:
    return {
        "channel": channel,
        "case": case.name,
        "as_expected": not changed,
        "updated": bool(update and changed),
        "differences": [
            {"file": str(each.path), "new": each.is_new, "difference": each.difference}
            for each in changed
        ],
    }
