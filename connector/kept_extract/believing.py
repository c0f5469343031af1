"""When a kept file is built on, and when everything is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from connector.kept_extract.file import FORMAT
from connector.kept_extract.whole import Moment
from connector.ports.erp import ErpSystem
from connector.reconciliation.run_assignment import Assignment
from connector.reconciliation.sealing import run_header


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """
    Where the file is, and when it is not believed.

    ``path`` None keeps nothing. ``seal`` is what the log says of the file that was kept last.
    After ``full_read_days`` everything is read again, and at once with ``read_all``. A run that
    is ``dry`` reads the file and leaves it as it is.
    """

    path: Path | None = None
    seal: str = ""
    full_read_days: int = 7
    read_all: bool = False
    dry: bool = False


def identity_of(assignment: Assignment, moment: Moment, system: ErpSystem) -> dict[str, str]:
    """Return what a file must be of to be built on by a run."""
    header = run_header(assignment, moment.now)
    return {
        "format": str(FORMAT),
        "program": header.program_version,
        "rules": header.rules_sha256,
        "company codes": " ".join(header.company_codes),
        "time zone": header.time_zone,
        "system": f"{system.system_id} {system.client}",
        "money outside": str(bool(moment.movements)),
    }


def reason_to_read_all(
    about: Mapping[str, str],
    identity: Mapping[str, str],
    key_date: date,
    today: date,
    keeping: Keeping,
) -> str:
    """
    Return why a file cannot be built on, by what it says *about* itself; empty where it can.

    *today* is the day of reading. Raises LookupError or ValueError where it does not say enough.
    """
    oldest = today - timedelta(days=keeping.full_read_days)
    reasons = {
        "asked for": keeping.read_all,
        "the kept extract is of another program, system, or kind of run": any(
            about.get(name) != value for name, value in identity.items()
        ),
        "the key date is before that of the kept extract": (
            date.fromisoformat(about["key_date"]) > key_date
        ),
        "the key date is the end of a month": (key_date + timedelta(days=1)).day == 1,
        "the last full reading is too long ago": date.fromisoformat(about["full_on"]) <= oldest,
        "the kept extract is not the one that the log knows": about["seal"] != keeping.seal,
    }
    return next((reason for reason, applies in reasons.items() if applies), "")
