"""The system query options of a request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from connector.simulator.odata.errors import SYNTAX, bad_request
from connector.simulator.odata.expressions import Expression
from connector.simulator.odata.filter_parser import parse_filter, parse_orderby

_KNOWN = (
    *("$filter", "$select", "$expand", "$orderby", "$top", "$skip", "$skiptoken"),
    *("$inlinecount", "$format"),
)
_PATH = re.compile(r"\*|[A-Za-z_]\w*(?:/[A-Za-z_]\w*)*(?:/\*)?")


@dataclass(slots=True)
class QueryOptions:
    """
    What the client asks for. ``top`` None is no limit; ``skiptoken`` is the offset to go on at.

    ``custom`` holds everything without a ``$``, e.g. the parameters of a function import.
    """

    filter: Expression | None = None
    orderby: list[tuple[Expression, bool]] = field(default_factory=list)
    select: list[tuple[str, ...]] = field(default_factory=list)
    expand: list[tuple[str, ...]] = field(default_factory=list)
    top: int | None = None
    skip: int = 0
    skiptoken: int = 0
    inlinecount: bool = False
    format: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    custom: Mapping[str, str] = field(default_factory=dict)


def parse_query(query: str) -> QueryOptions:
    """Return the options of *query* (without ``?``). Raises ODataError (400)."""
    given, custom = _pairs(query)
    options = QueryOptions(given=given, custom=custom)
    if "$filter" in given:
        options.filter = parse_filter(given["$filter"])
    if "$orderby" in given:
        options.orderby = parse_orderby(given["$orderby"])
    options.select = _paths(given, "$select")
    options.expand = _paths(given, "$expand")
    if "$top" in given:
        options.top = _number(given, "$top")
    options.skip = _number(given, "$skip")
    options.skiptoken = _number(given, "$skiptoken")
    counting = given.get("$inlinecount", "none")
    if counting not in ("none", "allpages"):
        raise bad_request("Invalid value for $inlinecount: none or allpages expected", SYNTAX)
    options.inlinecount = counting == "allpages"
    options.format = given.get("$format", "")
    return options


def _pairs(query: str) -> tuple[dict[str, str], dict[str, str]]:
    given: dict[str, str] = {}
    custom: dict[str, str] = {}
    for part in query.split("&"):
        if not part:
            continue
        raw_name, _, raw_value = part.partition("=")
        try:
            name = unquote_plus(raw_name, errors="strict").strip()
            value = unquote_plus(raw_value, errors="strict")
        except UnicodeDecodeError:
            raise bad_request("The query is not encoded in UTF-8", SYNTAX) from None
        if not name.startswith("$"):
            custom[name] = value
            continue
        if name not in _KNOWN:
            raise bad_request(f"Invalid system query option '{name[:40]}'", SYNTAX)
        if name in given:
            raise bad_request(f"System query option '{name}' is given twice", SYNTAX)
        given[name] = value.strip()
    return given, custom


def _paths(given: Mapping[str, str], name: str) -> list[tuple[str, ...]]:
    text = given.get(name, "")
    if not text:
        return []
    paths = [part.strip() for part in text.split(",")]
    for path in paths:
        if not _PATH.fullmatch(path):
            raise bad_request(f"Invalid {name}: '{path[:80]}'", SYNTAX)
    return [tuple(path.split("/")) for path in paths]


def _number(given: Mapping[str, str], name: str) -> int:
    text = given.get(name, "0")
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
        raise bad_request(f"Invalid {name}: a whole number from 0 on expected", SYNTAX)
    return int(text)
