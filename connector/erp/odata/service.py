"""
One OData v2 service of the ERP: reads, writes and function imports.

Errors of reads: ErpUnavailableError, TransientError, LogonRefusedError, ConfigurationError,
RejectedError (the service refused the question), AnswerUnclearError. Writes raise the same while
nothing was posted, and OutcomeUnknownError once the request may have left without a clear answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from connector.erp.odata.row import Row
from connector.erp.odata.values import Literal
from connector.erp.odata.write import Change, Write


@dataclass(frozen=True, slots=True)
class Query:
    """
    What to read: a path below the service, and query options with their ``$``.

    ``path`` is percent-encoded already (`values.key`), option values are not.
    """

    path: str
    options: Mapping[str, str] = field(default_factory=dict)


class ODataService(Protocol):
    """Obtained from ``ODataSystem(http, options, table, clock).service(name, version="")``.

    May be used by any thread."""

    name: str

    def entity(self, query: Query) -> Row | None:
        """Read one entity; None when it does not exist (404)."""
        ...

    def rows(self, query: Query) -> Iterator[Row]:
        """Read a collection, page by page, following ``__next``."""
        ...

    def count(self, query: Query) -> int:
        """Return how many entities the collection has (``/$count``, with ``$filter``)."""
        ...

    def batch(self, queries: Sequence[Query]) -> list[list[Row]]:
        """
        Read many collections or entities in few requests; the n-th list answers the n-th query.

        A missing entity is an empty list; a refused part raises as the single read would.
        """
        ...

    def create(self, path: str, body: Mapping[str, Any], write: Write) -> Row:
        """POST a new entity, deep where *body* nests collections; returns what the ERP created."""
        ...

    def change(self, path: str, body: Mapping[str, Any], write: Write, etag: str) -> None:
        """PATCH (or MERGE, by options) the fields in *body*; *etag* empty sends no If-Match."""
        ...

    def delete(self, path: str, write: Write, etag: str) -> None:
        """DELETE an entity."""
        ...

    def changeset(self, changes: Sequence[Change], write: Write) -> list[Row | None]:
        """Make *changes* in one unit of work: all or none. None stands for an empty answer."""
        ...

    def invoke(
        self, function: str, parameters: Mapping[str, Literal], write: Write, etag: str = ""
    ) -> Row:
        """
        POST a function import; a collection is in the result's ``results``.

        A result that is wrapped in the function's name is unwrapped.
        """
        ...

    def read_function(self, function: str, parameters: Mapping[str, Literal]) -> Row:
        """GET a function import; results as for `invoke`."""
        ...

    def metadata(self) -> bytes:
        """Return the service's ``$metadata`` document."""
        ...
