"""
One OData v2 service of the ERP: reads, writes and function imports.

Errors of reads: ErpUnavailableError, TransientError, LogonRefusedError, ConfigurationError,
RejectedError (the service refused the question), AnswerUnclearError. Writes raise the same while
nothing was posted, and OutcomeUnknownError once the request may have left without a clear answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final
from urllib.parse import quote

from connector.erp.odata.batch import Part
from connector.erp.odata.content import (
    content_of,
    json_bytes,
    next_link_of,
    result_of,
    row_of,
    rows_of,
)
from connector.erp.odata.errors import AnswerUnclearError, NotThereError
from connector.erp.odata.repeatability import Support
from connector.erp.odata.row import Row
from connector.erp.odata.values import Literal, literal
from connector.erp.odata.wire import ServiceWire
from connector.erp.odata.write import Change, Write
from connector.erp.together import Together

#: Kept as they are in a query: allowed there, and easier to read in the ERP's own traces.
_SAFE: Final = "'(),:*$/@!"
#: What services answer that have no `$batch`.
_NO_BATCH: Final = frozenset({404, 405, 415, 501})


@dataclass(frozen=True, slots=True)
class Query:
    """
    What to read: a path below the service, and query options with their ``$``.

    ``path`` is percent-encoded already (`values.key`), option values are not.
    """

    path: str
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Path and query, percent-encoded, relative to the service."""
        return with_query(self.path, self.options)


class ODataService:
    """Obtained from `ODataSystem.service`; may be used by any thread."""

    def __init__(self, wire: ServiceWire) -> None:
        self._wire = wire
        self._refuses_batch = not wire.options.use_batch
        self._together = Together(self.batch)

    @property
    def name(self) -> str:
        """The service's name, without its version."""
        return self._wire.name

    @property
    def repeats_writes(self) -> Support:
        """Whether writes may be sent twice without being done twice, as far as is known."""
        return self._wire.repeatability.support

    def entity(self, query: Query) -> Row | None:
        """Read one entity; None when it does not exist (404)."""
        try:
            return self._wire.read(query.address, row_of)
        except NotThereError:
            return None

    def rows(self, query: Query) -> Iterator[Row]:
        """
        Read a collection, page by page, following ``__next``.

        Raises also:
            ConfigurationError: a link leads to another host; it is not followed.
            RejectedError: the links go round in a circle.
        """
        yield from self._pages(query.address)

    def together(self, query: Query) -> list[Row]:
        """
        As `batch` for one query, which shares its request with those of other threads, if any.

        For what many threads ask at one time, each for something of its own.
        """
        return self._together.answer(query)

    def count(self, query: Query) -> int:
        """Return how many entities the collection has (``/$count``, with ``$filter``)."""
        address = with_query(f"{query.path}/$count", query.options)
        text = self._wire.read_text(address).strip()
        if not text.isdigit():
            raise AnswerUnclearError(query.path, "$count", "expected a number")
        return int(text)

    def batch(self, queries: Sequence[Query]) -> list[list[Row]]:
        """
        Read many collections or entities in few requests; the n-th list answers the n-th query.

        A missing entity is an empty list; a refused part raises as the single read would.
        """
        found: list[list[Row]] = []
        size = self._wire.options.batch_size
        for start in range(0, len(queries), size):
            found += self._batch(queries[start : start + size])
        return found

    def ask(self, path: str, body: Mapping[str, Any]) -> Row:
        """
        POST something that saves nothing, such as a simulation; tried again like a read.

        Messages of type E raise as a refusal, even beside a status of success.
        """
        return self._wire.ask(path, json_bytes(body), row_of)

    def create(self, path: str, body: Mapping[str, Any], write: Write) -> Row:
        """POST a new entity, deep where *body* nests collections; returns what the ERP created."""
        return self._wire.write(self._part(Change("POST", path, body)), write, row_of)

    def change(self, path: str, body: Mapping[str, Any], write: Write, etag: str) -> None:
        """PATCH (or MERGE, by options) the fields in *body*; *etag* empty sends no If-Match."""
        self._wire.write(self._part(Change("PATCH", path, body, etag)), write, _ignored)

    def delete(self, path: str, write: Write, etag: str) -> None:
        """DELETE an entity."""
        self._wire.write(self._part(Change("DELETE", path, etag=etag)), write, _ignored)

    def changeset(self, changes: Sequence[Change], write: Write) -> list[Row | None]:
        """Make *changes* in one unit of work: all or none. None stands for an empty answer."""
        parts = [self._part(change) for change in changes]
        return self._wire.write_together(parts, write, _row_or_none)

    def invoke(
        self, function: str, parameters: Mapping[str, Literal], write: Write, etag: str = ""
    ) -> Row:
        """
        POST a function import; a collection is in the result's ``results``.

        A result that is wrapped in the function's name is unwrapped.
        """
        change = Change("POST", function, None, etag, _literals(parameters))
        return self._wire.write(self._part(change), write, partial(result_of, function))

    def read_function(self, function: str, parameters: Mapping[str, Literal]) -> Row:
        """GET a function import; results as for `invoke`."""
        address = with_query(function, _literals(parameters))
        return self._wire.read(address, partial(result_of, function))

    def metadata(self) -> bytes:
        """Return the service's ``$metadata`` document."""
        return self._wire.read_document("$metadata", "application/xml")

    def _pages(self, address: str) -> Iterator[Row]:
        for _ in range(self._wire.options.max_pages):
            rows, address = self._wire.read(address, _page_of)
            yield from rows
            if not address:
                return
        raise AnswerUnclearError(self.name, "__next", "the links of the pages have no end")

    def _batch(self, queries: Sequence[Query]) -> list[list[Row]]:
        if len(queries) == 1 or self._refuses_batch:
            return [self._one(query) for query in queries]
        accept = {"Accept": "application/json"}
        parts = [Part("GET", query.address, accept) for query in queries]
        nothing: tuple[list[Row], str] = ([], "")
        pages = self._wire.read_together(parts, _page_of, nothing, _NO_BATCH)
        if pages is None:
            self._refuses_batch = True
            return [self._one(query) for query in queries]
        return [rows + list(self._pages(link) if link else ()) for rows, link in pages]

    def _one(self, query: Query) -> list[Row]:
        try:
            return list(self._pages(query.address))
        except NotThereError:
            return []

    def _part(self, change: Change) -> Part:
        method = self._wire.options.update_method if change.method == "PATCH" else change.method
        headers = {"Accept": "application/json"}
        body = b""
        if change.body is not None:
            headers["Content-Type"] = "application/json"
            body = json_bytes(change.body)
        if change.etag:
            headers["If-Match"] = change.etag
        return Part(method, with_query(change.path, change.parameters), headers, body)


def with_query(path: str, options: Mapping[str, str]) -> str:
    """Return *path* with *options* as its query, percent-encoded; blanks as ``%20``."""
    pairs = [
        f"{quote(name, safe='$')}={quote(value, safe=_SAFE)}" for name, value in options.items()
    ]
    return f"{path}?{'&'.join(pairs)}" if pairs else path


def _literals(parameters: Mapping[str, Literal]) -> dict[str, str]:
    return {name: literal(value) for name, value in parameters.items()}


def _ignored(_body: bytes, _etag: str) -> None:
    """Nothing in the answer to a change is needed: whoever wants to know reads it back."""


def _row_or_none(body: bytes, etag: str) -> Row | None:
    return row_of(body, etag) if body.strip() else None


def _page_of(body: bytes, _etag: str) -> tuple[list[Row], str]:
    content = content_of(body)
    return rows_of(content), next_link_of(content)
