"""What is to go wrong in a simulated ERP, and which of its parts is told to let it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from connector.bootstrap.fault_catalogue import (
    CALLS,
    ENGINE,
    HTTP,
    PARTS,
    RFC,
    fault_catalogue,
    names_in,
)
from connector.errors import ConfigurationError
from connector.simulator.engine.faults import CLOCK_FAULTS, OPERATIONS

_FUNCTION: Final = re.compile(r"^[A-Z/][A-Z0-9_/]+$")

#: Controls that tell what waits in each part, and those that forget it.
WAITING: Final[Mapping[str, str]] = {
    ENGINE: "waiting engine faults",
    RFC: "waiting faults",
    HTTP: "waiting http faults",
}
CLEARING: Final = ("clear engine faults", "clear faults", "clear http faults")


@dataclass(frozen=True, slots=True)
class FaultWish:
    """
    What is to go wrong, on which call (empty: any, or the one that is meant), how often.

    ``skip`` calls pass before; ``seconds`` hold what is late, None until it is released, or set a
    clock off. ``part`` is needed only where a name is in several and *on* does not tell which is
    meant; ``by`` is who holds a locked document, ``field`` what an answer lacks.
    """

    name: str
    on: str = ""
    times: int = 1
    skip: int = 0
    seconds: float | None = None
    part: str = ""
    by: str = ""
    field: str = ""


def part_of(wish: FaultWish) -> str:
    """
    Return the part that *wish* is meant for.

    Raises:
        ConfigurationError: there is no such fault, it cannot be injected there, or it is in several
            parts and the call does not tell which is meant.
    """
    if wish.part and wish.part not in PARTS:
        raise ConfigurationError(f"fault in {wish.part}", f"there are: {', '.join(PARTS)}")
    parts = [part for part in PARTS if wish.name in names_in(part)]
    if not parts:
        entries = fault_catalogue()
        beside = [each for each in entries if each.name == wish.name]
        if beside:
            raise ConfigurationError(
                f"fault {wish.name!r}",
                "happens beside the ERP and cannot be injected there",
                f"Bring it about: {beside[0].client_sees}",
            )
        names = sorted({each.name for each in entries if each.can_be_injected})
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
    where = "; ".join(f"in {part} it is injected on {CALLS[part]}" for part in parts)
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
    is_of_clock = wish.name in CLOCK_FAULTS
    refused = {
        "--skip": wish.skip and is_of_clock,
        "--on": wish.on not in ("", "*") and is_of_clock,
        "--times": wish.times != 1 and is_of_clock,
        "--seconds": wish.seconds is not None and part == ENGINE and not is_of_clock,
        "--by": wish.by and part != ENGINE,
        "--field": wish.field and part == ENGINE,
    }
    wrong = [option for option, given in refused.items() if given]
    if wrong:
        raise ConfigurationError(
            f"fault {wish.name!r}",
            "begins at once and strikes no call"
            if is_of_clock
            else f"is of {part}, where that says nothing",
            f"Leave out {' and '.join(wrong)}",
        )
    given = {
        "name": wish.name,
        "on": wish.on,
        "times": wish.times,
        "skip": wish.skip,
        "seconds": wish.seconds,
        "by": wish.by,
        "field": wish.field,
    }
    kept = {name: value for name, value in given.items() if value}
    return kept if wish.seconds is None else {**kept, "seconds": wish.seconds}


_FITS: Final[Mapping[str, Callable[[str], bool]]] = {
    ENGINE: lambda on: on in OPERATIONS,
    RFC: lambda on: on == "*" or (bool(_FUNCTION.match(on)) and not on.endswith("_SRV")),
    HTTP: lambda on: not _FUNCTION.match(on) or on.endswith("_SRV"),
}
