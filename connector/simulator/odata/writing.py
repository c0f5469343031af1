"""
Does writes: create, change, delete.

What a write answers is rendered after the commit, when the ERP shows what it has stored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from connector.simulator.http.messages import Headers, HttpResponse
from connector.simulator.odata.body import BodyReader
from connector.simulator.odata.entity_set import Entity, Key
from connector.simulator.odata.errors import ODataError, not_allowed, not_found
from connector.simulator.odata.etags import check_match, etag_of
from connector.simulator.odata.operation import Operation
from connector.simulator.odata.reading import answered
from connector.simulator.odata.resources import Collection, Path, Single
from connector.simulator.odata.schema import Set
from connector.simulator.odata.settings import ODataFaceSettings
from connector.simulator.odata.shape import inserted
from connector.simulator.odata.source import Source
from connector.simulator.odata.uri import key_in
from connector.simulator.odata.writer import Addresses, Writer

#: Renders the answer once the unit of work is committed.
Finish = Callable[[], HttpResponse]
_CHANGES = ("PATCH", "MERGE", "PUT")
_METHOD_NOT_ALLOWED = 405


@dataclass(slots=True)
class Written:
    """What a write did: how its answer is made, and the entity it created, if it did."""

    finish: Finish
    created: tuple[Set, Key] | None = field(default=None)


class Performer:
    """Does the writes of one service in one unit of work."""

    def __init__(self, source: Source, settings: ODataFaceSettings, root: str) -> None:
        self._source, self._settings = source, settings
        self._bodies = BodyReader(source.service, settings)
        self._addresses = Addresses(source, root)

    def perform(self, path: Path, operation: Operation, writer: Writer) -> Written:
        """Do what *operation* asks of *path*. Raises ODataError and BusinessError."""
        verb, resource = operation.verb, path.resource
        if path.links or path.count or path.property is not None:
            raise not_allowed(verb, "GET")
        if isinstance(resource, Collection):
            if verb != "POST":
                raise not_allowed(verb, "GET, POST")
            return self._create(resource, operation, writer)
        if verb == "DELETE":
            return self._delete(resource, operation)
        if verb in _CHANGES:
            return self._change(resource, operation)
        raise not_allowed(verb, "GET, PATCH, MERGE, PUT, DELETE")

    def _create(self, resource: Collection, operation: Operation, writer: Writer) -> Written:
        set_ = resource.set
        if not set_.creatable:
            raise _refused("created", set_)
        kind = operation.headers.get("Content-Type")
        body = self._bodies.creation(set_, operation.body, kind, resource.parent)
        created = self._source.of(set_).create(body, self._source.context)
        key = key_in(set_, created.values)
        shape = inserted(self._source.service, set_, body)

        def finish() -> HttpResponse:
            entity = self._source.find(set_, key) or created
            response = answered(201, writer.entry_type, writer.entry(entity, shape))
            response.headers.add("Location", self._addresses.entity(set_, entity))
            etag = etag_of(set_.type, entity)
            if etag:
                response.headers.add("ETag", etag)
            return response

        return Written(finish, (set_, key))

    def _change(self, resource: Single, operation: Operation) -> Written:
        set_ = resource.set
        if not set_.updatable:
            raise _refused("updated", set_)
        entity = self._existing(resource, operation)
        changes = self._bodies.changes(
            set_,
            operation.body,
            operation.headers.get("Content-Type"),
            entity.values,
            replace=operation.verb == "PUT",
        )
        self._source.of(set_).update(resource.key, changes, self._source.context)
        return Written(lambda: self._no_content(set_, entity))

    def _delete(self, resource: Single, operation: Operation) -> Written:
        set_ = resource.set
        if not set_.deletable:
            raise _refused("deleted", set_)
        self._existing(resource, operation)
        self._source.of(set_).delete(resource.key, self._source.context)
        return Written(_empty)

    def _existing(self, resource: Single, operation: Operation) -> Entity:
        if resource.entity is None:
            raise not_found(resource.set.type.name)
        if not resource.pending:
            check_match(
                etag_of(resource.set.type, resource.entity),
                operation.headers.get("If-Match"),
                demanded=self._settings.etag_demanded,
            )
        return resource.entity

    def _no_content(self, set_: Set, before: Entity) -> HttpResponse:
        response = _empty()
        if set_.type.etag is not None:
            entity = self._source.find(set_, key_in(set_, before.values)) or before
            response.headers.add("ETag", etag_of(set_.type, entity))
        return response


def _empty() -> HttpResponse:
    return HttpResponse(204, Headers([("DataServiceVersion", "2.0")]))


def _refused(verb: str, set_: Set) -> ODataError:
    """The service does not offer it: the flags of the entity set say so."""
    text = f"Entities of '{set_.name}' cannot be {verb}"
    return ODataError(_METHOD_NOT_ALLOWED, text, headers=[("Allow", "GET")])
