"""
Puts the four comparisons together into one run.

:func:`run_reconciliation` is pure: what was read goes in, the run comes out. :func:`read_and_run`
reads store and ERP before. Keeping a run is the business of `recording`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from importlib import metadata

from connector.ports.erp import Erp
from connector.ports.store import FlowStore
from connector.reconciliation.accounts import Accounts
from connector.reconciliation.ageing import age, due_dates
from connector.reconciliation.ageing_reasons import age_by_reason
from connector.reconciliation.billing_and_fi import BillingComparison
from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.cash_flow import cash_flow
from connector.reconciliation.collective_receipts import within_others
from connector.reconciliation.credits_and_refunds import CreditsAndRefunds
from connector.reconciliation.differences import (
    Break,
    Explained,
    Finding,
    Pending,
    Scope,
    Side,
    judge,
)
from connector.reconciliation.dunning import dunning_rows
from connector.reconciliation.exchange import realised
from connector.reconciliation.extract import ErpExtract, in_order, read_erp
from connector.reconciliation.identities import ORDERS_TO_BILLING, Comparison, Endings, Identity
from connector.reconciliation.items_and_ledger import compare_items_with_ledger, open_items
from connector.reconciliation.matching import Documents, Match, match_order
from connector.reconciliation.mirror import MirroredOrder, read_mirror
from connector.reconciliation.money_comparison import compare_money
from connector.reconciliation.movements import MoneyMovements, movement_sources, until
from connector.reconciliation.orders_and_billing import OrderComparison
from connector.reconciliation.partners_and_terms import PartnersAndTerms
from connector.reconciliation.payers import payer_rows
from connector.reconciliation.payment_states import counted, invoice_states, noteworthy
from connector.reconciliation.payments_and_receipts import PaymentComparison
from connector.reconciliation.readings import (
    CHANNEL_PAYMENTS,
    EXTERNAL_ORDERS,
    erp_sources,
    is_stale,
    store_sources,
)
from connector.reconciliation.receipts import Receipts, match_payments
from connector.reconciliation.report import (
    MatchSummary,
    ReconciliationRun,
    RunHeader,
    Verdict,
    hash_content,
)
from connector.reconciliation.rules import ReconciliationRules
from connector.reconciliation.shortfalls import Shortfalls
from connector.reconciliation.sources import SourceReading
from connector.reconciliation.tolerance_use import absorbed
from connector.sd_documents.values import Money


@dataclass(frozen=True, slots=True)
class Assignment:
    """
    What a run is about.

    ``key_date`` is a day in ``time_zone`` (IANA name); ``company_codes`` are those whose customer
    accounts are tied out. No ``currencies`` mean all; ``restricted`` leaves out what belongs to
    other company codes, or to none yet.
    """

    key_date: date
    company_codes: tuple[str, ...]
    time_zone: str
    rules: ReconciliationRules = field(default_factory=ReconciliationRules)
    currencies: tuple[str, ...] = ()
    restricted: bool = False


def run_reconciliation(
    assignment: Assignment,
    orders: Iterable[MirroredOrder],
    extract: ErpExtract,
    *,
    now: datetime,
    intake_complete_until: datetime | None = None,
    movements: MoneyMovements | None = None,
) -> ReconciliationRun:
    """
    Compare *orders* with *extract* at the assignment's key date. Pure: reads no clock or database.

    Args:
        orders: external orders in any order; those after the key date are left out.
        now: the instant of reading, aware UTC.
        intake_complete_until: until when all channels are known to be read; empty where nobody
            keeps track, and then age is not judged.
        movements: bank statements and payouts; empty where none are read.
    """
    key_date, rules = assignment.key_date, assignment.rules
    movements = movements or MoneyMovements()
    extract = in_order(extract)
    all_orders = sorted(orders, key=lambda order: order.name)
    stale = intake_complete_until is not None and is_stale(
        intake_complete_until, key_date, assignment.time_zone, now, rules
    )
    sources = (
        *store_sources(all_orders, intake_complete_until, stale=stale),
        *erp_sources(extract, now),
        *movement_sources(until(movements, key_date), key_date, rules.statement_grace_days),
    )
    documents = Documents(extract, key_date, rules.assignment_content)
    accounts = Accounts(documents, assignment.company_codes, rules)
    chains = [
        match_order(order, documents)
        for order in all_orders
        if order.ordered_on <= key_date and not order.order.is_test
    ]
    first = OrderComparison(documents, accounts, rules, key_date).run(chains)
    second = BillingComparison(documents, accounts, rules, key_date).run()
    causes = causes_by_order(first)
    receipts = Receipts(extract.items, rules, key_date)
    payments = within_others(match_payments(chains, receipts, key_date), documents, receipts)
    items = open_items(extract, key_date)
    paying = PaymentComparison(documents, accounts, rules, key_date, causes)
    money = compare_money(
        movements,
        paying.run(payments),
        payments,
        chains,
        receipts=receipts,
        open_items=items,
        documents=documents,
        accounts=accounts,
        rules=rules,
        company_codes=assignment.company_codes,
    )
    third, chains = money.comparison, list(money.orders)
    fourth = compare_items_with_ledger(extract, assignment.company_codes, rules, key_date)
    further = Endings()
    shortfalls = Shortfalls(
        documents,
        items,
        payments,
        chains,
        rules=rules,
        key_date=key_date,
        causes={**causes_by_order(third), **causes},
        spoken_of=money.spoken_of | paying.spoken_of,
        kept=paying.kept,
    )
    findings = (
        *shortfalls.findings(),
        *CreditsAndRefunds(documents, accounts, rules).findings(chains),
        *PartnersAndTerms(documents, accounts, chains).findings(),
    )
    further.extend(judge(finding, rules, key_date) for finding in findings)
    further.extend(realised(extract))
    further.extend(_stale_breaks(sources, rules, key_date) if stale else ())
    invoices = due_dates(extract.items)
    states = invoice_states(chains, documents, rules)
    return _finish(
        assignment,
        sources,
        (first, second, third, fourth),
        further,
        ReconciliationRun(
            header=run_header(assignment, now),
            verdict=Verdict.RECONCILED,
            proposals=money.proposals,
            ageing=age(items, extract.items, rules, key_date),
            ageing_reasons=age_by_reason(items, invoices, rules, key_date),
            assignment=documents.assignment,
            payers=payer_rows(items, invoices, rules, key_date),
            cash_flow=cash_flow(items, extract.items, invoices, rules, key_date),
            dunning=dunning_rows(items, invoices, rules, key_date),
            payment_states=counted(states),
            invoices=noteworthy(states),
        ),
    )


def causes_by_order(comparison: Comparison) -> dict[str, str]:
    """Return, by order name, the id of the difference that weighs most in *comparison*."""
    weights: dict[str, tuple[bool, Decimal, str]] = {}
    for difference in (*comparison.pending, *comparison.breaks):
        name = f"{difference.key('channel')}/{difference.key('external_id')}"
        amount = abs(difference.difference.amount) if difference.difference else Decimal(0)
        weight = isinstance(difference, Break), amount, difference.id
        weights[name] = max(weights.get(name, weight), weight)
    return {name: id_ for name, (_, _, id_) in weights.items()}


def _stale_breaks(
    sources: Sequence[SourceReading], rules: ReconciliationRules, key_date: date
) -> list[Explained | Pending | Break]:
    return [
        judge(
            Finding(
                code=BreakCode.STALE_DATA,
                identity=ORDERS_TO_BILLING,
                scope=Scope(company_code="", currency=""),
                subject=source.name,
                keys={"source": source.name},
                outside=Side(what=source.name),
                erp=Side(what="key date"),
                since=key_date,
                text="; ".join(source.problems),
            ),
            rules,
            key_date,
        )
        for source in sources
        if source.name in (EXTERNAL_ORDERS, CHANNEL_PAYMENTS) and source.problems
    ]


def _finish(
    assignment: Assignment,
    sources: tuple[SourceReading, ...],
    comparisons: Sequence[Comparison],
    further: Endings,
    run: ReconciliationRun,
) -> ReconciliationRun:
    identities = tuple(identity for c in comparisons for identity in c.identities)
    matches = sorted(
        (match for c in comparisons for match in c.matches),
        key=lambda match: (match.identity, match.outside, match.erp),
    )
    explained = sorted(
        [*(e for c in comparisons for e in c.explained), *further.explained],
        key=lambda e: (e.identity, e.reason, repr(e.keys)),
    )
    pending = sorted(
        [*(p for c in comparisons for p in c.pending), *further.pending],
        key=lambda p: (p.identity, p.break_on, p.code, p.id),
    )
    breaks = sorted(
        [*(b for c in comparisons for b in c.breaks), *further.breaks],
        key=lambda b: (b.identity, b.code, b.id),
    )
    run = run.model_copy(
        update={
            "sources": sources,
            "identities": identities,
            "matched": summarize(matches),
            "matches": tuple(matches),
            "explained": tuple(explained),
            "absorbed": absorbed(explained),
            "pending": tuple(pending),
            "breaks": tuple(breaks),
            "verdict": verdict_of(sources, identities, pending, breaks),
        }
    )
    return sealed(run)


def verdict_of(
    sources: Iterable[SourceReading],
    identities: Iterable[Identity],
    pending: Sequence[Pending],
    breaks: Sequence[Break],
) -> Verdict:
    """
    Return the verdict; a source that must not be relied on outweighs everything it seems to show.

    An open fourth identity is a break, and an open one of the others a defect of the run itself.
    """
    ties = {
        difference.scope for difference in breaks if difference.code is BreakCode.SUBLEDGER_GL_DIFF
    }
    if any(source.problems for source in sources):
        return Verdict.INCOMPLETE
    if any(not identity.holds and identity.scope not in ties for identity in identities):
        return Verdict.INCOMPLETE
    if breaks:
        return Verdict.BREAKS
    return Verdict.WITH_PENDING if pending else Verdict.RECONCILED


def summarize(matches: Iterable[Match]) -> tuple[MatchSummary, ...]:
    """Count and add up matches per comparison, rule and currency."""
    sums: dict[tuple[int, str, str], tuple[int, Decimal]] = {}
    for match in matches:
        key = match.identity, match.rule.value, match.amount.currency
        count, amount = sums.get(key, (0, Decimal(0)))
        sums[key] = count + 1, amount + match.amount.amount
    return tuple(
        MatchSummary(
            identity=identity,
            rule=rule,
            currency=currency,
            count=count,
            amount=Money(amount=amount, currency=currency),
        )
        for (identity, rule, currency), (count, amount) in sorted(sums.items())
    )


def run_header(assignment: Assignment, now: datetime) -> RunHeader:
    """Return the header of a run that reads at *now*; its id is still empty."""
    return RunHeader(
        run_id="",
        key_date=assignment.key_date,
        time_zone=assignment.time_zone,
        company_codes=assignment.company_codes,
        program_version=metadata.version("sd-connector"),
        rules_sha256=assignment.rules.sha256,
        rules_version=assignment.rules.version,
        started_at=now,
        finished_at=now,
        currencies=assignment.currencies,
        restricted=assignment.restricted,
    )


def sealed(run: ReconciliationRun) -> ReconciliationRun:
    """Fill the content hash, and the run id where it is empty."""
    content_hash = hash_content(run)
    header = run.header
    if not header.run_id:
        run_id = f"{stamp_of(header.started_at)}-{content_hash[:8]}"
        header = header.model_copy(update={"run_id": run_id})
    return run.model_copy(update={"content_hash": content_hash, "header": header})


def stamp_of(instant: datetime) -> str:
    """Return the sortable UTC time that run ids begin with."""
    return f"{instant:%Y%m%dT%H%M%S}{instant.microsecond:06d}Z"


def read_and_run(
    assignment: Assignment,
    store: FlowStore,
    erp: Erp,
    now: datetime,
    *,
    intake_complete_until: datetime | None = None,
    movements: MoneyMovements | None = None,
) -> ReconciliationRun:
    """
    Read store and ERP at *now*, and compare, with *movements* of money outside.

    Raises:
        ConnectorError: one of them could not be read.
    """
    orders = list(read_mirror(store, assignment.time_zone))
    extract = read_erp(erp, orders, assignment.key_date, assignment.company_codes, assignment.rules)
    return run_reconciliation(
        assignment,
        orders,
        extract,
        now=now,
        intake_complete_until=intake_complete_until,
        movements=movements,
    )
