"""Adds up the results of parts, one after the other: none of them need stay in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from connector.reconciliation.bearings import Facts
from connector.reconciliation.billing_and_fi import billing_totals
from connector.reconciliation.cash_flow import ReceiptsKey, ReceiptsOfDay
from connector.reconciliation.debits_in_question import DebitInQuestion
from connector.reconciliation.fi_leftovers import Stray
from connector.reconciliation.identities import Comparison, Endings, Identity, IdentityTotals, added
from connector.reconciliation.match_pieces import MatchPiece
from connector.reconciliation.orders_and_billing import order_totals
from connector.reconciliation.part_facts import WholeFacts
from connector.reconciliation.part_result import Equation, PartResult
from connector.reconciliation.payment_states import InvoiceState, StateKey
from connector.reconciliation.payments_and_receipts import payment_totals
from connector.reconciliation.payout_contents import fee_totals
from connector.reconciliation.proposals import WaitingLine
from connector.reconciliation.run_matches import MatchCollector
from connector.sd_documents.payment import FiDocument

ZERO = Decimal(0)


class PartSums:
    """What all parts come to so far; see :class:`PartResult` and :class:`WholeFacts`."""

    def __init__(self, results: Iterable[PartResult] = ()) -> None:
        payments = payment_totals()
        self.totals: dict[Equation, IdentityTotals] = {
            Equation.ORDERS: order_totals(),
            Equation.BILLING: billing_totals(),
            Equation.PAYMENTS: payments,
            Equation.FEES: fee_totals(),
            # What the bank received is what was received, like what the channels did.
            Equation.BANK: payments,
        }
        self.endings = Endings()
        self.matches = MatchCollector()
        self.states: dict[StateKey, tuple[int, Decimal, Decimal]] = {}
        self.invoices: list[InvoiceState] = []
        self.due: dict[FiDocument, date] = {}
        self.receipts: dict[ReceiptsKey, ReceiptsOfDay] = {}
        self.payers: set[tuple[str, str]] = set()
        self.strays: list[Stray] = []
        self.waiting: list[WaitingLine] = []
        self.learnt: set[tuple[str, str]] = set()
        self.nets: dict[str, Decimal] = {}
        self.left_out: Counter[str] = Counter()
        self.in_question: list[DebitInQuestion] = []
        self._counts: Counter[str] = Counter()
        for result in results:
            self.add(result)

    @property
    def facts(self) -> Facts:
        """What the parts show together."""
        return Facts(dict(self._counts))

    def add(self, result: PartResult) -> None:
        """Add one part."""
        for equation, sums in result.sums.items():
            self.totals[equation].add_sums(sums)
        self._add_endings(result)
        for key, (count, amount, rest) in result.states.items():
            counts, amounts, rests = self.states.get(key, (0, ZERO, ZERO))
            self.states[key] = counts + count, amounts + amount, rests + rest
        self.invoices += result.invoices
        counts_of = self._counts
        for name, count in result.facts.counts.items():
            counts_of[name] += count
        self._add_facts(result.of_whole)

    def add_comparison(self, comparison: Comparison) -> None:
        """Add what was compared as a whole; its sums stand for themselves."""
        self.endings.extend((*comparison.explained, *comparison.pending, *comparison.breaks))
        self.matches.add(MatchPiece.of(comparison.matches))

    def identities(self, payouts: Comparison, ledger: Comparison) -> tuple[Identity, ...]:
        """Return all identities, with those of comparisons as a whole."""
        payments = (self.totals[Equation.PAYMENTS], self.totals[Equation.FEES], *payouts.totals)
        return (
            *self.totals[Equation.ORDERS].close(),
            *self.totals[Equation.BILLING].close(),
            *added(identity for totals in payments for identity in totals.close()),
            *(identity for totals in ledger.totals for identity in totals.close()),
        )

    def _add_endings(self, result: PartResult) -> None:
        self.endings.explained += result.explained
        self.endings.pending += result.pending
        self.endings.breaks += result.breaks
        self.matches.add(result.matches)

    def _add_facts(self, facts: WholeFacts) -> None:
        for code, number, year, due in facts.due:
            self.due[code, number, year] = due
        for code, currency, day, amount, count in facts.receipts:
            amounts, counts = self.receipts.get((code, currency, day), (ZERO, 0))
            self.receipts[code, currency, day] = amounts + amount, counts + count
        self.payers.update(facts.payers)
        self.strays += facts.strays
        self.waiting += facts.waiting
        self.learnt.update(facts.learnt)
        self.nets.update(facts.nets)
        self.left_out.update(dict(facts.left_out))
        self.in_question += facts.in_question
