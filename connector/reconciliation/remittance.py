"""
Numbers of invoices, orders and purchase orders in what payers write.

People leave leading zeros out, put prefixes before numbers and blanks and dots into them. A number
counts only as a whole word or joined from neighbouring words: part of a longer number is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

T = TypeVar("T")

_WORD: Final = re.compile(r"[0-9A-Za-z]+(?:[-/._#][0-9A-Za-z]+)*")
_PREFIX: Final = re.compile(r"^[A-Za-z.#:]+(?=\d)")
_SEPARATOR: Final = re.compile(r"[^0-9A-Z]")
_JOINED: Final = 3
#: Shorter numbers stand in any text by chance.
_SHORTEST: Final = 4


def words_of(text: str) -> frozenset[str]:
    """
    Return every way in which *text* may name a document, in capitals and without leading zeros.

    Each word comes as it stands, without its separators, without a prefix of letters, in its
    parts, and joined with its neighbours (``90 000 014``).
    """
    found: set[str] = set()
    words = _WORD.findall(text)
    for position, word in enumerate(words):
        found |= _forms(word)
        for part in re.split(r"[-/._#]", word):
            found |= _forms(part)
        joined = word
        for following in words[position + 1 : position + _JOINED]:
            if not (joined.isdigit() and following.isdigit()):
                break
            joined += following
            found |= _forms(joined)
    return frozenset(each for each in found if len(each) >= _SHORTEST)


def normal(number: str) -> str:
    """Return *number* as :func:`words_of` writes it."""
    if number.isalnum() and number.isascii():
        return number.upper().lstrip("0")
    return _SEPARATOR.sub("", number.upper()).lstrip("0")


def _forms(word: str) -> set[str]:
    whole = normal(word)
    return {whole, normal(_PREFIX.sub("", word))} - {""}


def named_in(words: Iterable[str], numbers: Mapping[str, frozenset[T]]) -> frozenset[T]:
    """Return what *numbers* (by normal form) means by each of *words*, all together."""
    found: set[T] = set()
    for word in words:
        found |= numbers.get(word, frozenset())
    return frozenset(found)
