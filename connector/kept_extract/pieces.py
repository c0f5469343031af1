"""
Pieces: what was read together and hangs together, mostly one order with its chain.

A piece is the smallest thing that is kept and replaced. Which pieces belong to one part is decided
by their keys, see :mod:`connector.reconciliation.linking`; here a key is a number of 64 bits whose
lowest bit says that the piece seeks it. Two keys that meet by chance only make a part larger.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

from connector.ports.erp import SalesOrderHead
from connector.reconciliation import linking
from connector.reconciliation.erp_extract import ErpExtract, item_key
from connector.reconciliation.linking import Keys
from connector.reconciliation.mirror import MirroredOrder
from connector.reconciliation.record_texts import RecordKind, text_of
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.payment import CustomerItem
from connector.statements.model import BankLine, Payout

_SOUGHT: Final = 1
#: Keys that only bank lines and lines of payouts seek.
_SOUGHT_BY_MONEY: Final = ("word ", "charge ", "name ")
_LINES: Final = frozenset({RecordKind.ITEM, RecordKind.OPEN_ITEM})
#: Bytes of the digest of a piece.
_DIGEST: Final = 16


@dataclass(slots=True)
class Piece:
    """
    Records as texts, each after the letter of its kind, and the keys of all of them.

    ``flows`` are the ids of its orders, ``orphans`` the sales orders in it that nobody outside
    knows; ``lines`` counts its customer lines. ``name`` is what it is known by, where it is one
    record that is compared by itself.
    """

    flows: list[int] = field(default_factory=list)
    orphans: list[SalesOrderHead] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    keys: array[int] = field(default_factory=lambda: array("q"))
    lines: int = 0
    name: str = ""

    @property
    def content(self) -> bytes:
        """All texts, one in a line."""
        return "\n".join(self.texts).encode()


def digest_of(content: bytes) -> bytes:
    """Return what says later that *content* is as it was."""
    return blake2b(content, digest_size=_DIGEST).digest()


def packed(keys: Keys) -> array[int]:
    """Return *keys* as sorted numbers."""
    found = {_number(key) | _SOUGHT for key in keys.seeks}
    found.update(_number(key) & ~_SOUGHT for key in keys.holds - keys.seeks)
    return array("q", sorted(found))


def is_sought(key: int) -> bool:
    """Tell whether the piece with *key* seeks it, and does not only hold it."""
    return bool(key & _SOUGHT)


def plain(key: int) -> int:
    """Return *key* as those have it who only hold it."""
    return key & ~_SOUGHT


def meeting(key: int) -> tuple[int, ...]:
    """Return the keys of others that lead to who has *key*: who holds it meets those who seek."""
    return (key & ~_SOUGHT, key) if is_sought(key) else (key | _SOUGHT,)


def _number(key: str) -> int:
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "little", signed=True)


@dataclass(frozen=True, slots=True)
class Divider:
    """
    Divides what was read into pieces.

    Without money outside (bank statements, payouts) nobody seeks what only they seek: *has_money*
    leaves those keys out.
    """

    rules: ReconciliationRules
    has_money: bool

    def divide(
        self, orders: Sequence[tuple[int, MirroredOrder]], extract: ErpExtract
    ) -> Iterator[Piece]:
        """Yield *orders*, each with the id of its flow, and *extract* in pieces."""
        records = [
            *((RecordKind.ORDER, each, linking.keys_of_order(each[1])) for each in orders),
            *self._of_extract(extract),
        ]
        places = linking.components((place, each[2]) for place, each in enumerate(records))
        for component in places:
            yield self._piece([records[place] for place in component])

    def open_item(self, item: CustomerItem) -> Piece:
        """Return the piece of an item that is open."""
        keys = linking.keys_of_item(item, self.rules)
        return self._named(RecordKind.OPEN_ITEM, item, keys, name_of(item))

    def bank_line(self, line: BankLine) -> Piece:
        """Return the piece of a bank line that is no payout."""
        keys = linking.keys_of_bank_line(line)
        return self._named(RecordKind.BANK_LINE, line, keys, str(line.key))

    def payout_line(self, payout: Payout, place: int) -> Piece:
        """Return the piece of the line of *payout* that stands at *place*."""
        line = payout.lines[place]
        alone = payout.model_copy(update={"lines": (line,)})
        keys = linking.keys_of_payout_line(payout.provider, payout.payout_id, line)
        name = str(payout.key_of(line))
        return self._named(RecordKind.PAYOUT_LINE, (place, alone), keys, name)

    def _of_extract(self, extract: ErpExtract) -> Iterator[tuple[RecordKind, Any, Keys]]:
        keyed: tuple[tuple[RecordKind, Iterable[Any], Callable[[Any], Keys]], ...] = (
            (RecordKind.SALES_DOCUMENT, extract.sales_documents, linking.keys_of_sales_document),
            (RecordKind.DELIVERY, extract.deliveries, linking.keys_of_delivery),
            (
                RecordKind.BILLING_DOCUMENT,
                extract.billing_documents,
                linking.keys_of_billing_document,
            ),
            (RecordKind.LINK, extract.links, linking.keys_of_link),
            (
                RecordKind.ITEM,
                extract.items,
                lambda item: linking.keys_of_item(item, self.rules),
            ),
            (RecordKind.PAYER, extract.payers, linking.keys_of_payer),
            (RecordKind.ORPHAN, extract.orphans, linking.keys_of_orphan),
            (RecordKind.EXCHANGE, extract.exchange, linking.keys_of_exchange),
            (
                RecordKind.SEARCH,
                extract.numbers_by_reference.items(),
                lambda found: linking.keys_of_search(*found),
            ),
            (RecordKind.UNKNOWN, extract.unknown_numbers, linking.keys_of_number),
        )
        for kind, records, keys_of in keyed:
            for record in records:
                yield kind, record, keys_of(record)

    def _named(self, kind: RecordKind, record: Any, keys: Keys, name: str) -> Piece:
        piece = self._piece([(kind, record, keys)])
        piece.name = name
        return piece

    def _piece(self, records: Sequence[tuple[RecordKind, Any, Keys]]) -> Piece:
        piece = Piece()
        seeks: set[str] = set()
        holds: set[str] = set()
        for kind, record, keys in records:
            seeks |= keys.seeks
            holds |= keys.holds
            written = record
            if kind in _LINES:
                piece.lines += 1
            elif kind is RecordKind.ORDER:
                flow, written = record
                piece.flows.append(flow)
            elif kind is RecordKind.ORPHAN:
                piece.orphans.append(record)
            piece.texts.append(kind.value + text_of(kind, written))
        if not self.has_money:
            holds = {key for key in holds if not key.startswith(_SOUGHT_BY_MONEY)}
        piece.keys = packed(Keys(frozenset(seeks), frozenset(holds)))
        return piece


def name_of(item: CustomerItem) -> str:
    """Return what an FI line is known by."""
    return "/".join(map(str, item_key(item)))
