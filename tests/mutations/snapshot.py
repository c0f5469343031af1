"""
What a run reads, taken once for the whole year; after more postings only what they touched is read.

The result is what reading everything anew would bring; a test holds one against the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final, TypeVar, cast

from connector.ports.erp import Erp, SalesOrderHead
from connector.reconciliation.extract import ErpExtract, in_order, item_key, read_erp
from connector.reconciliation.mirror import MirroredOrder
from connector.reconciliation.movements import MoneyMovements
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.delivery import Delivery
from connector.sd_documents.sales_document import PostedSalesDocument
from tests.mutations.market import COMPANY_CODES
from tests.mutations.money import AGREED
from tests.mutations.world import World
from tests.mutations.year import KEY_DATE

T = TypeVar("T")
RULES: Final = ReconciliationRules(provider_fees=(AGREED,))


@dataclass(frozen=True)
class Snapshot:
    """What a run takes in; ``intake_until`` is until when the shops were read."""

    orders: tuple[MirroredOrder, ...]
    extract: ErpExtract
    movements: MoneyMovements = field(default_factory=MoneyMovements)
    intake_until: datetime | None = None


def read_all(world: World, transport: Erp) -> Snapshot:
    """Read everything that there is on the key date."""
    orders = tuple(world.orders.values())
    extract = read_erp(transport, orders, KEY_DATE, COMPANY_CODES, RULES)
    return Snapshot(orders, extract, world.outside.movements(KEY_DATE))


def read_again(before: Snapshot, world: World, transport: Erp) -> Snapshot:
    """Read what was touched since *before*, and what stands open for everybody."""
    orders = tuple(world.orders.values())
    touched = [world.orders[name] for name in sorted(world.touched)]
    others = world.orders.keys() - world.touched
    reader = cast(Erp, _Among(transport, others))
    found = read_erp(reader, touched, KEY_DATE, COMPANY_CODES, RULES)
    extract = in_order(_merged(before.extract, found))
    return Snapshot(orders, extract, world.outside.movements(KEY_DATE))


class _Among:
    """A transport whose list of sales orders leaves out those of other orders."""

    def __init__(self, transport: Erp, others: Iterable[str]) -> None:
        self._transport, self._others = transport, frozenset(others)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    @property
    def sales_documents(self) -> Any:
        return _Heads(self._transport.sales_documents, self._others)


class _Heads:
    def __init__(self, port: Any, others: frozenset[str]) -> None:
        self._port, self._others = port, others

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)

    def orders_created(self, first: date, last: date) -> tuple[SalesOrderHead, ...]:
        return tuple(
            head
            for head in self._port.orders_created(first, last)
            if head.purchase_order_by_customer not in self._others
        )


def _merged(base: ErpExtract, found: ErpExtract) -> ErpExtract:
    fresh = {
        *map(_number, found.sales_documents),
        *map(_number, found.deliveries),
        *map(_number, found.billing_documents),
    }
    links = [
        link
        for link in base.links
        if link.preceding.document not in fresh and link.subsequent.document not in fresh
    ]
    return ErpExtract(
        sales_documents=_newest(base.sales_documents, found.sales_documents, _number),
        deliveries=_newest(base.deliveries, found.deliveries, _number),
        billing_documents=_newest(base.billing_documents, found.billing_documents, _number),
        links=(*links, *found.links),
        items=_newest(base.items, found.items, item_key),
        open_items=found.open_items,
        balances=found.balances,
        numbers_by_reference={**base.numbers_by_reference, **found.numbers_by_reference},
        unknown_numbers=(*base.unknown_numbers, *found.unknown_numbers),
        problems=(*base.problems, *found.problems),
        payers=_newest(
            base.payers, found.payers, lambda each: (each.sales_order, each.item_number)
        ),
        orphans=found.orphans,
        pages=base.pages + found.pages,
        pages_expected=base.pages_expected + found.pages_expected,
    )


def _number(document: PostedSalesDocument | Delivery | BillingDocument) -> str:
    return document.number


def _newest(base: Sequence[T], found: Sequence[T], key: Callable[[T], Any]) -> tuple[T, ...]:
    known = {key(each): each for each in base}
    known.update({key(each): each for each in found})
    return tuple(known[each] for each in sorted(known))


def with_extract(snapshot: Snapshot, **changes: Any) -> Snapshot:
    """Return *snapshot* with another extract."""
    return replace(snapshot, extract=replace(snapshot.extract, **changes))
