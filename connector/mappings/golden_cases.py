"""
Golden cases: messages that lie beside a mapping, and what it is known to make of them.

A case is a folder with a message under any name (two files where orders and lines are apart), and
the expectations beside it: ``external_order.json`` is what the profile reads, ``mapped_order.json``
what the rules make of it: holds, notices, documents with the origin of each field, payments, and
the same of each return.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from connector.errors import ConfigurationError, MessageError
from connector.mappings.external_order import ExternalOrder
from connector.mappings.map_order import map_order
from connector.mappings.map_returns import RETURN_CATEGORY, map_return
from connector.mappings.mapped_order import FieldTrace, MappedOrder
from connector.mappings.profile import ChannelProfile
from connector.mappings.reading import is_file_of_lines, read_order_file
from connector.mappings.rules import MappingRules

#: Where the cases of a channel lie, seen from its folder of tables beside the rules.
CASES: Final = "cases"
EXTERNAL_ORDER: Final = "external_order.json"
MAPPED_ORDER: Final = "mapped_order.json"
_NO_MESSAGES: Final = (EXTERNAL_ORDER, MAPPED_ORDER)
#: Remarks about a case are no message.
_REMARKS: Final = (".md",)


@dataclass(frozen=True, slots=True)
class GoldenCase:
    """One case: its ``folder``, and the ``messages`` in it."""

    folder: Path
    messages: tuple[Path, ...]

    @property
    def name(self) -> str:
        """What people call the case."""
        return self.folder.name


@dataclass(frozen=True, slots=True)
class Expectation:
    """One expected file of a case: the text ``there`` (empty if none) and the text ``found``."""

    path: Path
    there: str
    found: str

    @property
    def is_met(self) -> bool:
        """Whether what was found is what is expected."""
        return self.there == self.found

    @property
    def is_new(self) -> bool:
        """Whether nothing was expected so far."""
        return not self.there

    @property
    def difference(self) -> str:
        """What differs, as a unified diff from the expected to the found; empty where nothing."""
        lines = difflib.unified_diff(
            self.there.splitlines(),
            self.found.splitlines(),
            f"{self.path.parent.name}/{self.path.name}, expected",
            f"{self.path.parent.name}/{self.path.name}, found",
            lineterm="",
        )
        return "\n".join(lines)

    def write(self) -> None:
        """Make what was found the expectation."""
        self.path.write_text(self.found, "utf-8", newline="\n")


def cases_beside(rules: Path, channel: str) -> Path:
    """Return the folder in which the cases of *channel* lie: ``NAME/cases`` beside its rules."""
    return rules.parent / channel / CASES


def cases_in(folder: Path, profile: ChannelProfile) -> tuple[GoldenCase, ...]:
    """
    Return the cases below *folder*, by name.

    Raises:
        ConfigurationError: a case has no message.
    """
    return tuple(_cases(folder, profile))


def _cases(folder: Path, profile: ChannelProfile) -> Iterator[GoldenCase]:
    for case in sorted(folder.iterdir()):
        if not case.is_dir() or case.name.startswith("."):
            continue
        messages = tuple(
            path
            for path in sorted(case.iterdir())
            if path.is_file()
            and path.name not in _NO_MESSAGES
            and not path.name.startswith(".")
            and path.suffix not in _REMARKS
            and not is_file_of_lines(profile, path.name)
        )
        if not messages:
            raise ConfigurationError(
                str(case), "is a case without a message", "Put the message of the case there"
            )
        yield GoldenCase(case, messages)


def outcome(
    case: GoldenCase, profile: ChannelProfile, rules: MappingRules
) -> tuple[Expectation, Expectation]:
    """Return what *profile* and *rules* make of *case*, beside what is expected of them."""
    orders: list[Any] = []
    mapped: list[Any] = []
    for message in case.messages:
        for found in read_order_file(profile, message):
            if isinstance(found, MessageError):
                orders.append({"unreadable": str(found)})
                continue
            orders.append(found.order.model_dump(mode="json", exclude_defaults=True))
            mapped.append(_mapped(found.order, rules))
    return (
        _expectation(case.folder / EXTERNAL_ORDER, orders),
        _expectation(case.folder / MAPPED_ORDER, mapped),
    )


def _mapped(order: ExternalOrder, rules: MappingRules) -> dict[str, Any]:
    """Return the order with its documents, and each of its returns with its own."""
    corrections = set(RETURN_CATEGORY.values())
    found = plain(map_order(order, rules, set(rules.documents) - corrections))
    returns = {}
    for returned in order.returns:
        category = RETURN_CATEGORY[returned.kind]
        if category in rules.documents:
            mapped = map_return(order, returned, rules)
            returns[returned.return_id] = {
                name: value for name, value in plain(mapped).items() if name != "payments"
            }
    return {**found, **({"returns": returns} if returns else {})}


def plain(mapped: MappedOrder) -> dict[str, Any]:
    """Return *mapped* as plain values that people can read and compare line by line."""
    notices = [each.model_dump(mode="json", exclude_defaults=True) for each in mapped.notices]
    return {
        "held": [
            problem.model_dump(mode="json", exclude_defaults=True) for problem in mapped.problems
        ],
        **({"notices": notices} if notices else {}),
        "documents": [
            {
                "category": each.document.category.name.lower(),
                "document": each.document.model_dump(mode="json", exclude_defaults=True),
                "trace": [trace_line(trace) for trace in each.trace],
            }
            for each in mapped.documents
        ],
        "payments": [payment.model_dump(mode="json") for payment in mapped.payments],
    }


def trace_line(trace: FieldTrace) -> str:
    """Return the origin of one field in one line."""
    source = f" <- {trace.source_path} ({trace.source_value})" if trace.source_path else ""
    because = f" because {trace.because}" if trace.because else ""
    return f"{trace.path} = {trace.value}{source} | {trace.rule}{because}"


def _expectation(path: Path, found: Any) -> Expectation:
    there = path.read_text("utf-8") if path.exists() else ""
    return Expectation(path, there, json.dumps(found, ensure_ascii=False, indent=1) + "\n")
