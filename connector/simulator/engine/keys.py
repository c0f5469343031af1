"""How numbers are kept: documents and customers zero-padded to ten, materials without zeros."""

from __future__ import annotations


def padded(number: str, width: int = 10) -> str:
    """Return *number* in capitals, zero-padded when it is numeric (conversion exit ALPHA)."""
    number = number.strip().upper()
    return number.zfill(width) if number.isdigit() else number


def material_key(number: str) -> str:
    """Return the material number without leading zeros when it is numeric, in capitals."""
    number = number.strip().upper()
    return (number.lstrip("0") or number) if number.isdigit() else number
