"""Worked cases on each kind of system: their company, their customers, their people."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

from connector.resources import shipped
from connector.sd_documents.currency import decimals_of
from connector.sync.plan import Plan, load_plan
from tests.scenarios.profiled import Installation, an_installation

PROFILES = ("ecc", "s4", "s4-mixed")

#: Customers of the cases, as the portal's table has its own: sales organization, channel, company
#: code, payer.
CUSTOMERS = {
    "C-100": ("1000", "20", "1000", "C-100"),
    "S-700": ("1000", "20", "1000", "S-700"),
    "JP-400": ("2000", "20", "2000", "JP-400"),
    "KW-400": ("3000", "20", "3000", "KW-400"),
    "D-01": ("4000", "20", "4000", "D-01"),
}
#: Accounts that payments over SOAP need, where RFC has the customer's own function.
ACCOUNTS = {
    "cash_discount_account": "880000",
    "small_difference_account": "881000",
    "bank_charges_account": "659000",
}


def case_plan(profile: str, **documents: Mapping[str, Any] | str) -> Plan:
    """
    Return the shipped plan of a whole order with *documents* changed.

    Over OData alone billing documents cannot be created: the ERP's own job makes them. Returns
    deliveries have no service there: they are out of sight.
    """
    content = load_plan(shipped("config/plans/order-to-cash.yaml")).model_dump()
    if profile != "ecc":
        content["returns_delivery"]["by"] = content["goods_receipt"]["by"] = "absent"
    if profile == "s4":
        content["billing"]["by"] = "observe"
        content["debit_memo_request"]["by"] = "absent"
    for name, changed in documents.items():
        content[name] = {**content[name], **changed} if isinstance(changed, Mapping) else changed
    return Plan.model_validate({**content, "name": "case"})


@contextmanager
def a_case(
    folder: Path,
    profile: str,
    plan: Plan,
    day: date,
    engine: Mapping[str, Any] = MappingProxyType({}),
    **options: Any,
) -> Iterator[Case]:
    """Yield a case on a system of *profile*, on the morning of *day*."""
    with an_installation(
        folder,
        profile,
        day=day,
        channel="portal",
        plan=plan,
        engine=engine,
        tables=_tables(folder),
        soap={"options": ACCOUNTS},
        **options,
    ) as installation:
        yield Case(installation, profile, plan, day)


@contextmanager
def a_shop_case(folder: Path, profile: str, day: date) -> Iterator[Case]:
    """Yield a case whose orders come from a shop and are billed as soon as they are delivered."""
    plan = case_plan(profile, billing={"wait_days": 0})
    with an_installation(
        folder, profile, day=day, channel="shopify", plan=plan, soap={"options": ACCOUNTS}
    ) as installation:
        yield Case(installation, profile, plan, day)


class Case:
    """A story that is told day by day. What the plan observes is done by the ERP's own jobs."""

    def __init__(self, installation: Installation, profile: str, plan: Plan, day: date) -> None:
        self.installation, self.profile, self.plan, self.day = installation, profile, plan, day

    def until(self, last: date) -> None:
        """
        Let each day pass until *last*, with the ERP's jobs and a pass of the connector.

        In between, nobody passes on days on which nothing is due, new or made by a job.
        """
        stirs = True
        while self.day < last:
            self.day += timedelta(days=1)
            self.installation.move_to(self.day)
            if stirs or self.day == last or self._is_anything_due() or self.jobs():
                stirs = self.pass_once()

    def pass_once(self) -> bool:
        """
        Run a pass, then the ERP's own jobs, then another pass over what they made.

        Returns whether any of them did something.
        """
        first = self.installation.run()
        made = self.jobs()
        second = self.installation.run()
        return made or any(
            each.did_something or each.tally.read or each.erp_problem for each in (first, second)
        )

    def jobs(self) -> bool:
        """Run the jobs that make what the connector does not make; tells whether they did."""
        simulated = self.installation.simulated
        made = False
        if not self.plan.billing.is_created:
            made = bool(simulated.run_job("billing due list").numbers)
        if self.profile != "ecc":
            # A journal entry clears nothing: the ERP's own run does.
            made = bool(simulated.run_job("automatic clearing").numbers) or made
        return made

    def _is_anything_due(self) -> bool:
        application = self.installation.application
        due_at = application.store.flows.next_due_at()
        return due_at is not None and due_at <= application.clock.now()

    def balance(self, company_code: str = "1000", account: str = "140000") -> Decimal:
        """Return the balance of the receivables at the end of the story."""
        found = self.installation.application.erp.open_items.receivable_balances(
            company_code, self.day
        )
        return sum(
            (each.balance.amount for each in found if each.account.endswith(account)), Decimal(0)
        )

    def journal(self, number: str, company_code: str = "1000") -> list[tuple[str, str, str]]:
        """Return the lines of an accounting document: account, debit, credit."""
        document = self.installation.simulated.accounting_document(company_code, number)
        assert document is not None, number
        decimals = decimals_of(document.currency)
        lines = [
            (each.account, f"{each.amount:.{decimals}f}", each.debit) for each in document.lines
        ]
        return [(a, amount, "") if debit else (a, "", amount) for a, amount, debit in lines]


def _tables(folder: Path) -> Path:
    """Write the portal's table of customers with those of the cases."""
    source = shipped("config/mappings/portal/customers.csv")
    with source.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    rows += [[customer, *values] for customer, values in CUSTOMERS.items()]
    target = folder / "tables" / "customers.csv"
    target.parent.mkdir(parents=True)
    with target.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return folder / "tables"
