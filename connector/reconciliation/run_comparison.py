"""What two kept runs show otherwise: what they are about, figures, breaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from connector.reconciliation.differences import Break
from connector.reconciliation.figures import changed_figures, figures_of
from connector.reconciliation.report import ReconciliationRun
from connector.reconciliation.restatement import ChangedFigure


@dataclass(frozen=True, slots=True)
class RunDifference:
    """
    The second run seen from the first.

    ``header`` holds name, first and second value of what the runs are about, where they differ;
    instants are left out.
    """

    header: tuple[tuple[str, str, str], ...]
    figures: tuple[ChangedFigure, ...]
    new: tuple[Break, ...]
    gone: tuple[Break, ...]
    changed: tuple[tuple[Break, Break], ...]

    @property
    def is_empty(self) -> bool:
        """Whether both runs say the same, whatever they call themselves."""
        return not (self.figures or self.new or self.gone or self.changed or self.header)

    def to_json(self) -> dict[str, Any]:
        """Return the difference as JSON values, amounts as text."""
        return {
            "header": [{"name": n, "first": a, "second": b} for n, a, b in self.header],
            "figures": [each.model_dump(mode="json") for each in self.figures],
            "new": [each.model_dump(mode="json") for each in self.new],
            "gone": [each.model_dump(mode="json") for each in self.gone],
            "changed": [
                {"first": old.model_dump(mode="json"), "second": new.model_dump(mode="json")}
                for old, new in self.changed
            ],
        }


def compare_runs(first: ReconciliationRun, second: ReconciliationRun) -> RunDifference:
    """Compare two runs."""
    before = {each.id: each for each in first.breaks}
    after = {each.id: each for each in second.breaks}
    return RunDifference(
        header=tuple(_header(first, second)),
        figures=changed_figures(figures_of(first), figures_of(second)),
        new=tuple(each for id_, each in after.items() if id_ not in before),
        gone=tuple(each for id_, each in before.items() if id_ not in after),
        changed=tuple(
            (each, after[id_])
            for id_, each in before.items()
            if id_ in after
            and (each.difference, each.quantity_difference)
            != (after[id_].difference, after[id_].quantity_difference)
        ),
    )


def _header(first: ReconciliationRun, second: ReconciliationRun) -> list[tuple[str, str, str]]:
    def told(run: ReconciliationRun) -> dict[str, str]:
        header = run.header
        return {
            "verdict": run.verdict.value,
            "key date": header.key_date.isoformat(),
            "time zone": header.time_zone,
            "company codes": ", ".join(header.company_codes),
            "currencies": ", ".join(header.currencies),
            "rules": header.rules_sha256[:12],
            "program version": header.program_version,
        }

    one, other = told(first), told(second)
    return [(name, one[name], other[name]) for name in one if one[name] != other[name]]
