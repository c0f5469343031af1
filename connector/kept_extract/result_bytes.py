"""
What was found in a part, as bytes: a JSON text for what is small, the matches as they are kept.

Mappings are lists of rows, amounts and days are text.
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any, Final

from pydantic import TypeAdapter

from connector.reconciliation.bearings import Facts
from connector.reconciliation.differences import Break, Explained, Pending
from connector.reconciliation.match_pieces import MatchPiece
from connector.reconciliation.part_facts import WholeFacts
from connector.reconciliation.part_result import Equation, PartResult
from connector.reconciliation.payment_states import InvoiceState

#: The length of the text stands before it in so many bytes.
_LENGTH: Final = 4
_EXPLAINED: Final = TypeAdapter(tuple[Explained, ...])
_PENDING: Final = TypeAdapter(tuple[Pending, ...])
_BREAKS: Final = TypeAdapter(tuple[Break, ...])
_INVOICES: Final = TypeAdapter(tuple[InvoiceState, ...])
_OF_WHOLE: Final = TypeAdapter(WholeFacts)


#: What is left out where there is nothing of it.
_SELDOM: Final[dict[str, TypeAdapter[Any]]] = {
    "explained": _EXPLAINED,
    "pending": _PENDING,
    "breaks": _BREAKS,
    "invoices": _INVOICES,
}


def to_bytes(result: PartResult) -> bytes:
    """Return *result* as bytes."""
    text = json.dumps(
        {
            "sums": [
                [equation.value, [[*key, str(amount), count] for key, (amount, count) in found]]
                for equation, sums in result.sums.items()
                if (found := list(sums.items()))
            ],
            "states": [
                [*key, count, str(amount), str(rest)]
                for key, (count, amount, rest) in result.states.items()
            ],
            "facts": dict(result.facts.counts),
            "valid_until": result.valid_until and result.valid_until.isoformat(),
            "of_whole": _OF_WHOLE.dump_python(result.of_whole, mode="json", exclude_defaults=True),
            **{
                name: adapter.dump_python(value, mode="json", exclude_defaults=True)
                for name, adapter in _SELDOM.items()
                if (value := getattr(result, name))
            },
        },
        separators=(",", ":"),
    ).encode()
    return b"".join((len(text).to_bytes(_LENGTH, "little"), text, result.matches.to_bytes()))


def from_bytes(content: bytes) -> PartResult:
    """Read back what :func:`to_bytes` wrote; raises ValueError for anything else."""
    end = _LENGTH + int.from_bytes(content[:_LENGTH], "little")
    found: dict[str, Any] = json.loads(content[_LENGTH:end])
    return PartResult(
        sums={
            Equation(equation): {
                (row[0], row[1], row[2], row[3], row[4], row[5]): (Decimal(row[6]), row[7])
                for row in rows
            }
            for equation, rows in found["sums"]
        },
        explained=_read(_EXPLAINED, found.get("explained")),
        pending=_read(_PENDING, found.get("pending")),
        breaks=_read(_BREAKS, found.get("breaks")),
        matches=MatchPiece.from_bytes(content[end:]),
        states={
            (currency, state, by): (count, Decimal(amount), Decimal(rest))
            for currency, state, by, count, amount, rest in found["states"]
        },
        invoices=_read(_INVOICES, found.get("invoices")),
        facts=Facts(found["facts"]),
        of_whole=_OF_WHOLE.validate_python(found["of_whole"], strict=False),
        valid_until=found["valid_until"] and date.fromisoformat(found["valid_until"]),
    )


def facts_from_bytes(content: bytes) -> Facts:
    """Read the facts of what :func:`to_bytes` wrote, and nothing else of it."""
    end = _LENGTH + int.from_bytes(content[:_LENGTH], "little")
    return Facts(json.loads(content[_LENGTH:end])["facts"])


def _read(adapter: TypeAdapter[Any], value: Any) -> Any:
    return adapter.validate_python(value) if value else ()
