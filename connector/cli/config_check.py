"""`sd-connector config check`: everything that is wrong or doubtful, in one go."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.failures import ExitCode
from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.output import note, print_json, say
from connector.errors import ConfigurationError

if TYPE_CHECKING:
    from connector.bootstrap.application import Application
    from connector.mappings.checking.findings import Finding
    from connector.settings import Settings

ErpOption = Annotated[bool, typer.Option("--erp", help="Log on to the ERP as well.")]
NotesOption = Annotated[
    bool, typer.Option("--notes", help="List what is merely good to know, too.")
]

ErrorsOption = Annotated[
    bool, typer.Option("--errors-only", help="Leave out what is doubtful, and end with 0 or 2.")
]


def check(
    context: typer.Context,
    erp: ErpOption = False,
    notes: NotesOption = False,
    errors_only: ErrorsOption = False,
    as_json: JsonOption = False,
) -> None:
    """
    Check settings, profiles, rules, tables, plans and folders, without starting anything.

    Lists every mistake and everything doubtful with file, line, key and what was probably meant:
    values longer than the ERP's field, rules that nothing reaches, tables and columns that nothing
    uses, lookups that may come out empty. Ends with 0 when there is nothing, with 1 when something
    is doubtful, with 2 when something is wrong.
    """
    from connector.mappings.checking.findings import Level, from_error, in_order

    found: dict[str, Any] = {}
    findings: list[Finding] = []
    try:
        with invocation_of(context).application(read_only=True) as application:
            findings += _of_channels(application.settings)
            # What is wrong with a channel has been told with all the rest; do not tell it twice.
            if not any(each.level is Level.ERROR for each in findings):
                found = _everything(application, erp)
                findings += _of_plans(application)
                findings += _left_alone(application)
    except ConfigurationError as error:
        if not any(each.level is Level.ERROR for each in findings):
            findings.append(from_error(error))
    findings = in_order([*findings, *_packages()])
    if errors_only:
        findings = [each for each in findings if each.level is Level.ERROR]
    errors = [each for each in findings if each.level is Level.ERROR]
    warnings = [each for each in findings if each.level is Level.WARNING]
    if as_json:
        print_json({**found, "findings": [asdict(each) for each in findings]})
    else:
        _tell(found, findings, notes)
    if errors:
        raise typer.Exit(ExitCode.WRONG_USAGE)
    if warnings:
        raise typer.Exit(ExitCode.NEEDS_PERSON)


def _of_channels(settings: Settings) -> list[Finding]:
    from connector.mappings.checking.check import check_channel

    return [
        finding
        for channel in settings.channels.values()
        for finding in check_channel(channel.profile, channel.rules, tables_from=channel.tables)
    ]


def _of_plans(application: Application) -> list[Finding]:
    """Return which documents plans want and rules do not map, and the other way round."""
    from connector.mappings.checking.check import check_planned
    from connector.sync.plan import CORRECTIONS

    found: list[Finding] = []
    for setup in application.channels.values():
        plan = application.plan(setup.route.plan)
        wanted = [
            *plan.created_sales_documents,
            *(each for each in CORRECTIONS if plan.sales_document(each).is_created),
        ]
        found += check_planned(setup.route.rules.path, wanted)
    return found


def _left_alone(application: Application) -> list[Finding]:
    """Return the drop folders in which files lie that nobody reads."""
    from connector.bootstrap.drop_folders import left_alone
    from connector.mappings.checking.findings import Finding, Level

    settings = str(application.settings.file.path)
    hint = "Set `patterns`, rename the files, or take them away"
    return [
        Finding(
            Level.WARNING, "left-alone", settings, 0, f"channels.{each.channel}", each.problem, hint
        )
        for each in left_alone(application)
    ]


def _packages() -> list[Finding]:
    """Return the functions that installed packages bring, or what is wrong with them."""
    from connector.mappings.checking.findings import Finding, Level, from_error
    from connector.mappings.functions import all_functions

    try:
        functions = all_functions()
    except ConfigurationError as error:
        return [from_error(error)]
    return [
        Finding(Level.NOTE, "package", each.package, 0, "", f"brings the function {each.name}()")
        for each in functions.values()
        if each.package
    ]


def _everything(application: Application, erp: bool) -> dict[str, Any]:
    """Return what the settings come to; raises ConfigurationError for what is wrong with them."""
    from connector.bootstrap.options import check_options
    from connector.store.backend import backend_of

    settings = application.settings
    check_options(settings)
    store = backend_of(settings.store.url, settings.store.secret()).name
    application.load()
    application.check_channels()
    answered = application.erp.ping() if erp else None
    found: dict[str, Any] = {
        "settings": str(settings.file.path),
        "erp": settings.erp.driver,
        "profile": settings.erp.profile,
        "store": store,
        "channels": {
            name: {
                "profile": str(setup.profile.path),
                "rules": str(setup.route.rules.path),
                "plan": setup.route.plan,
            }
            for name, setup in application.channels.items()
        },
        "plans": sorted(application.plans),
    }
    if answered is not None:
        found["answered"] = {
            "system": answered.system_id,
            "client": answered.client,
            "user": answered.user,
            "release": answered.release,
            "latency_ms": round(answered.latency_s * 1000),
        }
    return found


def _tell(found: dict[str, Any], findings: list[Finding], notes: bool) -> None:
    from connector.mappings.checking.findings import Level

    shown = [each for each in findings if notes or each.level is not Level.NOTE]
    for each in shown:
        # Errors go where errors of all commands go; the rest is the result.
        (note if each.level is Level.ERROR else say)(f"{each.level.capitalize()}: {each}")
    counts = {level: sum(1 for each in findings if each.level is level) for level in Level}
    if found:
        doubtful = f", {counts[Level.WARNING]} warnings" if counts[Level.WARNING] else ""
        say(f"{found['settings']} is right{doubtful}.")
        say(f"ERP: {found['erp']}, profile {found['profile']}. Store: {found['store']}.")
        say(f"Plans: {', '.join(found['plans'])}.")
        for name, channel in found["channels"].items():
            say(f"Channel {name}: plan {channel['plan']}, profile and rules are right.")
    else:
        say(f"{counts[Level.ERROR]} errors, {counts[Level.WARNING]} warnings.")
    if counts[Level.NOTE] and not notes:
        say(f"{counts[Level.NOTE]} notes: `config check --notes` lists them.")
    answered = found.get("answered")
    if answered is not None:
        say(
            f"The ERP answers: system {answered['system']}, client {answered['client']}, "
            f"user {answered['user']}, release {answered['release']}, {answered['latency_ms']} ms."
        )
