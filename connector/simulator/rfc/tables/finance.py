"""BKPF, BSEG, BSID, BSAD and FAGLFLEXA: accounting documents and their lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connector.simulator.rfc.tables.source import Source, Table

if TYPE_CHECKING:
    from connector.simulator.engine.finance_records import (
        AccountingDocument,
        AccountingLine,
        CustomerItem,
        LedgerItem,
    )

#: A key date after every posting; the engine looks at the day after it, too.
_FOREVER = date(9999, 12, 30)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of BSEG, BSID, BSAD or FAGLFLEXA; ``document`` alone is a row of BKPF."""

    source: Source
    document: Any
    line: Any = None


def documents(source: Source) -> Iterable[AccountingDocument]:
    """Return the accounting documents that the selection can let in, each once."""
    if source.pinned("BELNR") is not None:
        found = _by_number(source)
    elif source.pinned("AWKEY") and source.pinned("AWTYP"):
        found = (
            each
            for kind in source.pinned("AWTYP") or ()
            for key in source.pinned("AWKEY") or ()
            for each in source.erp.accounting_documents_of(kind, key)
        )
    elif source.pinned("XBLNR") is not None:
        found = (
            each
            for reference in source.pinned("XBLNR") or ()
            for each in source.erp.accounting_documents_by_reference(reference)
        )
    else:
        found = _by_entry_date(source)
    return {each.key: each for each in found}.values()


def _by_number(source: Source) -> Iterator[AccountingDocument]:
    years = [int(year) for year in source.pinned("GJAHR") or ("0",)]
    for company in _companies(source):
        for number in source.numbers("BELNR") or ():
            for year in years:
                yield from source.erp.accounting_documents_numbered(company, number, year)


def _by_entry_date(source: Source) -> Iterator[AccountingDocument]:
    for text in source.changed("accounting", ("CPUDT", "CPUTM")):
        company, number, year = text.split("/")
        found = source.erp.accounting_document(company, number, int(year))
        if found is not None:
            yield found


def headers(source: Source) -> Iterator[Line]:
    """Rows of BKPF."""
    return (Line(source, document) for document in documents(source))


def lines(source: Source) -> Iterator[Line]:
    """Rows of BSEG."""
    for document in documents(source):
        for line in document.lines:
            yield Line(source, document, line)


def _companies(source: Source, column: str = "BUKRS") -> tuple[str, ...]:
    return source.pinned(column) or tuple(source.erp.master_data.company_codes)


def _customers(source: Source) -> tuple[str, ...]:
    return source.numbers("KUNNR") or tuple(source.erp.master_data.customers)


def open_items(source: Source) -> Iterator[Line]:
    """Rows of BSID: what is open now, whatever its posting date."""
    erp = source.erp
    for company in _companies(source):
        if source.numbers("KUNNR") is None:
            found = erp.open_items(company, key_date=_FOREVER)
        else:
            found = tuple(
                item
                for customer in _customers(source)
                for item in erp.open_items(company, customer, _FOREVER)
            )
        yield from _customer_lines(source, found)


def cleared_items(source: Source) -> Iterator[Line]:
    """Rows of BSAD: what has been cleared."""
    erp = source.erp
    clearings = source.numbers("AUGBL")
    since = source.lowest_date("AUGDT")
    for company in _companies(source):
        if clearings is not None:
            for clearing in clearings:
                yield from _customer_lines(source, erp.items_cleared_by(company, clearing))
            continue
        for customer in _customers(source):
            yield from _customer_lines(source, erp.cleared_items(company, customer, since))


def _customer_lines(source: Source, items: tuple[CustomerItem, ...]) -> Iterator[Line]:
    for item in items:
        document = source.erp.accounting_document(
            item.company_code, item.accounting_document, item.fiscal_year
        )
        yield Line(source, document, item.line)


