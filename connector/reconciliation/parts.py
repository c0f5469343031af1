"""
Evaluates one part of a run: records that are looked up by one another, and by no others.

A run may be one part or a million; what comes of it is the same. `linking` says what belongs
together, `bearings` what a part must know of the whole, `adding_up` makes the run of the parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain as chained

from connector.reconciliation.accounts import Accounts
from connector.reconciliation.bearings import Bearings, Facts, facts_of
from connector.reconciliation.billing_and_fi import BillingComparison
from connector.reconciliation.collective_receipts import within_others
from connector.reconciliation.credits_and_refunds import CreditsAndRefunds
from connector.reconciliation.differences import Pending, judge
from connector.reconciliation.exchange import realised
from connector.reconciliation.extract import ErpExtract, in_order
from connector.reconciliation.fi_leftovers import strays
from connector.reconciliation.identities import Comparison, Endings
from connector.reconciliation.items_and_ledger import open_items
from connector.reconciliation.match_pieces import MatchPiece
from connector.reconciliation.matching import Documents, match_order
from connector.reconciliation.mirror import MirroredOrder
from connector.reconciliation.money_comparison import MoneyComparison, MoneyOutside
from connector.reconciliation.movements import MoneyMovements, until
from connector.reconciliation.order_causes import causes_by_order
from connector.reconciliation.orders_and_billing import OrderComparison
from connector.reconciliation.part_facts import WholeFacts, whole_facts
from connector.reconciliation.part_result import Equation, PartResult
from connector.reconciliation.partners_and_terms import PartnersAndTerms
from connector.reconciliation.payment_states import invoice_states
from connector.reconciliation.payments_and_receipts import PaymentComparison
from connector.reconciliation.payout_bank import PayoutsInBank, find_in_bank
from connector.reconciliation.receipts import Receipts, match_payments
from connector.reconciliation.rules import ReconciliationRules
from connector.reconciliation.run_assignment import Assignment
from connector.reconciliation.shortfalls import Shortfalls
from connector.reconciliation.validity import valid_until
from connector.statements.model import BankLine, Payout


@dataclass(frozen=True, slots=True)
class PartInputs:
    """
    The records of a part, in any order.

    Balances and pages of *extract* are of no matter here. ``bank_lines`` and ``payouts`` are those
    of :class:`MovementsOfRun`; a payout holds only those of its lines that belong to the part.
    """

    orders: Sequence[MirroredOrder] = ()
    extract: ErpExtract = field(default_factory=ErpExtract)
    bank_lines: Sequence[BankLine] = ()
    payouts: Sequence[Payout] = ()


@dataclass(frozen=True, slots=True)
class MovementsOfRun:
    """
    The money outside as of a key date, as parts and whole look at it.

    ``bank_lines`` are no payouts, oldest first. ``payouts`` are looked at as a whole, their lines
    in the parts; ``in_bank`` says which bank line each of them reached.
    """

    bank_lines: tuple[BankLine, ...]
    payouts: tuple[Payout, ...]
    in_bank: PayoutsInBank


def movements_of_run(
    movements: MoneyMovements, key_date: date, rules: ReconciliationRules
) -> MovementsOfRun:
    """Return what of *movements* had happened on *key_date*, payouts told from other lines."""
    movements = until(movements, key_date)
    in_bank = find_in_bank(movements.payouts, movements.lines, rules.payout_days)
    taken = in_bank.taken
    return MovementsOfRun(
        tuple(line for line in movements.lines if line.key not in taken),
        tuple(sorted(movements.payouts, key=_payout_order)),
        in_bank,
    )


def evaluate(assignment: Assignment, bearings: Bearings, inputs: PartInputs) -> PartResult:
    """Compare the records of one part with each other. Pure, like all of it."""
    return Part(assignment, inputs).evaluate(bearings)


class Part:
    """The records of a part by what they are looked up with, before the whole is known."""

    def __init__(self, assignment: Assignment, inputs: PartInputs) -> None:
        self._assignment, self._rules = assignment, assignment.rules
        self._key_date = assignment.key_date
        self._orders = sorted(inputs.orders, key=lambda order: order.name)
        self._bank_lines = sorted(
            inputs.bank_lines,
            key=lambda line: (line.booking_date, line.bank_account, line.bank_reference),
        )
        self._payouts = sorted(inputs.payouts, key=_payout_order)
        self._documents = Documents(in_order(inputs.extract), assignment.key_date)
        #: What the part tells the whole before it can be evaluated.
        self.facts: Facts = facts_of(self._documents, assignment.rules)

    def evaluate(self, bearings: Bearings) -> PartResult:
        """Return what the part comes to where the whole is as *bearings* say."""
        documents, rules, key_date = self._documents, self._rules, self._key_date
        documents.learn(bearings.assignment)
        accounts = Accounts(
            documents,
            self._assignment.company_codes,
            bearings,
            restricted=self._assignment.restricted,
        )
        chains = [
            match_order(order, documents)
            for order in self._orders
            if order.ordered_on <= key_date and not order.order.is_test
        ]
        first = OrderComparison(documents, accounts, rules, key_date).run(chains)
        second = BillingComparison(documents, accounts, rules, key_date).run()
        causes = causes_by_order(first)
        receipts = Receipts(documents.extract.items, rules, key_date)
        payments = within_others(match_payments(chains, receipts, key_date), documents, receipts)
        money = self._outside(bearings, accounts).compare(payments, chains, receipts)
        paying = PaymentComparison(
            documents, accounts, rules, key_date, causes, disputed=money.disputed
        )
        third = paying.run(payments)
        chains = list(money.orders)
        comparisons = (first, second, third, money.contents, money.bank)
        shortfalls = Shortfalls(
            documents,
            open_items(documents.extract, key_date),
            payments,
            chains,
            rules=rules,
            key_date=key_date,
            causes={**causes_by_order(third, money.contents, money.bank), **causes},
            spoken_of=money.spoken_of | paying.spoken_of,
            kept=paying.kept,
        )
        findings = (
            *shortfalls.findings(),
            *CreditsAndRefunds(documents, accounts, rules).findings(chains),
            *PartnersAndTerms(documents, accounts, chains, bearings.terms).findings(),
        )
        endings = _endings(comparisons)
        endings.extend(judge(finding, rules, key_date) for finding in findings)
        endings.extend(realised(documents.extract))
        states = invoice_states(chains, documents, rules)
        return PartResult(
            sums={
                equation: dict(comparison.totals[0].sums)
                for equation, comparison in zip(Equation, comparisons, strict=True)
                if comparison.totals and comparison.totals[0].sums
            },
            explained=tuple(endings.explained),
            pending=tuple(endings.pending),
            breaks=tuple(endings.breaks),
            matches=MatchPiece.of(chained.from_iterable(each.matches for each in comparisons)),
            states=states.sums,
            invoices=states.noteworthy,
            facts=self.facts,
            of_whole=self._of_whole(accounts, money),
            valid_until=valid_until(
                key_date,
                self._orders,
                documents.extract,
                self._payouts,
                (*endings.pending, *_pending_in_question(money)),
            ),
        )

    def _outside(self, bearings: Bearings, accounts: Accounts) -> MoneyOutside:
        return MoneyOutside(
            settings=bearings.movements,
            lines=self._bank_lines,
            payouts=self._payouts,
            documents=self._documents,
            accounts=accounts,
            rules=self._rules,
            company_codes=self._assignment.company_codes,
        )

    def _of_whole(self, accounts: Accounts, money: MoneyComparison) -> WholeFacts:
        return whole_facts(
            self._documents,
            self._rules,
            strays=strays(self._documents, accounts, self._rules),
            waiting=money.waiting,
            learnt=money.learnt,
            left_out=money.left_out,
            in_question=money.in_question,
        )


def _endings(comparisons: Iterable[Comparison]) -> Endings:
    found = Endings()
    for each in comparisons:
        found.extend((*each.explained, *each.pending, *each.breaks))
    return found


def _pending_in_question(money: MoneyComparison) -> list[Pending]:
    return [each.ending for each in money.in_question if isinstance(each.ending, Pending)]


def _payout_order(payout: Payout) -> tuple[date, str, str]:
    return payout.paid_on, payout.provider, payout.payout_id
