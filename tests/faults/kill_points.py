"""
Kills at the points of writes: tell a story, kill the connector there, restart it, compare.

Connector and ERP are real processes, and the kill is SIGKILL. Each story is told once undisturbed:
what it passes on the way are the places to kill at, and what it leaves in the ERP is what every
disturbed telling must leave as well, no more and no less.
"""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Protocol

from connector.ports.erp import Point
from connector.ports.step_state import FINAL, Operation, StepState
from connector.ports.store_records import FlowView
from connector.settings import load_settings
from connector.store.sql_store import open_reader
from connector.sync.progress import stage_of
from tests.faults.connector_process import Assignment, Blow, Mark, Note, prepare, start
from tests.faults.erp_process import ErpProcess
from tests.faults.kill_stories import Story, payment_reference, story

#: The engine's name for what an operation does.
ENGINE_OPERATIONS: Final = {
    Operation.CHANGE_QUOTATION: "change sales document",
    Operation.CHANGE_SALES_ORDER: "change sales document",
    Operation.RELEASE_BILLING_BLOCK: "change sales document",
    Operation.CREATE_DELIVERY: "create deliveries",
    Operation.POST_GOODS_ISSUE: "confirm delivery",
    Operation.REVERSE_GOODS_ISSUE: "reverse goods issue",
    Operation.CREATE_BILLING_DOCUMENT: "create billing documents",
    Operation.CANCEL_BILLING_DOCUMENT: "cancel billing document",
    Operation.POST_PAYMENT: "*",
}
#: Points around the commit, where it makes a difference when the ERP commits.
AROUND_THE_COMMIT: Final = (Point.COMMIT_SENT, Point.COMMIT_ANSWERED, Point.READ_BACK)
#: Kinds of documents whose numbers the store holds.
DOCUMENTS: Final = frozenset("ABCHIJKLMNOPST") | {"payment"}
_PATIENCE_S: Final = 90


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a story leaves: documents in the ERP by kind, and the flow at its end."""

    documents: Mapping[str, int]
    stage: str
    steps: tuple[tuple[str, str], ...]
    holds: tuple[str, ...]

    def difference(self, other: Outcome) -> str:
        """Say in what *other* is not the same; empty when it is."""
        for what in ("documents", "stage", "steps", "holds"):
            mine, theirs = getattr(self, what), getattr(other, what)
            if mine != theirs:
                return f"{what}: {theirs} instead of {mine}"
        return ""


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """A story told on a kind of system without any trouble."""

    story: str
    profile: str
    outcome: Outcome
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """Where to kill in which story, and whether the ERP commits only after that."""

    told: Undisturbed
    at: Mark
    late: bool = False

    def __str__(self) -> str:
        when = "late" if self.late else "at once"
        return f"{self.told.profile}, {self.told.story}: {self.at}, {when}"


class Told(Protocol):
    """Any kill in a story."""

    @property
    def told(self) -> Undisturbed:
        """The story without it."""
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a case. ``problem`` is empty when all is as in the undisturbed story."""

    case: Told
    outcome: Outcome
    problem: str = ""

    @property
    def lost(self) -> int:
        """How many documents are missing."""
        return _excess(self.case.told.outcome.documents, self.outcome.documents)

    @property
    def doubled(self) -> int:
        """How many documents there are too many."""
        return _excess(self.outcome.documents, self.case.told.outcome.documents)


def _excess(more: Mapping[str, int], less: Mapping[str, int]) -> int:
    return sum(max(count - less.get(kind, 0), 0) for kind, count in more.items())


