"""
Golden files: the outcome of mapping a message, written beside it as text that people can read.

With SD_CONNECTOR_WRITE_GOLDEN set (`make golden`) the files are written anew instead of compared.
"""

from __future__ import annotations

import difflib
import json
import os
from pathlib import Path
from typing import Any

from connector.errors import MessageError
from connector.mappings.map_order import map_order
from connector.mappings.mapped_order import FieldTrace, MappedOrder
from connector.mappings.profile import ChannelProfile
from connector.mappings.reading import read_orders
from connector.mappings.rules import MappingRules

WRITE = "SD_CONNECTOR_WRITE_GOLDEN"


def outcome(
    profile: ChannelProfile, rules: MappingRules, message: Path
) -> tuple[list[Any], list[Any]]:
    """Return the external orders of *message*, and what each becomes, as plain values."""
    orders: list[Any] = []
    mapped: list[Any] = []
    for found in read_orders(profile, message.read_bytes(), message.name):
        if isinstance(found, MessageError):
            orders.append({"unreadable": str(found)})
            continue
        orders.append(found.order.model_dump(mode="json", exclude_defaults=True))
        mapped.append(_plain(map_order(found.order, rules, set(rules.documents))))
    return orders, mapped


def _plain(mapped: MappedOrder) -> dict[str, Any]:
    return {
        "held": [
            problem.model_dump(mode="json", exclude_defaults=True) for problem in mapped.problems
        ],
        "documents": [
            {
                "category": each.document.category.name.lower(),
                "document": each.document.model_dump(mode="json", exclude_defaults=True),
                "trace": [_line(trace) for trace in each.trace],
            }
            for each in mapped.documents
        ],
        "payments": [payment.model_dump(mode="json") for payment in mapped.payments],
    }


def _line(trace: FieldTrace) -> str:
    source = f" <- {trace.source_path} ({trace.source_value})" if trace.source_path else ""
    because = f" because {trace.because}" if trace.because else ""
    return f"{trace.path} = {trace.value}{source} | {trace.rule}{because}"


def compare(expected: Path, found: Any) -> str:
    """
    Return the difference between the golden file *expected* and *found*, empty where there is none.

    Writes the file instead when that is asked for.
    """
    text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
    if os.environ.get(WRITE):
        expected.write_text(text, "utf-8")
        return ""
    there = expected.read_text("utf-8") if expected.exists() else ""
    lines = difflib.unified_diff(
        there.splitlines(), text.splitlines(), str(expected), "found", lineterm=""
    )
    return "\n".join(lines)
