"""The reference's payments and open items."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from connector.erp.payment_lines import customer_lines
from connector.errors import ConfigurationError
from connector.ports.erp import SubmissionObserver
from connector.sd_documents.payment import (
    AccountBalance,
    AccountingDocumentKey,
    CustomerItem,
    ExchangeDifference,
    IncomingPayment,
    Remainder,
)
from connector.sd_documents.values import Money, pad_number
from connector.simulator.engine import finance_records as finance
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.outcome import Outcome
from connector.simulator.engine.session import Session
from connector.simulator.engine.specs import (
    AccountingDocumentSpec,
    AccountingLineSpec,
    OpenItemRef,
    PaymentSpec,
)
from tests.contract.engine.posting import Poster, first

_DOCUMENT_TYPE = "DZ"
_DIFFERENCES = {
    Remainder.NONE: "refuse",
    Remainder.PARTIAL: "refuse",
    Remainder.RESIDUAL: "residual",
    Remainder.ON_ACCOUNT: "on account",
}


@dataclass(frozen=True, slots=True)
class Accounts:
    """G/L accounts of what was not received; empty: the engine is not to post it."""

    cash_discount: str = "880000"
    bank_charges: str = "659000"
    small_difference: str = "881000"
    tax: str = "175000"


@dataclass(frozen=True, slots=True)
class EnginePayments:
    """Posts and finds; *clearing* clears the items in the payment's own document."""

    engine: SimulatedErp
    poster: Poster
    accounts: Accounts
    clearing: bool

    def post(self, payment: IncomingPayment, observer: SubmissionObserver) -> AccountingDocumentKey:
        """Post *payment*."""
        if payment.cash_discount and not self.accounts.cash_discount:
            raise ConfigurationError("cash_discount_account", "is not set")

        def write(session: Session) -> Outcome:
            if self.clearing and not payment.special_gl_indicator:
                return session.post_incoming_payment_with_clearing(_cleared(payment))
            return session.post_accounting_document(_open(payment, self.accounts))

        number = first(self.poster.post(write, observer, _numbers))
        company_code, document, year = number.split("/")
        return AccountingDocumentKey(
            company_code=company_code, accounting_document=document, fiscal_year=int(year)
        )

    def find(
        self, payment_reference: str, company_code: str, payer: str
    ) -> tuple[AccountingDocumentKey, ...]:
        """Return the payments with that reference on the payer's account."""
        customer = pad_number(payer)
        return tuple(
            _key(document)
            for document in self.engine.accounting_documents_by_reference(payment_reference)
            if document.company_code == company_code
            and document.document_type == _DOCUMENT_TYPE
            and any(line.customer == customer for line in document.lines)
        )


