"""Connector and simulated ERP in one process, either of which may die, lose lines or lag."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from connector.bootstrap.simulator import LocalSimulator
from connector.errors import ConfigurationError
from connector.ports.store_records import FlowView
from connector.resources import shipped
from connector.simulator.http.front import HttpFront
from connector.store.sql_store import SqlStore
from connector.sync.actions import retry
from connector.sync.context import SyncContext
from connector.sync.passes import run_pass
from connector.sync.plan import Plan, load_plan
from tests.proof.invariants import Evidence
from tests.proof.orders import START, Wanted
from tests.proof.watch import Killed, Watch
from tests.scenarios.profiled import an_installation
from tests.scenarios.simulated import Company, a_company
from tests.sync.world import ListChannel

CHANNEL: Final = "portal"
_LONG_ENOUGH_S: Final = 30


def all_created() -> Plan:
    """Return a plan in which the connector creates everything and sends changes."""
    plan = load_plan(shipped("config/plans/presales.yaml"))
    absent = load_plan(shipped("config/plans/standard.yaml")).inquiry
    return plan.model_copy(update={"name": "all", "inquiry": absent, "quotation": absent})


@dataclass
class ProvenCompany:
    """A company that is watched; every method leaves it usable, whatever went wrong inside."""

    company: Company
    watch: Watch
    #: The ERP's faces over HTTP, where the connector goes over them.
    front: HttpFront | None = None
    sent: list[Wanted] = field(default_factory=list)
    lives: int = 0

    @property
    def context(self) -> SyncContext:
        return self.company.context

    def receive(self, *orders: Wanted) -> None:
        """Let *orders* arrive, and run a pass that may die."""
        self.sent += orders
        self._pass(self.context, orders)

    def run(self) -> None:
        """Run a pass that may die."""
        self._pass(self.context, ())

    def restart(self) -> None:
        """The process is gone; another one takes its place."""
        self.lives += 1
        self.company.context = replace(self.context, owner=f"life {self.lives}")

    def overtaken(self) -> None:
        """
        A worker stands still where the watch says; another takes over; then the first goes on.
        """
        stands, may_go_on = threading.Event(), threading.Event()

        def stand_still() -> None:
            stands.set()
            may_go_on.wait(_LONG_ENOUGH_S)

        self.watch.stopped = stand_still
        old = self.context
        zombie = threading.Thread(target=self._pass, args=(old, ()), daemon=True)
        zombie.start()
        while zombie.is_alive() and not stands.is_set():
            zombie.join(0.005)
        if stands.is_set():
            self.lives += 1
            self.company.context = replace(old, owner=f"life {self.lives}")
            for _ in range(3):
                self.later(seconds=old.options.lease_s + 1)
                self.run()
        may_go_on.set()
        zombie.join(_LONG_ENOUGH_S)
        self.watch.stop_at = None

    def later(self, **by: float) -> None:
        """
        Let time pass for both sides.

        What the ERP holds back happens within the settle time: an update that takes longer than
        the settings say is beyond what the connector promises.
        """
        passed = timedelta(**by)
        within = min(passed, timedelta(seconds=self.context.options.settle_s / 2))
        self.company.simulated.advance(within)
        if passed > within:
            self._release_held()
            self.company.simulated.advance(passed - within)

    def heal(self) -> None:
        """Everything works again, and what was held back happens."""
        self.watch.kill_at = self.watch.stop_at = None
        self.company.face.faults.clear()
        self.company.simulated.faults.clear()
        if self.front is not None:
            self.front.faults.clear()
        self._release_held()

    def come_to_rest(self) -> None:
        """Heal, let people retry what is held, and let time pass until nothing moves any more."""
        self.heal()
        for round_number in range(10):
            self.later(hours=2)
            if self.front is not None:
                # A journal entry clears nothing: the ERP's own run does.
                self.company.simulated.run_job("automatic clearing")
            self.run()
            if round_number in (3, 6):
                self._retry_what_is_held()
        self.later(days=1)
        self.run()
        self.run()

    def _release_held(self) -> None:
        self.company.face.release_held()
        if self.front is not None:
            self.front.release_held()
        self.company.simulated.release_updates()

    def _retry_what_is_held(self) -> None:
        for view in self.views():
            if view.holds and view.flow.closed_at is None:
                retry(self.context.store, self.context.clock, view.flow.id, by="somebody")

    def views(self) -> tuple[FlowView, ...]:
        """Return all flows."""
        flows = self.context.store.flows
        return flows.views(flows.ids(limit=100_000))

    def evidence(self) -> Evidence:
        """Return both sides as they are at rest, after everything was replayed once more."""
        before = self._picture()
        replayed = list(self.sent)
        self._pass(self.context, replayed)
        self.later(hours=2)
        self.run()
        after = self._picture()
        return Evidence(
            store=self.context.store,
            erp=self.company.simulated,
            accepted=frozenset(order.external_id for order in self.sent),
            now=self.context.clock.now(),
            seen_on_the_way=tuple(self.watch.problems),
            changed_by_replay=tuple(sorted(before ^ after)),
        )

    def _picture(self) -> set[str]:
        counts = self.company.simulated.document_counts()
        picture = {f"the ERP has {count} {kind}" for kind, count in counts.items()}
        for view in self.views():
            flow = view.flow
            steps = [(s.operation, s.sequence_key, s.state, s.numbers) for s in view.steps]
            closed = flow.closed_at is not None
            picture.add(f"{flow.external_id}: version {flow.version}, closed {closed}, {steps}")
        return picture

    def _pass(self, context: SyncContext, orders: Sequence[Wanted]) -> None:
        channels = [ListChannel([order.message() for order in orders], CHANNEL)] if orders else []
        try:
            with suppress(ConfigurationError):
                run_pass(context, channels)
        except Killed:
            self.restart()


@contextmanager
def a_proven_company(folder: Path, profile: str = "ecc") -> Iterator[ProvenCompany]:
    """Yield a company on a system of *profile* with the watch in place."""
    with _a_company(folder, profile) as (company, front):
        watch = Watch()
        company.context = replace(company.context, on_point=watch, owner="life 0")
        yield ProvenCompany(company, watch, front)


@contextmanager
def _a_company(folder: Path, profile: str) -> Iterator[tuple[Company, HttpFront | None]]:
    times: dict[str, Any] = {"settle_s": 120, "lease_s": 60}
    if profile == "ecc":
        with a_company(
            folder,
            day=START.date(),
            channel=CHANNEL,
            plan=all_created(),
            engine={"active_jobs": frozenset()},
            workers=1,
            **times,
        ) as company:
            yield company, None
        return
    with an_installation(
        folder, profile, day=START.date(), channel=CHANNEL, plan=all_created(), sync=times
    ) as installation:
        application = installation.application
        simulator, store = application.simulator, application.store
        assert isinstance(simulator, LocalSimulator)
        assert isinstance(store, SqlStore)
        company = Company(
            clock=simulator.clock,
            simulated=simulator.erp,
            face=simulator.face,
            store=store,
            context=application.context,
            channel=CHANNEL,
        )
        yield company, simulator.front