def ledger_lines(source: Source) -> Iterator[Line]:
    """Rows of FAGLFLEXA: the line items of G/L accounts, reconciliation accounts included."""
    erp = source.erp
    since = source.lowest_date("BUDAT")
    for company in _companies(source, "RBUKRS"):
        chart = (
            erp.master_data.company_codes[company].chart_of_accounts
            if (company in erp.master_data.company_codes)
            else ""
        )
        accounts = (
            source.pinned("RACCT")
            or _accounts_of(source, company)
            or tuple(
                account for of_chart, account in erp.master_data.gl_accounts if of_chart == chart
            )
        )
        for account in accounts:
            for item in erp.ledger_items(company, account, since):
                yield Line(source, item, item.line)


def _accounts_of(source: Source, company: str) -> tuple[str, ...]:
    """Return the accounts that the documents asked for (DOCNR) were posted to."""
    found = (
        document
        for number in source.numbers("DOCNR") or ()
        for document in source.erp.accounting_documents_numbered(company, number)
    )
    return tuple({line.account: None for each in found for line in each.lines})


def _money(amount: Callable[[AccountingLine], Decimal], local: bool = False) -> Any:
    def value(row: Line) -> Decimal:
        document = row.document
        currency = document.local_currency if local else document.currency
        return row.source.stored(amount(row.line), currency)

    return value


def _ledger_money(amount: Callable[[LedgerItem], Decimal], local: bool) -> Any:
    def value(row: Line) -> Decimal:
        item = row.document
        return row.source.stored(amount(item), item.local_currency if local else item.currency)

    return value


_HEADER = {
    "BUKRS": lambda x: x.document.company_code,
    "BELNR": lambda x: x.document.number,
    "GJAHR": lambda x: x.document.fiscal_year,
}
_LINE = {
    **_HEADER,
    "BUZEI": lambda x: x.line.line_item,
    "KUNNR": lambda x: x.line.customer,
    "AUGDT": lambda x: x.line.clearing_date,
    "AUGBL": lambda x: x.line.clearing_document,
    "BSCHL": lambda x: x.line.posting_key,
    "UMSKZ": lambda x: x.line.special_gl,
    "SHKZG": lambda x: "S" if x.line.debit else "H",
    "MWSKZ": lambda x: x.line.tax_code,
    "DMBTR": _money(lambda line: line.local_amount, local=True),
    "WRBTR": _money(lambda line: line.amount),
    "ZUONR": lambda x: x.line.assignment,
    "SGTXT": lambda x: x.line.text,
    "HKONT": lambda x: x.line.account,
    "ZFBDT": lambda x: x.line.baseline_date,
    "ZTERM": lambda x: x.line.terms_of_payment,
    "ZBD1T": lambda x: x.line.discount_days_1,
    "ZBD2T": lambda x: x.line.discount_days_2,
    "ZBD3T": lambda x: x.line.net_days,
    "ZBD1P": lambda x: x.line.discount_percent_1,
    "ZBD2P": lambda x: x.line.discount_percent_2,
    "SKFBT": _money(lambda line: line.discount_base),
    "REBZG": lambda x: x.line.invoice_reference,
    "REBZJ": lambda x: x.line.invoice_reference_year,
    "REBZZ": lambda x: x.line.invoice_reference_line,
    "XREF3": lambda x: x.line.reference_key_3,
    "VBELN": lambda x: x.line.billing_document,
    "ZLSPR": lambda x: x.line.payment_block,
    "MANSP": lambda x: x.line.dunning_block,
    "MANST": lambda x: x.line.dunning_level,
    "MADAT": lambda x: x.line.last_dunned,
}
_CUSTOMER_LINE = {
    **_LINE,
    "BUDAT": lambda x: x.document.posting_date,
    "BLDAT": lambda x: x.document.document_date,
    "CPUDT": lambda x: x.source.local(x.document.entered_at).date(),
    "WAERS": lambda x: x.document.currency,
    "XBLNR": lambda x: x.document.reference,
    "BLART": lambda x: x.document.document_type,
    "MONAT": lambda x: x.document.posting_date.month,
}

