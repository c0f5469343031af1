"""
The seam between the protocol of a service and the entities that it serves.

The protocol half has checked names, types, lengths and the creatable/updatable/deletable flags
before it calls an entity set, compares ETags, applies the whole of ``$filter``, ``$orderby``,
``$top`` and so on afterwards, and commits. An entity set reads from the engine and writes into the
engine session of its context; it neither commits nor rolls back.

Values are typed: Edm.String `str`, Edm.Decimal and Edm.Double `Decimal`, Edm.DateTime `date`
(every one in these services is a plain date), Edm.DateTimeOffset aware `datetime` in UTC, Edm.Time
`time`, Edm.Boolean `bool`, Edm.Guid `UUID`, Edm.Int16/32/64 `int`, Edm.Binary `bytes`, null `None`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from connector.simulator.engine.outcome import Message, Outcome

if TYPE_CHECKING:
    from connector.simulator.engine.erp import SimulatedErp
    from connector.simulator.engine.session import Session

Value = str | Decimal | date | datetime | time | bool | UUID | int | bytes | None
Key = Mapping[str, Value]


@dataclass(slots=True)
class Entity:
    """
    One entity: property -> value. A property that is left out has its type's initial value ("",
    0, false, and null for dates); a name that the type does not have is a defect and is refused.

    ``inline`` holds navigations whose content is known already and cannot be asked for again with
    `EntitySet.navigate`, e.g. of a simulated order, which is stored nowhere. The ETag is made from
    the property that the schema marks as such.
    """

    values: Mapping[str, Value]
    inline: Mapping[str, Sequence[Entity]] = field(default_factory=dict)


@dataclass(slots=True)
class Body:
    """
    What a client sent to be created: its properties and, for a deep insert, its navigations.

    Only what was sent is in it. When the client created through a navigation
    (``A_SalesOrder('1')/to_Item``), the key of the parent is among the values.
    """

    values: Mapping[str, Value]
    navigations: Mapping[str, Sequence[Body]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Constraint:
    """
    Something that holds for every row asked for: *name* compared with *value*.

    ``operator`` is eq, ge, gt, le or lt; or ``in``, then ``values`` are the alternatives.
    """

    name: str
    operator: str
    value: Value = None
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What ``$filter`` demands without alternatives, for a source that has an index."""

    constraints: tuple[Constraint, ...] = ()

    def one_of(self, name: str) -> tuple[Value, ...] | None:
        """Return the only values *name* may have, or None when it is not limited to some."""
        found: tuple[Value, ...] | None = None
        for each in self.constraints:
            if each.name == name and each.operator in ("eq", "in"):
                values = each.values if each.operator == "in" else (each.value,)
                found = values if found is None else tuple(v for v in found if v in values)
        return found

    def at_least(self, name: str) -> Value:
        """Return the highest lower limit of *name* (inclusive or not), or None."""
        limits = [c.value for c in self.constraints if c.name == name and c.operator in _LOWER]
        return max(limits, default=None)  # type: ignore[type-var]

    def at_most(self, name: str) -> Value:
        """Return the lowest upper limit of *name* (inclusive or not), or None."""
        limits = [c.value for c in self.constraints if c.name == name and c.operator in _UPPER]
        return min(limits, default=None)  # type: ignore[type-var]


_LOWER = ("ge", "gt", "eq")
_UPPER = ("le", "lt", "eq")


class BusinessError(Exception):
    """
    The ERP refuses; *messages* say why, the one to show first.

    *status* is the HTTP status. The error body's code is "<class>/<number>" of the first message.
    """

    def __init__(self, messages: Iterable[Message], status: int = 400) -> None:
        self.messages, self.status = tuple(messages), status
        super().__init__("; ".join(message.text for message in self.messages))


@dataclass(slots=True)
class Context:
    """
    One request, or one changeset: then all its operations share ``session``, one unit of work.

    ``messages`` are shown to the client in the ``sap-message`` header of a successful answer;
    entity sets add warnings and notices to them. ``language`` is EN or DE.
    """

    erp: SimulatedErp
    session: Session
    user: str
    now: datetime
    language: str = "EN"
    messages: list[Message] = field(default_factory=list)

    def accepted(self, outcome: Outcome) -> Outcome:
        """
        Return *outcome* and keep its warnings and notices for the client.

        Raises BusinessError when a row of it is of type E or A.
        """
        if not outcome.accepted:
            errors = [m for m in outcome.messages if m.is_error]
            others = [m for m in outcome.messages if not m.is_error]
            raise BusinessError([*errors, *others])
        self.messages.extend(outcome.messages)
        return outcome


class EntitySet(Protocol):
    """Where the entities of one set come from. Sets without writes may inherit `ReadOnlySet`."""

    def find(self, key: Key, context: Context) -> Entity | None:
        """Return the entity with *key* (all key properties, as the client wrote them)."""
        ...

    def rows(self, narrowing: Narrowing, context: Context) -> Iterable[Entity]:
        """
        Return the entities, at least all that satisfy *narrowing*, in a lasting order.

        The caller stops early when it needs no more: a generator saves work.
        """
        ...

    def navigate(self, entity: Entity, navigation: str, context: Context) -> Iterable[Entity]:
        """Return what *navigation* of *entity* leads to; for "1" and "0..1" at most one."""
        ...

    def create(self, body: Body, context: Context) -> Entity:
        """
        Create an entity with what is nested in *body*, and return it with its key.

        After the commit it is read again with `find`; when there is none (a simulation), what was
        returned here is shown. Raises BusinessError.
        """
        ...

    def update(self, key: Key, changes: Mapping[str, Value], context: Context) -> None:
        """Change the properties in *changes* and no others. Raises BusinessError."""
        ...

    def delete(self, key: Key, context: Context) -> None:
        """Delete the entity. Raises BusinessError."""
        ...


def unavailable(what: str) -> BusinessError:
    """Return the refusal of an operation that the service lacks (501)."""
    message = Message("E", "/IWBEP/CM_MGW_RT", "021", f"Method '{what}' not implemented")
    return BusinessError([message], 501)


class ReadOnlySet:
    """An entity set that holds nothing and refuses every write; others override what they have."""

    def find(self, key: Key, context: Context) -> Entity | None:
        """Return None."""
        del key, context
        return None

    def rows(self, narrowing: Narrowing, context: Context) -> Iterable[Entity]:
        """Return nothing."""
        del narrowing, context
        return ()

    def navigate(self, entity: Entity, navigation: str, context: Context) -> Iterable[Entity]:
        """Return nothing."""
        del entity, navigation, context
        return ()

    def create(self, body: Body, context: Context) -> Entity:
        """Refuse."""
        del body, context
        raise unavailable("CREATE_ENTITY")

    def update(self, key: Key, changes: Mapping[str, Value], context: Context) -> None:
        """Refuse."""
        del key, changes, context
        raise unavailable("UPDATE_ENTITY")

    def delete(self, key: Key, context: Context) -> None:
        """Refuse."""
        del key, context
        raise unavailable("DELETE_ENTITY")


#: Runs a function import: parameters by name (those sent), typed. Returns what the schema says:
#: one entity or complex value as an `Entity`, a collection as a sequence of them.
FunctionImport = Callable[[Mapping[str, Value], Context], Entity | Sequence[Entity]]


@dataclass(frozen=True, slots=True)
class ServiceEntities:
    """
    What is behind one service: entity set name -> source, function import name -> what runs it.

    Sets of the schema that are not named here are empty; function imports answer 501.
    """

    entity_sets: Mapping[str, EntitySet]
    function_imports: Mapping[str, FunctionImport] = field(default_factory=dict)
