"""The state machine: orders come, change and are paid while everything fails that can fail."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import ClassVar, Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from connector.ports.erp import Point
from connector.ports.step_state import Operation
from connector.simulator.engine.faults import ShortDumpError
from tests.proof.company import ProvenCompany, a_proven_company
from tests.proof.invariants import violations
from tests.proof.orders import Wanted

CREATES: Final = (
    "BAPI_SALESORDER_CREATEFROMDAT2",
    "BAPI_OUTB_DELIVERY_CREATE_SLS",
    "BAPI_OUTB_DELIVERY_CONFIRM_DEC",
    "BAPI_BILLINGDOC_CREATEMULTIPLE",
    "BAPI_SALESORDER_CHANGE",
    "Z_SD_CONNECTOR_POST_CLEAR",
)
COMMIT: Final = "BAPI_TRANSACTION_COMMIT"
#: Faults of the line: name and the function it strikes (None: any of the creates).
LINE_FAULTS: Final = (
    ("connection refused", ""),
    ("no free session", ""),
    ("erp restarting", ""),
    ("connection lost before call", None),
    ("connection lost after call", None),
    ("connection lost between create and commit", None),
    ("silent reopen", None),
    ("short dump", None),
    ("connection lost after commit", COMMIT),
    ("client timeout with late commit", COMMIT),
    ("short dump", COMMIT),
)
ENGINE_FAULTS: Final = (
    "return E",
    "return A",
    "short dump",
    "document locked",
    "credit block",
    "update terminated after commit",
    "commit delayed until released",
)
OPERATIONS: Final = (
    Operation.CREATE_SALES_ORDER,
    Operation.CREATE_DELIVERY,
    Operation.POST_GOODS_ISSUE,
    Operation.CREATE_BILLING_DOCUMENT,
    Operation.POST_PAYMENT,
    Operation.CHANGE_SALES_ORDER,
)
#: Where a worker may stand still: before the fence check. After it, the commit is on its way.
BEFORE_THE_FENCE: Final = (
    Point.AFTER_CLAIM,
    Point.AFTER_INTENT,
    Point.CONNECTION_OPEN,
    Point.CREATE_SENT,
    Point.CREATE_ANSWERED,
)
JOBS: Final = ("delivery due list", "goods issue", "billing due list")


class Histories(RuleBasedStateMachine):
    """
    One history. At its end all is healed, and every invariant must hold.

    ``tally`` counts what was run over all histories of a process.
    """

    tally: ClassVar[dict[str, int]] = {}
    #: The kind of system.
    profile: ClassVar[str] = "ecc"

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        folder = self.open.enter_context(tempfile.TemporaryDirectory())
        proven = a_proven_company(Path(folder), self.profile)
        self.proven: ProvenCompany = self.open.enter_context(proven)
        self.newest: dict[str, Wanted] = {}

    def teardown(self) -> None:
        try:
            self.proven.come_to_rest()
            found = violations(self.proven.evidence())
            assert not found, found
            self._count("histories")
            self.tally["points"] = self.tally.get("points", 0) + self.proven.watch.points_passed
            self.tally["orders"] = self.tally.get("orders", 0) + len(self.newest)
        finally:
            self.open.close()

    # -- orders ----------------------------------------------------------------------------------

    @rule(pieces=st.lists(st.integers(1, 3), min_size=1, max_size=2), paid=st.booleans())
    def an_order_arrives(self, pieces: list[int], paid: bool) -> None:
        number = f"EXT-{1001 + len(self.newest)}"
        lines = tuple((str(10 * n), quantity) for n, quantity in enumerate(pieces, start=1))
        self._send(Wanted(number, lines, paid))

    @rule(data=st.data(), pieces=st.integers(1, 5), added=st.booleans())
    def an_order_changes(self, data: st.DataObject, pieces: int, added: bool) -> None:
        """The newest version may arrive while the one before is on its way to the ERP."""
        if self.newest:
            order = self.newest[data.draw(st.sampled_from(sorted(self.newest)))]
            lines = [("10", pieces), *order.lines[1:], *([("90", 1)] if added else [])]
            self._send(order.changed(tuple(dict(lines).items())))

    @rule(data=st.data())
    def an_old_message_comes_again(self, data: st.DataObject) -> None:
        """Duplicates, and versions that are out of order."""
        if self.proven.sent:
            self.proven.receive(data.draw(st.sampled_from(self.proven.sent)))

    # -- trouble ---------------------------------------------------------------------------------

    @rule(
        fault=st.sampled_from(LINE_FAULTS),
        function=st.sampled_from(CREATES),
        skip=st.integers(0, 2),
    )
    def the_line_will_fail(self, fault: tuple[str, str | None], function: str, skip: int) -> None:
        name, on = fault
        self._count(f"fault {name}")
        self.proven.company.face.inject(name, function if on is None else on, skip=skip)

    @rule(fault=st.sampled_from(ENGINE_FAULTS))
    def the_erp_will_fail(self, fault: str) -> None:
        self._count(f"fault {fault}")
        commits = fault in ("update terminated after commit", "commit delayed until released")
        on = "commit" if commits else "*"
        on = "create sales document" if fault == "credit block" else on
        self.proven.company.simulated.faults.inject(fault, on)

    @rule(operation=st.sampled_from(OPERATIONS), point=st.sampled_from(sorted(Point)))
    def the_connector_is_killed(self, operation: Operation, point: Point) -> None:
        self._count("kills")
        self.proven.watch.kill_at = (operation, point)
        self.proven.run()
        self.proven.watch.kill_at = None

    @rule(operation=st.sampled_from(OPERATIONS), point=st.sampled_from(BEFORE_THE_FENCE))
    def a_worker_stands_still_and_is_overtaken(self, operation: Operation, point: Point) -> None:
        self._count("zombies")
        self.proven.watch.stop_at = (operation, point)
        self.proven.overtaken()

    @rule(job=st.sampled_from(JOBS))
    def the_erps_own_jobs_are_faster(self, job: str) -> None:
        """Deliveries and invoices that the connector did not make."""
        self._count("jobs of the ERP")
        with suppress(ShortDumpError):
            self.proven.company.simulated.run_job(job)

    # -- time ------------------------------------------------------------------------------------

    @rule(minutes=st.sampled_from([1, 3, 60, 60 * 24]))
    def time_passes(self, minutes: int) -> None:
        self.proven.later(minutes=minutes)
        self.proven.run()

    @rule()
    def everything_is_healed(self) -> None:
        self.proven.heal()
        self.proven.run()

    @invariant()
    def fences_only_grow(self) -> None:
        assert not self.proven.watch.problems, self.proven.watch.problems

    def _send(self, order: Wanted) -> None:
        self.newest[order.external_id] = order
        self.proven.receive(order)

    def _count(self, what: str) -> None:
        self.tally[what] = self.tally.get(what, 0) + 1


#: Faults over HTTP: name and the requests they may strike.
HTTP_FAULTS: Final = (
    "connection refused",
    "no free session",
    "erp restarting",
    "connection lost before call",
    "connection lost after call",
    "client timeout with late commit",
    "too many requests, seconds",
    "service unavailable, date",
    "csrf token expired",
    "precondition failed",
    "html login page",
    "truncated json",
    "truncated xml",
    "malformed json",
)
HTTP_WRITES: Final = (
    "POST A_SalesOrder",
    "POST A_OutbDeliveryHeader",
    "PostGoodsIssue",
    "PickAllItems",
    "P* /sap/*",
    "JournalEntryCreateRequestConfirmation_In",
    "GET /sap/*",
)


class MixedHistories(Histories):
    """The same on S/4HANA over OData and SOAP, with RFC for billing; the line of HTTP fails too."""

    tally: ClassVar[dict[str, int]] = {}
    profile: ClassVar[str] = "s4-mixed"

    @rule(
        fault=st.sampled_from(HTTP_FAULTS),
        request=st.sampled_from(HTTP_WRITES),
        skip=st.integers(0, 2),
    )
    def the_line_of_http_will_fail(self, fault: str, request: str, skip: int) -> None:
        assert self.proven.front is not None
        self._count(f"fault over HTTP {fault}")
        self.proven.front.inject(fault, request, skip=skip)
