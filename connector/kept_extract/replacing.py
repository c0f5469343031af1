"""
Replaces pieces that are stale, and divides anew what they touch.

A component, which is all that hangs together, is read anew as a whole: something that it was made
of may have gone, and only so nothing of it is left over. What it then hangs together with is read
anew as well, so that no two readings of one document stand side by side.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from connector.kept_extract.dividing import Groups, bundles, join_by_keys
from connector.kept_extract.piece_table import CHAIN, KeptPiece
from connector.kept_extract.reading import Reader
from connector.ports.erp import SalesOrderHead
from connector.reconciliation.record_texts import RecordKind, records_of

_NONE: Final[Mapping[int, bytes]] = MappingProxyType({})
_NO_HEADS: Final[Mapping[str, SalesOrderHead]] = MappingProxyType({})
#: What a piece that was made in this run is in, until all is divided.
_NEW: Final = 0


class Replacing:
    """The pieces that one run replaces; ``parts`` are those that must be divided anew."""

    def __init__(self, reader: Reader) -> None:
        self.reader, self._file = reader, reader.file
        self.parts: set[int] = set()

    def replace(
        self,
        stale: Iterable[int],
        flows: Mapping[int, bytes] = _NONE,
        *,
        orphans: Sequence[SalesOrderHead] = (),
        heads: Mapping[str, SalesOrderHead] = _NO_HEADS,
        gone: Collection[int | str] = (),
    ) -> None:
        """
        Read the components of *stale* pieces anew, and what is new besides.

        Args:
            flows: new or changed orders with their fingerprints.
            orphans: sales orders that look like ours since.
            heads: what a list shows now of those that looked like ours before.
            gone: orders, and sales orders that looked like ours, that are not to be read again.

        Raises:
            sqlite3.DatabaseError: a part consists of other pieces than were evaluated.
        """
        wanted, looked = dict(flows), list(orphans)
        waiting = set(stale)
        while waiting or wanted or looked:
            chains = self._hanging(waiting)
            ids = [piece.id for piece in chains]
            for number, fingerprint in self._file.flows.in_pieces(ids).items():
                if number not in gone:
                    wanted.setdefault(number, fingerprint)
            looked += [head for head in self._orphans_in(ids, heads) if head.number not in gone]
            self._file.pieces.remove(chains)
            before = len(self.reader.new)
            self.reader.orders(wanted)
            self.reader.orphans(looked)
            waiting = self.join(self.reader.new[before:])
            wanted, looked = {}, []

    def dissolve(self, pieces: Iterable[int]) -> list[KeptPiece]:
        """Note that the parts of *pieces* change; return those that were not made in this run."""
        found = [piece for piece in self._file.pieces.get(pieces) if piece.part != _NEW]
        parts = {piece.part for piece in found} - self.parts
        self._file.parts.check(sorted(parts))
        self.parts |= parts
        return found

    def join(self, new: Sequence[int]) -> set[int]:
        """Let *new* pieces be found; return those of before that they hang together with."""
        pieces = self._file.pieces
        keys = {key for piece in pieces.get(new) for key in piece.keys}
        met = pieces.sharing(keys)
        pieces.index(new)
        return {piece.id for piece in self.dissolve(met)}

    def divide(self) -> list[int]:
        """Divide what is left of the parts together with what is new; return the new parts."""
        pieces = self._file.pieces
        members = sorted(
            [*pieces.of_parts(self.parts), *pieces.of_parts([_NEW])], key=lambda piece: piece.id
        )
        groups = Groups(len(members))
        keys = sorted((key, place) for place, each in enumerate(members) for key in each.keys)
        join_by_keys(groups, keys)
        found = bundles(groups, array("I", [piece.lines for piece in members]))
        first = self._file.parts.free()
        pieces.assign(
            (members[groups.first(place)].id, first + found[place], piece.id)
            for place, piece in enumerate(members)
        )
        return sorted({first + bundle for bundle in found})

    def _hanging(self, stale: Iterable[int]) -> list[KeptPiece]:
        """
        Return what was read of the components that *stale* pieces are in.

        A component without any order, such as a frame contract that nobody looks for, came with
        orders of other components: nothing leads to it but these, so it stays until one of them
        brings it again.
        """
        found = self.dissolve(stale)
        components = {piece.component for piece in found}
        parts = {piece.part for piece in found}
        chains = [
            piece
            for piece in self._file.pieces.of_parts(parts)
            if piece.component in components and piece.kind == CHAIN
        ]
        led_to = self._file.flows.pieces_led_to([piece.id for piece in chains])
        components = {piece.component for piece in chains if piece.id in led_to}
        return [piece for piece in chains if piece.component in components]

    def _orphans_in(
        self, pieces: Sequence[int], heads: Mapping[str, SalesOrderHead]
    ) -> list[SalesOrderHead]:
        """Return the sales orders in *pieces* that look like ours, as they are shown now."""
        wanted = set(pieces)
        found = []
        for number, (text, piece) in self._file.flows.orphans().items():
            if piece in wanted:
                [kept] = records_of(RecordKind.ORPHAN, [text])
                found.append(heads.get(number, kept))
        return found
