"""
Which open items a bank line without receipt pays: exact by what its text names, else proposed.

Pure: lines and items go in, matches come out. Only an exact match may be posted by itself; amounts
alone are never more than a proposal that a person releases, and where two solutions fit there is
none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final, Protocol

from connector.reconciliation.cash_discount import discount_base, granted
from connector.reconciliation.matching import MatchRule
from connector.reconciliation.rules import ReconciliationRules
from connector.reconciliation.subsets import only_subset
from connector.sd_documents.model import Frozen
from connector.sd_documents.payment import AccountingDocumentKey, CustomerItem, FiDocument
from connector.sd_documents.values import Money
from connector.statements.model import BankLine, BankLineKey

#: Whether an item may be what a line pays.
Belongs = Callable[[BankLine, "OpenItem"], bool]

#: How long before its payment an invoice may have been posted.
_WINDOW: Final = timedelta(days=180)


class ProposedItem(Frozen):
    """An open item of FI: ``amount`` is what is still open, ``discount`` what may be deducted."""

    key: AccountingDocumentKey
    line_item: int
    customer: str
    amount: Money
    discount: Money


class ProposedLine(Frozen):
    """A bank line by its key."""

    bank_account: str
    bank_reference: str
    amount: Money


class Proposal(Frozen):
    """
    Bank lines and the items that they pay.

    ``is_exact`` tells that a key names the items and the amounts agree, discount included: it may
    be posted as it stands. Anything else waits for a person. ``difference`` is what the lines fall
    short of the items (below zero: exceed them).
    """

    rule: MatchRule
    lines: tuple[ProposedLine, ...]
    items: tuple[ProposedItem, ...]
    difference: Money
    is_exact: bool
    text: str


class NamesInvoices(Protocol):
    """Knows which FI documents of invoices the text of a bank line names."""

    def named_by(self, line: BankLine) -> frozenset[FiDocument]:
        """Return the FI documents that *line* names."""
        ...


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """A bank line without receipt, by its key, with the invoices that its text names."""

    key: BankLineKey
    named: frozenset[FiDocument]


class NamedByWaiting:
    """Tells what lines name, as was found out before."""

    def __init__(self, waiting: Iterable[WaitingLine]) -> None:
        self._named = {each.key: each.named for each in waiting}

    def named_by(self, line: BankLine) -> frozenset[FiDocument]:
        """Return the FI documents that *line* names, none for a line that nobody waits for."""
        return self._named.get(line.key, frozenset())


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An invoice with what belongs to it: what is left of it, and its discount on a day."""

    invoice: CustomerItem
    rest: Decimal
    net: Decimal | None

    def discount(self, line: BankLine, rules: ReconciliationRules) -> Decimal:
        """Return the discount that is earned when *line* pays it; none after a part payment."""
        if self.rest != self.invoice.amount.amount:
            return Decimal(0)
        base = discount_base(self.invoice, self.net, rules.discount_base)
        return granted(self.invoice, base, line.value_date)


def open_items_of(
    items: Iterable[CustomerItem], net_of: Mapping[str, Decimal]
) -> tuple[OpenItem, ...]:
    """Return what is open of each invoice and residual item: partial payments count against it."""
    by_document: dict[FiDocument, list[CustomerItem]] = defaultdict(list)
    for item in items:
        invoice = item.invoice if item.amount.amount < 0 else None
        by_document[invoice or item.document].append(item)
    found: list[OpenItem] = []
    for key in sorted(by_document):
        group = by_document[key]
        receivables = [item for item in group if item.amount.amount > 0]
        if len(receivables) == 1 and len({item.amount.currency for item in group}) == 1:
            rest = sum((item.amount.amount for item in group), Decimal(0))
            if rest > 0:
                net = net_of.get(receivables[0].billing_document)
                found.append(OpenItem(receivables[0], rest, net))
    return tuple(found)


