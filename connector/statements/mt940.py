"""
Read MT940 (SWIFT customer statement message).

What a tag means, bank by bank, is known to the library ``mt-940``. It reads a file as a whole and
stops at the first line it does not know, so it is given one statement head, and then one entry at
a time: a broken entry is named, and its neighbours are read.

Source: SWIFT MT940 field specifications; decision 0024.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import mt940

from connector.errors import MessageError
from connector.sd_documents.values import Money
from connector.statements.balances import checked
from connector.statements.encodings import File, require_size, text_of
from connector.statements.model import BankLine, BankStatement, Reading
from connector.statements.mt940_texts import end_to_end_of, other_side_of, remittance_of
from connector.statements.references import given_reference, with_references
from connector.statements.values import ValueProblem, money_of

MT940: Final = "mt940"

# The library logs lines it cannot read, with all that stands in them; they are told in our words.
logging.getLogger("mt940").setLevel(logging.CRITICAL + 1)

_TAG: Final = re.compile(r":(\d{2}[A-Z]?):(.*)", re.DOTALL)
#: Blocks around messages, and what ends one.
_AROUND: Final = re.compile(r"\{\d:.*|-\}?.*|\x01.*|\x03.*")
_OPTIONS: Final = mt940.Options.all()
_EXPECTED: Final = "MT940 statements (:20:, :25:, :28C:, :60F:, :61:, :62F:)"
_HEAD: Final = ("20", "25", "28", "28C", "60F", "60M", "62F", "62M")


@dataclass(frozen=True, slots=True)
class _Tag:
    name: str
    text: str
    line: int


@dataclass(slots=True)
class _Message:
    """One statement: its tags by name, and its entries with the tags that explain them."""

    line: int
    head: dict[str, _Tag] = field(default_factory=dict)
    entries: list[list[_Tag]] = field(default_factory=list)

    def add(self, tag: _Tag) -> None:
        if tag.name == "61":
            self.entries.append([tag])
        elif tag.name == "86" and self.entries and not self._is_closed:
            self.entries[-1].append(tag)
        elif tag.name in _HEAD:
            self.head.setdefault(tag.name, tag)

    @property
    def _is_closed(self) -> bool:
        return "62F" in self.head or "62M" in self.head

    def first(self, *names: str) -> _Tag | None:
        return next((self.head[name] for name in names if name in self.head), None)


def read_mt940(file: File) -> Reading:
    """
    Return the statements in *file*.

    Raises:
        MessageError: it is no MT940, or a statement has no account.
    """
    require_size(file)
    messages = list(_messages(_tags(text_of(file))))
    if not messages:
        raise MessageError(file.source, "no statement begins in the file (:20:)", _EXPECTED)
    statements = tuple(_statement(file, message) for message in messages)
    return Reading(source=file.source, sha256=file.sha256, format=MT940, statements=statements)


def _tags(text: str) -> Iterator[_Tag]:
    current: list[str] = []
    started = 0
    for number, line in enumerate(text.splitlines(), 1):
        if _TAG.match(line):
            yield from _tag(current, started)
            current, started = [line], number
        elif _AROUND.fullmatch(line):
            yield from _tag(current, started)
            current = []
        elif current:
            current.append(line)
    yield from _tag(current, started)


def _tag(lines: list[str], started: int) -> Iterator[_Tag]:
    found = _TAG.match("\n".join(lines).rstrip())
    if found:
        yield _Tag(found.group(1), found.group(2), started)


def _messages(tags: Iterable[_Tag]) -> Iterator[_Message]:
    message: _Message | None = None
    for tag in tags:
        if tag.name == "20":
            if message is not None:
                yield message
            message = _Message(tag.line)
        if message is not None:
            message.add(tag)
    if message is not None:
        yield message


def _statement(file: File, message: _Message) -> BankStatement:
    where = f"{file.source}, line {message.line}"
    tag = message.first("25")
    account = "".join(tag.text.split()).upper() if tag else ""
    if not account:
        raise MessageError(where, "the statement names no account (:25:)", _EXPECTED)
    problems: list[str] = []
    opening, opened_on = _balance(file, message.first("60F", "60M"), problems)
    closing, closed_on = _balance(file, message.first("62F", "62M"), problems)
    currency = next((b.currency for b in (opening, closing) if b is not None), "")
    number, page = _number(message.first("28C", "28"))
    lines = _lines(file, message, account, currency, problems)
    statement = BankStatement(
        source=file.source,
        sha256=file.sha256,
        bank_account=account,
        number=number,
        page=page,
        is_last_page="62F" in message.head or "62M" not in message.head,
        reference=message.head["20"].text.strip(),
        currency=currency,
        opened_on=opened_on,
        closed_on=closed_on,
        opening=opening,
        closing=closing,
        lines=tuple(lines),
        problems=tuple(problems),
    )
    return checked(with_references(statement))


def _parsed(tags: Iterable[_Tag]) -> mt940.models.Transactions:
    found = mt940.models.Transactions(options=_OPTIONS)
    found.parse("\n".join(f":{tag.name}:{tag.text}" for tag in tags))
    return found


def _balance(file: File, tag: _Tag | None, problems: list[str]) -> tuple[Money | None, date | None]:
    if tag is None:
        return None, None
    where = f"{file.source}, line {tag.line}"
    try:
        (found,) = _parsed([tag]).data.values()
        money = money_of(str(found.amount.amount), str(found.amount.currency))
        return money, _day(found.date)
    except ValueProblem as error:
        problems.append(f"{where}: balance :{tag.name}: {error}")
    except (RuntimeError, ValueError, TypeError, AttributeError, ArithmeticError):
        problems.append(
            f"{where}: balance :{tag.name}: cannot be read; expected C or D, YYMMDD, currency "
            "and amount with a decimal comma"
        )
    return None, None


def _number(tag: _Tag | None) -> tuple[str, str]:
    """Return number and page without leading zeros; 0 is what banks write that number nothing."""
    if tag is None:
        return "", ""
    number, _, page = tag.text.strip().partition("/")
    page = page.strip().lstrip("0")
    return number.strip().lstrip("0"), "" if page == "1" else page


def _lines(
    file: File, message: _Message, account: str, currency: str, problems: list[str]
) -> list[BankLine]:
    lines: list[BankLine] = []
    head = [tag for tag in (message.first("60F", "60M", "62F", "62M"),) if tag is not None]
    statement = message.head["20"].text.strip()
    for number, tags in enumerate(message.entries, 1):
        where = f"{file.source}, entry {number} in line {tags[0].line}"
        try:
            found = list(_parsed([*head, *tags]))
            lines.append(_line(found[0].data, account, statement, currency, len(lines) + 1))
        except ValueProblem as error:
            problems.append(f"{where}: {error}")
        except (RuntimeError, ValueError, TypeError, KeyError, IndexError, ArithmeticError):
            problems.append(
                f"{where}: :61: cannot be read; expected YYMMDD, C, D, RC or RD, amount with a "
                "decimal comma, type and reference"
            )
    return lines


def _line(
    parsed: dict[str, Any], account: str, statement: str, currency: str, position: int
) -> BankLine:
    if not currency:
        # Only the balances of a statement name its currency.
        raise ValueProblem("no currency: the statement has no balance that can be read (:60F:)")
    value_date = _day(parsed["date"])
    entry_date = parsed.get("entry_date")
    mark = str(parsed["status"]).upper()
    return BankLine(
        bank_account=account,
        bank_reference=given_reference(parsed.get("bank_reference")) or "-",
        statement=statement,
        position=position,
        booking_date=_day(entry_date) if entry_date else value_date,
        value_date=value_date,
        amount=money_of(str(parsed["amount"].amount), currency),
        remittance=remittance_of(parsed),
        end_to_end_id=end_to_end_of(parsed),
        payer_hint=other_side_of(parsed),
        is_reversal=mark.startswith("R"),
    )


def _day(day: date) -> date:
    """Return a plain date for the library's own kind of it."""
    return date(day.year, day.month, day.day)
