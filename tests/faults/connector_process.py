"""The connector in a process of its own, to which something happens at one point of one write."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Self

import yaml

from connector.bootstrap.application import Application
from connector.clock import ManualClock
from connector.ports.erp import Point
from connector.ports.step_state import Operation
from connector.ports.store_records import Step
from connector.resources import shipped
from connector.settings import load_settings
from connector.simulator.rfc.exceptions import CommunicationError
from connector.simulator.rfc.remote import RemoteControl
from connector.store.migrate import is_unmade, upgrade
from connector.store.sql_store import open_beside
from connector.sync.actions import retry
from connector.sync.context import PendingStep
from connector.sync.passes import run_pass
from tests.faults.erp_process import NOW, be_quiet, erp_settings, processes
from tests.faults.kill_stories import CHANNEL, Phase, Story, Teller, story

#: Between two passes, on the connector's clock: longer than it lets a doubt settle.
STEP_S: Final = 121
#: Passes after which a phase counts as stuck.
MOST_PASSES: Final = 14


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """
    A place in a story: the *turn*-th step of *operation*, the *time*-th time it passes *point*.

    Both count from 1.
    """

    operation: Operation
    turn: int
    point: Point
    time: int = 1

    def __str__(self) -> str:
        turn = f" ({self.turn})" if self.turn > 1 else ""
        again = f" ({self.time})" if self.time > 1 else ""
        return f"{self.operation}{turn}, {self.point}{again}"

    def plain(self) -> list[Any]:
        """Return it as JSON values."""
        return [self.operation.value, self.turn, self.point.value, self.time]

    @classmethod
    def of(cls, plain: list[Any]) -> Self:
        """Return what `plain` has written."""
        return cls(Operation(plain[0]), plain[1], Point(plain[2]), plain[3])


@dataclass(frozen=True, slots=True)
class Blow:
    """
    What happens at *at*: a signal to *victim* (0: the connector itself).

    At *before*, faults are injected (control and arguments), so that they strike what comes next.
    """

    at: Mark | None = None
    signal: int = signal.SIGKILL
    victim: int = 0
    before: Mark | None = None
    injections: tuple[tuple[str, dict[str, Any]], ...] = ()


@dataclass(frozen=True, slots=True)
class Assignment:
    """
    What a connector process is to do: tell *story* on from where it stands, in *folder*.

    With *glance* it runs one pass and ends. *naive* replaces the resolution of doubts: what may
    have been posted is simply sent again. *shared* opens the store without the writer's lock, as
    one that several workers share. *late_s* is how much later it is than the story's last note.
    """

    folder: Path
    story: str
    external_id: str
    address: str
    blow: Blow = Blow()
    glance: bool = False
    naive: bool = False
    shared: bool = False
    late_s: float = 1
    retries: bool = False
    #: Something that happens elsewhere than at a point of a write; see `kill_moments`.
    moment: Any = None


def prepare(folder: Path, told: Story, profile: str, addresses: dict[str, str]) -> None:
    """Write the settings of a connector that tells *told* into *folder*."""
    inbox, plans = folder / "inbox", folder / "plans"
    for each in (inbox, plans):
        each.mkdir(parents=True)
    content = told.plan(profile).model_dump(mode="json", exclude={"name"})
    (plans / "story.yaml").write_text(yaml.safe_dump(content), "utf-8")
    config = shipped("config")
    settings = {
        "store": {"url": "sqlite:///store.sqlite3"},
        "plans": str(plans),
        "erp": erp_settings(profile, **addresses),
        "channels": {
            CHANNEL: {
                "path": str(inbox),
                "settle_s": 0,
                "profile": str(config / f"channels/{CHANNEL}.yaml"),
                "rules": str(config / f"mappings/{CHANNEL}.yaml"),
                "plan": "story",
            }
        },
        "sync": {"workers": 1, "intake_batch": 2},
        "log": {"level": "error"},
    }
    (folder / "connector.yaml").write_text(yaml.safe_dump(settings), "utf-8")


def start(assignment: Assignment) -> Any:
    """Start a connector process and return it."""
    process = processes.Process(target=run, args=(assignment,), daemon=True)
    process.start()
    return process


def run(assignment: Assignment) -> None:
    """Do what *assignment* says; this is the process's main function."""
    be_quiet()
    if assignment.moment is not None:
        assignment.moment.arm()
    folder = assignment.folder
    note = Note(folder)
    clock = ManualClock(NOW + timedelta(seconds=note.second + assignment.late_s))
    host, _, port = assignment.address.rpartition(":")
    settings = load_settings(folder / "connector.yaml")
    watch = Watch(assignment, (host, int(port)))
    with Application(settings, clock) as application:
        if assignment.shared:
            _share(application)
        application.__dict__["context"] = replace(application.context, on_point=watch)
        # Opened when it is first used: kills may come before.
        with RemoteControl(host, int(port)) as control:
            teller = Teller(
                application,
                control,
                assignment.external_id,
                settings.erp.profile,
                folder / "inbox",
            )
            if assignment.retries:
                _retry(application)
            _tell(assignment, teller, clock, note)
    watch.write(folder / "passed.json")


