"""`sd-connector breaks show`: everything about one break, as evidence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from connector.cli.breaks_decide import BreakArgument
from connector.cli.breaks_list import break_json
from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.output import print_json, say, show, table

if TYPE_CHECKING:
    from connector.ports.reconciliation import LogEntry
    from connector.ports.store_records import FlowView
    from connector.reconciliation.break_register import BreakRecord


def add_to(group: typer.Typer) -> None:
    """Add the command to *group*."""
    group.command("show", epilog="Example: sd-connector breaks show BRK-4f1a")(show_break)


def show_break(
    context: typer.Context, break_id: BreakArgument, *, as_json: JsonOption = False
) -> None:
    """
    Show a break with both sides as read, the rule, the calculation, its chain and its history.
    """
    from connector.reconciliation.break_causes import Causes
    from connector.reconciliation.break_decisions import find_break
    from connector.reconciliation.break_register import BreakRegister

    with invocation_of(context).application(read_only=True) as application:
        log = application.reconciliation_log
        record = find_break(BreakRegister.read(log), break_id)
        history = log.entries(subject=record.id)
        today = application.clock.today(application.settings.time_zone)
        causes = Causes(application.store)
        cause = {**record.cause, **causes.of(record.difference)}
        view = causes.flow_of(record.difference)
    if as_json:
        print_json(_json(record, history, cause, view, break_json(record, today)))
        return
    from connector.cli.chain_tree import chain_tree
    from connector.reconciliation.evidence import calculation

    found = record.difference
    show(table(f"{record.id} {found.code.value}", ("", ""), _facts(record, cause, today)))
    show(table("Calculation", ("",), [(text,) for text in calculation(found)]))
    if found.evidence:
        rows = [
            (each.source, each.key, each.record or each.text, each.sha256)
            for each in found.evidence
        ]
        show(table("Records as read", ("Source", "Key", "Record", "SHA-256"), rows))
    if view is not None:
        say("Its chain, as the ERP described it at the last status pull")
        show(chain_tree(view))
    show(table("History", ("At (UTC)", "What", "By", "Details", "Entry"), _history(history)))


def _facts(record: BreakRecord, cause: dict[str, str], today: Any) -> Iterator[tuple[str, str]]:
    from connector.reconciliation.breaks import CATALOGUE

    found = record.difference
    entry = CATALOGUE[found.code]
    yield "State", record.state.value
    yield "About", found.subject
    yield "Why", found.text
    yield "Severity", found.severity.value
    yield "Company code, currency", f"{found.scope.company_code} {found.scope.currency}".strip()
    yield "Keys", ", ".join(f"{key.name} {key.value}" for key in found.keys)
    yield "First seen", f"{record.first_seen_on.isoformat()} ({record.age_days(today)} days ago)"
    if record.reopened_on:
        yield "Reopened", ", ".join(each.isoformat() for each in record.reopened_on)
    if record.resolved_on:
        yield "Resolved", record.resolved_on.isoformat()
    yield "Owner", record.owner or "nobody"
    if record.due_on:
        late = " (overdue)" if record.is_overdue(today) else ""
        yield "Due", record.due_on.isoformat() + late
    if record.acceptance:
        accepted = record.acceptance
        yield "Accepted", f"by {accepted.by} on {accepted.at:%Y-%m-%d}: {accepted.reason}"
    for name, value in cause.items():
        yield f"Cause: {name.replace('_', ' ')}", value
    yield "Meaning", entry.definition
    yield "Usual cause", entry.usual_cause
    yield "What to do", entry.what_to_do


def _history(history: tuple[LogEntry, ...]) -> Iterator[tuple[str, ...]]:
    for entry in history:
        body = entry.content
        yield (
            f"{entry.at:%Y-%m-%d %H:%M:%S}",
            entry.kind.removeprefix("break "),
            str(body.get("by") or body.get("run_id") or ""),
            _details(body),
            str(entry.sequence),
        )


def _details(body: dict[str, Any]) -> str:
    parts = []
    before, after = body.get("before"), body.get("after")
    if isinstance(before, dict) and isinstance(after, dict):
        parts.append(f"{_amount(before)} -> {_amount(after)}")
    elif isinstance(after, dict):
        parts.append(_amount(after))
    for name in ("how", "why", "owner", "due_on", "reason", "text"):
        if body.get(name):
            parts.append(str(body[name]))
    return "; ".join(part for part in parts if part)


def _amount(amounts: dict[str, str]) -> str:
    money = f"{amounts['amount']} {amounts['currency']}" if "amount" in amounts else ""
    quantity = f"{amounts['quantity']} {amounts['unit']}" if "quantity" in amounts else ""
    return ", ".join(each for each in (money, quantity) if each) or "no amount"


def _json(
    record: BreakRecord,
    history: tuple[LogEntry, ...],
    cause: dict[str, str],
    view: FlowView | None,
    stands: dict[str, Any],
) -> dict[str, Any]:
    from connector.cli.chain_json import chain_json
    from connector.reconciliation.evidence import calculation

    return {
        **stands,
        "cause": cause,
        "calculation": list(calculation(record.difference)),
        "evidence": [each.model_dump(mode="json") for each in record.difference.evidence],
        "chain": None if view is None else chain_json(view),
        "history": [
            {
                "sequence": entry.sequence,
                "at": entry.at.isoformat(),
                "kind": entry.kind,
                "hash": entry.hash,
                "body": entry.content,
            }
            for entry in history
        ],
    }
