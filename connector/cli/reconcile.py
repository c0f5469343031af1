"""`sd-connector reconcile`: runs, their log, its proof, and who has signed."""

from __future__ import annotations

from typing import Final, Protocol

import typer

from connector.cli import (
    reconcile_diff,
    reconcile_list,
    reconcile_matches,
    reconcile_report,
    reconcile_run,
    reconcile_show,
    reconcile_sign_off,
    reconcile_trace,
    reconcile_verify,
)
from connector.cli.invocation import JsonOption
from connector.cli.reconcile_run import (
    CompanyCodeOption,
    CurrencyOption,
    DryOption,
    FullOption,
    KeyDateOption,
)
from connector.cli.run_reports import ALL_FORMATS, FormatsOption, ReportOption


class Command(Protocol):
    """A module that brings commands of the group."""

    def add_to(self, group: typer.Typer) -> None:
        """Add them to *group*."""


#: The modules of the commands, in the order in which help lists them.
COMMANDS: Final[tuple[Command, ...]] = (
    reconcile_run,
    reconcile_list,
    reconcile_show,
    reconcile_report,
    reconcile_diff,
    reconcile_matches,
    reconcile_trace,
    reconcile_sign_off,
    reconcile_verify,
)


def add_to(app: typer.Typer) -> None:
    """Add the group to *app*."""
    group = typer.Typer(
        name="reconcile",
        invoke_without_command=True,
        epilog="Example: sd-connector reconcile --key-date 2026-03-31",
    )
    group.callback()(reconcile)
    for command in COMMANDS:
        command.add_to(group)
    app.add_typer(group)


def reconcile(
    context: typer.Context,
    *,
    key_date: KeyDateOption = None,
    company_code: CompanyCodeOption = None,
    currency: CurrencyOption = None,
    dry: DryOption = False,
    full: FullOption = False,
    report: ReportOption = None,
    formats: FormatsOption = ALL_FORMATS,
    as_json: JsonOption = False,
) -> None:
    """
    Reconcile, look into the log of runs, prove that nobody edited it, and sign.

    Without a command it reconciles, as `reconcile run` does with the same options.
    """
    if context.invoked_subcommand is None:
        reconcile_run.run(
            context,
            key_date=key_date,
            company_code=company_code,
            currency=currency,
            dry=dry,
            full=full,
            report=report,
            formats=formats,
            as_json=as_json,
        )
