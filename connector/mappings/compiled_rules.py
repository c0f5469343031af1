"""
Rules made ready to run: everything that an order does not change is worked out here, once.

Each value knows its key in the rules, the text of its trace, and file and line of the rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from connector.mappings.expressions import Expression
from connector.mappings.value_tables import Match
from connector.sd_documents.partners import PartnerFunction
from connector.sd_documents.values import DocumentCategory

#: What a document cannot be without, beside its sales area, partners and items.
HEADER_REQUIRED: Final = ("sales_order_type", "currency", "requested_delivery_date")
#: The parts of an address that it cannot be without.
ADDRESS_REQUIRED: Final = frozenset({"name", "country"})


class Table(Protocol):
    """A table of rows by key: a file's, or the ERP's."""

    @property
    def label(self) -> str: ...

    @property
    def key(self) -> tuple[str, ...]: ...

    def match(self, values: list[str]) -> Match | None: ...


@dataclass(frozen=True, slots=True)
class LookupWay:
    """One table to look in; ``paths`` are what is looked up, as its message names it."""

    table: str
    by: tuple[Expression, ...]
    when: Expression | None


@dataclass(frozen=True, slots=True)
class CompiledLookup:
    """A lookup under its ``name``, or of one cell (``column``)."""

    name: str
    key: str
    ways: tuple[LookupWay, ...]
    missing: str | None
    strict: bool
    column: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """
    One choice of a value.

    ``rule``, ``rule_default`` are the trace's words for it, ``file`` where it is written.
    """

    when: Expression | None
    expression: Expression | None
    cell: CompiledLookup | None
    constant: str | None
    default: str | None
    strict: bool
    because: str
    rule: str
    rule_default: str
    file: str


@dataclass(frozen=True, slots=True)
class Value:
    """
    A value of a document: ``name`` is its path there, ``key`` its rule.

    ``only`` is the expression that it comes from where there is but one way and no condition.
    """

    name: str
    key: str
    ways: tuple[Way, ...]
    required: bool
    only: Expression | None = field(init=False)

    def __post_init__(self) -> None:
        only = self.ways[0] if len(self.ways) == 1 and self.ways[0].when is None else None
        object.__setattr__(self, "only", only.expression if only is not None else None)

    @property
    def shown(self) -> str:
        """What the rule reads, for messages."""
        read = [f"`{w.expression.text}`" for w in self.ways if w.expression is not None]
        read += [f"{w.cell.ways[0].table}.{w.cell.column}" for w in self.ways if w.cell is not None]
        return " or ".join(read) or "nothing that applies"


#: Values with the name of the field that they fill.
Fields = tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class CompiledAddress:
    """The address of a partner."""

    key: str
    when: Expression | None
    fields: Fields


@dataclass(frozen=True, slots=True)
class CompiledPartner:
    """A partner."""

    key: str
    function: PartnerFunction
    when: Expression | None
    customer: Value
    one_time_customer: Value | None
    address: CompiledAddress | None


@dataclass(frozen=True, slots=True)
class CompiledCondition:
    """A condition; ``constant`` is the trace's word for its type."""

    key: str
    condition_type: str
    constant: str
    because: str
    file: str
    when: Expression | None
    each: Expression | None
    place: str
    among: Expression | None
    rate: Value
    fields: Fields


@dataclass(frozen=True, slots=True)
class CompiledText:
    """A text."""

    key: str
    text_id: str
    language: str
    when: Expression | None
    content: Value


@dataclass(frozen=True, slots=True)
class CompiledScheduleLines:
    """Schedule lines of an item."""

    key: str
    each: Expression
    day: Value
    quantity: Value
    fields: Fields


@dataclass(frozen=True, slots=True)
class CompiledReference:
    """A reference to what the ERP has already; ``item`` for that of an item."""

    key: str
    category: DocumentCategory
    when: Expression | None
    document: Value
    item: Value | None = None


@dataclass(frozen=True, slots=True)
class CompiledItem:
    """The item of a line."""

    key: str
    lookups: tuple[CompiledLookup, ...]
    material: Value
    unit: Value
    quantity: Value
    fields: Fields
    day: Value | None
    schedule_lines: CompiledScheduleLines | None
    reference: CompiledReference | None
    partners: tuple[CompiledPartner, ...]
    conditions: tuple[CompiledCondition, ...]
    texts: tuple[CompiledText, ...]


@dataclass(frozen=True, slots=True)
class CompiledDocument:
    """A document."""

    key: str
    required: Fields
    area: Fields
    optional: Fields
    reference: CompiledReference | None
    partners: tuple[CompiledPartner, ...]
    items: CompiledItem
    conditions: tuple[CompiledCondition, ...]
    texts: tuple[CompiledText, ...]


@dataclass(frozen=True, slots=True)
class CompiledPayments:
    """The payments."""

    lookups: tuple[CompiledLookup, ...]
    fields: Fields
    reference_prefix: str


@dataclass(frozen=True, slots=True)
class CompiledRules:
    """All of it; ``reference_file`` is where the rule of the reference stands."""

    lookups: tuple[CompiledLookup, ...]
    documents: Mapping[DocumentCategory, CompiledDocument]
    payments: CompiledPayments | None
    reference_file: str
