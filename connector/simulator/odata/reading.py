"""Answers reads: entities, collections, counts, properties, links."""

from __future__ import annotations

import re
from itertools import chain
from urllib.parse import quote

from connector.simulator.http.messages import Headers, HttpResponse
from connector.simulator.odata.entity_set import Narrowing
from connector.simulator.odata.errors import bad_request, not_found
from connector.simulator.odata.etags import etag_of, matches
from connector.simulator.odata.narrowing import narrowing_of
from connector.simulator.odata.operation import Operation
from connector.simulator.odata.options import QueryOptions
from connector.simulator.odata.resources import Collection, Path, Single
from connector.simulator.odata.selection import filtering, select
from connector.simulator.odata.settings import ODataFaceSettings
from connector.simulator.odata.shape import shape_of
from connector.simulator.odata.source import Source, value_of
from connector.simulator.odata.values import to_text
from connector.simulator.odata.writer import Feed, Writer

_NOT_MODIFIED = 304
_ONLY_FOR_MANY = ("$filter", "$orderby", "$top", "$skip", "$skiptoken", "$inlinecount")


class Reader:
    """Answers reads of one service in one format."""

    def __init__(
        self, source: Source, writer: Writer, settings: ODataFaceSettings, root: str
    ) -> None:
        self._source, self._writer = source, writer
        self._settings, self._root = settings, root

    def answer(self, path: Path, operation: Operation, options: QueryOptions) -> HttpResponse:
        """Answer a read of *path*. Raises ODataError."""
        resource = path.resource
        if isinstance(resource, Collection):
            return self._collection(path, resource, operation, options)
        if path.count:
            return plain("0" if resource.entity is None else "1")
        if path.links:
            if resource.entity is None:
                raise not_found(resource.set.type.name)
            body = self._writer.links(resource.set, [resource.entity], many=False)
            return answered(200, self._writer.entry_type, body)
        if path.property is not None:
            return self._property(path, resource)
        return self._entity(resource, operation, options)

    def _entity(
        self, resource: Single, operation: Operation, options: QueryOptions
    ) -> HttpResponse:
        for name in _ONLY_FOR_MANY:
            if name in options.given:
                raise bad_request(f"System query option '{name}' needs a collection")
        if resource.entity is None:
            raise not_found(resource.set.type.name)
        etag = etag_of(resource.set.type, resource.entity)
        known = operation.headers.get("If-None-Match")
        if etag and known and matches(etag, known):
            return HttpResponse(_NOT_MODIFIED, Headers([("ETag", etag)]))
        shape = shape_of(
            self._source.service,
            resource.set,
            options.select,
            options.expand,
            self._settings.expand_depth,
        )
        response = answered(
            200, self._writer.entry_type, self._writer.entry(resource.entity, shape)
        )
        if etag:
            response.headers.add("ETag", etag)
        return response

    def _property(self, path: Path, resource: Single) -> HttpResponse:
        if resource.entity is None or path.property is None:
            raise not_found(resource.set.type.name)
        value = value_of(path.property, resource.entity)
        if path.value:
            if value is None:
                raise not_found(path.property.name)
            return plain(to_text(path.property, value))
        return answered(200, self._writer.entry_type, self._writer.property(path.property, value))

    def _collection(
        self, path: Path, resource: Collection, operation: Operation, options: QueryOptions
    ) -> HttpResponse:
        set_ = resource.set
        narrowing = Narrowing() if resource.parent else narrowing_of(options.filter)
        rows = resource.rows(narrowing)
        if path.count:
            found = sum(1 for _ in filtering(self._source, set_, options.filter)(rows))
            left = max(0, found - options.skip)
            return plain(str(left if options.top is None else min(left, options.top)))
        shape = shape_of(
            self._source.service, set_, options.select, options.expand, self._settings.expand_depth
        )
        page = select(self._source, set_, rows, options, self._settings.page_size)
        if path.links:
            body = self._writer.links(set_, page.entities, many=True)
            return answered(200, self._writer.entry_type, body)
        following = "" if page.next is None else self._next(operation, page.next)
        feed = Feed(page.entities, page.count, following)
        return answered(200, self._writer.feed_type, self._writer.feed(feed, shape, operation.path))

    def _next(self, operation: Operation, offset: int) -> str:
        """Return the address of the next page: the same query with another ``$skiptoken``."""
        kept = [
            part
            for part in operation.query.split("&")
            if part and not re.match(r"(\$|%24)skiptoken=", part)
        ]
        query = "&".join(chain(kept, [f"$skiptoken={offset}"]))
        return f"{self._root}/{operation.path.strip('/')}?{quote(query, safe=_IN_QUERY)}"


#: What stays as it is in a query that is encoded already.
_IN_QUERY = "%&=$',()/:+;*!@?-._~"


def answered(status: int, kind: str, body: bytes) -> HttpResponse:
    """Return an answer of the protocol."""
    return HttpResponse(
        status, Headers([("Content-Type", kind), ("DataServiceVersion", "2.0")]), body
    )


def plain(text: str) -> HttpResponse:
    """Return a raw value or a count."""
    return answered(200, "text/plain;charset=utf-8", text.encode(errors="replace"))
