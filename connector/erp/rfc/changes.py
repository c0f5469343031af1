"""
Which sales documents changed since a day, in themselves or anywhere in their chain.

SAP stamps its documents with dates (ERDAT created, AEDAT changed), so the watermark is a date and
its day is read again. Each kind of document is asked what changed, and mapped back to the sales
documents behind it: deliveries and billing documents by their items, clearings by the accounting
documents entered since.

An update task may finish after midnight and leave stamps of the day before. The watermark therefore
moves to a new day only when that day is an hour old.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from connector.erp.rfc.read_table import ReadTable, TableRow, any_of, at_least, differs
from connector.erp.rfc.tables import BKPF, BSAD, LIKP, LIPS, VBAK, VBRK, VBRP, Table
from connector.ports.erp import ChangedDocuments

#: How long after midnight a stamp of the day before may still appear.
SETTLES_IN: Final = timedelta(hours=1)
#: Accounting documents of billing and of goods movements clear nothing that their own document
#: does not show; they are most of all documents.
_NEVER_CLEARS: Final = ("VBRK", "MKPF")


def changed_since(
    tables: ReadTable, watermark: str, settled: str, company_codes: Sequence[str] = ()
) -> ChangedDocuments:
    """
    Return the sales documents with a change since *watermark* (YYYYMMDD, empty: all there are).

    The next watermark is the last day on which anything changed, but no later than *settled*, the
    day an hour ago, and never earlier than *watermark*.
    """
    if not watermark:
        rows = tables.rows(VBAK, ("VBELN", "ERDAT", "AEDAT"))
        return ChangedDocuments(_ordered(row["VBELN"] for row in rows), _next(rows, "", settled))
    orders = _changed(tables, VBAK, watermark)
    deliveries = _changed(tables, LIKP, watermark)
    billing = _changed(tables, VBRK, watermark)
    entered = tables.rows(
        BKPF,
        ("BELNR", "CPUDT"),
        *([any_of("BUKRS", company_codes)] if company_codes else []),
        at_least("CPUDT", watermark),
        *(differs("AWTYP", made_from) for made_from in _NEVER_CLEARS),
    )
    billed = {row["VBELN"] for row in billing} | _cleared(tables, entered)
    numbers = {
        *(row["VBELN"] for row in orders),
        *_column(tables, LIPS, "VGBEL", {row["VBELN"] for row in deliveries}),
        *_column(tables, VBRP, "AUBEL", billed),
    }
    return ChangedDocuments(
        _ordered(numbers), _next([*orders, *deliveries, *billing, *entered], watermark, settled)
    )


def _changed(tables: ReadTable, table: Table, since: str) -> list[dict[str, str]]:
    """Two reads by one date each: an index on either can be used, one for both there is not."""
    return [
        *tables.rows(table, ("VBELN", "ERDAT"), at_least("ERDAT", since)),
        *tables.rows(table, ("VBELN", "AEDAT"), at_least("AEDAT", since)),
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


def _next(rows: Iterable[TableRow], watermark: str, settled: str) -> str:
    """Return the next watermark; a date that is not set reads as zeros and is never the last."""
    stamps = (row.get(name, "") for row in rows for name in ("ERDAT", "AEDAT", "CPUDT"))
    return max(watermark, min(max(stamps, default=""), settled))
