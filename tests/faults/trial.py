"""One order of a company whose ERP fails once, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from connector.bootstrap.faults import FaultWish
from connector.bootstrap.simulator import LocalSimulator
from connector.errors import ConfigurationError
from connector.ports.step_state import Operation, StepState
from connector.ports.store_records import EventKind, FlowView, Step
from connector.resources import shipped
from connector.simulator.engine.finance_records import AccountingDocument
from connector.sync.actions import retry
from connector.sync.passes import PassSummary
from connector.sync.plan import MadeBy, Plan, load_plan
from tests.scenarios.profiled import Installation, an_installation, changed

DAY: Final = date(2026, 3, 2)
ORDER: Final = "EXT-7001"
PAYMENT: Final = "B7001"
#: What the ERP has of an order that is complete.
ONE_OF_EACH: Final = {"sales": 1, "delivery": 1, "material": 1, "billing": 1, "payment": 1}


def plan_for_all() -> Plan:
    """Return a plan in which the connector makes everything, on the day itself."""
    return changed(
        load_plan(shipped("config/plans/presales.yaml")),
        inquiry={"by": MadeBy.ABSENT},
        quotation={"by": MadeBy.ABSENT},
    ).model_copy(update={"name": "all"})


def an_order(
    external_id: str, profile: str, *, pieces: int = 1, day: str = DAY.isoformat(), **more: Any
) -> dict[str, Any]:
    """Return an order of the portal, paid; on ECC the portal says when (*day*) the goods leave."""
    schedule = {"date": day, "quantity": str(pieces)}
    if profile == "ecc":
        schedule |= {"available_on": day, "issue_on": day}
    line = {"id": "10", "product": "M-01", "quantity": str(pieces), "unit": "PC", "price": "100.00"}
    payment = {
        "id": PAYMENT if external_id == ORDER else f"B-{external_id}",
        "method": "transfer",
        "amount": f"{119 * pieces}.00",
        "received_at": f"{DAY}T08:30:00+01:00",
    }
    return {
        "id": external_id,
        "ordered_at": f"{DAY}T08:00:00+01:00",
        "currency": "EUR",
        "customer": "1001",
        "requested_delivery_date": day,
        "lines": [{**line, "schedule": [schedule]}],
        "totals": {"tax": f"{19 * pieces}.00", "gross": f"{119 * pieces}.00"},
        "payments": [payment],
        **more,
    }


@dataclass
class Trial:
    """A company on a kind of system, and its one order."""

    installation: Installation
    profile: str

    @property
    def simulator(self) -> LocalSimulator:
        """The simulated ERP in this process, with its faces."""
        simulator = self.installation.application.simulator
        assert isinstance(simulator, LocalSimulator)
        return simulator

    def inject(self, part: str, name: str, on: str = "", **more: Any) -> None:
        """Let a fault of *part* (engine, rfc, http) wait."""
        struck = self.simulator.inject(FaultWish(name, on, part=part, **more))
        assert struck == part

    def waiting(self) -> int:
        """Return how many faults have not struck yet."""
        parts = self.simulator
        return sum(
            times
            for faults in (parts.erp.faults, parts.face.faults, parts.front.faults)
            for _, _, times in faults.waiting()
        )

    def receive(self, external_id: str = ORDER, **changes: Any) -> PassSummary | str:
        """Let the order arrive and run one pass; returns what stopped everything as text."""
        content = an_order(external_id, self.profile, **changes)
        file = self.installation.inbox.parent / f"{external_id}.json"
        file.write_text(json.dumps(content), "utf-8")
        try:
            return self.installation.receive(file)
        except ConfigurationError as error:
            return str(error)

    def run(self) -> PassSummary | str:
        """Run one pass, as `receive`."""
        try:
            return self.installation.run()
        except ConfigurationError as error:
            return str(error)

    @property
    def view(self) -> FlowView:
        """The flow of the order."""
        return self.installation.view(ORDER)

    def step(self, operation: Operation) -> Step | None:
        """Return the step of the order that does *operation*."""
        return self.view.step(operation)

    def events(self) -> list[EventKind]:
        """Return what happened to the order, in order."""
        store = self.installation.application.store
        return [event.kind for event in store.events.of_flow(self.view.flow.id)]

    def retry(self) -> None:
        """A person lets the order go on."""
        application = self.installation.application
        retry(application.store, application.clock, self.view.flow.id, by="anna")

    def later(self, **by: float) -> PassSummary | str:
        """Let time pass for both sides, and run a pass."""
        self.simulator.advance(timedelta(**by))
        return self.run()

    def settle(self) -> None:
        """Let what is held back happen, and time pass until nothing moves any more."""
        parts = self.simulator
        parts.face.release_held()
        parts.front.release_held()
        parts.erp.release_updates()
        for _ in range(5):
            self.later(minutes=3)
            paid = self.step(Operation.POST_PAYMENT)
            if paid is not None and paid.state is StepState.DONE:
                break
        self.later(hours=2)
        if self.view.flow.closed_at is None and self.profile != "ecc":
            # A journal entry clears nothing: the ERP's own run does.
            parts.erp.run_job("automatic clearing")
            self.later(minutes=1)

    def http_calls(self) -> int:
        """Return how many requests the ERP has had over HTTP."""
        return sum(self.simulator.front.call_log.counts().values())

    def documents(self) -> dict[str, int]:
        """Return how many documents the ERP has of each kind that the order needs."""
        erp = self.simulator.erp
        counts = erp.document_counts()
        found = {name: counts[name] for name in ("sales", "delivery", "material", "billing")}
        return {**found, "payment": sum(each.document_type == "DZ" for each in self.entries())}

    def entries(self) -> list[AccountingDocument]:
        """Return the accounting documents of the ERP."""
        erp, found = self.simulator.erp, []
        for key in erp.document_numbers("accounting"):
            company_code, number, year = key.split("/")
            document = erp.accounting_document(company_code, number, int(year))
            assert document is not None
            found.append(document)
        return found


@contextmanager
def a_trial(folder: Path, profile: str, **settings: Any) -> Iterator[Trial]:
    """Yield a company on a system of *profile*, with everything created by the connector."""
    with an_installation(
        folder, profile, day=DAY, channel="portal", plan=plan_for_all(), **settings
    ) as installation:
        yield Trial(installation, profile)
