"""
Kill -9 while receipts are posted from bank lines and payouts, again and again.

Each loop lets a bank statement and a payout report arrive, starts `sd-connector payments post`, and
kills it some time after its first posting has begun. At the end it may do its work to the end, and
the books must have exactly one receipt for each line and each charge, and reconcile.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import yaml

from connector.settings import load_settings
from connector.store.sql_store import open_reader
from tests.faults.connector_process import prepare
from tests.faults.erp_process import ErpProcess, be_quiet
from tests.faults.kill_stories import STORIES

ACCOUNT: Final = "DE02120300000000202051"
GROSS: Final = "119.00"
#: Bank lines and charges that arrive with each loop.
EACH: Final = 2
#: What numbers of orders begin with.
BY_TRANSFER, BY_CARD = "1", "2"
_PATIENCE_S: Final = 120


@dataclass
class Loop:
    """A company with *kills* batches of invoices, whose payments are posted under fire."""

    folder: Path
    erp: ErpProcess
    kills: int
    seed: int = 0
    struck: int = 0
    references: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.today = datetime.now(UTC)
        prepare(self.folder, STORIES[0], self.erp.profile, self.erp.addresses)
        self._settings()
        self._orders()

    def _settings(self) -> None:
        file = self.folder / "connector.yaml"
        content = yaml.safe_load(file.read_text("utf-8"))
        content["sync"] |= {"workers": 4, "settle_s": 0.5, "look_up_interval_s": 0.5}
        charges = {"bank_charges_account": "659000"}
        content["erp"]["transport"] |= charges
        content["erp"]["soap"] = {"options": charges}
        content["statements"] = {
            "accounts": {ACCOUNT: {"company_code": "1000", "gl_account": "113100", "post": True}},
            "providers": {"stripe": {"gateways": ["card"], "company_code": "1000"}},
        }
        file.write_text(yaml.safe_dump(content), "utf-8")
        plan = self.folder / "plans" / "story.yaml"
        steps = yaml.safe_load(plan.read_text("utf-8"))
        steps["payment"] |= {"by": "create", "source": "statements"}
        steps["billing"] |= {"wait_days": 0}
        plan.write_text(yaml.safe_dump(steps), "utf-8")

    def _orders(self) -> None:
        """All that will be paid is sold and billed before."""
        orders = [
            self._order(f"EXT-{kind}{number:04}", paid=kind == BY_CARD)
            for kind in (BY_TRANSFER, BY_CARD)
            for number in range(self.kills * EACH)
        ]
        inbox = self.folder / "inbox" / "orders.json"
        inbox.write_text(json.dumps({"orders": orders}), "utf-8")
        deadline = time.monotonic() + _PATIENCE_S
        while self._billed() < len(orders):
            done = self.command("sync")
            if "held" in done.stdout and " 0 held" not in done.stdout:
                raise RuntimeError(self.command("orders", "list", "--held").stdout)
            if time.monotonic() > deadline:
                raise RuntimeError(f"not all was billed: {done.stdout}{done.stderr}")

    def _order(self, name: str, *, paid: bool) -> dict[str, Any]:
        day = self.today.date().isoformat()
        schedule = {"date": day, "quantity": "1"}
        if self.erp.profile == "ecc":
            schedule |= {"available_on": day, "issue_on": day}
        charge = {
            "id": f"ch_{name}",
            "method": "card",
            "amount": GROSS,
            "received_at": self.today.isoformat(),
        }
        return {
            "id": name,
            "ordered_at": self.today.isoformat(),
            "currency": "EUR",
            "customer": "1001",
            "requested_delivery_date": day,
            "totals": {"tax": "19.00", "gross": GROSS},
            "lines": [
                {"id": "10", "product": "M-01", "quantity": "1", "unit": "PC", "price": "100.00",
                 "schedule": [schedule]}
            ],
            "payments": [charge] if paid else [],
        }  # fmt: skip

    def _billed(self) -> int:
        if not (self.folder / "store.sqlite3").exists():
            return 0
        with closing(open_reader(load_settings(self.folder / "connector.yaml").store.url)) as store:
            return sum(bool(view.items) for view in store.all_views())

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self._line(*arguments), capture_output=True, text=True, check=False, env=self._env()
        )

    def _line(self, *arguments: str) -> list[str]:
        config = str(self.folder / "connector.yaml")
        return [sys.executable, "-m", "connector", "--config", config, *arguments]

    def _env(self) -> dict[str, str]:
        return {**os.environ, "USER": "tester"}

    def arrive(self, number: int) -> None:
        """Let a statement and a payout report of loop *number* come in."""
        day, names = f"{self.today:%y%m%d}", range(number * EACH, (number + 1) * EACH)
        lines = "".join(
            f":61:{day}C{GROSS.replace('.', ',')}NTRFNONREF//BANKREF{each:04}\n"
            f":86:order EXT-{BY_TRANSFER}{each:04}\n"
            for each in names
        )
        opening, closing_ = (f"{int(GROSS[:3]) * EACH * turn},00" for turn in (number, number + 1))
        (self.folder / f"bank-{number}.sta").write_text(
            f":20:S{number}\n:25:{ACCOUNT}\n:28C:{number + 1}/1\n:60F:C{day}EUR{opening}\n"
            f"{lines}:62F:C{day}EUR{closing_}\n-\n",
            "utf-8",
        )
        then = f"{self.today:%Y-%m-%d %H:%M:%S}"
        rows = "".join(
            f"po_{number},{then},txn_{each:04},{then},eur,{GROSS},3.75,115.25,charge,"
            f"txn_{each:04},ch_EXT-{BY_CARD}{each:04}\n"
            for each in names
        )
        (self.folder / f"payout-{number}.csv").write_text(
            "automatic_payout_id,automatic_payout_effective_at,balance_transaction_id,created,"
            f"currency,gross,fee,net,reporting_category,source_id,charge_id\n{rows}",
            "utf-8",
        )
        self.references += [f"BANKREF{each:04}" for each in names]
        files = [str(self.folder / f"{name}-{number}") for name in ("bank", "payout")]
        done = self.command("statements", "import", f"{files[0]}.sta", f"{files[1]}.csv")
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)

    def strike(self, longest_s: float) -> None:
        """Start to post, and kill it at most *longest_s* after the first step has begun."""
        before = self._steps()
        with subprocess.Popen(
            self._line("payments", "post"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self._env(),
        ) as process:
            deadline = time.monotonic() + _PATIENCE_S
            while self._steps() == before and process.poll() is None:
                if time.monotonic() > deadline:
                    break
                time.sleep(0.002)
            time.sleep(self.random.uniform(0, longest_s))
            if process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)
            process.wait()
            self.struck += process.returncode == -signal.SIGKILL

    def _steps(self) -> int:
        file = f"file:{self.folder / 'store.sqlite3'}?mode=ro"
        with closing(sqlite3.connect(file, uri=True)) as database:
            (count,) = database.execute(
                "SELECT (SELECT count(*) FROM step WHERE operation = 'post payment')"
                " + (SELECT count(*) FROM statement_payment_step)"
            ).fetchone()
            return int(count)

    def finish(self) -> list[str]:
        """Let the work come to its end; return what is wrong with the books then."""
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            posted = self.command("payments", "post", "--json")
            if not posted.stdout:
                return [f"posting ends with {posted.returncode}: {posted.stderr}"]
            told = json.loads(posted.stdout)
            if not told["posted"] and not told["in_doubt"] and not self._unsettled():
                break
            if time.monotonic() > deadline:
                return [f"no end: {told}, {self._unsettled()}"]
            time.sleep(0.5)
        if self.erp.profile != "ecc":
            self.erp.control("run job", job="automatic clearing")
        self.command("sync")
        return [*self._receipts(), *self._reconciled()]

    def _unsettled(self) -> list[str]:
        """Return what is neither done nor left to a person."""
        file = f"file:{self.folder / 'store.sqlite3'}?mode=ro"
        with closing(sqlite3.connect(file, uri=True)) as database:
            rows = database.execute(
                "SELECT operation, sequence_key, state, last_error FROM step"
                " WHERE state NOT IN ('done', 'rejected', 'abandoned') UNION ALL"
                " SELECT operation, sequence_key, state, last_error FROM statement_payment_step"
                " WHERE state NOT IN ('done', 'rejected', 'abandoned')"
            ).fetchall()
            return [" ".join(map(str, row)) for row in rows]

    def _receipts(self) -> list[str]:
        """Each line and each charge has one receipt in the ERP, no more and no less."""
        wrong = []
        with closing(open_reader(load_settings(self.folder / "connector.yaml").store.url)) as store:
            of_flows = [
                step.reference
                for view in store.all_views()
                for step in view.steps
                if step.operation.value == "post payment"
            ]
        for reference in (*self.references, *of_flows):
            found = self.erp.found("", reference).get("payment", [])
            if len(found) != 1:
                wrong.append(f"{reference}: {len(found)} receipts")
        if len(of_flows) != self.kills * EACH:
            wrong.append(f"{len(of_flows)} payments of orders instead of {self.kills * EACH}")
        return wrong

    def _reconciled(self) -> list[str]:
        run = json.loads(self.command("reconcile", "run", "--json").stdout)
        told = [f"{each['code']}: {each['text']}" for each in run["breaks"]]
        told += [f"open: {each}" for each in run["payers"] if each.get("open", {}).get("amount")]
        if run["verdict"] not in ("RECONCILED", "WITH_PENDING"):
            told.append(f"verdict {run['verdict']}")
        return told


def prove(folder: Path, profile: str, kills: int, seed: int) -> tuple[int, list[str]]:
    """Kill *kills* times; return how many kills struck, and what is wrong with the books."""
    be_quiet()
    with ErpProcess(profile, folder, is_live=True) as erp:
        loop = Loop(folder / "connector", erp, kills, seed)
        for number in range(kills):
            loop.arrive(number)
            loop.strike(longest_s=0.4)
        return loop.struck, loop.finish()


def main() -> int:
    """Run as a command; ends with 1 when anything is lost, doubled or does not reconcile."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--kills", type=int, default=20)
    arguments.add_argument("--profile", default="ecc")
    arguments.add_argument("--seed", type=int, default=int(time.time()))
    given = arguments.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        struck, wrong = prove(Path(folder), given.profile, given.kills, given.seed)
    took = timedelta(seconds=round(time.monotonic() - began))
    lines = given.kills * EACH * 2
    sys.stdout.write(
        f"seed {given.seed}, {given.profile}: {struck} of {given.kills} kills struck, {lines} "
        f"lines, {len(wrong)} wrong, {took}\n"
    )
    for each in wrong:
        sys.stdout.write(f"  {each}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
