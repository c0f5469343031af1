"""ETags: made from the property that the schema marks, compared with If-Match."""

from __future__ import annotations

from urllib.parse import quote, unquote

from connector.simulator.odata.entity_set import Entity
from connector.simulator.odata.errors import MALFORMED, ODataError
from connector.simulator.odata.schema import StructuredType
from connector.simulator.odata.values import initial, to_literal

_PRECONDITION_REQUIRED, _PRECONDITION_FAILED = 428, 412
_STALE = "/IWBEP/CM_MGW_RT/190"


def etag_of(type_: StructuredType, entity: Entity) -> str:
    """Return the entity's ETag, e.g. ``W/"'0006'"``, or empty where its type has none."""
    if type_.etag is None:
        return ""
    value = entity.values.get(type_.etag.name, initial(type_.etag))
    literal = "''" if value is None else to_literal(type_.etag, value)
    return f'W/"{quote(literal, safe=chr(39))}"'


def check_match(current: str, given: str, *, demanded: bool) -> None:
    """
    Let a change pass whose If-Match names the *current* ETag (or ``*``).

    Raises ODataError: 428 without If-Match when that is *demanded*, 412 when it is another.
    """
    if not current:
        return
    if not given:
        if demanded:
            raise precondition_required()
        return
    if not matches(current, given):
        raise precondition_failed()


def precondition_failed() -> ODataError:
    """Return the answer to a stale ETag."""
    return ODataError(_PRECONDITION_FAILED, "Precondition failed", _STALE)


def precondition_required() -> ODataError:
    """Return the answer to a change without If-Match."""
    text = 'The Data Service Request is required to be conditional. Use the "If-Match" header.'
    return ODataError(_PRECONDITION_REQUIRED, text, MALFORMED)


def matches(current: str, given: str) -> bool:
    """Return whether the list of ETags *given* has *current* in it, weak or strong."""
    listed = [part.strip() for part in given.split(",")]
    return "*" in listed or _plain(current) in [_plain(part) for part in listed]


def _plain(etag: str) -> str:
    return unquote(etag.removeprefix("W/").strip('"'))
