"""
The reference page of the faults, made from the catalogue and from what the tests have seen.

`docs/reference/faults.md` holds what this returns; a test compares them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connector.bootstrap.fault_behaviours import BEHAVIOURS, MEANINGS, STANDING, Behaviour
from connector.bootstrap.fault_catalogue import PARTS, FaultEntry, fault_catalogue
from connector.ports.capabilities import Transport

_TITLES = {
    "engine": "In the business",
    "rfc": "On the line of RFC",
    "http": "Over HTTP: OData and SOAP",
    "store": "In the connector's store",
    "orders": "In the orders that arrive",
}


def faults_reference() -> str:
    """Return the page as Markdown."""
    lines = [
        "# Faults",
        "Made from the code: `make golden` writes it anew.",
        "",
        "What can go wrong, and what the connector does about it. Those of the simulated ERP are "
        "injected by name, see [how to inject faults](../how-to/inject-faults.md).",
        "",
        *_catalogue(),
        *_behaviours(),
        *_standing(),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _catalogue() -> Iterator[str]:
    for part, title in _TITLES.items():
        entries = [each for each in fault_catalogue() if each.part == part]
        yield f"## {title}"
        if part not in PARTS:
            yield from _table(("fault", "strikes", "how it comes about"), map(_beside, entries))
            continue
        yield f"Part `{part}`; injected on {entries[0].calls}: " + ", ".join(
            f"`{each}`" for each in entries[0].examples
        )
        yield ""
        yield from _table(
            ("fault", "strikes", "the client sees", "the ERP has done"),
            ((e.name, e.moment, e.client_sees, e.erp_has_done) for e in entries),
        )


def _beside(entry: FaultEntry) -> tuple[str, ...]:
    return entry.name, entry.moment, entry.client_sees


def _behaviours() -> Iterator[str]:
    yield "## What the connector does"
    yield (
        "Each line was tested on a whole company, from the order to the payment. In the end there "
        "was one document of each kind, each time."
    )
    yield ""
    yield from _table(
        ("the connector", "which means"),
        ((reaction.value, meaning) for reaction, meaning in MEANINGS.items()),
    )
    transports = (Transport.RFC, Transport.ODATA, Transport.SOAP)
    names = dict.fromkeys(each.fault for each in BEHAVIOURS)
    yield from _table(
        ("fault", "over RFC", "over OData", "over SOAP"),
        ((name, *(_cell(name, via) for via in transports)) for name in names),
    )


def _cell(fault: str, via: Transport) -> str:
    rows = [each for each in BEHAVIOURS if (each.fault, each.via) == (fault, via)]
    return "<br>".join(dict.fromkeys(_words(row) for row in rows))


def _words(row: Behaviour) -> str:
    reason = f" ({row.reason})" if row.reason else ""
    # Of a path its last part says enough.
    call = row.on.rpartition("/")[2]
    at = {"": "the logon", "*": "any call"}.get(call, f"`{call}`")
    return f"{row.operation}, at {at}: {row.reaction}{reason}"


def _standing() -> Iterator[str]:
    yield "These strike no single call:"
    yield ""
    rows = ((name, f"`{part}`", what) for (part, name), what in STANDING.items())
    yield from _table(("fault", "in", "the connector"), rows)


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = (header, tuple("---" for _ in header), *rows)
    return [*(f"| {' | '.join(line)} |" for line in lines), ""]
