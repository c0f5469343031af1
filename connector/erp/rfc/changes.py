"""
Which sales documents changed since a day, in themselves or anywhere in their chain.

SAP stamps its documents with dates (ERDAT created, AEDAT changed), so the watermark is a date and
its day is read again. Each kind of document is asked what changed, and mapped back to the sales
documents behind it: deliveries and billing documents by their items, clearings by the accounting
documents entered since.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connector.erp.rfc.read_table import ReadTable, TableRow, any_of, at_least
from connector.erp.rfc.tables import BKPF, BSAD, LIKP, LIPS, VBAK, VBRK, VBRP, Table
from connector.ports.erp import ChangedDocuments


def changed_since(
    tables: ReadTable, watermark: str, company_codes: Sequence[str] = ()
) -> ChangedDocuments:
    """
    Return the sales documents with a change since *watermark* (YYYYMMDD, empty: all there are).

    The next watermark is the last day on which anything changed, never earlier than *watermark*.
    """
    if not watermark:
        rows = tables.rows(VBAK, ("VBELN", "ERDAT", "AEDAT"))
        return ChangedDocuments(_ordered(row["VBELN"] for row in rows), _latest(rows, ""))
    orders = _changed(tables, VBAK, watermark)
    deliveries = _changed(tables, LIKP, watermark)
    billing = _changed(tables, VBRK, watermark)
    entered = tables.rows(
        BKPF,
        ("BELNR", "CPUDT"),
        *([any_of("BUKRS", company_codes)] if company_codes else []),
        at_least("CPUDT", watermark),
    )
    billed = {row["VBELN"] for row in billing} | _cleared(tables, entered)
    numbers = {
        *(row["VBELN"] for row in orders),
        *_column(tables, LIPS, "VGBEL", {row["VBELN"] for row in deliveries}),
        *_column(tables, VBRP, "AUBEL", billed),
    }
    return ChangedDocuments(
        _ordered(numbers), _latest([*orders, *deliveries, *billing, *entered], watermark)
    )


def _changed(tables: ReadTable, table: Table, since: str) -> list[dict[str, str]]:
    """Two reads by one date each: an index on either can be used, one for both there is not."""
    fields = ("VBELN", "ERDAT", "AEDAT")
    return [
        *tables.rows(table, fields, at_least("ERDAT", since)),
        *tables.rows(table, fields, at_least("AEDAT", since)),
    ]


def _cleared(tables: ReadTable, entered: Iterable[TableRow]) -> set[str]:
    """Return the billing documents that accounting documents cleared."""
    clearing = sorted({row["BELNR"] for row in entered})
    rows = tables.rows(BSAD, ("AUGBL", "VBELN"), any_of("AUGBL", clearing))
    return {row["VBELN"] for row in rows if row["VBELN"]}


def _column(tables: ReadTable, table: Table, field: str, documents: Iterable[str]) -> set[str]:
    rows = tables.rows(table, ("VBELN", field), any_of("VBELN", sorted(documents)))
    return {row[field] for row in rows if row[field]}


def _ordered(numbers: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(numbers)))


def _latest(rows: Iterable[TableRow], watermark: str) -> str:
    """Return the last date in *rows*; a date that is not set reads as zeros and is never last."""
    stamps = (row.get(name, "") for row in rows for name in ("ERDAT", "AEDAT", "CPUDT"))
    return max((watermark, *(stamp for stamp in stamps if stamp)), default=watermark)
