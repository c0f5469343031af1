"""
Each record that a run reads as one line of JSON: for the hash of its source, and to be kept.

A text gives its record back to the last zero of a decimal: evidence is hashed as it was read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from pydantic import TypeAdapter

from connector.ports.erp import OrderPayer, SalesOrderHead
from connector.reconciliation.mirror import MirroredOrder, MirroredPayment
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.delivery import Delivery
from connector.sd_documents.document_flow import FlowLink
from connector.sd_documents.model import Frozen
from connector.sd_documents.payment import AccountBalance, CustomerItem, ExchangeDifference
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.statements.model import BankLine, Payout


class RecordKind(StrEnum):
    """What a text is of; one letter, since there are millions."""

    ORDER = "o"
    SALES_DOCUMENT = "s"
    DELIVERY = "d"
    BILLING_DOCUMENT = "b"
    LINK = "l"
    ITEM = "i"
    OPEN_ITEM = "I"
    PAYER = "p"
    ORPHAN = "h"
    EXCHANGE = "x"
    #: A reference that was looked for, with the numbers found.
    SEARCH = "f"
    #: A number that was asked for and does not exist.
    UNKNOWN = "u"
    BANK_LINE = "m"
    #: A payout with one of its lines, after the place of the line.
    PAYOUT_LINE = "q"


Search = tuple[str, tuple[str, ...]]
PlacedLine = tuple[int, Payout]


@dataclass(frozen=True, slots=True)
class _Codec:
    write: Callable[[Any], str]
    read: Callable[[str], list[Any]]


def _model(kind: type[Frozen]) -> _Codec:
    adapter: TypeAdapter[Any] = TypeAdapter(list[kind])  # type: ignore[valid-type]
    serializer = kind.__pydantic_serializer__

    def write(record: Any) -> str:
        return serializer.to_json(record).decode()

    def read(texts: str) -> list[Any]:
        found: list[Any] = adapter.validate_json(texts)
        return found

    return _Codec(write, read)


def _plain(kind: Any) -> _Codec:
    """Without defaults: the store reads orders from such texts itself, the rest has no decimals."""
    one: TypeAdapter[Any] = TypeAdapter(kind)
    many: TypeAdapter[Any] = TypeAdapter(list[kind])

    def write(record: Any) -> str:
        return one.dump_json(record, exclude_defaults=True).decode()

    def read(texts: str) -> list[Any]:
        found: list[Any] = many.validate_json(texts)
        return found

    return _Codec(write, read)


def _whole(kind: Any) -> _Codec:
    one: TypeAdapter[Any] = TypeAdapter(kind)
    return _Codec(lambda record: one.dump_json(record).decode(), _plain(kind).read)


_CODECS: Final = {
    RecordKind.ORDER: _plain(MirroredOrder),
    RecordKind.SALES_DOCUMENT: _model(PostedSalesDocument),
    RecordKind.DELIVERY: _model(Delivery),
    RecordKind.BILLING_DOCUMENT: _model(BillingDocument),
    RecordKind.LINK: _model(FlowLink),
    RecordKind.ITEM: _model(CustomerItem),
    RecordKind.OPEN_ITEM: _model(CustomerItem),
    RecordKind.PAYER: _plain(OrderPayer),
    RecordKind.ORPHAN: _plain(SalesOrderHead),
    RecordKind.EXCHANGE: _model(ExchangeDifference),
    RecordKind.SEARCH: _plain(Search),
    RecordKind.UNKNOWN: _plain(str),
    RecordKind.BANK_LINE: _model(BankLine),
    RecordKind.PAYOUT_LINE: _whole(PlacedLine),
}
_PAYMENT: Final = _plain(MirroredPayment)
_BALANCE: Final = _model(AccountBalance)


def text_of(kind: RecordKind, record: Any) -> str:
    """Return *record* as one line."""
    return _CODECS[kind].write(record)


def records_of(kind: RecordKind, texts: Sequence[str]) -> list[Any]:
    """
    Return the records of *texts*, in their order.

    Raises:
        ValueError: one of them is no record of that kind.
    """
    return _CODECS[kind].read(f"[{','.join(texts)}]") if texts else []


def text_of_payment(payment: MirroredPayment) -> str:
    """Return a payment of a channel as one line."""
    return _PAYMENT.write(payment)


def text_of_balance(balance: AccountBalance) -> str:
    """Return a balance of the ledger as one line."""
    return _BALANCE.write(balance)
