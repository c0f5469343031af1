"""
The faults of the simulated ERP: which there are, what each does, and where it can be injected.

Each part of the simulated ERP keeps a catalogue of its own: what goes wrong in the business
(`engine`), on the line of RFC (`rfc`), and over HTTP (`http`). Some names are in several.
"""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from connector.errors import ConfigurationError
from connector.simulator.engine.faults import CLOCK_FAULTS, FAULTS, OPERATIONS
from connector.simulator.http.faults import HttpFault
from connector.simulator.rfc.faults import COMMIT, Fault

ENGINE: Final = "engine"
RFC: Final = "rfc"
HTTP: Final = "http"
PARTS: Final = (ENGINE, RFC, HTTP)

_COMMENT: Final = re.compile(r"^\s*#:\s?(.*)$")
_MEMBER: Final = re.compile(r'^\s{4}\w+ = "([^"]+)"')
_FUNCTION: Final = re.compile(r"^[A-Z/][A-Z0-9_/]+$")

#: Controls that tell what waits in each part, and those that forget it.
WAITING: Final[Mapping[str, str]] = {
    ENGINE: "waiting engine faults",
    RFC: "waiting faults",
    HTTP: "waiting http faults",
}
CLEARING: Final = ("clear engine faults", "clear faults", "clear http faults")

#: Where the faults of a part can be injected, in words, and examples of it.
_WHERE: Final[Mapping[str, tuple[str, ...]]] = {
    ENGINE: OPERATIONS,
    RFC: ("*", COMMIT, "BAPI_SALESORDER_CREATEFROMDAT2", "RFC_READ_TABLE"),
    HTTP: ("*", "POST A_SalesOrder", "API_SALES_ORDER_SRV", "PostGoodsIssue", "POST /sap/opu/*"),
}
_CALLS: Final[Mapping[str, str]] = {
    ENGINE: "an operation of the business",
    RFC: "a function module",
    HTTP: "an entity set, service, function import or SOAP operation, with or without its method",
}


@dataclass(frozen=True, slots=True)
class FaultEntry:
    """A fault of one part: what it does, what it can be injected on, and examples of that."""

    name: str
    part: str
    effect: str
    calls: str
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FaultWish:
    """
    What is to go wrong, on which call (empty: any, or the one that is meant), how often.

    ``skip`` calls pass before; ``seconds`` hold what is late, None until it is released, or set a
    clock off. ``part`` is needed only where a name is in several and *on* does not tell which is
    meant; ``by`` is who holds a locked document.
    """

    name: str
    on: str = ""
    times: int = 1
    skip: int = 0
    seconds: float | None = None
    part: str = ""
    by: str = ""


def fault_catalogue() -> tuple[FaultEntry, ...]:
    """Return every fault of every part."""
    return tuple(
        FaultEntry(name, part, effect, *_struck(name, part))
        for part, effects in _effects().items()
        for name, effect in effects.items()
    )


def part_of(wish: FaultWish) -> str:
    """
    Return the part that *wish* is meant for.

    Raises:
        ConfigurationError: there is no such fault, it cannot be injected there, or it is in several
            parts and the call does not tell which is meant.
    """
    if wish.part and wish.part not in PARTS:
        raise ConfigurationError(f"fault in {wish.part}", f"there are: {', '.join(PARTS)}")
    known = _effects()
    parts = [part for part in PARTS if wish.name in known[part]]
    if not parts:
        names = sorted({name for names in known.values() for name in names})
        near = difflib.get_close_matches(wish.name, names, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else "`simulator faults` lists them"
        raise ConfigurationError(f"fault {wish.name!r}", "there is no such fault", hint)
    fitting = [
        part for part in parts if wish.part in ("", part) and (not wish.on or _FITS[part](wish.on))
    ]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise ConfigurationError(
            f"fault {wish.name!r}",
            f"{', '.join(fitting)} have one of this name",
            "Say which with --in",
        )
    where = "; ".join(f"in {part} it is injected on {_CALLS[part]}" for part in parts)
    raise ConfigurationError(
        f"fault {wish.name!r}",
        f"cannot be injected on {wish.on!r}" if wish.on else f"is not in {wish.part}",
        where,
    )


def controls_of(part: str) -> str:
    """Return the name of the control that injects into *part*."""
    return {ENGINE: "inject in engine", RFC: "inject", HTTP: "inject http"}[part]


def arguments_of(wish: FaultWish, part: str) -> dict[str, Any]:
    """
    Return what the control of *part* is given.

    Raises:
        ConfigurationError: *wish* says something that faults of this part cannot do.
    """
    arguments: dict[str, Any] = {"name": wish.name, "times": wish.times}
    for name in ("on", "skip", "seconds", "by"):
        value = getattr(wish, name)
        if value or (name == "seconds" and value is not None):
            arguments[name] = value
    if part != ENGINE and wish.by:
        raise ConfigurationError(
            f"fault {wish.name!r}", "nobody has a part in it", "Leave out --by"
        )
    if part == ENGINE and wish.seconds is not None and wish.name not in CLOCK_FAULTS:
        raise ConfigurationError(
            f"fault {wish.name!r}",
            "what goes wrong in the business takes no time",
            "Leave out --seconds",
        )
    return arguments


def _struck(name: str, part: str) -> tuple[str, tuple[str, ...]]:
    """Return on what a fault can be injected, and examples of it."""
    if name in CLOCK_FAULTS:
        return "nothing: it begins at once", ()
    return _CALLS[part], _WHERE[part]


def _effects() -> Mapping[str, Mapping[str, str]]:
    return {
        ENGINE: {**FAULTS, **CLOCK_FAULTS},
        RFC: dict(_commented(Fault)),
        HTTP: dict(_commented(HttpFault)),
    }


def _commented(faults: type[StrEnum]) -> Iterator[tuple[str, str]]:
    """Yield each fault with the comment above it; those right below each other share one."""
    comment: list[str] = []
    is_open = False
    for line in inspect.getsource(faults).splitlines():
        if said := _COMMENT.match(line):
            comment = [*comment, said.group(1)] if is_open else [said.group(1)]
            is_open = True
        elif member := _MEMBER.match(line):
            is_open = False
            yield member.group(1), " ".join(comment)


_FITS: Final[Mapping[str, Callable[[str], bool]]] = {
    ENGINE: lambda on: on in OPERATIONS,
    RFC: lambda on: on == "*" or (bool(_FUNCTION.match(on)) and not on.endswith("_SRV")),
    HTTP: lambda on: not _FUNCTION.match(on) or on.endswith("_SRV"),
}
