"""
What a run does to the register of breaks: found, changed, resolved, reopened.

Only a live run that is complete does so; what a short or stale source does not show is not gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from connector.ports.reconciliation import EntryKind, NewEntry
from connector.reconciliation.break_codes import BreakCode
from connector.reconciliation.break_register import (
    BreakRecord,
    BreakRegister,
    BreakState,
    amounts_of_break,
)
from connector.reconciliation.breaks import stable_id
from connector.reconciliation.chain_of_runs import UNRELIABLE, Kind
from connector.reconciliation.differences import Break
from connector.reconciliation.report import ReconciliationRun, RunMode, Verdict

#: Finds the step or document that brought a break about; empty when nobody knows.
CauseFinder = Callable[[Break], Mapping[str, str]]

#: What makes a run incomplete is told by it all the same.
_OF_INCOMPLETE_RUNS: Final = frozenset({BreakCode.STALE_DATA})


def break_events(
    run: ReconciliationRun, register: BreakRegister, kind: Kind, cause_of: CauseFinder
) -> list[NewEntry]:
    """
    Return what *run* has to tell about breaks, given what the *register* knows.

    A break keeps its id while its amount changes. One that was accepted is reopened when the
    amount is another than the accepted one.
    """
    if run.header.mode is not RunMode.LIVE or run.verdict is Verdict.FAILED:
        return []
    is_complete = run.verdict not in UNRELIABLE
    found = {
        each.id: each for each in run.breaks if is_complete or each.code in _OF_INCOMPLETE_RUNS
    }
    events = list(_news(run, register, found, cause_of))
    if is_complete:
        events += _resolved(run, register, kind, found)
    return events


def _news(
    run: ReconciliationRun,
    register: BreakRegister,
    found: Mapping[str, Break],
    cause_of: CauseFinder,
) -> Iterator[NewEntry]:
    for difference in found.values():
        known = register.records.get(difference.id)
        news = _kind_of_news(known, difference)
        if news is None:
            continue
        what, why = news
        body = {
            **_run_facts(run),
            "difference": difference.model_dump(mode="json"),
            "cause": dict(cause_of(difference)),
            "before": dict(known.amounts) if known is not None else None,
            "after": amounts_of_break(difference),
        }
        if why:
            body["why"] = why
        yield NewEntry(what, difference.id, body)


def _kind_of_news(known: BreakRecord | None, found: Break) -> tuple[EntryKind, str] | None:
    if known is None:
        return EntryKind.BREAK_FOUND, ""
    if known.state is BreakState.RESOLVED:
        return EntryKind.BREAK_REOPENED, "found again"
    if known.amounts == amounts_of_break(found):
        return None
    if known.state is BreakState.ACCEPTED:
        return EntryKind.BREAK_REOPENED, "the amount is not the accepted one any more"
    return EntryKind.BREAK_CHANGED, ""


def _resolved(
    run: ReconciliationRun, register: BreakRegister, kind: Kind, found: Mapping[str, Break]
) -> Iterator[NewEntry]:
    pending = {each.id: each.break_on for each in run.pending}
    explained = {
        stable_id(each.code, ((key.name, key.value) for key in each.keys)): each.reason.value
        for each in run.explained
        if each.code is not None
    }
    for record in sorted(register.records.values(), key=lambda each: each.id):
        if record.state is BreakState.RESOLVED or record.id in found:
            continue
        if not kind.covers(record.company_code, record.scope_currency, record.found_with):
            continue
        how = "no longer found"
        if record.id in pending:
            how = f"a matter of time until {pending[record.id].isoformat()}"
        elif record.id in explained:
            how = f"explained: {explained[record.id]}"
        body = {**_run_facts(run), "how": how, "before": dict(record.amounts)}
        yield NewEntry(EntryKind.BREAK_RESOLVED, record.id, body)


def _run_facts(run: ReconciliationRun) -> dict[str, Any]:
    header = run.header
    return {
        "run_id": header.run_id,
        "key_date": header.key_date.isoformat(),
        "company_codes": sorted(header.company_codes),
    }
