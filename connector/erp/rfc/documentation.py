"""
The reference page of the ERP's messages, made from the tables that the transport works with.

`docs/reference/erp-messages.md` holds what this returns; a test compares them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from connector.erp.hold_reasons import HoldReason
from connector.erp.messages import Meaning, MessageTable, Verdict

_VERDICTS: Final[Mapping[Verdict, str]] = {
    Verdict.DONE: "What was wanted is there. It is read back before it is believed.",
    Verdict.NOTE: "Names no cause: the other rows decide. Alone, a row of type E or A is refused.",
    Verdict.REJECT: "Everything is rolled back and the order is held: a person decides.",
    Verdict.RETRY: "Everything is rolled back and the same call is made again later.",
    Verdict.IN_DOUBT: "Whether anything was posted is looked up before anything else is done.",
}

#: What to do about hold reasons that come from no single message.
_OWN_REASONS: Final[Mapping[HoldReason, str]] = {
    HoldReason.ERP_REJECTED: (
        "The ERP refused with a message that the table does not know. Read its text; add the "
        "message to a table of your own if it should be treated otherwise."
    ),
    HoldReason.NOTHING_CREATED: (
        "The ERP reported no error and created nothing. Read its messages."
    ),
    HoldReason.VALUE_DOES_NOT_FIT: (
        "A value is longer than its field, or of another kind. The message names the field; "
        "correct the mapping."
    ),
    HoldReason.TOO_MANY_CONDITIONS: (
        "Header and items take at most four manual conditions where a document is only priced. "
        "Put discounts of one kind under one condition type."
    ),
    HoldReason.NOT_OFFERED_BY_SERVICE: (
        "The document has something that the routed service has no field for, such as an address "
        "of its own or several delivery dates. The message names it. Route the operation to a "
        "transport that takes it, or leave it out in the mapping."
    ),
    HoldReason.ERP_ANSWER_UNCLEAR: (
        "An answer holds a value that no known release gives. Report it with the message."
    ),
}

_FAILURES: Final = (
    ("user or password refused, user locked", "stop: every try counts towards the user's lock"),
    (
        "connection refused or lost",
        "before the commit: wait until the ERP is back; after: in doubt",
    ),
    ("no free session, on either side", "retry later"),
    ("short dump, message of type X", "before the commit nothing was posted: retry later"),
    ("given up after the time limit", "before the commit: retry later; after: in doubt"),
    ("function, table, field or right is missing", "stop: settings or authorizations are wrong"),
    ("a value does not fit its field", "the order is held"),
)


def messages_page(table: MessageTable) -> str:
    """Return the page as Markdown."""
    return "\n".join(_lines(table)).rstrip() + "\n"


def _lines(table: MessageTable) -> Iterator[str]:
    yield "# Messages of the ERP"
    yield (
        "What the connector does with a message that the ERP answers to a call by RFC. It goes by "
        "class and number, never by text. Only rows of type E, A and X decide; the type in the "
        "table is the one that is usual. A message that is not in the table is refused. Made from "
        "the code: `make golden` writes it anew."
    )
    yield ""
    yield (
        "A table of your own, with the same columns as `connector/erp/messages.csv` and named "
        "in `erp.transport.messages`, adds messages and replaces rows."
    )
    yield ""
    yield "| verdict | what happens |"
    yield "|---|---|"
    for verdict, meaning in _VERDICTS.items():
        yield f"| {verdict} | {meaning} |"
    yield ""
    yield "## Messages"
    yield "| class | number | type | verdict | hold reason | meaning |"
    yield "|---|---|---|---|---|---|"
    for row in sorted(table, key=lambda each: (each.message_class, each.number)):
        yield _row(row)
    yield ""
    yield "## Other hold reasons"
    for code, meaning in _OWN_REASONS.items():
        yield f"- `{code}`: {meaning}"
    yield ""
    yield "## Failures without a message"
    yield "Told apart by the class, code and key of the RFC library's exception."
    yield ""
    yield "| failure | what happens |"
    yield "|---|---|"
    for failure, happens in _FAILURES:
        yield f"| {failure} | {happens} |"


def _row(row: Meaning) -> str:
    code = f"`{row.code}`" if row.code else ""
    return (
        f"| {row.message_class} | {row.number} | {row.type} | {row.verdict} | {code} "
        f"| {row.meaning} |"
    )
