"""Which properties and navigations of an entity an answer shows: ``$select`` and ``$expand``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from connector.simulator.odata.entity_set import Body
from connector.simulator.odata.errors import bad_request
from connector.simulator.odata.schema import Navigation, Property, Service, Set

Path = tuple[str, ...]


@dataclass(slots=True)
class Shape:
    """
    What is shown of the entities of one set.

    ``properties`` and ``navigations`` in the order of the schema; a navigation that is also in
    ``expanded`` is shown with its content, any other as a link.
    """

    set: Set
    properties: Sequence[Property]
    navigations: Sequence[Navigation]
    expanded: Mapping[str, Shape] = field(default_factory=dict)


def whole(set_: Set) -> Shape:
    """Return the shape with all properties and nothing expanded."""
    type_ = set_.type
    return Shape(set_, tuple(type_.properties.values()), tuple(type_.navigations.values()))


def shape_of(
    service: Service, set_: Set, select: Iterable[Path], expand: Iterable[Path], depth: int
) -> Shape:
    """
    Return the shape that the options ask for.

    Raises ODataError (400): a path does not exist, or expanding goes deeper than *depth*.
    """
    return _shape(service, set_, list(select), list(expand), depth)


def inserted(service: Service, set_: Set, body: Body) -> Shape:
    """Return the shape of the answer to a deep insert: what was sent is shown in full."""
    shape = whole(set_)
    shape.expanded = {
        name: _merged(service, set_, name, parts) for name, parts in body.navigations.items()
    }
    return shape


def _merged(service: Service, set_: Set, name: str, parts: Sequence[Body]) -> Shape:
    target = service.target(set_.type.navigations[name])
    shape = whole(target)
    inner: dict[str, list[Body]] = {}
    for part in parts:
        for nested, bodies in part.navigations.items():
            inner.setdefault(nested, []).extend(bodies)
    shape.expanded = {n: _merged(service, target, n, bodies) for n, bodies in inner.items()}
    return shape


def _shape(service: Service, set_: Set, select: list[Path], expand: list[Path], left: int) -> Shape:
    type_ = set_.type
    deeper: dict[str, list[Path]] = {}
    for path in expand:
        if path[0] not in type_.navigations:
            raise bad_request(
                f"Invalid $expand: navigation property '{path[0]}' not found in type "
                f"'{service.namespace}.{type_.name}'"
            )
        deeper.setdefault(path[0], []).append(path[1:])
    if deeper and not left:
        raise bad_request("Invalid $expand: too many levels")
    everything = not select or ("*",) in select
    chosen: dict[str, list[Path]] = {}
    for path in select:
        if path != ("*",):
            _check_selected(service, set_, path)
            chosen.setdefault(path[0], []).append(path[1:])
    expanded = {}
    for name, paths in deeper.items():
        if not everything and name not in chosen:
            continue
        inner = [path for path in chosen.get(name, []) if path]
        wholly = () in chosen.get(name, [()])
        expanded[name] = _shape(
            service,
            service.target(type_.navigations[name]),
            [] if wholly else inner,
            [path for path in paths if path],
            left - 1,
        )
    return Shape(
        set_,
        tuple(p for n, p in type_.properties.items() if everything or n in chosen),
        tuple(n for n in type_.navigations.values() if not select or n.name in chosen),
        expanded,
    )


def _check_selected(service: Service, set_: Set, path: Path) -> None:
    name, rest = path[0], path[1:]
    type_ = set_.type
    known = name in type_.navigations or (name in type_.properties and not rest)
    if not known:
        shown = "/".join(path)
        raise bad_request(
            f"Property '{shown}' not found in type '{service.namespace}.{type_.name}'"
        )
    if rest and rest != ("*",):
        _check_selected(service, service.target(type_.navigations[name]), rest)
