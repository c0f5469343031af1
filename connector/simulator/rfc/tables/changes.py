"""CDHDR: the heads of the change documents of sales documents, deliveries and billing documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.simulator.rfc.tables.source import Source, Table

if TYPE_CHECKING:
    from connector.simulator.engine.change_documents import ChangeDocument

#: Object class -> kind of document.
CLASSES = {"VERKBELEG": "sales", "LIEFERUNG": "delivery", "FAKTBELEG": "billing"}
_CLASS_OF = {kind: name for name, kind in CLASSES.items()}
_TRANSACTIONS = {"sales": "VA02", "delivery": "VL02N", "billing": "VF02"}


@dataclass(frozen=True, slots=True)
class Head:
    """A row of CDHDR."""

    source: Source
    change: ChangeDocument


def heads(source: Source) -> Iterator[Head]:
    """Rows of CDHDR: by object, or by date and time."""
    wanted = source.pinned("OBJECTCLAS")
    objects = source.numbers("OBJECTID")
    since = source.since(("UDATE", "UTIME"))
    for name in CLASSES if wanted is None else wanted:
        kind = CLASSES.get(name)
        if kind is None:
            continue
        if objects is None:
            found = source.erp.change_documents(kind, since)
        else:
            found = tuple(
                each for number in objects for each in source.erp.change_documents_of(kind, number)
            )
        for change in found:
            yield Head(source, change)


CDHDR = Table(
    heads,
    {
        "OBJECTCLAS": lambda x: _CLASS_OF[x.change.kind],
        "OBJECTID": lambda x: x.change.document,
        "CHANGENR": lambda x: x.change.number,
        "USERNAME": lambda x: x.change.user,
        "UDATE": lambda x: x.source.local(x.change.changed_at).date(),
        "UTIME": lambda x: x.source.local(x.change.changed_at).time(),
        "TCODE": lambda x: _TRANSACTIONS[x.change.kind],
        "CHANGE_IND": lambda x: x.change.indicator,
    },
)

TABLES = {"CDHDR": CDHDR}