@dataclass(frozen=True, slots=True)
class EngineOpenItems:
    """Reads customer items and balances."""

    engine: SimulatedErp

    def customer_items(
        self, company_code: str, customers: Sequence[str], key_date: date
    ) -> tuple[CustomerItem, ...]:
        """Return what was open on *key_date*."""
        wanted = [pad_number(each) for each in customers] or [""]
        return each_once(
            self._item(each.company_code, each.accounting_document, each.fiscal_year, each.line)
            for customer in dict.fromkeys(wanted)
            for each in self.engine.open_items(company_code, customer, key_date)
        )

    def posted_items(
        self,
        company_code: str,
        *,
        posted_until: date,
        posted_after: date | None = None,
        entered_from: date | None = None,
    ) -> tuple[CustomerItem, ...]:
        """Return all customer lines of the documents posted and entered in a time."""
        keys = [key.split("/") for key in self.engine.document_numbers("accounting")]
        documents = [
            self.engine.accounting_document(company, number, int(year))
            for company, number, year in keys
            if company == company_code
        ]
        lines = [line for each in documents if each is not None for line in self.lines(each)]
        return each_once(
            line
            for line in lines
            if line.posting_date <= posted_until
            and (posted_after is None or line.posting_date > posted_after)
            and (entered_from is None or line.entry_date >= entered_from)
        )

    def items_of_billing_documents(
        self, billing_documents: Sequence[str], *, and_settlements: bool = False
    ) -> tuple[CustomerItem, ...]:
        """Return the customer lines that billing has posted."""
        assert not and_settlements
        return each_once(
            item
            for number in billing_documents
            for document in self.engine.accounting_documents_of("VBRK", pad_number(number))
            for item in self.lines(document)
        )

    def items_of_receipts(
        self,
        company_codes: Sequence[str],
        references: Sequence[str],
        documents: Sequence[AccountingDocumentKey] = (),
    ) -> tuple[CustomerItem, ...]:
        """Return the lines of receipts, and what was cleared together with them."""
        lines = [
            line
            for code in company_codes
            for line in self.posted_items(code, posted_until=date.max)
        ]
        keys = {each.document for each in documents}
        own = [line for line in lines if line.reference in references or line.document in keys]
        cleared = {(line.clearing, line.customer) for line in own if line.clearing is not None}
        beside = [line for line in lines if (line.clearing, line.customer) in cleared]
        return each_once((*own, *beside))

    def receivable_balances(self, company_code: str, key_date: date) -> tuple[AccountBalance, ...]:
        """Return the balances of the customers' accounts."""
        totals: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        local: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        indicators = self._receivables(company_code)
        home = self.engine.master_data.company_codes[company_code].currency
        for account in indicators:
            for item in self.engine.ledger_items(company_code, account, None, key_date):
                totals[account, item.currency] += item.amount
                local[account, item.currency] += item.local_amount
        return tuple(
            AccountBalance(
                company_code=company_code,
                account=account,
                currency=currency,
                key_date=key_date,
                balance=Money(amount=amount, currency=currency),
                local_balance=Money(amount=local[account, currency], currency=home),
                special_gl_indicator=indicators[account],
            )
            for (account, currency), amount in sorted(totals.items())
        )

    def exchange_differences(
        self, company_code: str, documents: Sequence[str]
    ) -> tuple[ExchangeDifference, ...]:
        """Return the lines that are in the company's currency alone, customers' left out."""
        home = self.engine.master_data.company_codes[company_code].currency
        found = [self.engine.accounting_document(company_code, each) for each in documents]
        return tuple(
            ExchangeDifference(
                key=AccountingDocumentKey(
                    company_code=company_code,
                    accounting_document=document.number,
                    fiscal_year=document.fiscal_year,
                ),
                account=line.account,
                currency=document.currency,
                amount=Money(amount=line.signed_local_amount, currency=home),
            )
            for document in found
            if document is not None and document.currency != home
            for line in document.lines
            if not line.customer and not line.amount and line.local_amount
        )

    def lines(self, document: finance.AccountingDocument) -> Iterator[CustomerItem]:
        """Yield the customer lines of *document*."""
        for line in document.lines:
            if line.customer:
                yield self._item(*document.key, line)

    def _receivables(self, company_code: str) -> dict[str, str]:
        master = self.engine.master_data
        chart = master.company_codes[company_code].chart_of_accounts
        special = {
            each.account: each.special_gl
            for each in master.special_gl_accounts.values()
            if each.chart_of_accounts == chart
        }
        own = {
            each.reconciliation_account: ""
            for each in master.customer_companies.values()
            if each.company_code == company_code
        }
        return {**special, **own}

    def _item(
        self, company_code: str, number: str, year: int, line: finance.AccountingLine
    ) -> CustomerItem:
        document = self.engine.accounting_document(company_code, number, year)
        assert document is not None
        zone = ZoneInfo(self.engine.settings.time_zone)
        return CustomerItem(
            key=_key(document),
            line_item=line.line_item,
            document_type=document.document_type,
            customer=line.customer,
            amount=Money(amount=line.signed_amount, currency=document.currency),
            posting_date=document.posting_date,
            document_date=document.document_date,
            entry_date=document.entered_at.astimezone(zone).date(),
            baseline_date=line.baseline_date or document.posting_date,
            cash_discount_days_1=line.discount_days_1,
            cash_discount_percent_1=line.discount_percent_1,
            cash_discount_days_2=line.discount_days_2,
            cash_discount_percent_2=line.discount_percent_2,
            net_days=line.net_days,
            reference=document.reference,
            assignment=line.assignment,
            invoice_reference=line.invoice_reference,
            invoice_reference_year=line.invoice_reference_year or None,
            billing_document=line.billing_document,
            local_amount=Money(amount=line.signed_local_amount, currency=document.local_currency),
            payment_terms=line.terms_of_payment,
            dunning_level=line.dunning_level,
            last_dunned_on=line.last_dunned,
            dunning_block=line.dunning_block,
            clearing_document=line.clearing_document or None,
            clearing_year=line.clearing_year or None,
            cleared_on=line.clearing_date,
            reconciliation_account=line.account,
            special_gl_indicator=line.special_gl,
        )