def _tell(assignment: Assignment, teller: Teller, clock: ManualClock, note: Note) -> None:
    told = story(assignment.story)
    for number in range(note.phase, len(told.phases)):
        phase = told.phases[number]
        note.write(number, clock)
        phase.act(teller)
        if not _live_through(assignment, phase, teller, clock, note):
            return
    # Nothing more must happen now, whatever is read once more.
    note.write(len(told.phases), clock)
    for _ in range(2):
        _pass(assignment, teller, told.phases[-1])
        clock.advance(timedelta(seconds=STEP_S))
    note.write(len(told.phases), clock)


def _live_through(
    assignment: Assignment, phase: Phase, teller: Teller, clock: ManualClock, note: Note
) -> bool:
    for _ in range(1 if assignment.glance else MOST_PASSES):
        with suppress(CommunicationError):
            # The ERP itself may be the victim: then its jobs do not run either.
            _pass(assignment, teller, phase)
        note.write(note.phase, clock)
        if assignment.glance:
            return False
        if phase.reached(teller):
            return True
        clock.advance(timedelta(seconds=STEP_S))
    return False


def _pass(assignment: Assignment, teller: Teller, phase: Phase) -> None:
    if assignment.naive:
        _send_again(assignment.folder / "store.sqlite3")
    application = teller.application
    channels = [setup.channel for setup in application.channels.values()]
    run_pass(application.context, channels)
    _jobs(teller, phase)
    if teller.profile != "ecc":
        run_pass(application.context)


def _jobs(teller: Teller, phase: Phase) -> None:
    """The ERP's own jobs do what the connector does not do on this system."""
    if teller.profile == "s4" and phase.bills:
        teller.control("run job", job="billing due list")
    if teller.profile != "ecc" and phase.bills:
        teller.control("run job", job="automatic clearing")


class Note:
    """How far the story is told, and on which second of its clock; survives the process."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "note.json"
        self.phase, self.second = 0, 0.0
        if self._file.exists():
            self.phase, self.second = json.loads(self._file.read_text("utf-8"))

    def write(self, phase: int, clock: ManualClock) -> None:
        """Note it."""
        self.phase, self.second = phase, (clock.now() - NOW).total_seconds()
        new = self._file.with_suffix(f".{os.getpid()}")
        new.write_text(json.dumps([self.phase, self.second]), "utf-8")
        new.replace(self._file)


class Watch:
    """Counts the points that are passed, and strikes at the one that the assignment names."""

    def __init__(self, assignment: Assignment, erp: tuple[str, int]) -> None:
        self._blow = assignment.blow
        self._folder = assignment.folder
        self._erp = erp
        self._turns: dict[Operation, list[str]] = {}
        self._times: dict[tuple[Operation, int, Point], int] = {}
        self.passed: list[Mark] = []

    def __call__(self, point: Point, step: Step | PendingStep) -> None:
        turns = self._turns.setdefault(step.operation, [])
        if step.sequence_key not in turns:
            turns.append(step.sequence_key)
        turn = turns.index(step.sequence_key) + 1
        key = (step.operation, turn, point)
        self._times[key] = self._times.get(key, 0) + 1
        mark = Mark(step.operation, turn, point, self._times[key])
        self.passed.append(mark)
        if mark == self._blow.before:
            self._inject()
        if mark == self._blow.at:
            self._strike()

    def write(self, file: Path) -> None:
        """Write the points that were passed."""
        file.write_text(json.dumps([mark.plain() for mark in self.passed]), "utf-8")

    def _inject(self) -> None:
        with RemoteControl(*self._erp) as control:
            for name, arguments in self._blow.injections:
                control(name, **arguments)

    def _strike(self) -> None:
        (self._folder / "struck").touch()
        os.kill(self._blow.victim or os.getpid(), self._blow.signal)
        # Whoever is stopped goes on for a moment before it stands still, and whoever is killed
        # elsewhere may answer for a moment more.
        time.sleep(0.1)


def _retry(application: Application) -> None:
    """A person has removed the cause of what is held."""
    for view in tuple(application.store.all_views()):
        if view.holds:
            retry(application.store, application.clock, view.flow.id, by="anna")


def _share(application: Application) -> None:
    """Open the store as one of several workers does: without the lock of a single writer."""
    url = application.settings.store.url
    if is_unmade(url):
        upgrade(url)
    store = open_beside(url)
    application._open.callback(store.close)
    application.__dict__["_store"] = store


def _send_again(database: Path) -> None:
    """What a connector without doubts would do: send again what was not confirmed."""
    with sqlite3.connect(database) as connection:
        connection.execute(
            "UPDATE step SET state = 'waiting to retry', due_at = NULL, lease_owner = '', "
            "lease_until = NULL WHERE state IN ('commit sent', 'read back', 'in doubt')"
        )
    connection.close()
