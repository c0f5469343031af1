"""
What names a bank line where the bank does not.

A derived reference is made of what the statement says: account, number, balances, and the line
itself with its place among equal ones. The name of the file is no part of it, so that a statement
delivered twice adds nothing.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Final

from connector.statements.model import BankLine, BankStatement

#: What banks write where they have no reference.
_NONE: Final = frozenset({"", "NONREF", "NOTPROVIDED", "NOT PROVIDED", "NOREF", "EREF", "-"})
_DERIVED: Final = "DRV-"


def given_reference(text: str | None) -> str:
    """Return the bank's reference in *text*, empty where it only says that there is none."""
    reference = " ".join((text or "").split())
    return "" if reference.upper() in _NONE else reference


def with_references(statement: BankStatement) -> BankStatement:
    """
    Return *statement* with a reference for every line that came without one of its own.

    Lines without a reference come in as ``-``. Where a bank gives one reference to several
    different lines of a statement whose balances show that all of them were booked, the reference
    alone names none of them, and what they say is added to it.
    """
    shared = _shared(statement.lines) if _balances(statement) else frozenset()
    seen: Counter[str] = Counter()
    lines: list[BankLine] = []
    for line in statement.lines:
        given = given_reference(line.bank_reference)
        if given and given not in shared:
            lines.append(line)
            continue
        text = _text(statement, line)
        seen[text] += 1
        digest = hashlib.sha256(f"{text}\x1f{seen[text]}".encode()).hexdigest()[:24]
        reference = f"{given}~{digest[:12]}" if given else f"{_DERIVED}{digest}"
        lines.append(line.model_copy(update={"bank_reference": reference, "is_derived": not given}))
    return statement.model_copy(update={"lines": tuple(lines)})


def _balances(statement: BankStatement) -> bool:
    opening, closing = statement.opening, statement.closing
    return (
        opening is not None
        and closing is not None
        and opening.currency == closing.currency
        and opening.amount + statement.movement == closing.amount
    )


def _shared(lines: Sequence[BankLine]) -> frozenset[str]:
    """Return the references that lines with different content carry."""
    contents: dict[str, set[str]] = {}
    for line in lines:
        contents.setdefault(line.bank_reference, set()).add(_line_text(line))
    return frozenset(reference for reference, texts in contents.items() if len(texts) > 1)


def _text(statement: BankStatement, line: BankLine) -> str:
    return "\x1f".join(
        (
            statement.bank_account,
            statement.number,
            statement.page,
            str(statement.opened_on),
            str(statement.opening),
            str(statement.closed_on),
            str(statement.closing),
            _line_text(line),
        )
    )


def _line_text(line: BankLine) -> str:
    return "\x1f".join(
        (
            line.booking_date.isoformat(),
            line.value_date.isoformat(),
            str(line.amount),
            *line.remittance,
            line.end_to_end_id,
            line.payer_hint,
        )
    )


#: How long the reference of an FI document may be (XBLNR).
_XBLNR_LENGTH: Final = 16


def receipt_reference(line: BankLine) -> str:
    """
    Return the reference under which the receipt of *line* is posted: 16 characters at most.

    It depends on account and bank reference alone, so that one line has one receipt. A bank
    reference that is too long is cut to its hash.
    """
    if len(line.bank_reference) <= _XBLNR_LENGTH:
        return line.bank_reference
    digest = hashlib.sha256(f"{line.bank_account}\x1f{line.bank_reference}".encode()).hexdigest()
    return f"BL{digest[: _XBLNR_LENGTH - 2]}".upper()
