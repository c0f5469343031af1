"""How much does the name of a field look like what we look for?"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from functools import cache
from typing import Final

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_UMLAUTS: Final = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "è": "e", "à": "a", "ó": "o", "ñ": "n"}
)
#: A word that is misspelt or in another form is still this like the one that is meant.
_LIKE: Final = 0.84
_LATER: Final = 0.002
#: Words that say nothing about a field.
_EMPTY: Final = frozenset(
    {"the", "of", "value", "amount", "field", "info", "data", "details", "minor", "cents"}
)
#: Words that make something else of a field, unless they are what we look for.
_SPECIAL: Final = frozenset(
    {"currency", "country", "url", "image", "status", "weight", "timezone", "version", "hash",
     "token", "link", "locale", "language"}
)  # fmt: skip


@cache
def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a key: ``lineItems``, ``line_items`` and ``Line-Items`` alike."""
    return tuple(found.lower() for found in _WORD.findall(name.translate(_UMLAUTS)))


def likeness(path: Iterable[str], phrases: Iterable[str]) -> float:
    """
    Return from 0 to 1 how much the key at the end of *path* looks like one of *phrases*.

    The keys above it count as well, but less: ``shipping.cost`` is shipping cost.
    """
    keys = [words_of(key) for key in path]
    if not keys or not keys[-1]:
        return 0.0
    every = tuple(word for key in keys for word in key)
    # Of phrases that fit alike, the first is the most usual one.
    found = (
        _phrase(keys[-1], every, words_of(phrase)) - number * _LATER
        for number, phrase in enumerate(phrases)
    )
    return max(0.0, max(found, default=0.0))


@cache
def _phrase(  # noqa: PLR0911
    own: tuple[str, ...], every: tuple[str, ...], phrase: tuple[str, ...]
) -> float:
    if "".join(own) == "".join(phrase):
        return 1.0
    if len(phrase) >= len(own) and every[-len(phrase) :] == phrase:
        return 0.95
    if any(word in _SPECIAL and word not in phrase for word in own):
        return 0.0
    if tuple(word for word in own if word not in _EMPTY) == phrase:
        return 0.9
    if all(_has(own, word) for word in phrase):
        # More words make it mean something more special: tax in tax_rate.
        return max(0.5, 0.9 - 0.15 * (len(own) - len(phrase)))
    if all(_has(every, word) for word in phrase):
        if any(_has(own, word) for word in phrase):
            return 0.75
        if own[-1] in _EMPTY:
            return 0.7
    whole = difflib.SequenceMatcher(None, "".join(own), "".join(phrase)).ratio()
    return 0.6 * whole if whole >= _LIKE else 0.0


def _has(words: tuple[str, ...], wanted: str) -> bool:
    return any(word == wanted or _is_like(word, wanted) for word in words)


@cache
def _is_like(word: str, wanted: str) -> bool:
    if min(len(word), len(wanted)) <= 3:
        return False
    matcher = difflib.SequenceMatcher(None, word, wanted)
    # The quick ratios are never below the ratio itself, and most words end there.
    quick = (matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio)
    return all(ratio() >= _LIKE for ratio in quick)
