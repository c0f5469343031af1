"""The ends of a run: its header, its verdict, its content hash."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from importlib import metadata

from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.differences import Break, Pending
from connector.reconciliation.identities import Identity
from connector.reconciliation.report import ReconciliationRun, RunHeader, Verdict, hash_content
from connector.reconciliation.run_assignment import Assignment
from connector.reconciliation.sources import SourceReading


def verdict_of(
    sources: Iterable[SourceReading],
    identities: Iterable[Identity],
    pending: Sequence[Pending],
    breaks: Sequence[Break],
) -> Verdict:
    """
    Return the verdict; a source that must not be relied on outweighs everything it seems to show.

    An open fourth identity is a break, and an open one of the others a defect of the run itself.
    """
    ties = {
        difference.scope for difference in breaks if difference.code is BreakCode.SUBLEDGER_GL_DIFF
    }
    if any(source.problems for source in sources):
        return Verdict.INCOMPLETE
    if any(not identity.holds and identity.scope not in ties for identity in identities):
        return Verdict.INCOMPLETE
    if breaks:
        return Verdict.BREAKS
    return Verdict.WITH_PENDING if pending else Verdict.RECONCILED


def run_header(assignment: Assignment, now: datetime) -> RunHeader:
    """Return the header of a run that reads at *now*; its id is still empty."""
    return RunHeader(
        run_id="",
        key_date=assignment.key_date,
        time_zone=assignment.time_zone,
        company_codes=assignment.company_codes,
        program_version=metadata.version("sd-connector"),
        rules_sha256=assignment.rules.sha256,
        rules_version=assignment.rules.version,
        started_at=now,
        finished_at=now,
        currencies=assignment.currencies,
        restricted=assignment.restricted,
    )


def sealed(run: ReconciliationRun) -> ReconciliationRun:
    """Fill the content hash, and the run id where it is empty."""
    content_hash = hash_content(run)
    header = run.header
    if not header.run_id:
        run_id = f"{stamp_of(header.started_at)}-{content_hash[:8]}"
        header = header.model_copy(update={"run_id": run_id})
    return run.model_copy(update={"content_hash": content_hash, "header": header})


def stamp_of(instant: datetime) -> str:
    """Return the sortable UTC time that run ids begin with."""
    return f"{instant:%Y%m%dT%H%M%S}{instant.microsecond:06d}Z"