BKPF = Table(
    headers,
    {
        **_HEADER,
        "BLART": lambda x: x.document.document_type,
        "BLDAT": lambda x: x.document.document_date,
        "BUDAT": lambda x: x.document.posting_date,
        "MONAT": lambda x: x.document.posting_date.month,
        "CPUDT": lambda x: x.source.local(x.document.entered_at).date(),
        "CPUTM": lambda x: x.source.local(x.document.entered_at).time(),
        "USNAM": lambda x: x.document.entered_by,
        "XBLNR": lambda x: x.document.reference,
        "BKTXT": lambda x: x.document.header_text,
        "WAERS": lambda x: x.document.currency,
        "HWAER": lambda x: x.document.local_currency,
        "AWTYP": lambda x: x.document.object_type,
        "AWKEY": lambda x: x.document.object_key,
        "STBLG": lambda x: x.document.reversal_of,
    },
)

BSEG = Table(
    lines,
    {
        **_LINE,
        "KOART": lambda x: x.line.account_type,
        "PSWSL": lambda x: x.document.currency,
        "FWBAS": _money(lambda line: line.tax_base),
        "KTOSL": lambda x: x.line.account_key,
        "VALUT": lambda x: x.line.value_date,
        "KOSTL": lambda x: x.line.cost_center,
        "PRCTR": lambda x: x.line.profit_center,
    },
)

BSID = Table(open_items, _CUSTOMER_LINE)
BSAD = Table(cleared_items, _CUSTOMER_LINE)

FAGLFLEXA = Table(
    ledger_lines,
    {
        "RYEAR": lambda x: x.document.fiscal_year,
        "DOCNR": lambda x: x.document.accounting_document,
        "RLDNR": lambda x: "0L",
        "RBUKRS": lambda x: x.document.company_code,
        "DOCLN": lambda x: f"{x.document.line_item:06}",
        "RTCUR": lambda x: x.document.currency,
        "RACCT": lambda x: x.document.account,
        "TSL": _ledger_money(lambda item: item.amount, local=False),
        "HSL": _ledger_money(lambda item: item.local_amount, local=True),
        "DRCRK": lambda x: "S" if x.line.debit else "H",
        "BUDAT": lambda x: x.document.posting_date,
        "BELNR": lambda x: x.document.accounting_document,
        "GJAHR": lambda x: x.document.fiscal_year,
        "BUZEI": lambda x: x.document.line_item,
        "BSCHL": lambda x: x.line.posting_key,
    },
)


@dataclass(frozen=True, slots=True)
class SpecialAccount:
    """A row of T074: where items of a special G/L indicator stand in place of an account."""

    chart_of_accounts: str
    indicator: str
    account: str
    special_account: str


def special_accounts(source: Source) -> Iterator[SpecialAccount]:
    """Rows of T074, for the accounts that the customers of each chart have."""
    master = source.erp.master_data
    accounts = {
        (master.company_codes[each.company_code].chart_of_accounts, each.reconciliation_account)
        for each in master.customer_companies.values()
    }
    for chart, account in sorted(accounts):
        for special in master.special_gl_accounts.values():
            if special.chart_of_accounts == chart:
                yield SpecialAccount(chart, special.special_gl, account, special.account)


T074 = Table(
    special_accounts,
    {
        "KTOPL": lambda x: x.chart_of_accounts,
        "KOART": lambda x: "D",
        "UMSKZ": lambda x: x.indicator,
        "HKONT": lambda x: x.account,
        "SKONT": lambda x: x.special_account,
    },
)

TABLES = {
    "BKPF": BKPF,
    "BSEG": BSEG,
    "BSID": BSID,
    "BSAD": BSAD,
    "FAGLFLEXA": FAGLFLEXA,
    "T074": T074,
}
