"""Adds bank statements and payouts to the third comparison of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from connector.reconciliation.accounts import Accounts
from connector.reconciliation.bank_lines import BankComparison, numbers_of_billing
from connector.reconciliation.bank_matching import BankMatches, NamedInvoices
from connector.reconciliation.differences import Scope
from connector.reconciliation.identities import Comparison, Identity, IdentityTerm
from connector.reconciliation.matching import Documents, OrderChain
from connector.reconciliation.mirror import MirroredPayment
from connector.reconciliation.movements import MoneyMovements, until
from connector.reconciliation.payout_bank import find_in_bank
from connector.reconciliation.payout_lines import PayoutLines
from connector.reconciliation.payouts import PayoutComparison
from connector.reconciliation.proposals import Proposal, Proposing, open_items_of
from connector.reconciliation.receipt_effect import LineKey
from connector.reconciliation.receipts import PaymentChain, Receipts
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.payment import CustomerItem
from connector.sd_documents.values import Money
from connector.statements.model import BankLine


@dataclass(frozen=True, slots=True)
class MoneyComparison:
    """
    The third comparison with the money outside in it.

    ``spoken_of`` are FI lines that its findings explain, so that nobody reports them again.
    ``orders`` are those of the run, with the refunds that only the provider reports.
    """

    comparison: Comparison
    orders: tuple[OrderChain, ...]
    spoken_of: frozenset[LineKey] = frozenset()
    proposals: tuple[Proposal, ...] = ()


def compare_money(
    movements: MoneyMovements,
    third: Comparison,
    payments: Sequence[PaymentChain],
    orders: Sequence[OrderChain],
    *,
    receipts: Receipts,
    open_items: Sequence[CustomerItem],
    documents: Documents,
    accounts: Accounts,
    rules: ReconciliationRules,
    company_codes: Sequence[str],
) -> MoneyComparison:
    """
    Return *third* with what payouts and bank lines add to it.

    Args:
        payments: the channels' payments with their receipts.
        open_items: the customer items that are open on the key date.
    """
    if not movements:
        return MoneyComparison(third, tuple(orders))
    key_date = documents.key_date
    movements = until(movements, key_date)
    in_bank = find_in_bank(movements.payouts, movements.lines, rules.payout_days)
    own_code = company_codes[0] if len(company_codes) == 1 else ""
    payouts = PayoutComparison(movements, in_bank, accounts, rules, key_date)
    of_payouts = payouts.run(PayoutLines(payments, orders), own_code)
    bank = BankComparison(movements, documents, accounts, rules, company_codes)
    counted = {
        receipt.key
        for payment in payments
        if (receipt := payment.receipt or payment.within) is not None
    }
    lines = [line for line in movements.lines if line.key not in in_bank.taken]
    of_bank = bank.run(lines, receipts.posted(), counted)
    return MoneyComparison(
        comparison=together(third, of_payouts, of_bank),
        orders=tuple(_with_refunds(order, payouts.refunds) for order in orders),
        spoken_of=frozenset(bank.spoken_of),
        proposals=find_proposals(bank.unposted, open_items, documents, rules, bank.found),
    )


def _with_refunds(
    order: OrderChain, refunds: Mapping[str, Sequence[MirroredPayment]]
) -> OrderChain:
    found = refunds.get(order.mirrored.name, ())
    if not found:
        return order
    mirrored = order.mirrored
    return replace(order, mirrored=replace(mirrored, refunds=(*mirrored.refunds, *found)))


def find_proposals(
    lines: Iterable[BankLine],
    open_items: Iterable[CustomerItem],
    documents: Documents,
    rules: ReconciliationRules,
    found: BankMatches | None = None,
) -> tuple[Proposal, ...]:
    """
    Return what *lines*, which have no receipt yet, pay of *open_items*.

    *found* are the lines with receipts: they teach which customer stands behind a payer's account.
    Exact matches may be posted, see :class:`Proposal`; pure, for whoever posts them.
    """
    items, lines = tuple(open_items), tuple(lines)
    net_of = {each.number: each.net_amount.amount for each in documents.billing_documents}
    return Proposing(
        open_items_of(items, net_of),
        NamedInvoices(items, numbers_of_billing(documents), lines),
        {} if found is None else found.customers,
        rules,
    ).run(lines)


def together(*comparisons: Comparison) -> Comparison:
    """Return *comparisons* as one: terms of the same equation in the same scope add up."""
    return Comparison(
        identities=added(identity for each in comparisons for identity in each.identities),
        matches=tuple(match for each in comparisons for match in each.matches),
        explained=tuple(one for each in comparisons for one in each.explained),
        pending=tuple(one for each in comparisons for one in each.pending),
        breaks=tuple(one for each in comparisons for one in each.breaks),
    )


def added(identities: Iterable[Identity]) -> tuple[Identity, ...]:
    """Add up equations of the same name and scope, term by term."""
    found: dict[tuple[int, str, Scope], Identity] = {}
    for identity in identities:
        key = identity.number, identity.name, identity.scope
        known = found.get(key)
        found[key] = identity if known is None else _sum(known, identity)
    return tuple(found[key] for key in sorted(found, key=lambda k: (k[0], k[1], k[2].sort_key)))


def _sum(one: Identity, other: Identity) -> Identity:
    terms: dict[str, IdentityTerm] = {term.label: term for term in one.right}
    for term in other.right:
        terms[term.label] = _both(terms[term.label], term) if term.label in terms else term
    return one.model_copy(
        update={
            "left": _both(one.left, other.left),
            "right": tuple(terms.values()),
            "difference": one.difference + other.difference,
        }
    )


def _both(one: IdentityTerm, other: IdentityTerm) -> IdentityTerm:
    amount: Money = one.amount + other.amount
    return one.model_copy(update={"amount": amount, "count": one.count + other.count})
