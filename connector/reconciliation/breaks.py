"""
The kinds of differences that reconciliation can find, and what to do about each.

A code is a promise to finance: it names one cause and keeps its meaning. `docs/reference/
break-codes.md` is rendered from :data:`CATALOGUE`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from connector.reconciliation.break_catalogue import CATALOGUE
from connector.reconciliation.break_codes import BreakCode, CodeEntry, Severity

__all__ = ["CATALOGUE", "BreakCode", "CodeEntry", "Severity", "catalogue_markdown", "stable_id"]


def stable_id(code: BreakCode, keys: Iterable[tuple[str, str]]) -> str:
    """
    Return the id under which a difference is known for good.

    It depends on the category and the business keys alone: a difference keeps its id while its
    amount changes, and gets the same one in every run.
    """
    text = "\x1f".join([code.value, *(f"{name}={value}" for name, value in sorted(keys))])
    return "BRK-" + hashlib.sha256(text.encode()).hexdigest()[:16]


def catalogue_markdown() -> str:
    """Render the reference page of all codes."""
    parts = [
        "# Break codes\n",
        "Every difference that reconciliation reports carries one of these codes. The id of a "
        "break is made from its code and its business keys, never from its amount, so it stays "
        "the same from run to run.\n",
        "Differences are signed as *ERP minus outside*: positive means that the ERP claims more "
        "from the customer than the outside world says they owe.\n",
    ]
    for code, entry in CATALOGUE.items():
        parts.append(
            f"## {code.value}\n"
            f"{entry.definition}\n\n"
            f"- Severity: {entry.severity.value}\n"
            f"- Usual cause: {entry.usual_cause}\n"
            f"- What to do: {entry.what_to_do}\n"
        )
    return "\n".join(parts)
