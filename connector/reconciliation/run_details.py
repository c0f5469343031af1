"""The figures that a run seals in the log, for the runs that come after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from connector.ports.reconciliation import EntryKind, NewEntry, ReconciliationLog
from connector.reconciliation.differences import Scope
from connector.reconciliation.figures import (
    Figures,
    figures_from_json,
    figures_of,
    figures_to_json,
)
from connector.reconciliation.report import ReconciliationRun
from connector.reconciliation.roll_forward import Tally
from connector.reconciliation.valued_movements import valued_balances


@dataclass(frozen=True, slots=True)
class RunDetails:
    """
    What the log itself holds of the figures of a run, for those that come after it.

    ``balances`` are its open items per account, ``valued`` those in foreign currency once more in
    the company code's; None for a run that did not seal them. ``open_breaks`` count and sum per
    currency of the breaks that nobody has accepted. ``entered`` names the customer lines entered on
    the day of reading or later that the run has seen.
    """

    figures: Figures = field(default_factory=dict)
    balances: Mapping[Scope, Decimal] = field(default_factory=dict)
    valued: Mapping[Scope, Decimal] | None = None
    open_breaks: Mapping[str, Tally] = field(default_factory=dict)
    entered: frozenset[str] = frozenset()


class DetailsReader:
    """Reads the details of a run when somebody asks for them, once."""

    def __init__(self, log: ReconciliationLog, run_id: str) -> None:
        self._log, self._run_id = log, run_id
        self._details: RunDetails | None = None

    def read(self) -> RunDetails:
        """Return the details; empty for a failed run, or one kept before there was a chain."""
        if self._details is None:
            entries = self._log.entries([EntryKind.RUN_FIGURES], subject=self._run_id)
            self._details = _details(entries[-1].content) if entries else RunDetails()
        return self._details


def figures_entry(
    run: ReconciliationRun, open_breaks: Mapping[str, Tally], entered: Iterable[str]
) -> NewEntry:
    """Return the entry with what later runs need of *run*."""
    body = {
        "figures": figures_to_json(figures_of(run)),
        "balances": _balances_to_json({row.scope: row.total.amount for row in run.ageing}),
        "valued": _balances_to_json(valued_balances(run.identities)),
        "open_breaks": {
            currency: tally.model_dump(mode="json") for currency, tally in open_breaks.items()
        },
        "entered": sorted(entered),
    }
    return NewEntry(EntryKind.RUN_FIGURES, run.header.run_id, body)


def _balances_to_json(balances: Mapping[Scope, Decimal]) -> list[dict[str, Any]]:
    return [
        {"scope": scope.model_dump(mode="json"), "amount": str(amount)}
        for scope, amount in balances.items()
    ]


def _balances_from_json(content: Iterable[Mapping[str, Any]]) -> dict[Scope, Decimal]:
    return {Scope.model_validate(each["scope"]): Decimal(each["amount"]) for each in content}


def _details(body: Mapping[str, Any]) -> RunDetails:
    return RunDetails(
        figures=figures_from_json(body["figures"]),
        balances=_balances_from_json(body["balances"]),
        valued=_balances_from_json(body["valued"]) if "valued" in body else None,
        open_breaks={
            currency: Tally.model_validate(each) for currency, each in body["open_breaks"].items()
        },
        entered=frozenset(body["entered"]),
    )
