"""Customer items and G/L balances over RFC: the port's `OpenItems`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from connector.erp.chain_parts import each_once
from connector.erp.fiscal_years import with_clearing_years
from connector.erp.rfc import customer_items
from connector.erp.rfc.messages import return_rows
from connector.erp.rfc.options import RfcOptions
from connector.erp.rfc.read_table import (
    ReadTable,
    above,
    any_of,
    at_least,
    at_most,
    differs,
    equals,
    number,
)
from connector.erp.rfc.reading import Reads
from connector.erp.rfc.session import Session
from connector.erp.rfc.tables import KNB1, T001, T074, Table
from connector.erp.rfc.wire import dats, stored_money
from connector.sd_documents.payment import (
    AccountBalance,
    AccountingDocumentKey,
    CustomerItem,
    ExchangeDifference,
)
from connector.sd_documents.values import pad_number

OPEN_ITEMS: Final = "BAPI_AR_ACC_GETOPENITEMS"

#: For more customers than this, one read of the tables is cheaper than a call for each.
_FEW_CUSTOMERS: Final = 5


@dataclass(frozen=True, slots=True)
class RfcOpenItems:
    """Reads customer items and the balances of reconciliation accounts."""

    reads: Reads
    options: RfcOptions

    def customer_items(
        self, company_code: str, customers: Sequence[str], key_date: date
    ) -> tuple[CustomerItem, ...]:
        """Return the items that were open on *key_date*, those cleared later included."""
        padded = [pad_number(each) for each in dict.fromkeys(customers)]
        if padded and len(padded) <= _FEW_CUSTOMERS:
            items = self.reads.run(
                lambda session: self._listed(session, company_code, padded, key_date)
            )
        else:
            items = self.reads.run(
                lambda session: self._from_tables(session, company_code, padded, key_date)
            )
        return each_once(customer_items.open_at(with_clearing_years(items), key_date))

    def posted_items(
        self,
        company_code: str,
        *,
        posted_until: date,
        posted_after: date | None = None,
        entered_from: date | None = None,
    ) -> tuple[CustomerItem, ...]:
        """Return the lines of all customers, open (BSID) or cleared (BSAD), of a time."""
        conditions = [equals("BUKRS", company_code), at_most("BUDAT", dats(posted_until))]
        if posted_after is not None:
            conditions.append(above("BUDAT", dats(posted_after)))
        if entered_from is not None:
            conditions.append(at_least("CPUDT", dats(entered_from)))

        def read(session: Session) -> list[CustomerItem]:
            tables = ReadTable(session, self.options)
            currencies = customer_items.company_currencies(tables, [company_code])
            return [
                *customer_items.open_items(tables, currencies, *conditions),
                *customer_items.cleared_items(tables, currencies, *conditions),
            ]

        return each_once(with_clearing_years(self.reads.run(read)))

    def items_of_billing_documents(
        self, billing_documents: Sequence[str], *, and_settlements: bool = False
    ) -> tuple[CustomerItem, ...]:
        """Return the customer lines of *billing_documents*, open or cleared."""
        padded = [pad_number(each) for each in billing_documents]

        def read(session: Session) -> Sequence[CustomerItem]:
            tables = ReadTable(session, self.options)
            headers = customer_items.headers_of_billing(tables, padded)
            if and_settlements:
                return customer_items.settled_with(tables, headers)
            return customer_items.items_of(tables, headers)

        return each_once(self.reads.run(read))

    def items_of_receipts(
        self,
        company_codes: Sequence[str],
        references: Sequence[str],
        documents: Sequence[AccountingDocumentKey] = (),
    ) -> tuple[CustomerItem, ...]:
        """Return the lines of receipts, and what was cleared together with them."""
        wanted = [each for each in documents if each.company_code in company_codes]

        def read(session: Session) -> list[CustomerItem]:
            tables = ReadTable(session, self.options)
            headers = customer_items.headers_of_receipts(
                tables, company_codes, references, [each.document for each in wanted]
            )
            return customer_items.cleared_with(tables, headers)

        return each_once(self.reads.run(read))

    def receivable_balances(self, company_code: str, key_date: date) -> tuple[AccountBalance, ...]:
        """Return the balance of each reconciliation account, by currency, at *key_date*."""
        totals: tuple[AccountBalance, ...] = self.reads.run(
            lambda session: self._totals(session, company_code, key_date)
        )
        return totals

    def exchange_differences(
        self, company_code: str, documents: Sequence[str]
    ) -> tuple[ExchangeDifference, ...]:
        """Return what documents realised of other exchange rates."""
        found: tuple[ExchangeDifference, ...] = self.reads.run(
            lambda session: self._exchange(session, company_code, documents)
        )
        return found

    def _exchange(
        self, session: Session, company_code: str, documents: Sequence[str]
    ) -> tuple[ExchangeDifference, ...]:
        tables = ReadTable(session, self.options)
        company = next(iter(tables.rows(T001, T001.fields, equals("BUKRS", company_code))), None)
        if company is None or not documents:
            return ()
        receivables = {
            pad_number(account)
            for account in self._reconciliation_accounts(tables, company_code, company["KTOPL"])
        }
        ledger = Table(self.options.ledger_table, _LEDGER.key, _LEDGER.widths)
        rows = tables.rows(
            ledger,
            ("GJAHR", "DOCNR", "RACCT", "RTCUR", "TSL", "HSL"),
            equals("RLDNR", self.options.ledger),
            equals("RBUKRS", company_code),
            any_of("DOCNR", [pad_number(each) for each in documents]),
        )
        return tuple(
            ExchangeDifference(
                key=AccountingDocumentKey(
                    company_code=company_code,
                    accounting_document=row["DOCNR"],
                    fiscal_year=int(row["GJAHR"]),
                ),
                account=row["RACCT"],
                currency=row["RTCUR"],
                amount=stored_money(number(row["HSL"]), company["WAERS"]),
            )
            for row in rows
            if row["RTCUR"] != company["WAERS"]
            and not number(row["TSL"])
            and number(row["HSL"])
            and pad_number(row["RACCT"]) not in receivables
        )

    def _listed(
        self, session: Session, company_code: str, customers: Sequence[str], key_date: date
    ) -> list[CustomerItem]:
        """
        Ask for each customer's list, and add what was cleared after the key date.

        The list does not name accounts: an item stands on its customer's own, unless it is a
        special one such as a down payment. Those are looked up.
        """
        tables = ReadTable(session, self.options)
        accounts = {
            row["KUNNR"]: row["AKONT"]
            for row in tables.rows(
                KNB1, KNB1.fields, equals("BUKRS", company_code), any_of("KUNNR", customers)
            )
        }
        # The list refuses a customer that the company code does not have; such a one has no items.
        known = [customer for customer in customers if customer in accounts]
        starts_in = self.options.fiscal_year_starts_in.get(company_code, 1)
        currencies = customer_items.company_currencies(tables, [company_code])
        items = self._cleared_after(tables, currencies, company_code, customers, key_date)
        for customer in known:
            answer = session.call(
                OPEN_ITEMS, COMPANYCODE=company_code, CUSTOMER=customer, KEYDATE=dats(key_date)
            )
            self._require_success(answer)
            items += [
                customer_items.from_list(row, accounts[customer], starts_in)
                for row in answer["LINEITEMS"]
            ]
        if any(item.special_gl_indicator for item in items):
            return _on_their_accounts(items, self._special(tables, company_code, customers))
        return items

    def _special(
        self, tables: ReadTable, company_code: str, customers: Sequence[str]
    ) -> list[CustomerItem]:
        """Read the open items on special accounts."""
        return customer_items.open_items(
            tables,
            {},
            equals("BUKRS", company_code),
            any_of("KUNNR", customers),
            differs("UMSKZ", ""),
        )

    def _require_success(self, answer: dict[str, Any]) -> None:
        refusal = self.reads.table.refusal(return_rows(answer["RETURN"]), OPEN_ITEMS)
        if refusal is not None:
            raise refusal

    def _from_tables(
        self, session: Session, company_code: str, customers: Sequence[str], key_date: date
    ) -> list[CustomerItem]:
        tables = ReadTable(session, self.options)
        currencies = customer_items.company_currencies(tables, [company_code])
        conditions = [equals("BUKRS", company_code), at_most("BUDAT", dats(key_date))]
        if customers:
            conditions.append(any_of("KUNNR", customers))
        return [
            *customer_items.open_items(tables, currencies, *conditions),
            *self._cleared_after(tables, currencies, company_code, customers, key_date),
        ]

    def _cleared_after(
        self,
        tables: ReadTable,
        currencies: Mapping[str, str],
        company_code: str,
        customers: Sequence[str],
        key_date: date,
    ) -> list[CustomerItem]:
        conditions = [
            equals("BUKRS", company_code),
            at_most("BUDAT", dats(key_date)),
            above("AUGDT", dats(key_date)),
        ]
        if customers:
            conditions.append(any_of("KUNNR", customers))
        return customer_items.cleared_items(tables, currencies, *conditions)

    def _totals(
        self, session: Session, company_code: str, key_date: date
    ) -> tuple[AccountBalance, ...]:
        tables = ReadTable(session, self.options)
        company = next(iter(tables.rows(T001, T001.fields, equals("BUKRS", company_code))), None)
        local_currency = company["WAERS"] if company is not None else ""
        accounts = self._reconciliation_accounts(
            tables, company_code, company["KTOPL"] if company is not None else ""
        )
        sums: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}
        ledger = Table(self.options.ledger_table, _LEDGER.key, _LEDGER.widths)
        rows = tables.rows(
            ledger,
            ("RACCT", "RTCUR", "TSL", "HSL"),
            equals("RLDNR", self.options.ledger),
            equals("RBUKRS", company_code),
            any_of("RACCT", sorted(accounts)),
            at_most("BUDAT", dats(key_date)),
        )
        for row in rows:
            amount, local = sums.get((row["RACCT"], row["RTCUR"]), (Decimal(0), Decimal(0)))
            sums[row["RACCT"], row["RTCUR"]] = (
                amount + number(row["TSL"]),
                local + number(row["HSL"]),
            )
        return tuple(
            AccountBalance(
                company_code=company_code,
                account=account,
                currency=currency,
                key_date=key_date,
                balance=stored_money(amount, currency),
                local_balance=stored_money(local, local_currency) if local_currency else None,
                special_gl_indicator=accounts[account],
            )
            for (account, currency), (amount, local) in sorted(sums.items())
        )

    def _reconciliation_accounts(
        self, tables: ReadTable, company_code: str, chart_of_accounts: str
    ) -> dict[str, str]:
        """
        Return the accounts with the special G/L indicator that each is kept for, mostly none.

        They are those of the options, else those that the customers name and, for special G/L,
        those that take their place.
        """
        named = self.options.receivable_accounts.get(company_code)
        special = tables.rows(
            T074, T074.fields, equals("KTOPL", chart_of_accounts), equals("KOART", "D")
        )
        indicators = _indicators((row["SKONT"], row["UMSKZ"]) for row in special)
        if named:
            # Account numbers are stored with leading zeros; on some systems they are not.
            wanted = {*named, *(pad_number(each) for each in named)}
            return {each: indicators.get(each, "") for each in wanted}
        rows = tables.rows(KNB1, ("AKONT",), equals("BUKRS", company_code))
        own = dict.fromkeys((row["AKONT"] for row in rows if row["AKONT"]), "")
        return {**indicators, **own} if own else {}


def _indicators(rows: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the indicator of each special account; one that serves several has none of its own."""
    found: dict[str, set[str]] = {}
    for account, indicator in rows:
        found.setdefault(account, set()).add(indicator)
    return {each: next(iter(of)) if len(of) == 1 else "" for each, of in found.items() if each}


def _on_their_accounts(
    items: Iterable[CustomerItem], special: Iterable[CustomerItem]
) -> list[CustomerItem]:
    """Return *items*, those that are in *special* with the account that they have there."""
    accounts = {(each.key, each.line_item): each.reconciliation_account for each in special}
    return [
        item.model_copy(update={"reconciliation_account": accounts[item.key, item.line_item]})
        if (item.key, item.line_item) in accounts
        else item
        for item in items
    ]


#: Line items of the general ledger; balances are printed with their sign.
_LEDGER: Final = Table(
    "FAGLFLEXA",
    ("RLDNR", "RBUKRS", "GJAHR", "DOCNR", "DOCLN"),
    {
        "RLDNR": 2,
        "RBUKRS": 4,
        "GJAHR": 4,
        "DOCNR": 10,
        "RACCT": 10,
        "RTCUR": 5,
        "TSL": 25,
        "HSL": 25,
        "BUDAT": 8,
    },
)
