"""Customer items: from the tables of accounting, and from the open item list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from connector.erp.chain_parts import each_once
from connector.erp.fiscal_years import around, with_clearing_years, year_of
from connector.erp.payment_lines import invoice_in, invoice_year_in, line_key
from connector.erp.rfc.options import RfcOptions
from connector.erp.rfc.read_table import (
    Condition,
    ReadTable,
    TableRow,
    any_of,
    chunks,
    either,
    equals,
    number,
)
from connector.erp.rfc.tables import BKPF, BSAD, BSEG, BSID, T001, Table
from connector.erp.rfc.wire import day, money, required_day, stored_money
from connector.sd_documents.payment import AccountingDocumentKey, CustomerItem, FiDocument
from connector.sd_documents.values import pad_number

_CREDIT: Final = "H"
#: Account type of a customer's line.
_CUSTOMER: Final = "D"


def headers_of_billing(tables: ReadTable, billing_documents: Sequence[str]) -> list[TableRow]:
    """Return the headers of the accounting documents that *billing_documents* posted."""
    return list(
        tables.rows(BKPF, BKPF.fields, equals("AWTYP", "VBRK"), any_of("AWKEY", billing_documents))
    )


def headers_of_receipts(
    tables: ReadTable,
    company_codes: Sequence[str],
    references: Sequence[str],
    documents: Sequence[FiDocument],
) -> list[TableRow]:
    """Return the headers of FI documents that carry one of *references* or are of *documents*."""
    found = list(
        tables.rows(BKPF, BKPF.fields, any_of("BUKRS", company_codes), any_of("XBLNR", references))
    )
    wanted = {(code, pad_number(number), str(year)) for code, number, year in documents}
    numbered = tables.rows(
        BKPF,
        BKPF.fields,
        any_of("BUKRS", sorted({key[0] for key in wanted})),
        any_of("BELNR", sorted({key[1] for key in wanted})),
        any_of("GJAHR", sorted({key[2] for key in wanted})),
    )
    return [*found, *(each for each in numbered if _document_key(each) in wanted)]


def cleared_with(tables: ReadTable, headers: Sequence[TableRow]) -> list[CustomerItem]:
    """Return the customer lines of accounting documents, and those cleared together with them."""
    items = items_of(tables, headers)
    if not items:
        return []
    numbers = sorted({each.clearing_document for each in items if each.clearing_document})
    currencies = {header["BUKRS"]: header["HWAER"] for header in headers}
    found = cleared_items(tables, currencies, *_accounts(items), any_of("AUGBL", numbers))
    read = with_clearing_years([*items, *found])
    items, found = read[: len(items)], read[len(items) :]
    return [*items, *around((), found, _clearings(items))]


def items_of(tables: ReadTable, headers: Iterable[TableRow]) -> list[CustomerItem]:
    """
    Return the customer lines of accounting documents, open or cleared.

    The lines are read by the key of their table, which costs the same however many items their
    customer has.
    """
    by_key = {_document_key(header): header for header in headers}
    lines = tables.rows(
        BSEG,
        BSEG.fields,
        any_of("BUKRS", (key[0] for key in by_key)),
        any_of("BELNR", (key[1] for key in by_key)),
        any_of("GJAHR", (key[2] for key in by_key)),
        equals("KOART", _CUSTOMER),
    )
    # The three lists also meet documents of other companies and years: those are left out.
    return [
        from_table(
            {**by_key[_document_key(line)], **line},
            by_key[_document_key(line)]["HWAER"],
            tables.options.fiscal_year_starts_in.get(line["BUKRS"], 1),
        )
        for line in lines
        if _document_key(line) in by_key
    ]


def settled_with(tables: ReadTable, headers: Sequence[TableRow]) -> tuple[CustomerItem, ...]:
    """Return the customer lines of accounting documents, and those of what settled them."""
    items = items_of(tables, headers)
    if not items:
        return ()
    accounts = _accounts(items)
    currencies = {header["BUKRS"]: header["HWAER"] for header in headers}
    read = with_clearing_years([*items, *_around(tables, currencies, accounts, items)])
    items = read[: len(items)]
    beside = around(items, read[len(items) :], _clearings(items))
    # What a rest was cleared with, where that is another payment than the invoice's, and what the
    # documents of rests and transfers have cleared: a down payment names no invoice.
    later = _clearings(beside) | {each.document for each in beside if not each.billing_document}
    numbers = {number for _, number, _ in later - _clearings(items)}
    found = cleared_items(tables, currencies, *accounts, any_of("AUGBL", sorted(numbers)))
    read = with_clearing_years([*items, *beside, *found])
    items, beside = read[: len(items)], around(items, read[len(items) :], later | _clearings(items))
    own = {item.document for item in items}
    # What one payment cleared beside our own documents is no part of these chains.
    items += [each for each in beside if not each.billing_document or each.invoice in own]
    return each_once(items)


def _around(
    tables: ReadTable,
    currencies: Mapping[str, str],
    accounts: Iterable[Condition],
    items: Sequence[CustomerItem],
) -> list[CustomerItem]:
    """
    Read what stands with *items* in one clearing, and what names one of them as its invoice:
    partial payments and residual items, open or cleared.

    What belongs to an item must not depend on which others are asked for with it.
    """
    found: list[CustomerItem] = []
    for part in chunks(items, tables.options.values_per_selection):
        naming = [any_of("REBZG", (item.key.accounting_document for item in part))]
        if not tables.options.clearing_function:
            # What is posted without the customer's function has no field for its invoice.
            naming.append(any_of("XREF3", map(line_key, part)))
        found += open_items(tables, currencies, *accounts, either(*naming))
        clearing = sorted({number for _, number, _ in _clearings(part)})
        together = either(*([any_of("AUGBL", clearing)] if clearing else ()), *naming)
        found += cleared_items(tables, currencies, *accounts, together)
    return found


def _clearings(items: Iterable[CustomerItem]) -> set[FiDocument]:
    return {item.clearing for item in items if item.clearing is not None}


def _accounts(items: Sequence[CustomerItem]) -> tuple[Condition, Condition]:
    """Return what the tables are keyed by: company codes and payers."""
    return (
        any_of("BUKRS", sorted({each.key.company_code for each in items})),
        any_of("KUNNR", sorted({each.customer for each in items})),
    )


def _document_key(row: TableRow) -> tuple[str, str, str]:
    return (row["BUKRS"], row["BELNR"], row["GJAHR"])


def company_currencies(tables: ReadTable, company_codes: Iterable[str]) -> dict[str, str]:
    """Return the currency that each company code keeps its books in."""
    rows = tables.rows(T001, ("BUKRS", "WAERS"), any_of("BUKRS", sorted(set(company_codes))))
    return {row["BUKRS"]: row["WAERS"] for row in rows}


def open_items(
    tables: ReadTable, currencies: Mapping[str, str], *conditions: Condition
) -> list[CustomerItem]:
    """Return the open items that fit *conditions* (BSID); *currencies* are those of companies."""
    return _read(tables, BSID, currencies, conditions)


def cleared_items(
    tables: ReadTable, currencies: Mapping[str, str], *conditions: Condition
) -> list[CustomerItem]:
    """Return the cleared items that fit *conditions* (BSAD)."""
    return _read(tables, BSAD, currencies, conditions)


def _read(
    tables: ReadTable, table: Table, currencies: Mapping[str, str], conditions: Iterable[Condition]
) -> list[CustomerItem]:
    starts_in = tables.options.fiscal_year_starts_in
    return [
        from_table(row, currencies.get(row["BUKRS"], ""), starts_in.get(row["BUKRS"], 1))
        for row in tables.rows(table, table.fields, *conditions)
    ]


def from_table(row: TableRow, local_currency: str, fiscal_year_starts_in: int = 1) -> CustomerItem:
    """
    Return a line with its header; amounts there are stored shifted and without sign.

    Without *local_currency* nobody can tell what the amount in it is. The year of the clearing
    follows from its day, see `fiscal_years`.
    """
    amount, local = number(row["WRBTR"]), number(row["DMBTR"])
    sign = -1 if row["SHKZG"] == _CREDIT else 1
    posted = required_day(row["BUDAT"], f"{row['BELNR']}: BUDAT")
    fiscal_year, cleared_on = int(row["GJAHR"]), day(row["AUGDT"])
    return CustomerItem(
        key=AccountingDocumentKey(
            company_code=row["BUKRS"],
            accounting_document=row["BELNR"],
            fiscal_year=fiscal_year,
        ),
        line_item=int(row["BUZEI"]),
        document_type=row["BLART"],
        customer=row["KUNNR"],
        amount=stored_money(sign * amount, row["WAERS"]),
        posting_date=posted,
        document_date=day(row["BLDAT"]) or posted,
        entry_date=day(row["CPUDT"]) or posted,
        baseline_date=day(row["ZFBDT"]) or posted,
        cash_discount_days_1=int(number(row["ZBD1T"])),
        cash_discount_percent_1=number(row["ZBD1P"]),
        cash_discount_days_2=int(number(row["ZBD2T"])),
        cash_discount_percent_2=number(row["ZBD2P"]),
        net_days=int(number(row["ZBD3T"])),
        reference=row["XBLNR"],
        assignment=row["ZUONR"],
        invoice_reference=row["REBZG"] or invoice_in(row["XREF3"]),
        invoice_reference_year=int(row["REBZJ"] or 0) or invoice_year_in(row["XREF3"]),
        billing_document=row["VBELN"],
        clearing_document=row["AUGBL"] or None,
        clearing_year=_clearing_year(cleared_on, posted, fiscal_year, fiscal_year_starts_in),
        cleared_on=cleared_on,
        reconciliation_account=row["HKONT"],
        special_gl_indicator=row["UMSKZ"],
        local_amount=stored_money(sign * local, local_currency) if local_currency else None,
        payment_terms=row["ZTERM"],
        dunning_level=int(row["MANST"] or 0),
        last_dunned_on=day(row["MADAT"]),
        dunning_block=row["MANSP"],
    )


def from_list(row: Mapping[str, Any], account: str, fiscal_year_starts_in: int = 1) -> CustomerItem:
    """
    Return a row of the open item list (BAPI3007_2); its amounts are external, without sign.

    It tells a block of dunning, but neither level nor date.
    """
    amount: Decimal = abs(row["AMT_DOCCUR"])
    local: Decimal = abs(row["LC_AMOUNT"])
    is_credit = row["DB_CR_IND"] == _CREDIT
    posted = required_day(row["PSTNG_DATE"], f"{row['DOC_NO']}: PSTNG_DATE")
    fiscal_year, cleared_on = int(row["FISC_YEAR"]), day(row["CLEAR_DATE"])
    return CustomerItem(
        key=AccountingDocumentKey(
            company_code=row["COMP_CODE"],
            accounting_document=row["DOC_NO"],
            fiscal_year=fiscal_year,
        ),
        line_item=int(row["ITEM_NUM"]),
        document_type=row["DOC_TYPE"],
        customer=row["CUSTOMER"],
        amount=money(-amount if is_credit else amount, row["CURRENCY"]),
        posting_date=posted,
        document_date=day(row["DOC_DATE"]) or posted,
        entry_date=day(row["ENTRY_DATE"]) or posted,
        baseline_date=day(row["BLINE_DATE"]) or posted,
        cash_discount_days_1=int(row["DSCT_DAYS1"]),
        cash_discount_percent_1=row["DSCT_PCT1"],
        cash_discount_days_2=int(row["DSCT_DAYS2"]),
        cash_discount_percent_2=row["DSCT_PCT2"],
        net_days=int(row["NETTERMS"]),
        reference=row["REF_DOC_NO"],
        assignment=row["ALLOC_NMBR"],
        invoice_reference=row["INV_REF"],
        invoice_reference_year=int(row["INV_YEAR"] or 0) or None,
        billing_document=row["BILL_DOC"],
        clearing_document=row["CLR_DOC_NO"] or None,
        clearing_year=_clearing_year(cleared_on, posted, fiscal_year, fiscal_year_starts_in),
        cleared_on=cleared_on,
        reconciliation_account=account,
        special_gl_indicator=row["SP_GL_IND"],
        local_amount=money(-local if is_credit else local, row["LOC_CURRCY"]),
        payment_terms=row["PMNTTRMS"],
        dunning_block=row["DUNN_BLOCK"],
    )


def clearing_year(row: TableRow, options: RfcOptions) -> int:
    """
    Return the fiscal year of the day on which the line of a cleared item was cleared.

    Raises:
        ValueError: it was not.
    """
    cleared_on = required_day(row["AUGDT"], "AUGDT")
    posted = required_day(row["BUDAT"], "BUDAT")
    starts_in = options.fiscal_year_starts_in.get(row["BUKRS"], 1)
    return year_of(cleared_on, posted, int(row["GJAHR"]), starts_in)


def _clearing_year(
    cleared_on: date | None, posted: date, fiscal_year: int, starts_in: int
) -> int | None:
    if cleared_on is None:
        return None
    return year_of(cleared_on, posted, fiscal_year, starts_in)


def open_at(items: Iterable[CustomerItem], key_date: date) -> Iterator[CustomerItem]:
    """Yield the items that were open on *key_date*, as the books show it today."""
    return (item for item in items if item.is_open_on(key_date))
