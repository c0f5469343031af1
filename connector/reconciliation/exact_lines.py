"""
What bank lines without a receipt pay, line after line: exact by key, else proposed, else on
account.

Lines are taken in the order in which they were booked: of two that name one invoice the earlier
pays it, and nothing is left for the later. Only where different payers name one invoice nobody can
tell, and a person decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from connector.reconciliation.bank_matching import BankMatches, NamedInvoices
from connector.reconciliation.match_rules import MatchRule
from connector.reconciliation.proposals import (
    OpenItem,
    Proposal,
    Proposing,
    open_items_of,
)
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.payment import CustomerItem, FiDocument
from connector.sd_documents.values import Money, display_number
from connector.statements.model import BankLine, BankLineKey


@dataclass(frozen=True, slots=True)
class PaidItem:
    """
    An open item with the part payments that already stand against it.

    ``discount`` is what of it was earned when it was paid, in full (tax included).
    """

    items: tuple[CustomerItem, ...]
    discount: Decimal = Decimal(0)

    @property
    def invoice(self) -> CustomerItem:
        return self.items[0]

    @property
    def rest(self) -> Decimal:
        return sum((item.amount.amount for item in self.items), Decimal(0))


@dataclass(frozen=True, slots=True)
class LineToPost:
    """
    A bank line with what it pays.

    ``is_exact`` tells that a key names the items and the amounts agree. ``customer`` is the payer,
    empty where nobody can tell. ``difference`` is what the line falls short of the items.
    ``is_postable`` is off for what a person has to reverse or to look into.
    """

    line: BankLine
    rule: str
    reason: str
    items: tuple[PaidItem, ...] = ()
    customer: str = ""
    difference: Money | None = None
    is_exact: bool = False
    is_postable: bool = True
    #: Invoices that the text names and that are not open any more.
    names_paid: tuple[str, ...] = ()


def lines_to_post(
    lines: Sequence[BankLine],
    items: Iterable[CustomerItem],
    net_of: Mapping[str, Decimal],
    *,
    invoices: NamedInvoices,
    found: BankMatches,
    rules: ReconciliationRules,
) -> tuple[LineToPost, ...]:
    """
    Return *lines* with what they pay of the open *items*, in the order in which they were booked.

    *invoices* are those that lines name, paid or not; *found* tells which lines may have a receipt
    already, and which customer stands behind a payer's account.
    """
    return _Lines(items, net_of, invoices, found, rules).run(lines)


class _Lines:
    def __init__(
        self,
        items: Iterable[CustomerItem],
        net_of: Mapping[str, Decimal],
        invoices: NamedInvoices,
        found: BankMatches,
        rules: ReconciliationRules,
    ) -> None:
        self._invoices, self._found, self._rules = invoices, found, rules
        receivables = tuple(item for item in items if not item.special_gl_indicator)
        self._free = {_document(item): item for item in open_items_of(receivables, net_of)}
        self._parts: dict[FiDocument, list[CustomerItem]] = defaultdict(list)
        for item in receivables:
            if item.amount.amount < 0 and item.invoice is not None:
                self._parts[item.invoice].append(item)

    def run(self, lines: Sequence[BankLine]) -> tuple[LineToPost, ...]:
        ordered = sorted(lines, key=lambda line: (line.booking_date, line.position, line.key))
        result: dict[BankLineKey, LineToPost] = {}
        contested = self._contested(ordered)
        for line in ordered:
            if line.amount.amount < 0:
                result[line.key] = self._taken_back(line)
            elif line.key in self._found.ambiguous:
                result[line.key] = self._ambiguous(line)
            elif exact := self._exact(line, contested):
                result[line.key] = exact
        waiting = [line for line in ordered if line.key not in result]
        result |= self._proposed(waiting)
        for line in waiting:
            if line.key not in result:
                result[line.key] = self._without_items(line, contested)
        return tuple(result[line.key] for line in ordered)

    def _exact(self, line: BankLine, contested: frozenset[FiDocument]) -> LineToPost | None:
        named = self._invoices.named_by(line)
        if not named or named & contested:
            return None
        own = [item for key, item in sorted(self._free.items()) if key in named]
        proposals = Proposing(own, self._invoices, {}, self._rules).run((line,)) if own else ()
        # What the text names and is paid already is no part of this payment for certain.
        if len(proposals) != 1 or not proposals[0].is_exact or self._names_paid(line, named):
            return None
        result = self._with_items(line, proposals[0])
        for item in result.items:
            del self._free[item.invoice.document]
        return result

    def _contested(self, lines: Sequence[BankLine]) -> frozenset[FiDocument]:
        """Return the invoices that different payers name."""
        payers: dict[FiDocument, set[str]] = defaultdict(set)
        for line in lines:
            if line.amount.amount > 0:
                for document in self._invoices.named_by(line):
                    payers[document].add(line.payer_hint)
        return frozenset(document for document, hints in payers.items() if len(hints) > 1)

    def _proposed(self, lines: Sequence[BankLine]) -> dict[BankLineKey, LineToPost]:
        by_key = {line.key: line for line in lines}
        proposals = Proposing(
            list(self._free.values()), self._invoices, self._found.customers, self._rules
        ).run(lines)
        return {
            key: self._with_items(by_key[key], proposal)
            for proposal in proposals
            for each in proposal.lines
            if (key := BankLineKey(each.bank_account, each.bank_reference)) in by_key
        }

    def _with_items(self, line: BankLine, proposal: Proposal) -> LineToPost:
        items = tuple(
            PaidItem(self._group(self._free[each.key.document]),
                     each.discount.amount)
            for each in proposal.items
        )  # fmt: skip
        customers = {item.invoice.customer for item in items}
        owed = sum((item.rest - item.discount for item in items), Decimal(0))
        currency = line.amount.currency
        reason = proposal.text
        if not proposal.is_exact and proposal.rule is not MatchRule.REMITTANCE_TEXT:
            reason = f"{reason}, by {proposal.rule.value}: no key names it"
        if proposal.rule is MatchRule.REMITTANCE_TEXT:
            paid = self._names_paid(line, self._invoices.named_by(line))
            reason += f"; {', '.join(paid)} named as well is not open" if paid else ""
        return LineToPost(
            line=line,
            rule=proposal.rule.value,
            reason=reason + self._missed(line, items),
            items=items,
            customer=customers.pop() if len(customers) == 1 else "",
            difference=Money(amount=owed - line.amount.amount, currency=currency),
            is_exact=proposal.is_exact,
            is_postable=len({item.invoice.customer for item in items}) == 1,
        )

    def _missed(self, line: BankLine, items: Sequence[PaidItem]) -> str:
        """Say that a discount was allowed and is not earned any more, where that is the rest."""
        late = [item.invoice for item in items if not item.discount]
        missed = [
            item for item in late if item.cash_discount_percent_1 and item.cash_discount_days_1
        ]
        if not missed or line.amount.amount >= sum((i.rest for i in items), Decimal(0)):
            return ""
        percent = missed[0].cash_discount_percent_1.normalize()
        return (
            f"; a cash discount of {percent:f} % was allowed within "
            f"{missed[0].cash_discount_days_1} days"
        )

    def _group(self, item: OpenItem) -> tuple[CustomerItem, ...]:
        return (item.invoice, *self._parts.get(_document(item), ()))

    def _names_paid(self, line: BankLine, named: frozenset[FiDocument]) -> tuple[str, ...]:
        # A number alone may mean those of several years: one that is open is meant then.
        still = {number for _, number, _ in self._free}
        paid = {number for _, number, _ in named} - still
        return tuple(sorted(map(display_number, paid)))

    def _without_items(self, line: BankLine, contested: frozenset[FiDocument]) -> LineToPost:
        named = self._invoices.named_by(line)
        customers = {item.customer for document in named for item in self._invoices.items[document]}
        if not customers and line.payer_hint in self._found.customers:
            customers = {self._found.customers[line.payer_hint]}
        paid = self._names_paid(line, named)
        if named & contested:
            reason = "several payers name the same invoice"
        elif paid:
            reason = f"names {', '.join(paid)}, which is not open any more"
        elif customers:
            reason = "the payer is known, and nothing of what is open fits"
        else:
            reason = "neither the text nor the payer names anything"
        return LineToPost(
            line=line,
            rule="",
            reason=reason,
            customer=customers.pop() if len(customers) == 1 and not named & contested else "",
            names_paid=paid,
        )

    def _ambiguous(self, line: BankLine) -> LineToPost:
        rule, receipts = self._found.ambiguous[line.key]
        named = ", ".join(str(each) for each in receipts)
        reason = f"may be posted already: by {rule.value} it may be each of {named}"
        return LineToPost(line=line, rule=rule.value, reason=reason, is_postable=False)

    def _taken_back(self, line: BankLine) -> LineToPost:
        reason = (
            "the bank took a payment back: reverse its receipt in the ERP, nothing is posted here"
        )
        return LineToPost(line=line, rule="", reason=reason, is_postable=False)


def _document(item: OpenItem) -> FiDocument:
    return item.invoice.document
