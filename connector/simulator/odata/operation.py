"""One operation on a service: a request of its own, or a part of a batch."""

from __future__ import annotations

from dataclasses import dataclass, field

from connector.simulator.http.messages import Headers
from connector.simulator.odata.errors import NOT_ACCEPTABLE, ODataError

_TUNNELLED = ("PATCH", "MERGE", "PUT", "DELETE")
_NOT_ACCEPTABLE = 406
_XML = (
    *("application/atom+xml", "application/atomsvc+xml", "application/xml", "application/*"),
    *("text/xml", "text/html", "text/plain", "text/*", "*/*", "multipart/mixed"),
)


@dataclass(slots=True)
class Operation:
    """
    ``path`` is below the service root, percent-encoded; ``query`` is without ``?``.

    ``content_id`` is the name that later operations of the changeset may use for the result.
    """

    method: str
    path: str
    query: str = ""
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    content_id: str = ""

    @property
    def verb(self) -> str:
        """The method meant: POST may carry another one in ``X-HTTP-Method``."""
        if self.method == "POST":
            meant = self.headers.get("X-HTTP-Method") or self.headers.get("X-HTTP-Method-Override")
            if meant.upper() in _TUNNELLED:
                return meant.upper()
        return self.method

    @property
    def writes(self) -> bool:
        """Whether it may change something."""
        return self.method not in ("GET", "HEAD", "OPTIONS")

    def wants_json(self, format_: str) -> bool:
        """
        Return whether the answer is JSON; without a wish it is Atom, as in OData 2.0.

        Raises ODataError (406): neither can be taken.
        """
        if format_:
            kind = format_.split(";", maxsplit=1)[0].lower()
            if kind in ("json", "application/json"):
                return True
            if kind in ("xml", "atom", "application/atom+xml", "application/xml"):
                return False
            raise _not_acceptable(f"$format={format_[:40]}")
        accept = self.headers.get("Accept").lower()
        if not accept:
            return False
        best, json_ = 0.0, False
        for part in accept.split(","):
            media, _, rest = part.strip().partition(";")
            quality = _quality(rest)
            is_json = media.strip() == "application/json"
            if (is_json or media.strip() in _XML) and quality > best:
                best, json_ = quality, is_json
        if not best:
            raise _not_acceptable(accept[:80])
        return json_


def _quality(parameters: str) -> float:
    for each in parameters.split(";"):
        name, _, value = each.strip().partition("=")
        if name == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def _not_acceptable(what: str) -> ODataError:
    return ODataError(
        _NOT_ACCEPTABLE, f"{what}: only JSON and Atom can be generated", NOT_ACCEPTABLE
    )
