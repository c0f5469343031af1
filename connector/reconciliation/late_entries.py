"""
What was entered after earlier runs with a posting date of their time, and what that changes.

The ERP names the day of entry, no time; a run therefore seals which lines of its own day it knew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from connector.ports.erp import OpenItems
from connector.ports.reconciliation import NewEntry
from connector.reconciliation.chain_of_runs import FinishedRun
from connector.reconciliation.differences import Scope
from connector.reconciliation.figures import changed_figures, figures_of
from connector.reconciliation.item_movements import late_document, late_lines, line_name
from connector.reconciliation.items_and_ledger import scope_of
from connector.reconciliation.report import ReconciliationRun
from connector.reconciliation.restatement import Restatement
from connector.reconciliation.sign_off import void_entry
from connector.sd_documents.payment import CustomerItem
from connector.sd_documents.values import Money

#: Lines that were posted in so many days are read at a time.
_AT_A_TIME: Final = timedelta(days=7)
#: Lines with posting dates so far ahead of the day of reading are not looked for.
_AHEAD: Final = timedelta(days=366)
#: More lines than these are not sealed one by one; what is late of that day is then not told.
_MOST_SEALED: Final = 50_000
#: How many documents a void sign-off names.
_NAMED: Final = 20


@dataclass(slots=True)
class EnteredLines:
    """Reads customer lines: those of a time, and those that were entered late, the latter once."""

    port: OpenItems
    company_codes: Sequence[str]
    currencies: Sequence[str] = ()
    _answers: dict[tuple[date, date], tuple[CustomerItem, ...]] = field(default_factory=dict)

    def read(self, posted_until: date, *, entered_from: date) -> tuple[CustomerItem, ...]:
        """Return the lines of the company codes and currencies; raises what the port raises."""
        key = posted_until, entered_from
        if key not in self._answers:
            self._answers[key] = tuple(self._ask(posted_until, entered_from=entered_from))
        return self._answers[key]

    def _ask(
        self,
        posted_until: date,
        *,
        posted_after: date | None = None,
        entered_from: date | None = None,
    ) -> Iterator[CustomerItem]:
        return (
            line
            for code in self.company_codes
            for line in self.port.posted_items(
                code,
                posted_until=posted_until,
                posted_after=posted_after,
                entered_from=entered_from,
            )
            if not self.currencies or line.amount.currency in self.currencies
        )

    def posted_between(self, after: date, until: date) -> Iterator[CustomerItem]:
        """Yield what was posted after one day until another; only some days are held at a time."""
        while after < until:
            last = min(after + _AT_A_TIME, until)
            yield from self._ask(last, posted_after=after)
            after = last

    def later_than(self, earlier: FinishedRun) -> tuple[CustomerItem, ...]:
        """Return what was posted until the key date of *earlier*, and entered after it."""
        lines = self.read(earlier.key_date, entered_from=earlier.extracted_on)
        return late_lines(lines, earlier)

    def entered_since(self, day: date) -> tuple[str, ...]:
        """Return the names of the lines entered on *day* or later, to be sealed with the run."""
        lines = self.read(day + _AHEAD, entered_from=day)
        return tuple(line_name(line) for line in lines[:_MOST_SEALED])


def restatement(
    run: ReconciliationRun, earlier: FinishedRun, late: Iterable[CustomerItem]
) -> Restatement:
    """Return how *run* differs from the *earlier* one for its key date; empty when it does not."""
    late = sorted(late, key=line_name)
    moved: dict[Scope, Decimal] = defaultdict(Decimal)
    for line in late:
        moved[scope_of(line)] -= line.amount.amount
    for row in run.ageing:
        moved[row.scope] += row.total.amount
    for scope, amount in earlier.details.balances.items():
        moved[scope] -= amount
    return Restatement(
        earlier=earlier.as_previous,
        figures=changed_figures(earlier.details.figures, figures_of(run)),
        documents=tuple(late_document(line) for line in late),
        unexplained=tuple(
            Money(amount=amount, currency=scope.currency)
            for scope, amount in sorted(moved.items(), key=lambda each: each[0].sort_key)
            if amount
        ),
    )


def void_sign_offs(
    run: ReconciliationRun,
    signed: Iterable[FinishedRun],
    checked: FinishedRun | None,
    lines: EnteredLines,
) -> Iterator[NewEntry]:
    """
    Yield the voids of the sign-offs of *signed* runs that do not hold any more.

    *checked* is the last run that has looked for late entries. Figures are compared where *run* is
    for the same key date and covers the same.
    """
    figures = figures_of(run)
    for each in signed:
        if each.key_date == run.header.key_date:
            changed = changed_figures(each.details.figures, figures)
            if changed:
                names = ", ".join(figure.name for figure in changed[:3])
                because = f"{len(changed)} figures of the key date have changed: {names}"
                yield void_entry(
                    each.run_id,
                    run.header.run_id,
                    because,
                    {"figures": [figure.model_dump(mode="json") for figure in changed]},
                )
                continue
        since = checked if checked is not None and checked.sequence > each.sequence else each
        found = [
            line
            for line in lines.read(each.key_date, entered_from=since.extracted_on)
            if not since.knew(line_name(line), line.entry_date)
        ]
        if found:
            because = (
                f"{len(found)} customer lines were entered later with a posting date until "
                f"{each.key_date.isoformat()}, the first {line_name(found[0])}"
            )
            documents = [late_document(line).model_dump(mode="json") for line in found[:_NAMED]]
            yield void_entry(each.run_id, run.header.run_id, because, {"documents": documents})
