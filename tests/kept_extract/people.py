"""People at work in shop, ERP, bank and connector, by chance; each takes what is there."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

from connector.kept_extract.keeping import Keeping, KeptRun
from connector.kept_extract.whole import Moment
from connector.ports.store_records import NewHold
from connector.reconciliation.movements import BankAccount, MoneyMovements, Provider
from connector.reconciliation.report import ReconciliationRun
from connector.reconciliation.rules import ReconciliationRules
from connector.reconciliation.run import Assignment, read_and_run
from connector.sd_documents.values import Money
from connector.simulator.engine.finance_records import CustomerItem
from connector.simulator.engine.specs import (
    AccountingDocumentSpec,
    AccountingLineSpec,
    BillingRef,
    ClearingSpec,
    DeliveryRef,
    OpenItemRef,
    PaymentSpec,
    SalesDocumentChange,
)
from connector.statements.model import BankLine, BankStatement, Payout, PayoutLine, PayoutLineKind
from tests.kept_extract.comparing import assert_equal
from tests.scenarios.portal_orders import line, portal_order
from tests.scenarios.worked_cases import Case, a_case, case_plan
from tests.simulator.engine.support import item, order

START = date(2026, 3, 2)
ACCOUNT = "DE02120300000000202051"


@dataclass
class People:
    """Everybody, with what the shop has sent and what bank and provider report."""

    case: Case
    chance: random.Random
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    bank: list[BankLine] = field(default_factory=list)
    paid_out: list[Payout] = field(default_factory=list)

    @property
    def erp(self) -> Any:
        return self.case.installation.simulated

    @property
    def store(self) -> Any:
        return self.case.installation.application.store

    def do(self, steps: list[str]) -> None:
        for step in steps:
            STEPS[step](self)

    def does(self, operation: str, *args: Any, **kwargs: Any) -> tuple[str, ...]:
        """Do a write in the ERP; what it refuses has not happened."""
        with self.erp.session("PEOPLE") as session:
            outcome = getattr(session, operation)(*args, **kwargs)
            if not outcome.accepted:
                return ()
            session.commit(wait=True)
            numbers: tuple[str, ...] = outcome.numbers
            return numbers

    def pick(self, among: Any) -> Any:
        among = list(among)
        return self.chance.choice(among) if among else None

    @property
    def transport(self) -> Any:
        return self.case.installation.application.erp

    # -- shop ------------------------------------------------------------------------------------

    def sell(self) -> None:
        name = f"EXT-{1000 + len(self.sent)}"
        is_sound = len(self.sent) < 2 or self.chance.random() < 0.75
        self._send(name, "M-01" if is_sound else "NO-SUCH")

    def change(self) -> None:
        if name := self.pick(self.sent):
            self._send(name, "M-01")

    def _send(self, name: str, product: str) -> None:
        quantity, price = self.chance.randint(1, 9), Decimal(self.chance.randint(100, 9999)) / 100
        day = self.case.day.isoformat()
        net = quantity * price
        tax = (net * Decimal("0.19")).quantize(Decimal("0.01"))
        before = self.sent.get(name)
        content = portal_order(
            name,
            [line("10", product, str(quantity), price=str(price))],
            ordered_on=before["ordered_at"][:10] if before else day,
            customer="C-100",
            totals={"tax": str(tax), "gross": str(net + tax)},
        )
        content["updated_at"] = (
            f"{day}T{9 + len(self.sent) % 10:02}:{self.chance.randint(10, 59)}:00+01:00"
        )
        if self.chance.random() < 0.6:
            content["payments"] = [
                {
                    "id": f"ch_{name}",
                    "method": "card",
                    "amount": str(net + tax),
                    "received_at": f"{day}T08:00:00+01:00",
                }
            ]
        self.sent[name] = content
        self.case.installation.send(content)

    def pass_once(self) -> None:
        self.case.pass_once()

    def hold(self) -> None:
        ids = self.store.flows.ids()
        if flow := self.pick(ids):
            self.store.holds.open(flow, NewHold("CHECK", "look at it"), now=self.now)

    def release(self) -> None:
        ids = self.store.flows.ids(held=True)
        if flow := self.pick(ids):
            self.store.holds.release(flow, now=self.now, by="anna", comment="", accepted=False)

    @property
    def now(self) -> Any:
        return self.case.installation.application.clock.now()

    # -- ERP -------------------------------------------------------------------------------------

    def duplicate(self) -> None:
        """Somebody enters an order once more, or one that nobody outside knows."""
        name = self.pick([*self.sent, f"EXT-{self.chance.randint(5000, 5009)}"])
        spec = order(item(10, "M-01", 1), purchase_order_by_customer=name)
        self.does("create_sales_document", spec)

    def deliver(self) -> None:
        if number := self.pick(self.erp.document_numbers("sales", "C")):
            self.does("create_deliveries", [DeliveryRef(number)])

    def issue(self) -> None:
        if number := self.pick(self.erp.document_numbers("delivery")):
            self.does("confirm_delivery", number, post_goods_issue=True)

    def bill(self) -> None:
        if number := self.pick(self.erp.document_numbers("delivery")):
            self.does("create_billing_documents", [BillingRef(number)])

    def cancel(self) -> None:
        if number := self.pick(self.erp.document_numbers("billing")):
            self.does("cancel_billing_document", number)

    def take_back(self) -> None:
        if number := self.pick(self.erp.document_numbers("billing")):
            entry = item(10, "", 1, reference_document=number, reference_item=10)
            spec = order(entry, document_type="RE", order_reason="101")
            for request in self.does("create_sales_document", spec):
                self.does("change_sales_document", request, SalesDocumentChange(billing_block=""))
                self.does("create_billing_documents", [BillingRef(request)])

    def reject(self) -> None:
        if number := self.pick(self.erp.document_numbers("sales", "C")):
            self.does("change_sales_document", number, SalesDocumentChange(delivery_block="01"))

    def open_items(self, *, debit: bool | None = None) -> list[CustomerItem]:
        return [
            each
            for each in self.erp.open_items("1000", "C-100", self.case.day)
            if (debit is None or (each.amount > 0) == debit) and not each.line.special_gl
        ]

    def pay(self) -> None:
        owed = self.open_items(debit=True)
        chosen = self.chance.sample(owed, min(len(owed), self.chance.randint(0, 2)))
        total = sum((each.amount for each in chosen), Decimal(0))
        share = self.chance.choice(["1", "1", "0.5", "1.2"])
        amount = (total * Decimal(share)).quantize(Decimal("0.01")) or Decimal("7.00")
        more: dict[str, Any] = {"difference": self.chance.choice(["residual", "on account"])}
        if self.chance.random() < 0.3:
            more = {"partial": True}
        refs = [_ref(each) for each in chosen]
        self.does(
            "post_incoming_payment_with_clearing",
            PaymentSpec("1000", "C-100", amount, "EUR", items=refs, **more),
        )

    def clear(self) -> None:
        some = self.open_items()
        chosen = self.chance.sample(some, min(len(some), self.chance.randint(2, 3)))
        refs = [_ref(each) for each in chosen]
        self.does("clear_items", ClearingSpec("1000", "C-100", refs, residual=True))

    def reset(self) -> None:
        cleared = self.erp.cleared_items("1000", "C-100", None)
        known = sorted({each.line.clearing_document for each in cleared})
        if document := self.pick(known):
            reverse = self.chance.random() < 0.5
            self.does("reset_clearing", "1000", document, reverse=reverse)

    def post_by_hand(self) -> None:
        amount = Decimal(self.chance.randint(-9999, 9999) or 1) / 100
        lines = [
            AccountingLineSpec(amount, customer="C-100"),
            AccountingLineSpec(-amount, account="800000"),
        ]
        kind = self.chance.choice(["DR", "DG", "DZ", "SA"])
        self.does("post_accounting_document", AccountingDocumentSpec("1000", kind, "EUR", lines))

    # -- money outside ---------------------------------------------------------------------------

    def bank_line(self) -> None:
        owed = self.open_items(debit=True)
        text = owed[0].line.billing_document if owed and owed[0].line.billing_document else "hello"
        amount = owed[0].amount if owed else Decimal("5.00")
        number = len(self.bank) + 1
        self.bank.append(
            BankLine(
                bank_account=ACCOUNT,
                bank_reference=f"R{number}",
                statement="s",
                position=number,
                booking_date=self.case.day,
                value_date=self.case.day,
                amount=Money(amount=amount, currency="EUR"),
                remittance=(text,),
            )
        )

    def pay_out(self) -> None:
        names = [name for name, content in self.sent.items() if "payments" in content]
        chosen = self.chance.sample(names, min(len(names), 2))
        if not chosen:
            return
        lines = tuple(
            PayoutLine(
                line_id=f"L{place}",
                kind=PayoutLineKind.CHARGE,
                charge_id=f"ch_{name}",
                order_reference=name,
                gross=(gross := _eur(self.sent[name]["payments"][0]["amount"])),
                fee=_eur("0.00"),
                net=gross,
                happened_on=self.case.day,
            )
            for place, name in enumerate(chosen)
        )
        total = sum((each.net.amount for each in lines), Decimal(0))
        self.paid_out.append(
            Payout(
                provider="stripe",
                payout_id=f"po_{len(self.paid_out)}",
                status="paid",
                paid_on=self.case.day,
                amount=Money(amount=total, currency="EUR"),
                lines=lines,
                source="report",
                sha256="0" * 64,
            )
        )

    def movements(self) -> MoneyMovements:
        statement = BankStatement(
            source="s.sta",
            sha256="0" * 64,
            bank_account=ACCOUNT,
            number="1",
            currency="EUR",
            opening=_eur("0.00"),
            closing=Money(
                amount=sum((each.amount.amount for each in self.bank), Decimal("0.00")),
                currency="EUR",
            ),
            lines=tuple(self.bank),
        )
        return MoneyMovements(
            statements=(statement,),
            payouts=tuple(self.paid_out),
            accounts=(BankAccount(ACCOUNT, "1000", "113100"),),
            providers=(Provider("stripe", frozenset({"card"}), "1000"),),
        )

    # -- time ------------------------------------------------------------------------------------

    def sleep(self) -> None:
        self.case.day += timedelta(days=self.chance.choice([1, 1, 2, 5]))
        self.case.installation.move_to(self.case.day)


STEPS: dict[str, Callable[[People], None]] = {
    "sell": People.sell,
    "change": People.change,
    "pass": People.pass_once,
    "hold": People.hold,
    "release": People.release,
    "duplicate": People.duplicate,
    "deliver": People.deliver,
    "issue": People.issue,
    "bill": People.bill,
    "cancel": People.cancel,
    "take back": People.take_back,
    "block": People.reject,
    "pay": People.pay,
    "clear": People.clear,
    "reset": People.reset,
    "post by hand": People.post_by_hand,
    "bank line": People.bank_line,
    "pay out": People.pay_out,
    "sleep": People.sleep,
}


def _eur(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def _ref(each: CustomerItem) -> OpenItemRef:
    return OpenItemRef(
        each.accounting_document,
        fiscal_year=each.fiscal_year,
        line_item=each.line_item,
        cash_discount=None,
    )


@dataclass
class Runs:
    """Runs one after the other over one kept file; each is held against one that reads all."""

    people: People
    path: Path
    seal: str = ""
    #: Runs that took something over from the file.
    over_changes: int = 0

    def run(
        self, *, read_all: bool = False, full_read_days: int = 1000, **changed: Any
    ) -> ReconciliationRun:
        """Run over the file, keep it, and hold the run against one that reads everything."""
        assignment, moment = self.assignment(**changed), self.moment()
        keeping = self.keeping(read_all=read_all, full_read_days=full_read_days)
        store, erp = self.people.store, self.people.transport
        with KeptRun(assignment, store, erp, keeping) as readings:
            found = readings.work(moment)
            readings.keep()
        expected = read_and_run(assignment, store, erp, moment.now, movements=moment.movements)
        assert_equal(found, expected)
        self.seal = found.header.extract or self.seal
        self.over_changes += readings.is_over_changes
        return found

    def assignment(
        self,
        key_date: date | None = None,
        company_codes: tuple[str, ...] = ("1000", "2000"),
        rules: Mapping[str, Any] = MappingProxyType({}),
        **more: Any,
    ) -> Assignment:
        return Assignment(
            key_date or self.people.case.day,
            company_codes,
            "Europe/Berlin",
            ReconciliationRules(**{"duplicate_search_days": 6, "orphan_search_days": 9, **rules}),
            **more,
        )

    def keeping(self, **more: Any) -> Keeping:
        return Keeping(**{"path": self.path, "seal": self.seal, "full_read_days": 1000, **more})

    def moment(self) -> Moment:
        return Moment(now=self.people.now, movements=self.people.movements())


@contextmanager
def people(folder: Path, profile: str, seed: int) -> Iterator[People]:
    """Yield people and their systems, with a file to keep beside."""
    plan = case_plan(profile, billing={"wait_days": 0})
    with a_case(folder, profile, plan, START) as case:
        yield People(case, random.Random(seed))
