"""One measurement of reconciliation in a process of its own: its seconds and its peak of memory."""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from datetime import time as time_of_day
from pathlib import Path
from typing import Any, TypeVar, cast

from benchmarks.ledger import COMPANY_CODE, ZONE, Ledger
from benchmarks.ledger_erp import LedgerErp
from benchmarks.ledger_store import change, fill
from connector.clock import ManualClock
from connector.kept_extract.keeping import Keeping, KeptRun
from connector.kept_extract.whole import Moment
from connector.ports.erp import Erp
from connector.reconciliation.chain_of_runs import RunHistory
from connector.reconciliation.collecting import without_cycle_search
from connector.reconciliation.recording import RunRecorder
from connector.reconciliation.report import ReconciliationRun
from connector.reconciliation.run import Assignment
from connector.store.sql_store import open_store

T = TypeVar("T")


class Stopwatch:
    """
    Adds up what named phases take, in seconds: by the clock, and of the processor.

    The latter says the same on a machine that has other things to do.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.processor: dict[str, float] = {}

    def time(self, phase: str, work: Callable[[], T]) -> T:
        """Run *work* as a part of *phase*; phases may lie in each other, and count once."""
        before = sum(self.seconds.values()), sum(self.processor.values())
        started = time.perf_counter(), time.process_time()
        try:
            return work()
        finally:
            inside = sum(self.seconds.values()) - before[0]
            inside_processor = sum(self.processor.values()) - before[1]
            self._add(self.seconds, phase, time.perf_counter() - started[0] - inside)
            self._add(self.processor, phase, time.process_time() - started[1] - inside_processor)

    @staticmethod
    def _add(where: dict[str, float], phase: str, spent: float) -> None:
        where[phase] = where.get(phase, 0.0) + spent

    def found(self, **more: Any) -> dict[str, Any]:
        """Return it, with the peak of memory and *more*."""
        return {
            "seconds": self.seconds,
            "processor": self.processor,
            "peak_mib": peak_mib(),
            **more,
        }


def peak_mib() -> float:
    """Return the most memory that this process has had, in MiB."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the system does not say how much memory the process has had")


def tables(ledger: Ledger, folder: str) -> dict[str, Any]:
    """Write the tables."""
    from benchmarks.ledger_tables import write_tables

    write_tables(ledger, Path(folder))
    return {}


def floor(ledger: Ledger, folder: str) -> dict[str, Any]:
    """Read the tables and join them."""
    from benchmarks.ledger_tables import bare_join, read_tables

    watch = Stopwatch()
    frames = watch.time("read", lambda: read_tables(Path(folder)))
    found = watch.time("compare", lambda: bare_join(frames, ledger.key_date))
    assert found.pop("open") == ledger.open_items - ledger.paid_since
    assert found.pop("payers and buckets") > 0
    assert not any(found.values()), found
    return watch.found()


def store(ledger: Ledger, url: str) -> dict[str, Any]:
    """Make a store and fill it."""
    opened = open_store(url, upgrade=True)
    fill(opened, ledger)
    opened.close()
    return {}


def changes(ledger: Ledger, url: str) -> dict[str, Any]:
    """Note in the store what was paid since."""
    opened = open_store(url)
    change(opened, map(ledger.sale, range(ledger.paid + 1, ledger.paid + ledger.paid_since + 1)))
    opened.close()
    return {}


def reading(ledger: Ledger, url: str) -> dict[str, Any]:
    """Read the same records as a run through the same store and port, and join them."""
    from benchmarks.ledger_frames import read_frames
    from benchmarks.ledger_tables import bare_join

    watch = Stopwatch()
    opened = open_store(url)
    erp = cast(Erp, LedgerErp(ledger))
    with without_cycle_search():
        frames = watch.time("read", lambda: read_frames(opened, erp, ledger.key_date))
        found = watch.time("compare", lambda: bare_join(frames, ledger.key_date))
    opened.close()
    assert found.pop("open") == ledger.open_items - ledger.paid_since
    assert found.pop("payers and buckets") > 0
    assert not any(found.values()), found
    return watch.found()


def run(ledger: Ledger, url: str) -> dict[str, Any]:
    """Reconcile and keep the run, as `sd-connector reconcile` does."""
    watch = Stopwatch()
    opened = open_store(url)
    erp = cast(Erp, LedgerErp(ledger))
    key_date = ledger.key_date
    assignment = Assignment(key_date, (COMPANY_CODE,), ZONE)
    log = opened.reconciliation_log
    keeping = Keeping(path=extract_of(url), seal=RunHistory.read(log).extract)
    recorder = RunRecorder(
        log=log,
        runs=opened.reconciliation_runs,
        items=erp.open_items,
        # In the evening of the key date, after the last posting.
        clock=ManualClock(datetime.combine(key_date, time_of_day(20), UTC)),
        cause_of=lambda _: {},
        holder="benchmark",
    )
    with KeptRun(assignment, opened, erp, keeping) as readings:

        def work(now: datetime) -> ReconciliationRun:
            return watch.time("read and compare", lambda: readings.work(Moment(now=now)))

        found = watch.time("roll forward and keep", lambda: recorder.run(assignment, work))
        watch.time("keep the extract", readings.keep)
        over_changes = readings.is_over_changes
    opened.close()
    assert not found.breaks, found.breaks[:3]
    assert over_changes == bool(ledger.paid_since)
    return watch.found(verdict=found.verdict.value, matches=found.match_count)


def extract_of(url: str) -> Path:
    """Return where the extract beside a store is kept in a benchmark."""
    name = hashlib.sha256(url.encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"sd-connector-bench-extract-{name}.sqlite3"


PARTS = {each.__name__: each for each in (tables, floor, store, reading, changes, run)}


def main() -> None:
    """Do the part that the arguments name, and print what it came to."""
    name, items, open_items, paid_since, where = sys.argv[1:]
    ledger = Ledger(int(items), int(open_items), int(paid_since))
    print(json.dumps(PARTS[name](ledger, where)))


if __name__ == "__main__":
    main()