class Proposing:
    """Finds what the lines of one run pay. Lines that pay something are not offered again."""

    def __init__(
        self,
        items: Sequence[OpenItem],
        invoices: NamesInvoices,
        customer_of: Mapping[str, str],
        rules: ReconciliationRules,
    ) -> None:
        """*customer_of* holds customers by what bank lines know of a payer, learnt from matches."""
        self._invoices, self._customer_of, self._rules = invoices, customer_of, rules
        self._free = {_document(item): item for item in items}

    def run(self, lines: Iterable[BankLine]) -> tuple[Proposal, ...]:
        """Return exact matches and proposals for *lines*, the strongest rule first."""
        waiting = sorted(lines, key=lambda line: (line.booking_date, line.key))
        waiting = [line for line in waiting if not self._names_only_paid(line)]
        found: list[Proposal] = []
        for rule in (self._named, self._by_payer, self._by_amount, self._split, self._gathered):
            new = rule(waiting)
            taken = {
                BankLineKey(line.bank_account, line.bank_reference)
                for proposal in new
                for line in proposal.lines
            }
            waiting = [line for line in waiting if line.key not in taken]
            for proposal in new:
                for item in proposal.items:
                    self._free.pop(item.key.document, None)
            found += new
        return tuple(found)

    def _names_only_paid(self, line: BankLine) -> bool:
        """Who pays an invoice again means no other one, whatever else is open over that amount."""
        named = self._invoices.named_by(line)
        return bool(named) and named.isdisjoint(self._free)

    def _named(self, lines: Sequence[BankLine]) -> list[Proposal]:
        """The text names invoices. One that two lines name is paid by neither for certain."""
        wanted: dict[FiDocument, int] = defaultdict(int)
        by_line: dict[BankLineKey, list[OpenItem]] = {}
        for line in lines:
            named = self._invoices.named_by(line)
            items = [item for key, item in sorted(self._free.items()) if key in named]
            by_line[line.key] = [item for item in items if _same_currency(item, line)]
            for item in by_line[line.key]:
                wanted[_document(item)] += 1
        found: list[Proposal] = []
        for line in lines:
            items = by_line[line.key]
            if not items or any(wanted[_document(item)] > 1 for item in items):
                continue
            found.append(self._proposal(MatchRule.REMITTANCE_TEXT, (line,), items, by_key=True))
        return found

    def _by_payer(self, lines: Sequence[BankLine]) -> list[Proposal]:
        return self._unique(
            MatchRule.PAYER_AND_AMOUNT,
            [line for line in lines if self._customer(line)],
            lambda line, item: item.invoice.customer == self._customer(line),
        )

    def _by_amount(self, lines: Sequence[BankLine]) -> list[Proposal]:
        unknown = [line for line in lines if not self._customer(line)]
        return self._unique(MatchRule.AMOUNT_ALONE, unknown, lambda _line, _item: True)

    def _unique(
        self,
        rule: MatchRule,
        lines: Sequence[BankLine],
        belongs: Callable[[BankLine, OpenItem], bool],
    ) -> list[Proposal]:
        by_line: dict[BankLineKey, list[OpenItem]] = {}
        by_item: dict[FiDocument, int] = defaultdict(int)
        for line in lines:
            by_line[line.key] = [
                item
                for _, item in sorted(self._free.items())
                if belongs(line, item) and self._fits(line, item)
            ]
            for item in by_line[line.key]:
                by_item[_document(item)] += 1
        return [
            self._proposal(rule, (line,), by_line[line.key])
            for line in lines
            if len(by_line[line.key]) == 1 and by_item[_document(by_line[line.key][0])] == 1
        ]

    def _fits(self, line: BankLine, item: OpenItem) -> bool:
        amount = line.amount.amount
        return _in_window(line, item) and (
            amount in (item.rest, item.rest - item.discount(line, self._rules))
        )

    def _split(self, lines: Sequence[BankLine]) -> list[Proposal]:
        """One payment for several items of its payer."""
        found: list[Proposal] = []
        for line in lines:
            customer = self._customer(line)
            items = self._of_customer(customer, line) if customer else []
            subset = only_subset([item.rest for item in items], line.amount.amount)
            if subset and all(_document(items[at]) in self._free for at in subset):
                found.append(
                    self._proposal(MatchRule.SUBSET_SUM, (line,), [items[at] for at in subset])
                )
                for at in subset:
                    del self._free[_document(items[at])]
        return found

    def _gathered(self, lines: Sequence[BankLine]) -> list[Proposal]:
        """Several payments of one payer for one item."""
        by_customer: dict[str, list[BankLine]] = defaultdict(list)
        for line in lines:
            if self._customer(line):
                by_customer[self._customer(line)].append(line)
        found: list[Proposal] = []
        for customer, of_customer in sorted(by_customer.items()):
            taken: set[BankLineKey] = set()
            for item in self._of_customer(customer, of_customer[-1]):
                fitting = [
                    line
                    for line in of_customer
                    if line.key not in taken and _same_currency(item, line)
                ]
                subset = only_subset([line.amount.amount for line in fitting], item.rest)
                if subset:
                    part = tuple(fitting[at] for at in subset)
                    taken |= {line.key for line in part}
                    found.append(self._proposal(MatchRule.SUBSET_SUM, part, [item]))
        return found

    def _of_customer(self, customer: str, line: BankLine) -> list[OpenItem]:
        return [
            item
            for _, item in sorted(self._free.items())
            if item.invoice.customer == customer and _in_window(line, item)
        ]

    def _customer(self, line: BankLine) -> str:
        return self._customer_of.get(line.payer_hint, "") if line.payer_hint else ""

    def _proposal(
        self,
        rule: MatchRule,
        lines: tuple[BankLine, ...],
        items: Sequence[OpenItem],
        *,
        by_key: bool = False,
    ) -> Proposal:
        currency = lines[0].amount.currency
        paid = sum((line.amount.amount for line in lines), Decimal(0))
        owed = sum((item.rest for item in items), Decimal(0))
        discounts = [item.discount(lines[0], self._rules) for item in items]
        takes_discount = paid == owed - sum(discounts, Decimal(0)) and paid != owed
        if not takes_discount:
            discounts = [Decimal(0)] * len(items)
        short = owed - sum(discounts, Decimal(0)) - paid
        one_payer = len({item.invoice.customer for item in items}) == 1
        return Proposal(
            rule=rule,
            lines=tuple(
                ProposedLine(
                    bank_account=line.bank_account,
                    bank_reference=line.bank_reference,
                    amount=line.amount,
                )
                for line in lines
            ),
            items=tuple(
                ProposedItem(
                    key=item.invoice.key,
                    line_item=item.invoice.line_item,
                    customer=item.invoice.customer,
                    amount=Money(amount=item.rest, currency=currency),
                    discount=Money(amount=discount, currency=currency),
                )
                for item, discount in zip(items, discounts, strict=True)
            ),
            difference=Money(amount=short, currency=currency),
            is_exact=by_key and not short and one_payer,
            text=_text(short, currency, takes_discount=takes_discount, one_payer=one_payer),
        )


def _text(short: Decimal, currency: str, *, takes_discount: bool, one_payer: bool) -> str:
    if not one_payer:
        return "pays items of several customers"
    if not short:
        return "pays in full, less the discount earned" if takes_discount else "pays in full"
    money = Money(amount=abs(short), currency=currency)
    return f"falls short by {money}" if short > 0 else f"exceeds what is open by {money}"


def _document(item: OpenItem) -> FiDocument:
    return item.invoice.document


def _same_currency(item: OpenItem, line: BankLine) -> bool:
    return item.invoice.amount.currency == line.amount.currency


def _in_window(line: BankLine, item: OpenItem) -> bool:
    posted = item.invoice.posting_date
    return _same_currency(item, line) and line.booking_date - _WINDOW <= posted <= line.booking_date
