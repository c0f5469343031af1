"""
Runs over the kept file where it can be believed, and over everything where it cannot.

The file is believed where it was sealed by the last run that kept one, by this program and under
these rules, for a key date that is not later, not too long ago, and where everything closes. All
else throws it away. Nothing of it counts before the run it was written by is in the log: a file
that is newer than the log has another seal.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from datetime import date
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from zoneinfo import ZoneInfo

import structlog

from connector.kept_extract.believing import Keeping, identity_of, reason_to_read_all
from connector.kept_extract.changed_reading import Before, read_changes
from connector.kept_extract.evaluating import Evaluator
from connector.kept_extract.file import ExtractFile, remove
from connector.kept_extract.full_reading import read_everything
from connector.kept_extract.pieces import Divider
from connector.kept_extract.reading import Reader
from connector.kept_extract.totals import Totals
from connector.kept_extract.whole import Moment
from connector.ports.erp import Erp, ErpSystem
from connector.ports.store import FlowStore
from connector.reconciliation.identities import ITEMS_TO_LEDGER
from connector.reconciliation.report import ReconciliationRun
from connector.reconciliation.run import read_and_run
from connector.reconciliation.run_assignment import Assignment

__all__ = ["Keeping", "KeptRun"]

_log = structlog.get_logger(__name__)

#: The watermark of the status pull, which is one to begin with.
_PULLED: Final = "document chains"
#: What a file that cannot be believed, or read, may raise.
_DAMAGED: Final = (sqlite3.Error, ValueError, LookupError, ArithmeticError)


class KeptRun:
    """
    The readings of one run; used as a context, and told by :meth:`keep` that the run is kept.

    Without that the file stays as it was.
    """

    def __init__(
        self, assignment: Assignment, store: FlowStore, erp: Erp, keeping: Keeping
    ) -> None:
        self._assignment, self._store, self._erp = assignment, store, erp
        self._keeping = keeping
        self._open: ExtractFile | None = None
        self._tries = 0
        self._is_sealed = False
        #: Whether the last run took over what was kept.
        self.is_over_changes = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._drop()

    def work(self, moment: Moment) -> ReconciliationRun:
        """
        Read and compare. The second time everything is read: something did not close.

        Raises:
            ConnectorError: store or ERP could not be read.
        """
        self._drop()
        self._tries += 1
        if self._tries == 1:
            run = self._over_changes(moment)
            self.is_over_changes = run is not None
            if run is not None:
                return run
        self.is_over_changes = False
        return self._over_all(moment)

    def keep(self) -> None:
        """
        Keep the file: the run that it belongs to is in the log.

        Where that fails nothing is kept, and the next run reads everything.
        """
        file, path = self._open, self._keeping.path
        if file is None or path is None or self._keeping.dry or not self._is_sealed:
            return
        self._open = None
        try:
            file.commit()
            file.close()
            if file.path != path:
                _flush(file.path)
                remove(path)
                file.path.replace(path)
        except (sqlite3.Error, OSError) as error:
            _log.warning("extract could not be kept", file=str(path), problem=str(error))
            file.close()
            remove(file.path)

    # -- over changes ----------------------------------------------------------------------------

    def _over_changes(self, moment: Moment) -> ReconciliationRun | None:
        """Return the run over the kept file, None where that cannot be believed."""
        path = self._keeping.path
        if path is None or not self._keeping.seal or not self._is_ordinary:
            return None
        file = ExtractFile.open(path)
        if file is None:
            return None
        self._open = file
        try:
            run = self._believed(file, moment)
        except _DAMAGED as error:
            _log.warning("kept extract thrown away", reason=f"{type(error).__name__}: {error}")
            run = None
        if run is None:
            self._drop()
        return run

    def _believed(self, file: ExtractFile, moment: Moment) -> ReconciliationRun | None:
        about, keeping = file.about(), self._keeping
        reason = reason_to_read_all(
            about, self._identity(moment), self._assignment.key_date, self._today(moment), keeping
        )
        if not reason and file.seal() != keeping.seal:
            reason = "the kept extract is not the one that the log knows"
        if reason:
            _log.info("everything is read", reason=reason)
            return None
        changed = self._erp.chains.changed_since(about["watermark"])
        reader = self._reader(file, moment)
        before = Before(
            watermark=about["watermark"],
            read_on=date.fromisoformat(about["read_on"]),
            totals=Totals.from_text(about["totals"]),
            fingerprint=about["bearings"],
        )
        run, evaluator = read_changes(reader, moment, before, changed.numbers)
        if not _closes(run, reader) or _open_ties(run) != about["open ties"]:
            _log.warning("kept extract thrown away", reason="an identity stays open")
            return None
        return self._sealed(run, evaluator, moment, changed.watermark, about["full_on"])

    # -- over all --------------------------------------------------------------------------------

    def _over_all(self, moment: Moment) -> ReconciliationRun:
        """Return the run over everything; in memory where no file can be written."""
        try:
            return self._over_new_file(moment)
        except (sqlite3.Error, OSError) as error:
            _log.warning(
                "extract could not be written, so it is held in memory", problem=str(error)
            )
            self._drop()
        return read_and_run(
            self._assignment,
            self._store,
            self._erp,
            moment.now,
            intake_complete_until=moment.intake_complete_until,
            movements=moment.movements,
        )

    def _over_new_file(self, moment: Moment) -> ReconciliationRun:
        watermark = self._watermark() if self._may_keep() else None
        self._open = file = ExtractFile.make(self._new_path())
        reader = self._reader(file, moment)
        run, evaluator = read_everything(reader, moment)
        if watermark is None or not _closes(run, reader):
            return run
        today = self._today(moment).isoformat()
        return self._sealed(run, evaluator, moment, watermark, today)

    def _may_keep(self) -> bool:
        """Tell whether what is read now may be built on: not before what is kept already."""
        path = self._keeping.path
        if path is None or self._keeping.dry or not self._is_ordinary:
            return False
        kept = ExtractFile.open(path)
        if kept is None:
            return True
        try:
            key_date = date.fromisoformat(kept.about()["key_date"])
        except _DAMAGED:
            return True
        finally:
            kept.close()
        return key_date <= self._assignment.key_date

    # -- both ------------------------------------------------------------------------------------

    @property
    def _is_ordinary(self) -> bool:
        return not self._assignment.currencies and not self._assignment.restricted

    def _reader(self, file: ExtractFile, moment: Moment) -> Reader:
        divider = Divider(self._assignment.rules, bool(moment.movements))
        return Reader(file, self._store, self._erp, self._assignment, divider)

    @cached_property
    def _system(self) -> ErpSystem:
        return self._erp.ping()

    def _watermark(self) -> str:
        """Return a watermark of before the reading; asking for a new one costs a whole answer."""
        pulled = self._store.mirror.watermark(_PULLED)
        return pulled or self._erp.chains.changed_since("").watermark

    def _sealed(
        self,
        run: ReconciliationRun,
        evaluator: Evaluator,
        moment: Moment,
        watermark: str,
        full_on: str,
    ) -> ReconciliationRun:
        """Note what the file is of, and let the run say its seal."""
        file = self._open
        if file is None or self._keeping.dry:
            return run
        file.tell(
            {
                **self._identity(moment),
                "key_date": self._assignment.key_date.isoformat(),
                "read_on": self._today(moment).isoformat(),
                "full_on": full_on,
                "watermark": watermark,
                "totals": evaluator.totals.to_text(),
                "bearings": evaluator.fingerprint,
                "open ties": _open_ties(run),
            }
        )
        seal = file.seal()
        file.tell({"seal": seal})
        self._is_sealed = True
        return run.model_copy(update={"header": run.header.model_copy(update={"extract": seal})})

    def _identity(self, moment: Moment) -> dict[str, str]:
        return identity_of(self._assignment, moment, self._system)

    def _today(self, moment: Moment) -> date:
        return moment.now.astimezone(ZoneInfo(self._assignment.time_zone)).date()

    def _new_path(self) -> Path:
        path = self._keeping.path
        if path is None or self._keeping.dry:
            handle, name = tempfile.mkstemp(prefix="sd-connector-", suffix=".sqlite3")
            os.close(handle)
            return Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.with_name(path.name + ".new")

    def _drop(self) -> None:
        """Forget what was read and not kept."""
        file, self._open, self._is_sealed = self._open, None, False
        if file is not None:
            file.close()
            if file.path != self._keeping.path:
                remove(file.path)


def _closes(run: ReconciliationRun, reader: Reader) -> bool:
    """Tell whether chains were read whole, and the identities that rest on them hold."""
    return not reader.problems and all(
        identity.holds or identity.number == ITEMS_TO_LEDGER for identity in run.identities
    )


def _open_ties(run: ReconciliationRun) -> str:
    """Return where items and ledger differ, and by how much."""
    return "; ".join(
        sorted(
            f"{identity.scope.sort_key} {identity.difference}"
            for identity in run.identities
            if identity.number == ITEMS_TO_LEDGER and not identity.holds
        )
    )


def _flush(path: Path) -> None:
    """Have the disk keep what was written; a new file is written without asking for that."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