@dataclass
class Stage:
    """One kind of system: its ERP, and a folder of its own for each telling."""

    profile: str
    folder: Path
    erp: ErpProcess
    told: int = field(default=1000)

    def next_order(self) -> tuple[str, Path]:
        """Return the id of the next order, and the folder of the connector that gets it."""
        self.told += 1
        return f"EXT-{self.told}", self.folder / str(self.told)

    def assignment(self, told: Story, **more: Any) -> Assignment:
        """Return the assignment to tell *told* with the next order."""
        external_id, folder = self.next_order()
        prepare(folder, told, self.profile, self.erp.addresses)
        return Assignment(folder, told.name, external_id, self.erp.addresses["address"], **more)

    def outcome(self, assignment: Assignment) -> tuple[Outcome, str]:
        """Return what there is of an order now, and what of it does not agree."""
        reference = assignment.external_id
        found = self.erp.found(reference, payment_reference(reference))
        views = views_of(assignment.folder)
        steps = [step for view in views for step in view.steps]
        outcome = Outcome(
            {kind: len(numbers) for kind, numbers in sorted(found.items())},
            ", ".join(sorted(stage_of(view).value for view in views)),
            tuple(sorted((step.operation.value, step.state.value) for step in steps)),
            tuple(sorted(hold.reason for view in views for hold in view.holds)),
        )
        # Over OData returns deliveries are out of sight.
        unseen = "" if self.profile == "ecc" else "T"
        return outcome, _disagreement(found, views, unseen)


def undisturbed(stage: Stage, told: Story) -> Undisturbed:
    """Tell a story without any trouble."""
    assignment = stage.assignment(told)
    wait_for(start(assignment))
    outcome, problem = stage.outcome(assignment)
    if problem or Note(assignment.folder).phase < len(told.phases):
        raise RuntimeError(f"{stage.profile}, {told.name}: {problem or 'stuck'}: {outcome}")
    passed = json.loads((assignment.folder / "passed.json").read_text("utf-8"))
    return Undisturbed(told.name, stage.profile, outcome, tuple(map(Mark.of, passed)))


def cases(told: Undisturbed) -> Iterator[Case]:
    """Yield a case for each place that the story passes, and for the refusals that it could."""
    for mark in told.marks:
        yield Case(told, mark)
        if mark.point in AROUND_THE_COMMIT:
            yield Case(told, mark, late=True)
    for operation, turn in dict.fromkeys((mark.operation, mark.turn) for mark in told.marks):
        yield Case(told, Mark(operation, turn, _refusal(told, operation, turn)))


def _refusal(told: Undisturbed, operation: Operation, turn: int) -> Point:
    """Return the point at which a refusal is passed: RFC rolls back, one request refuses."""
    rolls_back = Mark(operation, turn, Point.CREATE_ANSWERED) in told.marks
    return Point.ROLLBACK_SENT if rolls_back else Point.COMMIT_REFUSED


def prove(case: Case, stage: Stage, *, naive: bool = False) -> Verdict:
    """Tell the story, kill where the case says, let a late commit happen, restart, compare."""
    told = story(case.told.story)
    assignment = stage.assignment(told, blow=_blow(case), naive=naive)
    releases = case.late and case.at.point is Point.READ_BACK
    was_killed = wait_for(start(assignment), stage.erp if releases else None)
    again = replace(assignment, blow=Blow())
    if case.late and not releases:
        # The client is gone and the commit has not happened: nothing must be concluded from that.
        wait_for(start(replace(again, glance=True)))
        if not stage.erp.release():
            outcome, _ = stage.outcome(assignment)
            return Verdict(case, outcome, "the commit was not late")
    stage.erp.control("clear all")
    wait_for(start(again))
    outcome, problem = stage.outcome(assignment)
    if not was_killed:
        problem = "was not killed there"
    return Verdict(case, outcome, problem or case.told.outcome.difference(outcome))


