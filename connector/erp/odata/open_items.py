"""Customer items and G/L balances over OData: the port's `OpenItems`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connector.erp.chain_parts import each_once
from connector.erp.odata import customer_items
from connector.erp.odata.answers import understood
from connector.erp.odata.customer_items import CUSTOMER_LINES, ENTITY_SET, SERVICE
from connector.erp.odata.filters import any_of, both, chunks, compared
from connector.erp.odata.names import shown_number
from connector.erp.odata.options import ODataOptions
from connector.erp.odata.release import Services
from connector.erp.odata.service import ODataService, Query
from connector.erp.odata.shown_values import money
from connector.sd_documents.payment import (
    AccountBalance,
    AccountingDocumentKey,
    CustomerItem,
    ExchangeDifference,
)
from connector.sd_documents.values import pad_number


@dataclass(frozen=True, slots=True)
class ODataOpenItems:
    """Reads customer items and the balances of reconciliation accounts."""

    services: Services
    options: ODataOptions

    @property
    def _service(self) -> ODataService:
        return self.services.service(SERVICE)

    def customer_items(
        self, company_code: str, customers: Sequence[str], key_date: date
    ) -> tuple[CustomerItem, ...]:
        """Return the items that were open on *key_date*, those cleared later included."""
        posted = both(
            CUSTOMER_LINES,
            compared("CompanyCode", "eq", company_code),
            compared("PostingDate", "le", key_date),
        )
        # Two questions instead of one with "or": each of them can use an index.
        states = ("IsCleared eq false", compared("ClearingDate", "gt", key_date))
        shown = [shown_number(pad_number(each)) for each in customers]
        groups = [
            any_of("Customer", part) for part in chunks(shown, self.options.documents_per_query)
        ] or [""]
        found = customer_items.read(
            self._service,
            [
                customer_items.query(both(posted, state, group))
                for group in groups
                for state in states
            ],
        )
        return each_once(each for each in found if each.is_open_on(key_date))

    def posted_items(
        self,
        company_code: str,
        *,
        posted_until: date,
        posted_after: date | None = None,
        entered_from: date | None = None,
    ) -> tuple[CustomerItem, ...]:
        """Return the lines of all customers, open or cleared, of a time."""
        terms = [
            CUSTOMER_LINES,
            compared("CompanyCode", "eq", company_code),
            compared("PostingDate", "le", posted_until),
        ]
        if posted_after is not None:
            terms.append(compared("PostingDate", "gt", posted_after))
        if entered_from is not None:
            terms.append(compared("AccountingDocumentCreationDate", "ge", entered_from))
        asked = [customer_items.query(both(*terms))]
        return each_once(customer_items.read(self._service, asked))

    def items_of_billing_documents(
        self, billing_documents: Sequence[str], *, and_settlements: bool = False
    ) -> tuple[CustomerItem, ...]:
        """Return the customer lines of *billing_documents*, open or cleared."""
        items = customer_items.of_billing_documents(
            self._service, self.options, map(pad_number, billing_documents)
        )
        if and_settlements:
            items += customer_items.around(self._service, self.options, items)
        return each_once(items)

    def items_of_receipts(
        self,
        company_codes: Sequence[str],
        references: Sequence[str],
        documents: Sequence[AccountingDocumentKey] = (),
    ) -> tuple[CustomerItem, ...]:
        """Return the lines of receipts, and what was cleared together with them."""
        wanted = [each for each in documents if each.company_code in company_codes]
        return each_once(
            customer_items.of_receipts(
                self._service,
                self.options,
                company_codes,
                references,
                [each.document for each in wanted],
            )
        )

    def receivable_balances(self, company_code: str, key_date: date) -> tuple[AccountBalance, ...]:
        """
        Return the balance of each reconciliation account, by currency, at *key_date*.

        All lines of the account count, whatever posted them. The service adds up what is not told
        apart by the fields asked for; where it does not, the lines are added up here.
        """
        service = self._service
        until = both(
            compared("CompanyCode", "eq", company_code),
            compared("PostingDate", "le", key_date),
        )
        found = self._accounts(service, until)
        accounts = self.options.receivable_accounts.get(company_code) or tuple(found)
        if not accounts:
            return ()
        sums: dict[tuple[str, str, str], tuple[Decimal, Decimal]] = {}
        rows = service.rows(
            Query(
                ENTITY_SET,
                {
                    "$filter": both(until, any_of("GLAccount", sorted(accounts))),
                    "$select": "GLAccount,TransactionCurrency,DebitCreditCode,"
                    "AmountInTransactionCurrency,CompanyCodeCurrency,AmountInCompanyCodeCurrency",
                },
            )
        )
        with understood():
            for row in rows:
                key = (
                    row.text("GLAccount"),
                    row.text("TransactionCurrency"),
                    row.text("CompanyCodeCurrency"),
                )
                amount, local = sums.get(key, (Decimal(0), Decimal(0)))
                sums[key] = (
                    amount + customer_items.signed(row),
                    local + customer_items.signed_local(row),
                )
            return tuple(
                AccountBalance(
                    company_code=company_code,
                    account=account,
                    currency=currency,
                    key_date=key_date,
                    balance=money(amount, currency),
                    local_balance=money(local, local_currency),
                    special_gl_indicator=found.get(account, ""),
                )
                for (account, currency, local_currency), (amount, local) in sorted(sums.items())
            )

    def exchange_differences(
        self, company_code: str, documents: Sequence[str]
    ) -> tuple[ExchangeDifference, ...]:
        """Return what documents realised of other exchange rates."""
        shown = [shown_number(pad_number(each)) for each in documents]
        rows = [
            row
            for part in chunks(shown, self.options.documents_per_query)
            for row in self._service.rows(
                Query(
                    ENTITY_SET,
                    {
                        "$filter": both(
                            compared("CompanyCode", "eq", company_code),
                            any_of("AccountingDocument", part),
                        ),
                        "$select": "AccountingDocument,FiscalYear,GLAccount,Customer,"
                        "TransactionCurrency,DebitCreditCode,AmountInTransactionCurrency,"
                        "CompanyCodeCurrency,AmountInCompanyCodeCurrency",
                    },
                )
            )
        ]
        with understood():
            return tuple(
                ExchangeDifference(
                    key=AccountingDocumentKey(
                        company_code=company_code,
                        accounting_document=pad_number(row.text("AccountingDocument")),
                        fiscal_year=int(row.text("FiscalYear")),
                    ),
                    account=row.text("GLAccount"),
                    currency=row.text("TransactionCurrency"),
                    amount=money(customer_items.signed_local(row), row.text("CompanyCodeCurrency")),
                )
                for row in rows
                if not row.text("Customer")
                and row.text("TransactionCurrency") != row.text("CompanyCodeCurrency")
                and not customer_items.signed(row)
                and customer_items.signed_local(row)
            )

    def _accounts(self, service: ODataService, until: str) -> dict[str, str]:
        """
        Return the accounts that customers' items stand on, with their special G/L indicator.

        An account on which items of several indicators stand has none of its own.
        """
        condition = both(CUSTOMER_LINES, until)
        rows = service.rows(
            Query(ENTITY_SET, {"$filter": condition, "$select": "GLAccount,SpecialGLCode"})
        )
        found: dict[str, set[str]] = defaultdict(set)
        with understood():
            for row in rows:
                if row.text("GLAccount"):
                    found[row.text("GLAccount")].add(row.text("SpecialGLCode"))
        return {
            account: next(iter(codes)) if len(codes) == 1 else ""
            for account, codes in sorted(found.items())
        }
