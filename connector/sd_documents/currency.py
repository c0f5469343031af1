"""
Currencies: how many decimals an amount has, and commercial rounding.

Source: ISO 4217 minor units, which SAP keeps in table TCURX for all currencies that do not have
two decimals.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Final

#: Currencies whose minor unit is not a hundredth; all others have two decimals.
DECIMALS: Final[dict[str, int]] = {
    "BHD": 3, "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "IQD": 3, "ISK": 0, "JOD": 3, "JPY": 0,
    "KMF": 0, "KRW": 0, "KWD": 3, "LYD": 3, "OMR": 3, "PYG": 0, "RWF": 0, "TND": 3, "UGX": 0,
    "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
}  # fmt: skip


def decimals_of(currency: str) -> int:
    """Return the number of decimals of *currency* (ISO 4217 code), 2 unless known otherwise."""
    return DECIMALS.get(currency, 2)


@cache
def quantum(currency: str) -> Decimal:
    """Return the smallest amount of *currency*: 0.01 EUR, 1 JPY, 0.001 KWD."""
    return Decimal(1).scaleb(-decimals_of(currency))


def round_amount(amount: Decimal, currency: str) -> Decimal:
    """Round *amount* half away from zero to the decimals of *currency*, as SAP pricing does."""
    return amount.quantize(quantum(currency), rounding=ROUND_HALF_UP)
