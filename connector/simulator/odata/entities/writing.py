"""What writers share: typed reading of what a client sent, and the answers of the engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from connector.simulator.engine.messages import MessageBook
from connector.simulator.engine.outcome import Message, Outcome
from connector.simulator.odata.entities.forms import text
from connector.simulator.odata.entity_set import BusinessError, Context, Value

Values = Mapping[str, Value]
#: How the two fields for the place of the incoterms are asked: the longer one first.
INCOTERMS_LOCATIONS = ("IncotermsLocation1", "IncotermsTransferLocation")


def day(value: Value) -> date | None:
    """Return a date, None for none."""
    return value if isinstance(value, date) else None


def number(value: Value) -> Decimal | None:
    """Return a number, None for none."""
    return value if isinstance(value, Decimal) else None


def unit(context: Context, values: Values, name: str) -> str:
    """
    Return the unit that *values* give for the quantity *name*, as the engine's key; empty if none.

    The commercial form, the internal key and the ISO code are asked in this order. A unit that is
    not known stays as it is: the engine says so.
    """
    for suffix in ("Unit", "SAPUnit", "ISOUnit"):
        given = text(values.get(f"{name}{suffix}"))
        if given:
            return context.erp.master_data.unit_key(given) or given
    return ""


def first_text(values: Values, names: Iterable[str]) -> str:
    """Return the first of *names* that is filled."""
    return next((given for name in names if (given := text(values.get(name)))), "")


def filled(values: Values) -> set[str]:
    """Return the names whose value says something: not empty, zero, false or null."""
    return {
        name
        for name, value in values.items()
        if value not in ("", None, False) and value != 0 and not _zeros(value)
    }


def _zeros(value: Value) -> bool:
    return isinstance(value, str) and not value.strip("0 ")


def accepted(context: Context, outcome: Outcome) -> Outcome:
    """
    Return *outcome*; its warnings and notices are kept for the client, plain successes are not.

    Raises BusinessError when it has rows of type E or A, the causes before the summary.
    """
    before = len(context.messages)
    try:
        context.accepted(outcome)
    except BusinessError as refusal:
        causes = [each for each in refusal.messages if each.is_error and not _is_summary(each)]
        rest = [each for each in refusal.messages if each not in causes]
        raise BusinessError([*causes, *rest], refusal.status) from None
    context.messages[before:] = [
        each for each in context.messages[before:] if each.type in ("W", "I")
    ]
    return outcome


def _is_summary(message: Message) -> bool:
    # Header rows that only say that something was wrong.
    return (message.id, message.number) in (("V4", "219"), ("RW", "609"))


def message(context: Context, situation: str, *variables: object) -> Message:
    """Return a message of the ERP's catalog, with the numbers of the system at hand."""
    return MessageBook(context.erp.settings.message_numbers).row(situation, *variables)


def refusal(context: Context, situation: str, *variables: object) -> BusinessError:
    """Return the refusal that a message of the catalog is."""
    return BusinessError([message(context, situation, *variables)])


def free_text(text_: str, kind: str = "E") -> Message:
    """Return 00 398 with *text_*: what no message number is known for."""
    parts: list[Any] = [text_[at : at + 50] for at in range(0, 200, 50)]
    return Message(kind, "00", "398", text_, *parts)


def invalid(text_: str) -> BusinessError:
    """Return the refusal with *text_*, for which no message number is known."""
    return BusinessError([free_text(text_)])


def note_unused(context: Context, what: str, names: Iterable[str]) -> None:
    """Warn the client of values that this system does not keep."""
    listed = sorted(names)
    if listed:
        context.messages.append(
            free_text(f"{what}: not kept by this system: {', '.join(listed)}", "W")
        )
