"""
Values in the place of others: the same for the same, and nobody can go back.

A stand-in is computed from the value with a key that is drawn for each recording and kept nowhere:
without it not even a telephone number, of which there are few, can be found by trying all.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import Counter
from typing import Final, Protocol

from connector.erp.recording.fields import Treatment

#: What stands for any replaced value where two runs are compared.
MASK: Final = "*"
_WORDS: Final = {
    Treatment.NAME: "Name",
    Treatment.STREET: "Street",
    Treatment.CITY: "City",
    Treatment.TEXT: "Text",
}
_DIGITS: Final = frozenset({Treatment.POSTCODE, Treatment.PHONE, Treatment.BANK})


class Replacement(Protocol):
    """What is put in the place of a value that is not kept."""

    def __call__(self, treatment: Treatment, value: str) -> str:
        """Return it; *value* is not blank."""
        ...


class StandIns:
    """Stand-ins of one recording; ``counts`` says how many values of each kind were replaced."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or secrets.token_bytes(32)
        self.counts: Counter[str] = Counter()

    def __call__(self, treatment: Treatment, value: str) -> str:
        self.counts[treatment.value] += 1
        digest = hmac.new(self._key, value.strip().encode("utf-8", "replace"), hashlib.sha256)
        mark = digest.hexdigest()[:6].upper()
        if treatment in _DIGITS:
            return _like(value.strip(), digest.digest())
        if treatment is Treatment.EMAIL:
            return f"{mark.lower()}@example.com"
        if treatment is Treatment.USER:
            return f"USER{mark}"
        if treatment is Treatment.TAX_NUMBER:
            return f"XX{mark}"
        if treatment is Treatment.BINARY:
            # A PDF of no pages: whoever reads it learns that there was one.
            return "JVBERi0xLjQKJSVFT0YK"
        return f"{_WORDS.get(treatment, 'Text')} {mark}"


def masked(treatment: Treatment, value: str) -> str:
    """Return the same for every value: for comparing what was kept."""
    return MASK


def _like(value: str, digest: bytes) -> str:
    """Return digits and letters of the same form as *value*: a postal code stays one."""
    made = []
    for place, character in enumerate(value):
        byte = digest[place % len(digest)] + place
        if character.isdigit():
            made.append(str(byte % 10))
        elif character.isalpha():
            made.append("ABCDEFGHKLMNPRSTUVWXYZ"[byte % 22])
        else:
            made.append(character if character in " -/+" else "-")
    return "".join(made)
