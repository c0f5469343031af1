"""All mutations, by code."""

from __future__ import annotations

from tests.mutations import (
    faults_further,
    faults_of_billing,
    faults_of_orders,
    faults_of_payments,
    faults_of_prices,
    faults_of_rows,
    faults_of_sources,
)
from tests.mutations.planting import MUTATIONS

__all__ = [
    "MUTATIONS",
    "faults_further",
    "faults_of_billing",
    "faults_of_orders",
    "faults_of_payments",
    "faults_of_prices",
    "faults_of_rows",
    "faults_of_sources",
]
