"""What the details of an MT940 entry (:86:) say: remittance, references, the other side."""

from __future__ import annotations

import re
from typing import Any, Final

from connector.statements.references import given_reference

#: Structured details of Dutch banks: /EREF/.../REMI/...
_SLASHED: Final = re.compile(r"/(EREF|REMI|NAME|IBAN|CSID|MARF|ORDP|BENM)/+([^/]*)")
_PREFIXED_IBAN: Final = re.compile(r"\b([A-Z]{2}\d{2}[A-Z0-9]{11,30})\b")


def remittance_of(parsed: dict[str, Any]) -> tuple[str, ...]:
    """Return what the payer wrote as the library took it apart, with the customer reference."""
    texts = [
        _one_line(parsed.get(name))
        for name in ("purpose", "additional_purpose", "transaction_details", "extra_details")
    ]
    reference = given_reference(_one_line(parsed.get("customer_reference")))
    # One letter is what is left of a type that banks write without a code.
    texts += [reference] if len(reference) > 1 else []
    return tuple(dict.fromkeys(text for text in texts if text))


def end_to_end_of(parsed: dict[str, Any]) -> str:
    """Return the end-to-end reference, empty where the details name none."""
    found = given_reference(_one_line(parsed.get("end_to_end_reference")))
    return found or given_reference(_slashed(parsed).get("EREF", ""))


def other_side_of(parsed: dict[str, Any]) -> str:
    """Return the account of the other side, or its name where no account is given."""
    slashed = _slashed(parsed)
    for name in ("applicant_iban", "recipient_iban"):
        if parsed.get(name):
            return _one_line(parsed[name])
    details = f"{parsed.get('extra_details') or ''} {slashed.get('IBAN', '')}"
    iban = _PREFIXED_IBAN.search(details)
    if iban:
        return iban.group(1)
    return _one_line(parsed.get("applicant_name")) or slashed.get("NAME", "")


def _slashed(parsed: dict[str, Any]) -> dict[str, str]:
    details = "".join(str(parsed.get("transaction_details") or "").splitlines())
    return {name: text.strip() for name, text in _SLASHED.findall(details)}


def _one_line(text: object) -> str:
    return " ".join(str(text or "").split())
