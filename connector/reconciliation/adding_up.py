"""
Makes a run of the results of its parts, and of what is looked at as a whole.

Open items and balances are tied out here, and aged; payouts are held against the bank; bank lines
without receipt are offered what is still open. Nothing depends on how the records were divided.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from connector.reconciliation.ageing import age
from connector.reconciliation.ageing_reasons import age_by_reason
from connector.reconciliation.bank_matching import single_customers
from connector.reconciliation.bearings import Bearings, assignment_reading, bearings_of
from connector.reconciliation.billing_and_fi import add_orphans
from connector.reconciliation.cash_flow import cash_flow
from connector.reconciliation.debits_in_question import decide
from connector.reconciliation.differences import judge
from connector.reconciliation.dunning import dunning_rows
from connector.reconciliation.extract import item_key
from connector.reconciliation.fi_leftovers import orphan_items
from connector.reconciliation.items_and_ledger import compare_items_with_ledger, still_open
from connector.reconciliation.movements import MoneyMovements, with_left_out
from connector.reconciliation.ordering import aged_to, in_total_order
from connector.reconciliation.part_result import Equation, PartResult
from connector.reconciliation.part_sums import PartSums
from connector.reconciliation.parts import movements_of_run
from connector.reconciliation.payers import payer_rows
from connector.reconciliation.payment_states import counted
from connector.reconciliation.payouts import PayoutComparison
from connector.reconciliation.proposals import NamedByWaiting, Proposal, Proposing, open_items_of
from connector.reconciliation.report import ReconciliationRun, Verdict, matched_by
from connector.reconciliation.rules import ReconciliationRules
from connector.reconciliation.run_assignment import Assignment
from connector.reconciliation.sealing import run_header, sealed, verdict_of
from connector.reconciliation.sources import SourceReading
from connector.reconciliation.stale import stale_findings
from connector.reconciliation.tolerance_use import absorbed
from connector.sd_documents.payment import AccountBalance, CustomerItem
from connector.statements.model import BankLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """
    What is not looked at in parts.

    ``now`` is the instant of reading, aware UTC. ``open_items`` are those that the ERP called open
    on the key date, ``balances`` those of its ledger. ``sources`` are the control totals of
    everything; ``is_stale`` tells that the channels were not read until the key date.
    """

    now: datetime
    open_items: Sequence[CustomerItem] = ()
    balances: Sequence[AccountBalance] = ()
    movements: MoneyMovements = field(default_factory=MoneyMovements)
    sources: tuple[SourceReading, ...] = ()
    is_stale: bool = False


def add_up(
    assignment: Assignment, bearings: Bearings, results: Iterable[PartResult], whole: Whole
) -> ReconciliationRun:
    """
    Return the run that *results* and *whole* come to.

    Raises:
        ValueError: *bearings* are not what the facts of *results* show; all parts must be evaluated
            anew under those.
    """
    rules, key_date = assignment.rules, assignment.key_date
    sums = PartSums(results)
    facts = sums.facts
    if bearings_of(facts, rules, whole.balances, whole.movements) != bearings:
        raise ValueError("the parts were evaluated under other bearings than they show together")
    called_open = sorted(whole.open_items, key=item_key)
    items = still_open(called_open, key_date)
    bank = sums.totals[Equation.BANK]
    left_out = sums.left_out + decide(sums.in_question, items, bank, sums.endings)
    whole = replace(whole, sources=with_left_out(whole.sources, left_out))
    outside = movements_of_run(whole.movements, key_date, rules)
    payouts = PayoutComparison(
        whole.movements,
        outside.in_bank,
        assignment.company_codes,
        rules,
        key_date,
        restricted=assignment.restricted,
    ).run(outside.payouts)
    ledger = compare_items_with_ledger(
        called_open,
        sorted(whole.balances, key=lambda b: (b.company_code, b.account, b.currency)),
        assignment.company_codes,
        rules,
        key_date,
    )
    sums.add_comparison(payouts)
    sums.add_comparison(ledger)
    orphans = orphan_items(items, sums.strays, sums.payers)
    sums.endings.extend(add_orphans(sums.totals[Equation.BILLING], orphans, rules, key_date))
    if whole.is_stale:
        findings = stale_findings(whole.sources, key_date)
        sums.endings.extend(judge(finding, rules, key_date) for finding in findings)
    return _run(
        assignment,
        whole,
        sums,
        ReconciliationRun(
            header=run_header(assignment, whole.now),
            verdict=Verdict.RECONCILED,
            identities=sums.identities(payouts, ledger),
            proposals=_proposals(outside.bank_lines, items, sums, rules),
            ageing=age(items, sums.due, rules, key_date),
            ageing_reasons=age_by_reason(items, sums.due, rules, key_date),
            assignment=assignment_reading(facts, rules),
            payers=payer_rows(items, sums.due, rules, key_date),
            cash_flow=cash_flow(items, sums.receipts, sums.due, rules, key_date),
            dunning=dunning_rows(items, sums.due, rules, key_date),
        ),
    )


def _run(
    assignment: Assignment, whole: Whole, sums: PartSums, run: ReconciliationRun
) -> ReconciliationRun:
    """Return *run* with its lists in order, its verdict and its hash."""
    endings, key_date = sums.endings, assignment.key_date
    explained = in_total_order(endings.explained, lambda e: (e.identity, e.reason, repr(e.keys)))
    pending = in_total_order(
        aged_to(key_date, endings.pending), lambda p: (p.identity, p.break_on, p.code, p.id)
    )
    breaks = in_total_order(aged_to(key_date, endings.breaks), lambda b: (b.identity, b.code, b.id))
    return sealed(
        run.model_copy(
            update={
                "verdict": verdict_of(whole.sources, run.identities, pending, breaks),
                "sources": whole.sources,
                **matched_by(sums.matches.matches()),
                "explained": explained,
                "absorbed": absorbed(explained),
                "pending": pending,
                "breaks": breaks,
                "payment_states": counted(sums.states),
                "invoices": in_total_order(sums.invoices, lambda each: (each.order, each.invoice)),
            }
        )
    )


def _proposals(
    lines: Iterable[BankLine],
    items: Sequence[CustomerItem],
    sums: PartSums,
    rules: ReconciliationRules,
) -> tuple[Proposal, ...]:
    """Offer to the lines that have no receipt what is still open."""
    if not sums.waiting:
        return ()
    wanted = {each.key for each in sums.waiting}
    return Proposing(
        open_items_of(items, sums.nets),
        NamedByWaiting(sums.waiting),
        single_customers(sums.learnt),
        rules,
    ).run(line for line in lines if line.key in wanted)
