"""A run with all that is known around it, and all of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from connector.ports.reconciliation import Head
from connector.reconciliation.break_register import BreakRecord
from connector.reconciliation.chain_of_runs import UNRELIABLE
from connector.reconciliation.identities import ITEMS_TO_LEDGER
from connector.reconciliation.report import ReconciliationRun, Verdict
from connector.reconciliation.sign_off import SignOff
from connector.reports.run_report.parts import Part


@dataclass(frozen=True)
class RunReport:
    """
    What a report shows.

    ``records`` are the breaks as they stand in the register, by id; empty for a run that was not
    kept. ``head`` is the newest entry of the log, ``sign_off`` what was signed under this run.
    ``company`` is its name for people, empty where nobody told it.
    """

    run: ReconciliationRun
    records: Mapping[str, BreakRecord] = field(default_factory=dict)
    head: Head = field(default_factory=Head)
    sign_off: SignOff | None = None
    company: str = ""

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """All tables, in the order in which reports show them."""
        from connector.reports.run_report.all_parts import parts_of

        return parts_of(self)

    def part(self, name: str) -> Part:
        """Return one part; raises KeyError for a name that no part has."""
        return {each.name: each for each in self.parts}[name]

    @property
    def tone(self) -> str:
        """
        How the verdict is coloured: good, waiting, or bad.

        Whatever is not complete is bad: a run that saw half of everything has nothing to show.
        """
        if self.run.verdict is Verdict.RECONCILED:
            return "good"
        return "waiting" if self.run.verdict is Verdict.WITH_PENDING else "bad"

    @property
    def has_figures(self) -> bool:
        """Whether anything was compared; a failed run has nothing, not even zeros, to show."""
        return self.run.verdict is not Verdict.FAILED

    @property
    def may_be_signed(self) -> bool:
        """Whether the run is one that people can sign."""
        return self.run.verdict not in UNRELIABLE

    @property
    def problems(self) -> tuple[str, ...]:
        """Why the run must not be relied on; empty for one that may be."""
        run = self.run
        found = [run.failure] if run.failure else []
        found += [f"{each.name}: {text}" for each in run.sources for text in each.problems]
        found += [
            f"{each.number} {each.name} does not close: {each.difference} are left over"
            for each in run.identities
            if not each.holds and each.number != ITEMS_TO_LEDGER
        ]
        if run.roll_forward is not None:
            found += run.roll_forward.problems()
        return tuple(found)


#: What each verdict says to somebody who reads it for the first time.
MEANINGS: Mapping[Verdict, str] = {
    Verdict.RECONCILED: "Everything agrees or is explained.",
    Verdict.WITH_PENDING: "What is left is a matter of time.",
    Verdict.BREAKS: "A person must look at something.",
    Verdict.INCOMPLETE: "A source was short or stale, or an equation did not close: "
    "the figures must not be relied on.",
    Verdict.FAILED: "Nothing could be compared.",
}
