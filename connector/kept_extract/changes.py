"""
What has changed since the file was written: told by the store, the ERP and the ledger themselves.

Nothing here is judged finely: what may have changed is read again. Six ways lead to a change, and
most changes are seen on more than one of them: the fingerprints of orders, the ERP's own list of
changed documents, references that are looked for, sales orders that look like ours, the open items,
and the lines entered in FI.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain
from typing import Final

from connector.kept_extract.flow_table import KeptFlow
from connector.kept_extract.piece_table import MOVEMENT, OPEN_ITEM
from connector.kept_extract.pieces import digest_of, name_of, packed
from connector.kept_extract.reading import Reader
from connector.ports.erp import SalesOrderHead
from connector.reconciliation import linking
from connector.reconciliation.extract import must_look, orders_with
from connector.reconciliation.parts import MovementsOfRun
from connector.reconciliation.record_texts import RecordKind, text_of
from connector.sd_documents.payment import CustomerItem

#: Lines may be posted so far ahead of the day on which they are entered.
_AHEAD: Final = timedelta(days=366)


def changed_orders(reader: Reader) -> Iterator[tuple[int, bytes | None, KeptFlow | None]]:
    """
    Yield all orders of the store and of the file by id, ascending.

    Each with its fingerprint in the store (None: it is gone) and with what is kept of it (None: it
    is new).
    """
    kept = reader.file.flows.all()
    present = next(kept, None)
    for number, fingerprint in reader.store.order_fingerprints():
        while present is not None and present.id < number:
            yield present.id, None, present
            present = next(kept, None)
        if present is not None and present.id == number:
            yield number, fingerprint, present
            present = next(kept, None)
        else:
            yield number, fingerprint, None
    for left in chain(() if present is None else (present,), kept):
        yield left.id, None, left


def is_found_anew(reader: Reader, flow: KeptFlow) -> bool:
    """
    Look for the reference of an order in the ERP, where that must be; tell whether it found others.

    An order that is looked for no longer is read again only where something had been found that
    its own documents do not tell.
    """
    assignment = reader.assignment
    wanted = must_look(
        flow.reference,
        bool(flow.numbers),
        flow.received_on,
        assignment.key_date,
        assignment.rules,
    )
    if not wanted:
        return flow.found is not None and not set(flow.found) <= set(flow.numbers)
    return orders_with(reader.erp, flow.reference) != flow.found


def of_documents(reader: Reader, numbers: Iterable[str]) -> set[int]:
    """Return the pieces that sales documents which changed in the ERP belong to."""
    keys = chain.from_iterable(packed(linking.keys_of_number(number)) for number in numbers)
    return reader.file.pieces.sharing(keys)


def of_orphans(
    reader: Reader, heads: Iterable[SalesOrderHead]
) -> tuple[list[SalesOrderHead], set[str], set[int]]:
    """Return the *heads* that are new, the numbers that are none any more, and their pieces."""
    present = {head.number: head for head in heads}
    kept = reader.file.flows.orphans()
    texts = {number: text_of(RecordKind.ORPHAN, head) for number, head in present.items()}
    new = [head for number, head in present.items() if number not in kept]
    gone = {number for number in kept if number not in present}
    other = {number for number, (text, _) in kept.items() if texts.get(number, text) != text}
    return new, gone, {kept[number][1] for number in gone | other}


@dataclass(slots=True)
class NamedChanges:
    """What is known by name and was compared by content: pieces that are none any more, and new."""

    gone: set[int] = field(default_factory=set)
    new: set[str] = field(default_factory=set)


def compared(kept: Mapping[str, tuple[int, bytes]], present: Mapping[str, bytes]) -> NamedChanges:
    """Compare what is kept (piece and digest by name) with the digests of what is *present*."""
    found = NamedChanges()
    for name, (piece, digest) in kept.items():
        if present.get(name) != digest:
            found.gone.add(piece)
    for name, digest in present.items():
        if name not in kept or kept[name][1] != digest:
            found.new.add(name)
    return found


def of_open_items(reader: Reader, items: Mapping[str, CustomerItem]) -> NamedChanges:
    """Compare the open *items*, by name, with those of before."""
    letter = RecordKind.OPEN_ITEM
    present = {
        name: digest_of((letter.value + text_of(letter, item)).encode())
        for name, item in items.items()
    }
    return compared(reader.file.pieces.named(OPEN_ITEM), present)


def of_movements(reader: Reader, outside: MovementsOfRun) -> NamedChanges:
    """Compare bank lines and lines of payouts with those of before."""
    kept = reader.file.pieces.named(MOVEMENT)
    pieces = [reader.divider.bank_line(line) for line in outside.bank_lines]
    pieces += [
        reader.divider.payout_line(payout, place)
        for payout in outside.payouts
        for place in range(len(payout.lines))
    ]
    return compared(kept, {piece.name: digest_of(piece.content) for piece in pieces})


def of_entered_lines(reader: Reader, since: date, is_open: Mapping[str, CustomerItem]) -> set[int]:
    """
    Return the pieces that FI lines entered on *since* or later belong to.

    Lines that are open show among the open items, and those that a piece has just as they are say
    nothing new.
    """
    port, rules = reader.erp.open_items, reader.assignment.rules
    until = max(reader.assignment.key_date, since) + _AHEAD
    touched: set[int] = set()
    for code in reader.assignment.company_codes:
        for line in port.posted_items(code, posted_until=until, entered_from=since):
            if name_of(line) in is_open:
                continue
            text = (RecordKind.ITEM.value + text_of(RecordKind.ITEM, line)).encode()
            met = reader.file.pieces.sharing(packed(linking.keys_of_item(line, rules)))
            contents = dict(reader.file.pieces.contents(sorted(met)))
            if not any(text in content.split(b"\n") for content in contents.values()):
                touched |= met
    return touched