def each_once(items: Iterable[CustomerItem]) -> tuple[CustomerItem, ...]:
    """Return *items* by year, document and line, each once."""
    found = {(str(i.key), i.line_item): i for i in items}
    return tuple(
        sorted(
            found.values(),
            key=lambda i: (
                i.key.company_code,
                i.key.fiscal_year,
                i.key.accounting_document,
                i.line_item,
            ),
        )
    )


def _numbers(outcome: Outcome) -> tuple[str, ...]:
    return tuple(str(_key(document)) for document in outcome.documents[:1])


def _key(document: finance.AccountingDocument) -> AccountingDocumentKey:
    return AccountingDocumentKey(
        company_code=document.company_code,
        accounting_document=document.number,
        fiscal_year=document.fiscal_year,
    )


def _cleared(payment: IncomingPayment) -> PaymentSpec:
    discount = payment.cash_discount.amount + sum(
        (each.amount.amount for each in payment.tax_adjustments), Decimal(0)
    )
    refs = [
        OpenItemRef(
            item.key.accounting_document,
            item.key.fiscal_year,
            item.line_item,
            # The suite takes discounts of one item at a time.
            discount if at == 0 else Decimal(0),
        )
        for at, item in enumerate(payment.items)
    ]
    return PaymentSpec(
        company_code=payment.company_code,
        customer=payment.payer,
        amount=payment.received.amount,
        currency=payment.received.currency,
        items=refs,
        partial=payment.remainder is Remainder.PARTIAL,
        difference=_DIFFERENCES[payment.remainder],
        bank_account=payment.bank_account,
        bank_charges=payment.bank_charges.amount if payment.bank_charges else Decimal(0),
        document_date=payment.document_date,
        posting_date=payment.posting_date,
        reference=payment.payment_reference,
        assignment=payment.assignment,
        text=payment.item_text,
    )


def _open(payment: IncomingPayment, accounts: Accounts) -> AccountingDocumentSpec:
    """Return the payment with lines that stay open until the ERP's own run."""
    parts = (
        (payment.received, payment.bank_account),
        (payment.cash_discount, accounts.cash_discount),
        (payment.bank_charges, accounts.bank_charges),
        (payment.small_difference, accounts.small_difference),
    )
    lines = [
        AccountingLineSpec(
            amount=amount.amount,
            account=account,
            text=payment.item_text,
            assignment=payment.assignment,
        )
        for amount, account in parts
        if amount
    ]
    lines += [
        AccountingLineSpec(
            amount=line.amount.amount,
            customer=payment.payer,
            assignment=line.assignment,
            baseline_date=line.due_on or payment.posting_date,
            special_gl=payment.special_gl_indicator,
            text=payment.item_text,
        )
        for line in customer_lines(payment)
    ]
    lines += [
        AccountingLineSpec(
            amount=each.amount.amount,
            account=accounts.tax,
            tax_code=each.tax_code,
            tax_base=(each.base or payment.cash_discount).amount,
        )
        for each in payment.tax_adjustments
    ]
    return AccountingDocumentSpec(
        company_code=payment.company_code,
        document_type=_DOCUMENT_TYPE,
        currency=payment.received.currency,
        lines=lines,
        document_date=payment.document_date,
        posting_date=payment.posting_date,
        reference=payment.payment_reference,
    )
