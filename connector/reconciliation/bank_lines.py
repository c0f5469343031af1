"""
Third comparison, the bank's side: what customers transferred against the receipts in FI.

A bank line that is no payout either has a receipt, then what was received is applied, discount or
on account; or it has none yet. A second line of the same payer, amount and text whose money is
still unused is a payment made twice.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from decimal import Decimal

from connector.reconciliation.accounts import Accounts
from connector.reconciliation.bank_findings import bank_finding, keys_of, subject_of
from connector.reconciliation.bank_matching import (
    BankMatches,
    BankMatching,
    NamedInvoices,
    numbers_of_billing,
)
from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.cash_discount import explained_discount
from connector.reconciliation.debits_in_question import DebitInQuestion
from connector.reconciliation.differences import (
    Finding,
    Key,
    Scope,
    judge,
    scope_for,
)
from connector.reconciliation.identities import (
    PAYMENTS_TO_RECEIPTS,
    Comparison,
    Endings,
)
from connector.reconciliation.matching import Documents, Match
from connector.reconciliation.movements import BankAccount, MoneyMovements
from connector.reconciliation.paid_back import PaidBack, is_plain_debit
from connector.reconciliation.payments_and_receipts import (
    APPLIED,
    DIFFERENCES,
    NOT_POSTED,
    RECEIVED,
    UNAPPLIED,
    payment_totals,
)
from connector.reconciliation.receipt_effect import LineKey, ReceiptEffects
from connector.reconciliation.receipts import DocumentKey, Receipt
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.payment import FiDocument
from connector.sd_documents.values import display_number
from connector.statements.model import BankLine, BankLineKey


class BankComparison:
    """Compares the bank lines of a run; ``spoken_of`` are FI lines that its findings explain."""

    def __init__(
        self,
        movements: MoneyMovements,
        documents: Documents,
        accounts: Accounts,
        rules: ReconciliationRules,
        company_codes: Sequence[str],
        *,
        lines: Sequence[BankLine],
    ) -> None:
        """*movements* knows the bank accounts of the settings; *lines* are all to be looked at."""
        self._movements, self._documents = movements, documents
        self._accounts, self._rules = accounts, rules
        self._company_codes = tuple(company_codes)
        self._key_date = documents.key_date
        self._totals = payment_totals()
        self._endings = Endings()
        self._matches: list[Match] = []
        items = documents.extract.items
        self._effects = ReceiptEffects(items, documents.net_amounts, rules, self._key_date)
        self._invoices = NamedInvoices(
            (item for item in items if item.posting_date <= self._key_date),
            numbers_of_billing(documents),
            lines,
        )
        self._items = items
        #: How many debits of each bank account have nothing to do with customers.
        self.left_out: Counter[str] = Counter()
        #: Debits that pay customers back if the whole says that these are owed anything.
        self.in_question: list[DebitInQuestion] = []
        self.spoken_of: set[LineKey] = set()
        #: Lines without a receipt, from which payments may be posted.
        self.unposted: list[BankLine] = []
        self.found = BankMatches()

    def run(
        self,
        lines: Iterable[BankLine],
        receipts: Sequence[Receipt],
        counted: Collection[DocumentKey],
    ) -> Comparison:
        """
        Compare *lines*, payouts left out, with *receipts*.

        *counted* are receipts whose payment a channel has reported: their money is in the identity
        already, and their line is matched without counting it again.
        """
        taken = [line for line in lines if self._is_ours(line)]
        debits = {each.key: self._invoices.words(each) for each in taken if is_plain_debit(each)}
        paid_back = PaidBack(
            (item for item in self._items if item.posting_date <= self._key_date),
            numbers_of_billing(self._documents) if debits else {},
            (receipt for receipt in receipts if receipt.settled < 0),
            debits=debits,
            rules=self._rules,
            key_date=self._key_date,
        )
        matching = BankMatching(taken, receipts, self._invoices, self._effects, paid_back)
        self.found = matching.run()
        certain = [line for line in taken if self._is_customers(line, paid_back)]
        doubles = self._doubles(certain)
        for line in certain:
            self._compare(line, counted, doubles.get(line.key))
        self._ask(taken, certain, paid_back)
        return Comparison(
            totals=(self._totals,),
            matches=tuple(self._matches),
            explained=tuple(self._endings.explained),
            pending=tuple(self._endings.pending),
            breaks=tuple(self._endings.breaks),
        )

    def named_by(self, line: BankLine) -> frozenset[FiDocument]:
        """Return the FI documents of the invoices that *line* names, open or paid."""
        return self._invoices.named_by(line)

    def _is_customers(self, line: BankLine, paid_back: PaidBack) -> bool:
        """Of what leaves the account only what pays customers back is looked at."""
        return (
            not is_plain_debit(line)
            or line.key in self.found.receipts
            or line.key in self.found.ambiguous
            or paid_back.owes_exactly(line)
        )

    def _ask(
        self, taken: Iterable[BankLine], certain: Iterable[BankLine], paid_back: PaidBack
    ) -> None:
        """Note the other debits: in question where they name documents, left out where not."""
        known = {line.key for line in certain}
        named = {
            line.key: customers
            for line in taken
            if line.key not in known and (customers := paid_back.customers_of_named(line))
        }
        doubles = self._doubles(line for line in taken if line.key in known | named.keys())
        for line in taken:
            if line.key in known:
                continue
            if line.key not in named:
                self.left_out[line.bank_account] += 1
                continue
            finding = self._missing(line, self._scope(line, None), doubles.get(line.key))
            self.in_question.append(
                DebitInQuestion(
                    bank_account=line.bank_account,
                    customers=named[line.key],
                    currency=line.amount.currency,
                    amount=line.amount.amount,
                    ending=judge(finding, self._rules, self._key_date),
                )
            )

    def _is_ours(self, line: BankLine) -> bool:
        account = self._movements.account(line.bank_account)
        if account is None and self._movements.accounts:
            return False
        ignored = account.ignored if account else ()
        return (
            _moves_money_of_customers(line)
            and self._accounts.covers(self._company_code(account))
            and not any(pattern.search(line.text) for pattern in ignored)
        )

    def _company_code(self, account: BankAccount | None) -> str:
        if account is not None:
            return account.company_code
        return self._company_codes[0] if len(self._company_codes) == 1 else ""

    def _doubles(self, lines: Iterable[BankLine]) -> dict[BankLineKey, BankLine]:
        """Return, by key, the lines that repeat an earlier one, with that earlier one."""
        groups: dict[tuple[str, ...], list[BankLine]] = defaultdict(list)
        for line in lines:
            numbers = {number for _, number, _ in self._invoices.named_by(line)}
            named = sorted(numbers) or sorted(line.remittance)
            if named:
                groups[line.bank_account, line.payer_hint, str(line.amount), *named].append(line)
        return {
            later.key: group[0]
            for group in groups.values()
            for later in group[1:]
            if not self._settles_more(group[0], later)
        }

    def _settles_more(self, first: BankLine, later: BankLine) -> bool:
        """A line that pays further invoices is a payment of its own, whatever it looks like."""
        posted = self.found.receipts.get(later.key)
        before = self.found.receipts.get(first.key)
        if posted is None:
            return False
        settled = self._effects.settled_for(posted[0])
        return bool(settled) and settled != (
            self._effects.settled_for(before[0]) if before else frozenset()
        )

    def _compare(
        self, line: BankLine, counted: Collection[DocumentKey], first: BankLine | None
    ) -> None:
        matched = self.found.receipts.get(line.key)
        receipt = matched[0] if matched else None
        scope = self._scope(line, receipt)
        received = line.amount.amount
        counts = receipt is None or receipt.key not in counted
        if counts:
            self._totals.add(scope, RECEIVED, received)
        if matched is None or receipt is None:
            self._totals.add(scope, NOT_POSTED, received)
            if received > 0:
                self.unposted.append(line)
            self._end(self._missing(line, scope, first))
            return
        if self._accounts.lists(scope.company_code):
            self._matches.append(
                Match(
                    identity=PAYMENTS_TO_RECEIPTS,
                    rule=matched[1],
                    outside=f"bank line {line.key}",
                    erp=f"FI document {receipt}",
                    amount=line.amount,
                )
            )
        if counts:
            self._count(line, receipt, scope)
        unused, left = self._effects.unused(receipt)
        if first is not None and unused:
            self.spoken_of |= left
            self._end(self._doubled(line, first, receipt, scope, unused))
        else:
            self._misapplied(line, receipt, scope)

    def _count(self, line: BankLine, receipt: Receipt, scope: Scope) -> None:
        received, on_account = line.amount.amount, self._effects.unapplied(receipt)
        self._totals.add(scope, APPLIED, receipt.settled - on_account)
        if on_account:
            self._totals.add(scope, UNAPPLIED, on_account)
        difference = receipt.settled - received
        if not difference:
            return
        self._totals.add(scope, DIFFERENCES, -difference)
        if 0 < difference <= self._effects.earned_discount(receipt, line.booking_date):
            self._discount(line, scope, difference)
            return
        is_discount = self._effects.is_discount(receipt, difference)
        if is_discount and (earned := self._effects.earned(receipt, line.booking_date)):
            self._discount(line, scope, earned)
            difference -= earned
        code = BreakCode.UNDERPAYMENT if difference > 0 else BreakCode.MISSING_PAYMENT
        text = (
            "the receipt settles more than the bank received"
            if difference > 0
            else "the receipt is lower than what the bank received"
        )
        if is_plain_debit(line):
            code = BreakCode.MISSING_PAYMENT
            lower = "lower" if difference > 0 else "higher"
            text = f"the outgoing payment in FI is {lower} than what the bank paid"
        if is_discount:
            code = BreakCode.UNEARNED_DISCOUNT
            text = "cash discount granted after its deadline"
        self._end(
            bank_finding(
                code, line, scope, abs(difference), text=text, receipt=receipt, absorbable=True
            )
        )

    def _discount(self, line: BankLine, scope: Scope, amount: Decimal) -> None:
        keys = tuple(Key(name=name, value=value) for name, value in keys_of(line).items())
        taken = explained_discount(scope, subject_of(line), keys, amount, line.booking_date)
        self._endings.add(taken)

    def _missing(self, line: BankLine, scope: Scope, first: BankLine | None) -> Finding:
        ambiguous = self.found.ambiguous.get(line.key)
        if ambiguous is not None:
            rule, receipts = ambiguous
            named = ", ".join(str(each) for each in receipts)
            text = f"by {rule.value} it may be each of {named}, or another line is it as well"
            return bank_finding(BreakCode.AMBIGUOUS, line, scope, line.amount.amount, text=text)
        if line.is_reversal:
            text = "the bank took a payment back, and FI has not reversed its receipt"
            return bank_finding(BreakCode.CHARGEBACK, line, scope, -line.amount.amount, text=text)
        if first is not None:
            text = f"pays again what bank line {first.bank_reference} has paid; not posted"
            return bank_finding(
                BreakCode.DUPLICATE_PAYMENT, line, scope, -line.amount.amount, text=text
            )
        break_on = line.booking_date + timedelta(days=self._rules.settlement_days)
        text = "no receipt in FI for a credit of the bank"
        if is_plain_debit(line):
            text = "the bank paid a customer back, and FI has no outgoing payment for it"
        return bank_finding(
            BreakCode.MISSING_PAYMENT,
            line,
            scope,
            line.amount.amount,
            text=text,
            break_on=break_on,
        )

    def _doubled(
        self, line: BankLine, first: BankLine, receipt: Receipt, scope: Scope, unused: Decimal
    ) -> Finding:
        return bank_finding(
            BreakCode.DUPLICATE_PAYMENT,
            line,
            scope,
            -unused,
            text=f"same payer, amount and text as bank line {first.bank_reference} of "
            f"{first.booking_date.isoformat()}; the money is on account",
            receipt=receipt,
        )

    def _misapplied(self, line: BankLine, receipt: Receipt, scope: Scope) -> None:
        """The text names an invoice that was open, and the money went to others."""
        settled = self._effects.settled_for(receipt)
        named = self._invoices.named_by(line) if line.amount.amount > 0 else frozenset()
        if not settled or not named or settled & named:
            return
        open_then = [
            item
            for document in named
            for item in self._invoices.items[document]
            if item.customer == receipt.lines[0].customer
            and item.posting_date <= receipt.posted_on
            and (item.cleared_on is None or item.cleared_on > receipt.posted_on)
        ]
        if not open_then:
            return
        wanted = ", ".join(sorted(display_number(i.key.accounting_document) for i in open_then))
        went = ", ".join(sorted(display_number(number) for _, number, _ in settled))
        text = f"the payer names {wanted}, the money settled {went}"
        self._end(
            bank_finding(
                BreakCode.MISAPPLIED, line, scope, line.amount.amount, text=text, receipt=receipt
            )
        )

    def _scope(self, line: BankLine, receipt: Receipt | None) -> Scope:
        currency = line.amount.currency
        company_code = self._company_code(self._movements.account(line.bank_account))
        place = self._accounts.default_account(company_code, currency), ""
        if receipt is not None:
            company_code = receipt.key[0]
            places = {(i.reconciliation_account, i.special_gl_indicator) for i in receipt.lines}
            place = next(iter(places)) if len(places) == 1 else place
        return scope_for(company_code, currency, *place)

    def _end(self, finding: Finding) -> None:
        self._endings.add(judge(finding, self._rules, self._key_date))


def _moves_money_of_customers(line: BankLine) -> bool:
    """A credit, what the bank took back, or what may pay a customer; nothing that came back."""
    return line.amount.amount < 0 if line.is_reversal else bool(line.amount.amount)
