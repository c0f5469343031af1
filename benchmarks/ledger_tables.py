"""The made-up company as columns in Parquet files, and the bare join of them, written by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, Final

import polars as pl

from benchmarks.ledger import ACCOUNT, COMPANY_CODE, Ledger, Sale

_BATCH: Final = 100_000
#: Days overdue at which a bucket of the ageing ends.
_BUCKETS: Final = (0, 30, 60, 90)
_Row = tuple[Any, ...]


def _orders(sale: Sale) -> Iterable[_Row]:
    yield f"EXT-{sale.number}", sale.reference, sale.day, sale.gross


def _payments(sale: Sale) -> Iterable[_Row]:
    if sale.paid_on is not None:
        yield f"EXT-{sale.number}", sale.payment_reference, sale.paid_on, sale.gross


def _sales_orders(sale: Sale) -> Iterable[_Row]:
    yield sale.sales_order, sale.reference, sale.customer, sale.net, sale.tax


def _billing(sale: Sale) -> Iterable[_Row]:
    yield sale.billing_document, sale.sales_order, sale.invoice, sale.day, sale.net, sale.tax


def _items(sale: Sale) -> Iterable[_Row]:
    cleared = sale.receipt if sale.paid_on else None
    yield (
        COMPANY_CODE, ACCOUNT, sale.invoice, 1, "RV", sale.customer, sale.gross, sale.day, 30,
        sale.billing_document, sale.billing_document, cleared, sale.paid_on,
    )  # fmt: skip
    if sale.paid_on is not None:
        yield (
            COMPANY_CODE, ACCOUNT, sale.receipt, 1, "DZ", sale.customer, -sale.gross, sale.paid_on,
            0, sale.payment_reference, None, sale.receipt, sale.paid_on,
        )  # fmt: skip


_TABLES: Final[dict[str, tuple[Callable[[Sale], Iterable[_Row]], dict[str, Any]]]] = {
    "orders": (
        _orders,
        {"order": pl.String, "reference": pl.String, "day": pl.Date, "gross": pl.Int64},
    ),
    "payments": (
        _payments,
        {"order": pl.String, "reference": pl.String, "paid_on": pl.Date, "amount": pl.Int64},
    ),
    "sales_orders": (
        _sales_orders,
        {
            "sales_order": pl.String,
            "reference": pl.String,
            "customer": pl.String,
            "net": pl.Int64,
            "tax": pl.Int64,
        },
    ),
    "billing": (
        _billing,
        {
            "billing_document": pl.String,
            "sales_order": pl.String,
            "accounting_document": pl.String,
            "billing_date": pl.Date,
            "net": pl.Int64,
            "tax": pl.Int64,
        },
    ),
    "items": (
        _items,
        {
            "company_code": pl.String,
            "account": pl.String,
            "document": pl.String,
            "line": pl.Int32,
            "type": pl.String,
            "customer": pl.String,
            "amount": pl.Int64,
            "posted_on": pl.Date,
            "net_days": pl.Int32,
            "reference": pl.String,
            "billing_document": pl.String,
            "clearing_document": pl.String,
            "cleared_on": pl.Date,
        },
    ),
}

#: The columns of each table.
COLUMNS: Final = {name: columns for name, (_, columns) in _TABLES.items()}


def write_tables(ledger: Ledger, folder: Path) -> None:
    """Write all tables of *ledger*, piece by piece."""
    sales = ledger.all()
    number = 0
    while batch := list(islice(sales, _BATCH)):
        number += 1
        for name, (rows, columns) in _TABLES.items():
            found = [row for sale in batch for row in rows(sale)]
            frame = pl.DataFrame(found, schema=columns, orient="row")
            frame.write_parquet(folder / f"{name}-{number:04}.parquet")
    balance = int(ledger.balance().balance.amount.scaleb(2))
    frame = pl.DataFrame(
        {"company_code": [COMPANY_CODE], "account": [ACCOUNT], "amount": [balance]}
    )
    frame.write_parquet(folder / "balances-0001.parquet")


def read_tables(folder: Path) -> dict[str, pl.DataFrame]:
    """Read them again."""
    return {name: pl.read_parquet(folder / f"{name}-*.parquet") for name in (*_TABLES, "balances")}


def bare_join(tables: dict[str, pl.DataFrame], key_date: date) -> dict[str, int]:
    """
    Compare the four pairs by their keys and amounts, in cents, and age what is open.

    No rule, reason or tolerance: what must be done at least. Returns counts of what differs and
    what is open.
    """
    items, billing = tables["items"], tables["billing"]
    billed = (
        tables["orders"]
        .join(tables["sales_orders"], on="reference", how="left")
        .join(billing, on="sales_order", how="left", suffix="_billed")
        .with_columns(difference=pl.col("gross") - pl.col("net_billed") - pl.col("tax_billed"))
    )
    posted = billing.join(
        items.filter(pl.col("type") == "RV"), on="billing_document", how="full", coalesce=True
    ).with_columns(difference=pl.col("net") + pl.col("tax") - pl.col("amount"))
    receipts = items.filter(pl.col("type") == "DZ")
    paid = tables["payments"].join(
        receipts, on="reference", how="full", coalesce=True, suffix="_posted"
    )
    paid = paid.with_columns(difference=pl.col("amount") + pl.col("amount_posted"))
    open_ = items.filter(
        (pl.col("posted_on") <= key_date)
        & (pl.col("cleared_on").is_null() | (pl.col("cleared_on") > key_date))
    )
    ledger = (
        open_.group_by("company_code", "account")
        .agg(pl.col("amount").sum())
        .join(tables["balances"], on=["company_code", "account"], how="full", suffix="_gl")
        .with_columns(difference=pl.col("amount") - pl.col("amount_gl"))
    )
    overdue = (pl.lit(key_date) - pl.col("posted_on")).dt.total_days() - pl.col("net_days")
    ageing = (
        open_.with_columns(bucket=overdue.cut([float(each) for each in _BUCKETS]))
        .group_by("customer", "bucket")
        .agg(pl.col("amount").sum(), pl.len())
    )
    return {
        "orders and billing": _differing(billed),
        "billing and items": _differing(posted),
        "payments and receipts": _differing(paid),
        "items and ledger": _differing(ledger),
        "open": open_.height,
        "payers and buckets": ageing.height,
    }


def _differing(frame: pl.DataFrame) -> int:
    return frame.filter(pl.col("difference").is_null() | (pl.col("difference") != 0)).height