def _blow(case: Case) -> Blow:
    mark = case.at
    if mark.point in (Point.ROLLBACK_SENT, Point.COMMIT_REFUSED):
        on = ENGINE_OPERATIONS.get(mark.operation, "create sales document")
        refuse = ("inject in engine", {"name": "return E", "on": on, "times": 1})
        before = Mark(mark.operation, mark.turn, Point.AFTER_INTENT)
        return Blow(mark, before=before, injections=(refuse,))
    if not case.late:
        return Blow(mark)
    delayed = ("inject in engine", {"name": "commit delayed until released", "on": "commit"})
    if mark.point is Point.COMMIT_ANSWERED:
        sent = replace(mark, point=Point.COMMIT_SENT)
        return Blow(mark, before=_before(case, sent), injections=(delayed,))
    last = _last_commit(case) if mark.point is Point.READ_BACK else mark
    rolls_back = Mark(mark.operation, mark.turn, Point.CREATE_ANSWERED) in case.told.marks
    held: tuple[str, dict[str, Any]] = ("inject", {"name": "commit late"})
    if not rolls_back:
        held = ("inject http", {"name": "commit late", "on": "P* /sap/*"})
        if case.told.profile == "ecc" or _is_rfc(case):
            held = ("inject", {"name": "commit late", "on": "*"})
    return Blow(mark, before=_before(case, last), injections=(held,))


def _is_rfc(case: Case) -> bool:
    return case.told.profile == "s4-mixed" and case.at.operation in (
        Operation.CREATE_INQUIRY,
        Operation.CREATE_BILLING_DOCUMENT,
        Operation.CANCEL_BILLING_DOCUMENT,
    )


def _last_commit(case: Case) -> Mark:
    own = (case.at.operation, case.at.turn, Point.COMMIT_SENT)
    return [m for m in case.told.marks if (m.operation, m.turn, m.point) == own][-1]


def _before(case: Case, mark: Mark) -> Mark:
    """Return the place that is passed last before *mark*."""
    return case.told.marks[case.told.marks.index(mark) - 1]


def wait_for(process: Any, releasing: ErpProcess | None = None) -> bool:
    """
    Wait until a connector process has ended; returns whether it was killed.

    With *releasing* what the ERP holds back is released while the process waits for it.
    """
    deadline = time.monotonic() + _PATIENCE_S
    while process.is_alive() and time.monotonic() < deadline:
        process.join(0.02 if releasing else _PATIENCE_S)
        if releasing and releasing.control("held"):
            releasing.release()
    if process.is_alive():
        process.kill()
        process.join()
        raise RuntimeError(f"a connector process did not end within {_PATIENCE_S} s")
    code = process.exitcode
    process.close()
    if code not in (0, -signal.SIGKILL):
        raise RuntimeError(f"a connector process ended with {code}")
    return bool(code == -signal.SIGKILL)


def views_of(folder: Path) -> tuple[FlowView, ...]:
    """Return the orders of the store in *folder*."""
    store = open_reader(load_settings(folder / "connector.yaml").store.url)
    try:
        return tuple(store.all_views())
    finally:
        store.close()


def _disagreement(
    found: Mapping[str, Sequence[str]], views: Sequence[FlowView], unseen: str
) -> str:
    """Say in what store and ERP do not agree, or what is unfinished; empty when nothing is."""
    steps = [step for view in views for step in view.steps]
    unfinished = [step for step in steps if step.state not in FINAL]
    if unfinished:
        return f"{unfinished[0].operation} stays {unfinished[0].state}"
    return numbers_that_differ(found, views, unseen)


def numbers_that_differ(
    found: Mapping[str, Sequence[str]], views: Sequence[FlowView], unseen: str = ""
) -> str:
    """Say which numbers only one side knows; the store need not know those of kinds *unseen*."""
    kinds = {kind: set(numbers) for kind, numbers in found.items() if kind in DOCUMENTS}
    there = set().union(*kinds.values())
    must_know = set().union(*(numbers for kind, numbers in kinds.items() if kind not in unseen))
    noted = {
        number
        for view in views
        for step in view.steps
        if step.state is StepState.DONE
        for number in step.numbers
    }
    mirrored = {document.number for view in views for document in view.sales_documents}
    mirrored |= {document.number for view in views for document in view.deliveries}
    mirrored |= {document.number for view in views for document in view.billing_documents}
    if noted - there:
        return f"the steps say {sorted(noted - there)}, which the ERP does not have"
    if mirrored - there:
        return f"the mirror shows {sorted(mirrored - there)}, which the ERP does not have"
    if unknown := must_know - noted - mirrored:
        return f"the ERP has {sorted(unknown)}, which the store does not know"
    return ""
