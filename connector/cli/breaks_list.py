"""`sd-connector breaks list`: the register of breaks, by what is asked for."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.failures import ExitCode
from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.output import print_json, say, show, table

if TYPE_CHECKING:
    from datetime import date

    from connector.reconciliation.break_register import BreakRecord


class StateFilter(StrEnum):
    """Which breaks are listed."""

    OPEN = "open"
    ACCEPTED = "accepted"
    RESOLVED = "resolved"
    OVERDUE = "overdue"
    ALL = "all"


def add_to(group: typer.Typer) -> None:
    """Add the command to *group*."""
    example = "Example: sd-connector breaks list --code UNDERPAYMENT --min-age 30"
    group.command("list", epilog=example)(list_breaks)


def list_breaks(
    context: typer.Context,
    *,
    state: Annotated[
        StateFilter,
        typer.Option("--state", help="Which; overdue are open ones after their due day."),
    ] = StateFilter.OPEN,
    code: Annotated[
        list[str] | None,
        typer.Option("--code", help="Only this code; may be given more than once."),
    ] = None,
    owner: Annotated[
        str, typer.Option("--owner", help="Only those of this owner; `nobody` has no owner.")
    ] = "",
    company_code: Annotated[
        str, typer.Option("--company-code", help="Only those of this company code.")
    ] = "",
    currency: Annotated[str, typer.Option("--currency", help="Only those in this currency.")] = "",
    min_age: Annotated[
        int, typer.Option("--min-age", min=0, help="Only those known for at least so many days.")
    ] = 0,
    max_age: Annotated[
        int | None,
        typer.Option("--max-age", min=0, help="Only those known for at most so many days."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """
    List breaks, the oldest first, with owner and due day.

    Exit code 0 when none of those listed is open, 1 when a person has to look at one.
    """
    from connector.reconciliation.break_codes import BreakCode
    from connector.reconciliation.break_register import BreakRegister
    from connector.settings.explain import nearest

    known = [each.value for each in BreakCode]
    for each in code or ():
        if each.upper() not in known:
            raise typer.BadParameter(
                f"{each} is no code of a break. {nearest(each.upper(), known)}",
                param_hint="--code",
            )
    with invocation_of(context).application(read_only=True) as application:
        today = application.clock.today(application.settings.time_zone)
        register = BreakRegister.read(application.reconciliation_log)
    codes = {each.upper() for each in code or ()}
    found = [
        record
        for record in register.records.values()
        if _is_in(record, state, today)
        and (not codes or record.code.value in codes)
        and _is_of(record, owner)
        and company_code in ("", record.company_code)
        and currency.upper() in ("", record.scope_currency)
        and min_age <= record.age_days(today) <= (max_age if max_age is not None else 10**6)
    ]
    found.sort(key=lambda each: (each.first_seen_on, each.id))
    _tell(found, today, as_json)
    if any(record.state.value == StateFilter.OPEN for record in found):
        raise typer.Exit(ExitCode.NEEDS_PERSON)


def _tell(found: list[BreakRecord], today: date, as_json: bool) -> None:
    from connector.reconciliation import log_rows

    if as_json:
        for record in found:
            print_json(break_json(record, today))
        return
    headings = [
        f">{each}" if each in ("Difference", "Age") else each for each in log_rows.REGISTER_HEADINGS
    ]
    show(table("Breaks", headings, log_rows.register_rows(found, today)))
    say(f"{len(found)} breaks" + (f": {_sums(found)}" if found else ""))


def _sums(found: list[BreakRecord]) -> str:
    from connector.reconciliation.log_rows import figure_text

    sums: dict[str, Any] = {}
    for record in found:
        if record.amount is not None:
            sums[record.currency] = sums.get(record.currency, 0) + record.amount
    texts = [
        f"{figure_text(total, currency)} {currency}" for currency, total in sorted(sums.items())
    ]
    return ", ".join(texts) or "no amounts"


def _is_in(record: BreakRecord, state: StateFilter, today: date) -> bool:
    if state is StateFilter.OVERDUE:
        return record.is_overdue(today)
    return state is StateFilter.ALL or record.state.value == state.value


def _is_of(record: BreakRecord, owner: str) -> bool:
    from connector.reconciliation.sign_off import same_person

    if not owner:
        return True
    return not record.owner if owner == "nobody" else same_person(owner, record.owner)


def break_json(record: BreakRecord, today: date) -> dict[str, Any]:
    """Return a break as it stands as JSON values, amounts as text."""
    found, acceptance = record.difference, record.acceptance
    return {
        "id": record.id,
        "state": record.state.value,
        "code": found.code.value,
        "severity": found.severity.value,
        "about": found.subject,
        "keys": {key.name: key.value for key in found.keys},
        "company_code": found.scope.company_code,
        "currency": found.scope.currency,
        "outside": None if found.outside.amount is None else str(found.outside.amount.amount),
        "erp": None if found.erp.amount is None else str(found.erp.amount.amount),
        "difference": None if record.amount is None else str(record.amount),
        "text": found.text,
        "since": found.since.isoformat(),
        "first_seen_on": record.first_seen_on.isoformat(),
        "age_days": record.age_days(today),
        "reopened_on": [each.isoformat() for each in record.reopened_on],
        "resolved_on": record.resolved_on.isoformat() if record.resolved_on else None,
        "owner": record.owner,
        "due_on": record.due_on.isoformat() if record.due_on else None,
        "is_overdue": record.is_overdue(today),
        "cause": dict(record.cause),
        "comments": [
            {"at": each.at.isoformat(), "by": each.by, "text": each.text}
            for each in record.comments
        ],
        "accepted": None
        if acceptance is None
        else {
            "at": acceptance.at.isoformat(),
            "by": acceptance.by,
            "reason": acceptance.reason,
            "amount": None if acceptance.amount is None else str(acceptance.amount),
        },
        "run_id": record.run_id,
    }
