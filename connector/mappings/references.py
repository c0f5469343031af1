"""
The references by which documents and payments are found again in the ERP.

Both are deterministic, and neither is ever cut off: a reference that would not fit is refused.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from connector.errors import ConfigurationError

#: Length of PurchaseOrderByCustomer (BSTKD).
REFERENCE_LENGTH: Final = 35
#: Length of the reference of an accounting document (XBLNR).
PAYMENT_REFERENCE_LENGTH: Final = 16


class UnusableReferenceError(ValueError):
    """No reference can be made; ``code`` is the hold reason."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def order_reference(prefix: str, external_id: str, prefix_included: bool = False) -> str:
    """
    Return the reference of an order: *prefix* and the channel's own id, unchanged.

    Different ids give different references because nothing is cut, padded or converted.

    Raises:
        UnusableReferenceError: too long, or with blanks at its ends or control characters, which
            the ERP would not keep.
    """
    if external_id != external_id.strip() or not external_id.isprintable():
        raise UnusableReferenceError(
            "REFERENCE_NOT_USABLE",
            f"the order id {external_id!r} has blanks at its ends or characters that do not print",
        )
    if prefix_included and not external_id.startswith(prefix):
        raise UnusableReferenceError(
            "REFERENCE_NOT_USABLE", f"the order id {external_id!r} does not start with {prefix!r}"
        )
    reference = external_id if prefix_included else prefix + external_id
    if len(reference) > REFERENCE_LENGTH:
        raise UnusableReferenceError(
            "REFERENCE_TOO_LONG",
            f"{reference!r} has {len(reference)} characters, the ERP's field takes "
            f"{REFERENCE_LENGTH}",
        )
    return reference


def payment_reference(prefix: str, channel: str, payment_id: str) -> str:
    """
    Return the reference of a payment: *prefix* and 65 bits of a hash of channel and payment id.

    16 characters do not take every channel's ids; equal ids always give equal references.
    """
    digest = hashlib.sha256(f"{channel}\0{payment_id}".encode("utf-8", "surrogatepass")).digest()
    room = PAYMENT_REFERENCE_LENGTH - len(prefix)
    return prefix + base64.b32encode(digest).decode("ascii")[: min(room, 13)]


def require_distinct_prefixes(prefixes: Iterable[tuple[str, str]]) -> None:
    """
    Check that no two channels can make the same reference.

    Args:
        prefixes: the name of the rules file and its prefix, one pair per channel.

    Raises:
        ConfigurationError: one prefix is another's, or begins it.
    """
    ordered = sorted(prefixes, key=lambda pair: pair[1])
    for (first, shorter), (second, longer) in pairwise(ordered):
        if longer.startswith(shorter):
            raise ConfigurationError(
                f"{second}: reference.prefix",
                f"{longer!r} begins with the prefix {shorter!r} of {first}",
                "Choose prefixes of which none begins another, so that references never collide",
            )
