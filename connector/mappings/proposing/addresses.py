"""Which objects of an order are addresses, and whose."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from connector.mappings.proposing import vocabulary
from connector.mappings.proposing.choosing import Proposed, choose
from connector.mappings.proposing.names import likeness, words_of
from connector.mappings.proposing.structure import Leaf, Path, Structure, expression_of

#: An object with fewer parts of an address is none.
_PARTS: Final = 3
_ESSENTIAL: Final = ("postal_code", "city", "country", "street")
#: What is taken of an address that stands in the order itself: the rest may be the buyer's.
_FLAT: Final = (*_ESSENTIAL, "street_2", "company", "name", "region")
#: Words in the names of columns that say whose address it is.
_MARKS: Final = {
    "billing": frozenset({"billing", "bill", "invoice", "rechnung", "rechnungs", "facturation"}),
    "shipping": frozenset({"shipping", "ship", "delivery", "liefer", "lieferung", "livraison"}),
}


@dataclass(frozen=True, slots=True)
class Address:
    """An address at ``path``: its fields, and how sure it is whose it is."""

    path: Path
    fields: tuple[Proposed, ...]
    confidence: float

    @property
    def when(self) -> str:
        """What tells that it is there."""
        return expression_of(self.path) if self.path else self.fields[0].expression


def addresses_in(structure: Structure) -> tuple[dict[str, Address], list[Path]]:
    """
    Return the ``billing`` and the ``shipping`` address, as far as there are any, and the paths of
    everything that looks like an address.
    """
    found: list[tuple[Path, tuple[Proposed, ...]]] = []
    for path in structure.objects:
        fields = _fields(structure, path)
        essential = [each for each in fields if each.field in _ESSENTIAL]
        if len(essential) >= _PARTS:
            found.append((path, fields))
    # Of an object within another, the inner one is the address.
    found = [
        each
        for each in found
        if not any(o[0][: len(each[0])] == each[0] for o in found if o != each)
    ]
    chosen: dict[str, Address] = {}
    for kind, phrases in (("shipping", vocabulary.SHIPPING), ("billing", vocabulary.BILLING)):
        rated = [
            (max(likeness(path[:end], phrases) for end in range(1, len(path) + 1)), path, fields)
            for path, fields in found
            if path not in [each.path for each in chosen.values()]
        ]
        if kind == "shipping":
            # What is called as those who pay are is not where goods go.
            rated = [each for each in rated if likeness(each[1], vocabulary.BILLING) < 0.7]
        best = max(rated, key=lambda each: each[0], default=None)
        if best is not None and best[0] > 0.4:
            chosen[kind] = Address(best[1], best[2], best[0])
    if not chosen and found:
        chosen["shipping"] = Address(found[0][0], found[0][1], 0.5)
    inner = [path for path, _ in found]
    for kind, address in _flat(structure).items():
        if kind not in chosen:
            chosen[kind] = address
            inner += [each.path for each in address.fields if each.field in _ESSENTIAL]
    return {kind: chosen[kind] for kind in ("billing", "shipping") if kind in chosen}, inner


def _flat(structure: Structure) -> dict[str, Address]:
    """Return the addresses whose parts stand in the order itself, as in columns of a table."""
    groups: dict[str, dict[Path, Leaf]] = {"billing": {}, "shipping": {}, "": {}}
    for path, leaf in structure.leaves.items():
        if len(path) == 1:
            words = set(words_of(path[0]))
            kind = next((k for k, marks in _MARKS.items() if words & marks), "")
            groups[kind][path] = leaf
    found: dict[str, Address] = {}
    for kind, leaves in groups.items():
        fields = choose(Structure(structure.count, leaves), vocabulary.ADDRESS)
        parts = [fields[name] for name in _ESSENTIAL if name in fields]
        if len(parts) < _PARTS or (not kind and "shipping" in found):
            continue
        name = _name_of(list(leaves.values()), ())
        if name is not None:
            fields["name"] = name
        own = tuple(each for each in fields.values() if each.field in _FLAT)
        found[kind or "shipping"] = Address((), own, 0.8 if kind else 0.6)
    return found


def full_name(structure: Structure, path: Path) -> Proposed | None:
    """Return the name that first and last name at *path* make, None where they are not there."""
    return _name_of([leaf for leaf in structure.leaves.values() if leaf.path[:-1] == path], path)


def _name_of(own: list[Leaf], path: Path) -> Proposed | None:
    first, last = (
        _called(own, path, phrases) for phrases in (vocabulary.FIRST_NAME, vocabulary.LAST_NAME)
    )
    if first is None or last is None or first.path == last.path:
        return None
    joined = f"joined(' ', [{first.expression}, {last.expression}])"
    return Proposed("name", joined, 0.95, "first and last name")


def _fields(structure: Structure, path: Path) -> tuple[Proposed, ...]:
    fields = choose(structure, vocabulary.ADDRESS, inside=path)
    own = [leaf for leaf in structure.leaves.values() if leaf.path[: len(path)] == path]
    name = full_name(structure, path)
    if name is not None:
        fields["name"] = name
    house = _called(own, path, vocabulary.HOUSE_NUMBER)
    if house is not None and "street" in fields:
        street = fields["street"]
        leaf = next(each for each in own if each.path == street.path)
        joined = f"joined(' ', [{leaf.expression}, {house.expression}])"
        fields["street"] = replace(street, expression=joined)
        if fields.get("street_2") and fields["street_2"].path == house.path:
            del fields["street_2"]
    return tuple(fields.values())


def _called(leaves: list[Leaf], path: Path, phrases: tuple[str, ...]) -> Leaf | None:
    rated = [(likeness(leaf.path[len(path) :], phrases), leaf) for leaf in leaves]
    best = max(rated, key=lambda each: each[0], default=None)
    return best[1] if best is not None and best[0] > 0.7 else None
