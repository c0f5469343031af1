"""
Why has a field of a document this value? One question, answered from the trace.

The answer goes back as far as the message: the value in the document, the rule that made it, what
it read of the external order, and the expression of the profile that read that from the message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from connector.mappings.config_file import ConfigFile
from connector.mappings.field_names import choose, names_of, without_positions
from connector.mappings.mapped_order import FieldTrace, MappedOrder
from connector.mappings.problems import Notice, Problem
from connector.mappings.profile import ChannelProfile, profile_file
from connector.mappings.rule_models import DocumentRules
from connector.mappings.rules import MappingRules, expand_likeness, merges
from connector.mappings.text_functions import text
from connector.mappings.unfilled_fields import (
    RuleOfField,
    fields_without_rule,
    rules_of_fields,
    rules_of_payments,
)
from connector.mappings.value_rules import Lookups
from connector.sd_documents.values import DocumentCategory

_NAME: Final = re.compile(r"[^.\[\]]+")


class State(StrEnum):
    """What became of a field."""

    FILLED = "filled"
    #: Its rule came to nothing: the ERP takes its own value.
    EMPTY = "empty"
    #: There is no rule for it: the ERP takes its own value.
    WITHOUT_RULE = "without a rule"
    #: The document could not be built.
    HELD = "held"


#: Documents that only returns, credits and charges lead to.
_OF_RETURNS: Final = frozenset(
    {
        DocumentCategory.RETURNS_ORDER,
        DocumentCategory.CREDIT_MEMO_REQUEST,
        DocumentCategory.DEBIT_MEMO_REQUEST,
    }
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a field of the external order is read from the message."""

    field: str
    expression: str
    place: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """
    Where one field comes from.

    ``document`` is the kind of document, ``path`` the field in it. ``rule`` is the key of the rule
    and what it does, ``place`` file and line where it is written. ``problems`` hold the field or
    its document, ``notices`` say what was not certain about it.
    """

    document: str
    path: str
    state: State
    value: str = ""
    rule: str = ""
    place: str = ""
    source_path: str = ""
    source_value: str = ""
    because: str = ""
    readings: tuple[Reading, ...] = ()
    problems: tuple[Problem, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The explanations of all fields that were meant; ``is_guess`` where none has that name."""

    explanations: tuple[Explanation, ...]
    is_guess: bool


def explain(
    field: str, mapped: MappedOrder, profile: ChannelProfile, rules: MappingRules
) -> Answer:
    """
    Return where *field* of the documents of *mapped* comes from; no explanations for no such field.

    Raises:
        ConfigurationError: the files of profile or rules are wrong by now.
    """
    return _Explaining(mapped, profile, rules).answer(field)


class _Explaining:
    def __init__(self, mapped: MappedOrder, profile: ChannelProfile, rules: MappingRules) -> None:
        self._mapped, self._rules = mapped, rules
        self._profile = profile_file(profile.path)
        self._rules_file = ConfigFile(rules.path, merges)
        expand_likeness(self._rules_file)

    def answer(self, field: str) -> Answer:
        """Look among what was filled first, then among what the rules could have filled."""
        filled, names = self._filled()
        unfilled, more = self._unfilled(filled)
        chosen = choose(field, names)
        if not chosen.paths or chosen.is_guess:
            others = choose(field, {**names, **more})
            chosen = others if others.paths else chosen
        found = {**unfilled, **filled}
        return Answer(tuple(found[path] for path in chosen.paths), chosen.is_guess)

    def _filled(self) -> tuple[dict[str, Explanation], dict[str, tuple[str, ...]]]:
        found: dict[str, Explanation] = {}
        names: dict[str, tuple[str, ...]] = {}
        for each in self._mapped.documents:
            kind = _words(each.document.category)
            plain = each.document.model_dump()
            for trace in each.trace:
                key = f"{kind}: {trace.path}"
                found[key] = self._explained(kind, trace)
                names[key] = names_of(trace.path, plain)
        for path, explanation in self._payments():
            found[f"payment: {path}"] = explanation
            names[f"payment: {path}"] = names_of(path, {})
        return found, names

    def _payments(self) -> Iterator[tuple[str, Explanation]]:
        """Yield the fields of payments, which keep no trace: by their rules and the order."""
        rules = self._rules.payments
        if rules is None:
            return
        for number, payment in enumerate(self._mapped.payments):
            values = payment.model_dump(mode="json")
            for field in rules_of_payments(rules, self._rules.lookups):
                path = field.path.replace("payments.", f"payments[{number}].", 1)
                told = self._why_not("payment", field, is_built=True)
                value = text(values.get(field.names[-1], ""))
                source, read = self._read_for(payment.payment_id, sorted(field.reads))
                yield (
                    path,
                    replace(
                        told, path=path, state=State.FILLED, value=value, source_path=source,
                        source_value=read,
                    ),
                )  # fmt: skip

    def _read_for(self, payment_id: str, reads: list[str]) -> tuple[str, str]:
        """Return the paths that are read for one payment, and what stands there."""
        payments = self._mapped.order.payments
        number = next(i for i, each in enumerate(payments) if each.payment_id == payment_id)
        plain = self._mapped.order.model_dump(mode="json")
        alone = {**plain, "payments": [plain["payments"][number]]}
        paths = [path.replace("payments.", f"payments[{number}].", 1) for path in reads]
        found = [_shown(value) for path in reads for value in _at(alone, path.split("."))]
        return ", ".join(paths), ", ".join(found)

    def _explained(self, kind: str, trace: FieldTrace) -> Explanation:
        sources = [path for path in trace.source_path.split(", ") if path]
        return Explanation(
            document=kind,
            path=trace.path,
            state=State.FILLED,
            value=trace.value,
            rule=trace.rule,
            place=_beside(self._rules.path, trace.file),
            source_path=trace.source_path,
            source_value=trace.source_value,
            because=trace.because,
            readings=tuple(self._readings(sources)),
            problems=tuple(p for p in self._mapped.problems if p.where in (trace.path, *sources)),
            notices=tuple(n for n in self._mapped.notices if n.where in (trace.path, *sources)),
        )

    def _unfilled(
        self, filled: Mapping[str, Explanation]
    ) -> tuple[dict[str, Explanation], dict[str, tuple[str, ...]]]:
        """Return what the rules could fill and did not, by names without positions."""
        there = {each.path for each in filled.values()}
        ran = {each.rule.partition(" = ")[0] for each in filled.values()}
        built = {each.document.category for each in self._mapped.documents}
        found: dict[str, Explanation] = {}
        names: dict[str, tuple[str, ...]] = {}
        for category, written in self._rules.documents.items():
            kind = _words(category)
            if category not in built and not self._mapped.problems:
                continue  # the plan does not want it
            if category in _OF_RETURNS and not self._mapped.order.returns:
                continue  # nothing came back: there is nothing that could be held
            for field in _fields_of(category, written, self._rules.lookups):
                key = f"{kind}: {field.path}"
                if field.rule in ran or (not field.key and field.path in there):
                    continue
                found[key] = self._why_not(kind, field, is_built=category in built)
                names[key] = (*field.names,)
        return found, names

    def _why_not(self, kind: str, field: RuleOfField, *, is_built: bool) -> Explanation:
        problems = self._mapped.problems
        related = tuple(p for p in problems if without_positions(p.where) in field.reads)
        if not is_built:
            state, told = State.HELD, related or problems
        else:
            state, told = (State.EMPTY if field.key else State.WITHOUT_RULE), related
        place = self._rules_file.place(field.key) if field.key else None
        return Explanation(
            document=kind,
            path=field.path,
            state=state,
            rule=f"{field.rule} = {field.shown}" if field.key else "",
            place=f"{place.file}:{place.line}" if place is not None else "",
            source_path=", ".join(sorted(field.reads)),
            source_value=", ".join(_values(self._mapped, sorted(field.reads))),
            readings=tuple(self._readings(sorted(field.reads))),
            problems=told,
        )

    def _readings(self, sources: list[str]) -> Iterator[Reading]:
        for source in dict.fromkeys(without_positions(each) for each in sources):
            key: tuple[str, ...] = ("order", *_NAME.findall(source))
            written = self._profile.tree.written(key)
            content: Any = self._profile.content
            for part in written:
                content = content.get(part) if isinstance(content, dict) else None
            place = self._profile.place(written)
            if isinstance(content, str) and place is not None and len(written) > 1:
                expression = " ".join(content.split())
                yield Reading(source, expression, f"{place.file}:{place.line}")


def _fields_of(
    category: DocumentCategory, written: DocumentRules, lookups: Lookups
) -> Iterator[RuleOfField]:
    with_rule = list(rules_of_fields(category, written, lookups))
    yield from with_rule
    yield from fields_without_rule({field.path for field in with_rule})


def _values(mapped: MappedOrder, paths: list[str]) -> Iterator[str]:
    """Yield what the order has at *paths*, of every line where they go through lines."""
    plain = mapped.order.model_dump(mode="json")
    for path in paths:
        found = [_shown(value) for value in _at(plain, path.split("."))]
        yield f"{path}: {' / '.join(found) if found else '(empty)'}"


def _at(value: Any, names: list[str]) -> list[Any]:
    if isinstance(value, list):
        return [inner for each in value for inner in _at(each, names)]
    if not names:
        return [value]
    return _at(value.get(names[0]), names[1:]) if isinstance(value, dict) else []


def _shown(value: Any) -> str:
    return "(empty)" if value is None or value == "" else str(value)


def _words(category: DocumentCategory) -> str:
    return category.name.lower().replace("_", " ")


def _beside(rules: Path, file: str) -> str:
    """Return the place that the trace names (``shop.yaml:12``) as a path from here."""
    return str(rules.parent / file) if file else ""
