"""
Read a statement or payout report of any known format; which one is told or found out.

Nothing is read in part without saying so: a file that is no report is refused, and what is wrong
inside one stands with the reading, which is then incomplete.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from connector.errors import MessageError
from connector.statements.adyen import ADYEN_CSV, read_adyen
from connector.statements.adyen import COLUMNS as ADYEN_COLUMNS
from connector.statements.camt053 import CAMT053, read_camt053
from connector.statements.delimited import header_of
from connector.statements.encodings import AUTO, MAX_BYTES, File, require_size
from connector.statements.json_reports import read_json
from connector.statements.model import Reading
from connector.statements.mt940 import MT940, read_mt940
from connector.statements.paypal import PAYPAL_CSV, RECORDS, read_paypal
from connector.statements.shopify import (
    PAYOUT_COLUMNS,
    SHOPIFY_JSON,
    SHOPIFY_PAYOUTS_CSV,
    SHOPIFY_TRANSACTIONS_CSV,
    TRANSACTION_COLUMNS,
    is_shopify_json,
    read_shopify_json,
    read_shopify_payouts,
    read_shopify_transactions,
)
from connector.statements.stripe import COLUMNS as STRIPE_COLUMNS
from connector.statements.stripe import STRIPE_CSV, STRIPE_JSON, is_stripe_json, read_stripe_json
from connector.statements.stripe import read_stripe_report as read_stripe_csv
from connector.statements.values import wrong_value

READERS: Final[dict[str, Callable[[File], Reading]]] = {
    CAMT053: read_camt053,
    MT940: read_mt940,
    SHOPIFY_JSON: read_shopify_json,
    SHOPIFY_TRANSACTIONS_CSV: read_shopify_transactions,
    SHOPIFY_PAYOUTS_CSV: read_shopify_payouts,
    STRIPE_JSON: read_stripe_json,
    STRIPE_CSV: read_stripe_csv,
    PAYPAL_CSV: read_paypal,
    ADYEN_CSV: read_adyen,
}
FORMATS: Final = tuple(READERS)

_MT940_TAG: Final = re.compile(rb"^:\d{2}[A-Z]?:", re.MULTILINE)

#: By the columns that their header must have; the most telling first.
_BY_COLUMNS: Final = (
    (ADYEN_COLUMNS, ADYEN_CSV),
    (STRIPE_COLUMNS, STRIPE_CSV),
    (TRANSACTION_COLUMNS, SHOPIFY_TRANSACTIONS_CSV),
    (PAYOUT_COLUMNS, SHOPIFY_PAYOUTS_CSV),
)


def read_statements(
    content: bytes, source: str, report_format: str = AUTO, encoding: str = AUTO
) -> Reading:
    """
    Return what the report in *content* holds; *source* names it in messages.

    Raises:
        MessageError: it is empty, too large, of no known format, or not of the one told.
    """
    file = File(source, content, encoding)
    require_size(file)
    found = format_of(file) if report_format == AUTO else report_format
    if found not in READERS:
        raise MessageError(source, f"{found!r} is no format", f"one of {', '.join(FORMATS)}")
    try:
        return READERS[found](file)
    except ValidationError as error:
        raise MessageError(source, wrong_value(error), f"values of a {found} report") from None


def read_statement_file(
    path: Path, report_format: str = AUTO, encoding: str = AUTO, source: str = ""
) -> Reading:
    """
    As :func:`read_statements`, from the file at *path*, which is named *source* if given.

    Raises:
        MessageError: as there, or the file cannot be opened.
    """
    name = source or path.name
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise MessageError(name, f"cannot be opened: {error.strerror}", "a readable file") from None
    return read_statements(content, name, report_format, encoding)


def format_of(file: File) -> str:
    """
    Return the format of *file* as its content shows it.

    Raises:
        MessageError: it is none that is known.
    """
    start = file.content.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1]
    if start == b"<":
        return CAMT053
    if start in (b"{", b"[") and not file.content.lstrip().startswith(b"{1:"):
        return _json_format(file)
    header = header_of(file)
    if header and header[0] in RECORDS:
        return PAYPAL_CSV
    for columns, name in _BY_COLUMNS:
        if set(columns) <= set(header):
            return name
    if _MT940_TAG.search(file.content):
        return MT940
    raise MessageError(
        file.source,
        "the format of the file cannot be told from its content",
        f"one of {', '.join(FORMATS)}",
    )


def _json_format(file: File) -> str:
    content = read_json(file)
    if is_shopify_json(content):
        return SHOPIFY_JSON
    if is_stripe_json(content):
        return STRIPE_JSON
    raise MessageError(
        file.source,
        "the JSON holds no payouts that are known",
        "Shopify payouts or transactions, or Stripe payouts or balance transactions",
    )
