"""The parts of a ``$filter`` expression."""

from __future__ import annotations

from dataclasses import dataclass

from connector.simulator.odata.literals import Literal

#: How deep an expression may nest; a longer chain of ``and`` or ``or`` is not deeper.
DEEPEST = 60


@dataclass(frozen=True, slots=True)
class Member:
    """A property, at the end of a path of navigations; ``position`` is where it stands."""

    path: tuple[str, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal."""

    literal: Literal
    position: int


@dataclass(frozen=True, slots=True)
class Unary:
    """``not`` or ``-``."""

    operator: str
    operand: Expression
    position: int


@dataclass(frozen=True, slots=True)
class Binary:
    """A comparison or a calculation: eq ne gt ge lt le, add sub mul div mod."""

    operator: str
    left: Expression
    right: Expression
    position: int


@dataclass(frozen=True, slots=True)
class Junction:
    """Two or more conditions joined by ``and``, or by ``or``."""

    operator: str
    operands: tuple[Expression, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments."""

    name: str
    arguments: tuple[Expression, ...]
    position: int


Expression = Member | Constant | Unary | Binary | Junction | Call
