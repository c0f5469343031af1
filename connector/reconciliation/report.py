"""
The result of a run: header, control totals, identities, ageing, differences, verdict.

Everything in it is a value; dumped as JSON, amounts and quantities are text. The content hash
covers the figures and what they were computed from, and leaves out when and under which id the run
took place: the same inputs give the same hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from json.encoder import encode_basestring
from typing import Any, Final

from pydantic import Field

from connector.reconciliation.ageing import AgeingRow
from connector.reconciliation.ageing_reasons import AgeingReasonRow
from connector.reconciliation.assignment import AssignmentReading
from connector.reconciliation.cash_flow import CashFlowRow
from connector.reconciliation.differences import Break, Explained, Pending
from connector.reconciliation.dunning import DunningRow
from connector.reconciliation.identities import Identity
from connector.reconciliation.matching import Match
from connector.reconciliation.payers import PayerRow
from connector.reconciliation.payment_states import InvoiceState, StateCount
from connector.reconciliation.proposals import Proposal
from connector.reconciliation.restatement import Restatement
from connector.reconciliation.roll_forward import PreviousRun, RollForward
from connector.reconciliation.sources import SourceReading
from connector.reconciliation.tolerance_use import ToleranceUse
from connector.sd_documents.model import Frozen
from connector.sd_documents.values import Money


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


class MatchSummary(Frozen):
    """How much one rule has matched in one comparison and currency."""

    identity: int
    rule: str
    currency: str
    count: int
    amount: Money


class ReconciliationRun(Frozen):
    """
    One finished run.

    ``payment_states`` counts the invoices of our orders by how far they are paid, ``invoices``
    names those that are neither simply open nor simply paid. ``dunning`` lists overdue receivables,
    the largest first; all of them are counted in ``payers``. ``failure`` is filled only when the
    verdict is FAILED; the rest is then empty.
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
    matches: tuple[Match, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    explained: tuple[Explained, ...] = ()
    absorbed: tuple[ToleranceUse, ...] = ()
    pending: tuple[Pending, ...] = ()
    breaks: tuple[Break, ...] = ()
    roll_forward: RollForward | None = None
    restated: Restatement | None = None
    failure: str = ""
    content_hash: str = Field(default="")

    def to_json(self) -> str:
        """Return the whole run as JSON with sorted keys, decimals as text."""
        content = self.model_dump(mode="json", exclude={"matches"})
        return "".join(_json_parts(content, self.matches, _READABLE))

    @classmethod
    def from_json(cls, text: str) -> ReconciliationRun:
        """Read back what :meth:`to_json` wrote."""
        return cls.model_validate_json(text)


#: Of the header, what says when and after what, and not what.
_WHEN = frozenset({"run_id", "started_at", "finished_at", "mode", "previous"})
#: Of a source, until when it was read and how much of it anew, and not what it holds.
_HOW_READ = ("as_of", "kept")
#: What depends on the runs before, and not on what was read.
_BEFORE = frozenset({"roll_forward", "restated"})


#: What stands between the elements of a JSON text, and between a key and its value.
_READABLE: Final = (", ", ": ")
_DENSE: Final = (",", ":")
#: So many matches are written at a time.
_AT_A_TIME: Final = 2_000


def _json_parts(
    content: Mapping[str, Any], matches: Sequence[Match], separators: tuple[str, str]
) -> Iterator[str]:
    """
    Yield *content* with *matches* in it as JSON with sorted keys, piece by piece.

    There are millions of matches in a large run: they need not all be there as objects of JSON and
    as text at the same time.
    """

    def dumped(value: Any) -> str:
        return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=separators)

    between = "{"
    for name in sorted((*content, "matches")):
        yield between + dumped(name) + separators[1]
        between = separators[0]
        if name != "matches":
            yield dumped(content[name])
            continue
        yield "["
        for start in range(0, len(matches), _AT_A_TIME):
            piece = matches[start : start + _AT_A_TIME]
            texts = (_match_json(match, *separators) for match in piece)
            yield (separators[0] if start else "") + separators[0].join(texts)
        yield "]"
    yield "}"


def _match_json(match: Match, between: str, colon: str) -> str:
    """Return what `json.dumps` makes of *match*, in a sixth of the time: there are millions."""
    money = match.amount
    return (
        f'{{"amount"{colon}{{"amount"{colon}"{money.amount}"{between}'
        f'"currency"{colon}"{money.currency}"}}{between}'
        f'"erp"{colon}{encode_basestring(match.erp)}{between}'
        f'"identity"{colon}{match.identity}{between}'
        f'"outside"{colon}{encode_basestring(match.outside)}{between}'
        f'"rule"{colon}{encode_basestring(match.rule.value)}}}'
    )


def hash_content(run: ReconciliationRun) -> str:
    """Return the hash of everything in *run* that its inputs decide."""
    content: dict[str, Any] = run.model_dump(
        mode="json", exclude={"content_hash", "matches", *_BEFORE}
    )
    content["header"] = {
        name: value for name, value in content["header"].items() if name not in _WHEN
    }
    for source in content["sources"]:
        for name in _HOW_READ:
            source.pop(name)
    digest = hashlib.sha256()
    for part in _json_parts(content, run.matches, _DENSE):
        digest.update(part.encode())
    return digest.hexdigest()
