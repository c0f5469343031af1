"""
The names under which a request is known to faults and the call log.

``POST A_SalesOrder``, ``A_SalesOrder``, ``API_SALES_ORDER_SRV``, ``PostGoodsIssue``, the last part
of a SOAPAction, or method and path with ``*``: ``POST /sap/opu/*/A_SalesOrder*``.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from urllib.parse import unquote

from connector.simulator.http.messages import HttpRequest

_INNER = re.compile(rb"^(GET|POST|PUT|PATCH|MERGE|DELETE) (\S+) HTTP/1\.[01]\r?$", re.MULTILINE)
_KEYS = re.compile(r"\((?:'(?:[^']|'')*'|[^()'])*\)")
_TUNNELLED = ("PATCH", "MERGE", "PUT", "DELETE")


def names_of(request: HttpRequest) -> tuple[str, ...]:
    """Return the names of *request*; of a batch, those of the operations in it as well."""
    verb = request.method
    tunnelled = request.headers.get("X-HTTP-Method").upper()
    if verb == "POST" and tunnelled in _TUNNELLED:
        verb = tunnelled
    found = _names(verb, unquote(request.path))
    action = request.headers.get("SOAPAction").strip('"')
    if action:
        found.append(re.split(r"[/:#]", action)[-1])
    if request.path.endswith("/$batch"):
        for method, address in _INNER.findall(request.body):
            path = unquote(address.decode("latin-1").partition("?")[0])
            found.extend(_names(method.decode(), path))
    return tuple(dict.fromkeys(found))


def operation_names(verb: str, path: str) -> tuple[str, ...]:
    """Return the names of one operation inside a batch."""
    return tuple(dict.fromkeys(_names(verb, unquote(path.partition("?")[0]))))


def matches(pattern: str, names: tuple[str, ...]) -> bool:
    """Return whether *pattern* means one of *names*; ``*`` alone means every request."""
    return pattern == "*" or any(pattern == name or fnmatchcase(name, pattern) for name in names)


def _names(verb: str, path: str) -> list[str]:
    plain = _KEYS.sub("", path)
    segments = [segment for segment in plain.split("/") if segment]
    service = next((s.partition(";")[0] for s in segments if s.endswith("_SRV") or ";v=" in s), "")
    if service:
        start = next(i for i, s in enumerate(segments) if s.partition(";")[0] == service)
        segments = segments[start + 1 :]
    found = [f"{verb} {path}"]
    if service:
        found.append(service)
    if segments:
        joined = "/".join(segments)
        for name in dict.fromkeys((joined, segments[0], segments[-1])):
            found.extend((f"{verb} {name}", name))
    return found
