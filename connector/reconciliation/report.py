"""
The result of a run: header, control totals, identities, ageing, differences, verdict.

Everything in it is a value; dumped as JSON, amounts and quantities are text. The content hash
covers the figures and what they were computed from, and leaves out when and under which id the run
took place: the same inputs give the same hash.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, PlainValidator, model_validator

from connector.reconciliation.ageing import AgeingRow
from connector.reconciliation.ageing_reasons import AgeingReasonRow
from connector.reconciliation.assignment import AssignmentReading
from connector.reconciliation.cash_flow import CashFlowRow
from connector.reconciliation.differences import Break, Explained, Pending
from connector.reconciliation.dunning import DunningRow
from connector.reconciliation.identities import Identity
from connector.reconciliation.match_pieces import MatchSummary
from connector.reconciliation.payers import PayerRow
from connector.reconciliation.payment_states import InvoiceState, StateCount
from connector.reconciliation.proposals import Proposal
from connector.reconciliation.restatement import Restatement
from connector.reconciliation.roll_forward import PreviousRun, RollForward
from connector.reconciliation.run_matches import Matches, as_matches
from connector.reconciliation.sources import SourceReading
from connector.reconciliation.tolerance_use import ToleranceUse
from connector.sd_documents.model import Frozen


class Verdict(StrEnum):
    """
    How a run ended. INCOMPLETE is never shown as green: a source was short or stale, or an
    identity of the run itself did not close.
    """

    RECONCILED = "RECONCILED"
    WITH_PENDING = "WITH_PENDING"
    BREAKS = "BREAKS"
    INCOMPLETE = "INCOMPLETE"
    FAILED = "FAILED"


class RunMode(StrEnum):
    """
    What a run does besides showing figures.

    A LIVE run moves the register of breaks. A VERIFICATION run is for a key date before one that
    was reconciled already: it compares and restates, and leaves the register alone. A DRY run is
    not kept at all.
    """

    LIVE = "live"
    VERIFICATION = "verification"
    DRY = "dry"


class RunHeader(Frozen):
    """
    What the run was about. ``run_id`` sorts by time; times are UTC, ``key_date`` is a day in
    ``time_zone``.

    ``rules_version`` is what finance calls the rules, ``rules_sha256`` what they are. No
    ``currencies`` mean all. ``restricted`` says that records of other company codes were left
    out, as somebody asked for. ``previous`` is the run that the roll-forward opens from.
    ``extract`` seals what was kept for the next run to build on, empty where nothing was.
    """

    run_id: str
    key_date: date
    time_zone: str
    company_codes: tuple[str, ...]
    program_version: str
    rules_sha256: str
    started_at: datetime
    finished_at: datetime
    rules_version: str = ""
    currencies: tuple[str, ...] = ()
    restricted: bool = False
    mode: RunMode = RunMode.LIVE
    previous: PreviousRun | None = None
    extract: str = ""


class ReconciliationRun(Frozen):
    """
    One finished run.

    ``payment_states`` counts the invoices of our orders by how far they are paid, ``invoices``
    names those that are neither simply open nor simply paid. ``dunning`` lists overdue receivables,
    the largest first; all of them are counted in ``payers``. ``failure`` is filled only when the
    verdict is FAILED; the rest is then empty.

    ``matched`` counts and adds up the matches; ``match_hash`` is the set hash of their lines, in
    whatever order. ``matches`` are the matches themselves where they are at hand: they stand
    beside the run, not in its JSON, and are empty in a run that was read back.
    """

    header: RunHeader
    verdict: Verdict
    sources: tuple[SourceReading, ...] = ()
    identities: tuple[Identity, ...] = ()
    ageing: tuple[AgeingRow, ...] = ()
    ageing_reasons: tuple[AgeingReasonRow, ...] = ()
    payers: tuple[PayerRow, ...] = ()
    cash_flow: tuple[CashFlowRow, ...] = ()
    assignment: AssignmentReading | None = None
    payment_states: tuple[StateCount, ...] = ()
    invoices: tuple[InvoiceState, ...] = ()
    dunning: tuple[DunningRow, ...] = ()
    matched: tuple[MatchSummary, ...] = ()
    match_count: int = 0
    match_hash: str = ""
    matches: Annotated[Matches, PlainValidator(as_matches), Field(exclude=True, repr=False)] = (
        Matches()
    )
    proposals: tuple[Proposal, ...] = ()
    explained: tuple[Explained, ...] = ()
    absorbed: tuple[ToleranceUse, ...] = ()
    pending: tuple[Pending, ...] = ()
    breaks: tuple[Break, ...] = ()
    roll_forward: RollForward | None = None
    restated: Restatement | None = None
    failure: str = ""
    content_hash: str = Field(default="")

    @model_validator(mode="before")
    @classmethod
    def _matches_inside(cls, content: Any) -> Any:
        """Take the matches out of a run that was kept when they were part of its JSON."""
        if isinstance(content, dict) and content.get("matches") and "match_hash" not in content:
            return {**content, **matched_by(as_matches(content["matches"]))}
        return content

    def to_json(self) -> str:
        """Return the whole run but its matches as JSON with sorted keys, decimals as text."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> ReconciliationRun:
        """Read back what :meth:`to_json` wrote, now or when matches were part of it."""
        return cls.model_validate_json(text)


def matched_by(matches: Matches) -> dict[str, Any]:
    """Return the fields of a run that tell of its *matches*."""
    return {
        "matched": matches.summary,
        "match_count": len(matches),
        "match_hash": matches.hash.hexdigest(),
        "matches": matches,
    }


#: Of the header, what says when and after what, and not what.
_WHEN = frozenset({"run_id", "started_at", "finished_at", "mode", "previous", "extract"})
#: Of a source, until when it was read and how much of it anew, and not what it holds.
_HOW_READ = ("as_of", "kept", "pages", "pages_expected")
#: What depends on the runs before, and not on what was read.
_BEFORE = frozenset({"roll_forward", "restated"})


def hash_content(run: ReconciliationRun) -> str:
    """Return the hash of everything in *run* that its inputs decide."""
    content: dict[str, Any] = run.model_dump(mode="json", exclude={"content_hash", *_BEFORE})
    content["header"] = {
        name: value for name, value in content["header"].items() if name not in _WHEN
    }
    for source in content["sources"]:
        for name in _HOW_READ:
            source.pop(name)
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
