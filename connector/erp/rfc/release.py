"""Which ERP answers: its identity for health checks, and its release for what differs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Literal

from connector.clock import Clock
from connector.erp.rfc.options import RfcOptions
from connector.erp.rfc.reading import Reads
from connector.erp.rfc.session import Session
from connector.ports.erp import ErpSystem

FUNCTION: Final = "RFC_SYSTEM_INFO"

#: S/4HANA 1610 and younger; ECC ends at 750. S/4HANA 1511 says 750, too: set `release` there.
_FIRST_S4: Final = 751


@dataclass(slots=True)
class Release:
    """Answers whether the ERP is S/4HANA, from the options or by asking once."""

    reads: Reads
    options: RfcOptions
    _found: Literal["ecc", "s4"] | None = field(default=None)

    @property
    def is_s4(self) -> bool:
        """Whether the status is kept in the documents' own tables. Asks the ERP at most once."""
        if self.options.release != "auto":
            return self.options.release == "s4"
        if self._found is None:
            row = self.reads.run(_system_row)
            number = row["RFCSAPRL"].strip()
            self._found = "s4" if number.isdigit() and int(number) >= _FIRST_S4 else "ecc"
        return self._found == "s4"


def ask(reads: Reads, clock: Clock) -> ErpSystem:
    """Ask who answers, and measure how long that takes without the logon."""

    def asked(session: Session) -> ErpSystem:
        started = clock.now()
        row = _system_row(session)
        answered = clock.now()
        about = session.connection.get_connection_attributes()
        return ErpSystem(
            system_id=row["RFCSYSID"],
            client=about.get("client", ""),
            user=about.get("user", ""),
            host=row["RFCHOST2"] or row["RFCHOST"],
            release=row["RFCSAPRL"],
            latency_s=(answered - started) / timedelta(seconds=1),
            answered_at=answered,
        )

    return reads.run(asked)


def _system_row(session: Session) -> dict[str, Any]:
    row: dict[str, Any] = session.call(FUNCTION)["RFCSI_EXPORT"]
    return row
