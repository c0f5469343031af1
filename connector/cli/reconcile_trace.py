"""`sd-connector reconcile trace`: one chain from shop order to bank line, and what is left over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Final
from zoneinfo import ZoneInfo

import typer

from connector.cli.failures import ExitCode
from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.output import note, print_json, show, table

if TYPE_CHECKING:
    from connector.bootstrap.application import Application
    from connector.ports.store_records import FlowView
    from connector.reconciliation.report import ReconciliationRun
    from connector.reconciliation.trace import Findings, TraceSource, TraceStep

_AMOUNT: Final = re.compile(r"[+-]?\d{1,3}(,?\d{3})*(\.\d+)?|[+-]?\d+(\.\d+)?")
#: More orders than these are not shown for one amount.
_SHOWN: Final = 20


def add_to(group: typer.Typer) -> None:
    """Add the command to *group*."""
    group.command("trace", epilog="Example: sd-connector reconcile trace 90000001")(trace)


def trace(
    context: typer.Context,
    wanted: Annotated[
        str,
        typer.Argument(
            metavar="NUMBER|AMOUNT",
            help="Any number of an order, document or payment; or an amount, e.g. 11662.00.",
        ),
    ],
    *,
    as_json: JsonOption = False,
) -> None:
    """
    Follow an order through billing, accounting and payment, with what is left over at each stage.

    The chain is as the ERP described it at the last status pull; reasons are those of the newest
    run. An amount shows all orders with a document or payment of exactly that amount.
    """
    from connector.reconciliation.mirror import mirrored_order
    from connector.reconciliation.trace import Findings, trace_order

    with invocation_of(context).application(read_only=True) as application:
        run = _newest_run(application)
        findings = (
            Findings() if run is None else Findings((*run.breaks, *run.pending, *run.explained))
        )
        sources = trace_sources(application, run, findings)
        views = list(_views(application, wanted, sources))
        zone = ZoneInfo(application.settings.time_zone)
        chains = [
            (view, trace_order(mirrored_order(view, zone, view.order), view, findings, sources))
            for view in views[:_SHOWN]
        ]
    if not chains:
        note(f"No order has the number or amount {wanted}. Orders: sd-connector orders list")
        raise typer.Exit(ExitCode.NEEDS_PERSON)
    for view, steps in chains:
        name = f"{view.flow.channel} {view.flow.order_name or view.flow.external_id}"
        if as_json:
            print_json({"order": name, "steps": [step.to_json() for step in steps]})
        else:
            headings = ("Stage", "Number", "What", "On", ">Amount", ">Left over", "Why")
            show(table(name, headings, _rows(steps)))
    if len(views) > _SHOWN:
        note(f"... and {len(views) - _SHOWN} more orders")


def trace_sources(
    application: Application, run: ReconciliationRun | None, findings: Findings
) -> tuple[TraceSource, ...]:
    """Return what knows of the chain beyond the ERP, as the newest run has matched it."""
    from connector.reconciliation.identities import PAYMENTS_TO_RECEIPTS
    from connector.reconciliation.kept_matches import matches_of
    from connector.reconciliation.money_trace import MoneyTrace

    if run is None:
        return ()
    runs, statements = application.reconciliation_runs, application.statements
    matches = matches_of(run, runs, PAYMENTS_TO_RECEIPTS)
    return (MoneyTrace(matches, statements.payouts(), statements.bank_statements(), findings),)


def _rows(steps: Sequence[TraceStep]) -> Iterator[tuple[str, ...]]:
    stage = ""
    for step in steps:
        yield (
            "" if step.stage.value == stage else step.stage.value,
            step.number,
            step.text,
            step.on.isoformat() if step.on else "",
            str(step.amount) if step.amount is not None else "",
            str(step.residual) if step.residual is not None else "",
            step.reason,
        )
        stage = step.stage.value


def _views(
    application: Application, wanted: str, sources: Sequence[TraceSource]
) -> Iterator[FlowView]:
    """Find orders by number, and where nothing has that number by amount."""
    store = application.store
    amount = Decimal(wanted.replace(",", "")) if _AMOUNT.fullmatch(wanted) else None
    ids = list(store.flows.find(wanted))
    for source in sources:
        for number in source.numbers_with(wanted, amount):
            ids += [each for each in _found(application, number) if each not in ids]
    if ids or amount is None:
        yield from store.flows.views(ids)
        return
    from connector.reconciliation.mirror import mirrored_order
    from connector.reconciliation.trace import amounts_of

    zone = ZoneInfo(application.settings.time_zone)
    for view in store.all_views():
        if abs(amount) in amounts_of(mirrored_order(view, zone, view.order), view):
            yield view


def _found(application: Application, number: str) -> Iterator[int]:
    """Find orders by a number, or by the whole key of an FI document: numbers repeat."""
    flows = application.store.flows
    if "/" not in number:
        yield from flows.find(number)
        return
    for view in flows.views(flows.find(number.split("/")[1])):
        if any(str(item.key) == number for item in view.items):
            yield view.flow.id


def _newest_run(application: Application) -> ReconciliationRun | None:
    """Return the newest complete run, None where there is none."""
    from connector.reconciliation.chain_of_runs import RunHistory
    from connector.reconciliation.report import ReconciliationRun

    history = RunHistory.read(application.reconciliation_log)
    complete = [run for run in history.finished if run.is_complete]
    if not complete:
        return None
    stored = application.reconciliation_runs.reconciliation_run(complete[-1].run_id)
    return None if stored is None else ReconciliationRun.from_json(stored.content)
