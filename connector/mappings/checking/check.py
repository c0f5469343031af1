"""Check a channel: its profile, its rules with their tables, and what they make of each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from connector.errors import ConfigurationError
from connector.mappings.checking.dead_rules import (
    models_in,
    unreachable,
    unused,
    without_default,
)
from connector.mappings.checking.findings import (
    Finding,
    Level,
    finding,
    from_error,
    in_order,
)
from connector.mappings.checking.old_literals import old_literals
from connector.mappings.checking.order_paths import OrderPath, filled_by, reads_of
from connector.mappings.checking.values import refused_values
from connector.mappings.coercion import model_in
from connector.mappings.config_file import ConfigFile, nearest
from connector.mappings.expressions import Expression
from connector.mappings.external_order import ExternalOrder
from connector.mappings.master_data import MasterDataTable
from connector.mappings.profile import ProfileFile, profile_file, shape_of
from connector.mappings.rule_models import RulesFile, category_of
from connector.mappings.rules import (
    expand_likeness,
    expressions_in,
    merges,
    read_calendar,
    read_rule_table,
    wrong_names,
)
from connector.mappings.value_tables import ValueTable
from connector.sd_documents.values import DocumentCategory

#: Fields that mapping itself reads, whatever the rules say.
_READ_BY_MAPPING: Final[frozenset[OrderPath]] = frozenset(
    (name,)
    for name in (
        "channel", "external_id", "order_name", "ordered_at", "updated_at", "cancelled_at",
        "is_test", "currency", "taxes_included", "totals", "lines", "shipping", "charges",
        "discounts", "payments", "returns", "customer", "billing_address", "shipping_address",
        "attributes",
    )
)  # fmt: skip
#: Parts of the order that mapping adds up, names and keeps as a whole.
_WHOLE: Final = ("totals", "shipping", "charges", "discounts", "payments", "returns")
_OF_LINES: Final = frozenset(
    {"line_id", "title", "quantity", "price", "discounts", "allocated_discount", "taxes", "sku"}
)


#: What mapping itself adds to an order that comes back.
_OF_RETURNS: Final = frozenset({("attributes", "return_id"), ("attributes", "return_reason")})


@dataclass(frozen=True, slots=True)
class _Profile:
    file: ConfigFile
    filled: frozenset[OrderPath]


def check_channel(profile: Path, rules: Path, *, tables_from: Path | None = None) -> list[Finding]:
    """
    Return everything that is wrong or doubtful with a channel; empty is right.

    *tables_from* is where tables are looked for first. Nothing is raised for what the files say.
    """
    found: list[Finding] = []
    read_profile = _check_profile(profile, found)
    checked = _check_rules(rules, tables_from, found)
    if checked is not None:
        file, written = checked
        found += _reading(file, written, read_profile)
    return in_order(found)


def check_planned(rules: Path, wanted: Collection[DocumentCategory]) -> list[Finding]:
    """Return what the plan of a channel creates (*wanted*) and *rules* lack, or map in vain."""
    found: list[Finding] = []
    checked = _check_rules(rules, None, [])
    if checked is not None:
        found += _planned(*checked, wanted)
    return in_order(found)


def check_rules(rules: Path, tables_from: Path | None = None) -> list[Finding]:
    """Return what is wrong or doubtful with *rules* alone, without a profile."""
    found: list[Finding] = []
    checked = _check_rules(rules, tables_from, found)
    if checked is not None:
        found += _reading(*checked, None)
    return in_order(found)


def check_profile(profile: Path) -> list[Finding]:
    """Return what is wrong with *profile* alone."""
    found: list[Finding] = []
    _check_profile(profile, found)
    return in_order(found)


def _check_profile(path: Path, found: list[Finding]) -> _Profile | None:
    try:
        file = profile_file(path)
    except ConfigurationError as error:
        found.append(from_error(error))
        return None
    written = _validated(file, ProfileFile, found)
    if written is None:
        return None
    found += [*_proposed(file, written.proposal), *old_literals(file)]
    mistakes: list[ConfigurationError] = []
    try:
        shape = shape_of(file, written, mistakes)
    except ConfigurationError as error:
        mistakes.append(error)
        shape = None
    found += [from_error(mistake) for mistake in mistakes]
    if shape is None or mistakes:
        return None
    return _Profile(file, frozenset(filled_by(shape)))


def _check_rules(
    path: Path, tables_from: Path | None, found: list[Finding]
) -> tuple[ConfigFile, RulesFile] | None:
    """Return the rules where they can be read at all; what is wrong with them goes to *found*."""
    try:
        file = ConfigFile(path, merges)
        expand_likeness(file)
    except ConfigurationError as error:
        found.append(from_error(error))
        return None
    written = _validated(file, RulesFile, found)
    if written is None:
        return None
    found += [*_proposed(file, written.proposal), *old_literals(file)]
    tables: dict[str, ValueTable | MasterDataTable] = {}
    broken = False
    for name, table in written.tables.items():
        try:
            tables[name] = read_rule_table(file, name, table, tables_from)
        except ConfigurationError as error:
            found.append(from_error(error))
            broken = True
    for name, calendar in written.calendars.items():
        try:
            read_calendar(file, name, calendar)
        except ConfigurationError as error:
            found.append(from_error(error))
            broken = True
    if broken:
        return None
    wrong = [from_error(error) for error in wrong_names(file, written, tables)]
    found += wrong
    if wrong:
        return None
    found += unused(file, written, tables)
    found += unreachable(file, written)
    found += without_default(file, written)
    found += refused_values(file, written, tables)
    return file, written


def _validated(file: ConfigFile, model: type[Any], found: list[Finding]) -> Any:
    try:
        return model.model_validate(file.content)
    except ConfigurationError as error:
        found.append(from_error(error))
    except ValidationError as error:
        found += [from_error(each) for each in file.errors_of(error, model)]
    return None


def _proposed(file: ConfigFile, proposal: str) -> Iterator[Finding]:
    """Yield that *file* is a proposal, where it says so."""
    if proposal:
        yield finding(
            "proposal",
            file,
            ("proposal",),
            f"marks a proposal ({proposal})",
            "Check every line, then remove the key",
        )


def _reading(file: ConfigFile, rules: RulesFile, profile: _Profile | None) -> Iterator[Finding]:
    """Yield fields that are read and never filled, and those that are filled and never read."""
    entries = _entries_in(rules)
    read: set[OrderPath] = set()
    for key, expression in expressions_in(rules, ()):
        entry = next((each for at, each in entries if key[: len(at)] == at), None)
        own = key[-1] == "each"
        for step in reads_of(expression, None if own else entry):
            if step.unknown:
                yield finding(
                    "unknown-path",
                    file,
                    key,
                    f"`{expression.text}`: the external order has no {'.'.join(step.path)}",
                    nearest(step.unknown, step.known),
                )
                continue
            read.add(step.path)
            if profile is not None and not _is_filled(step.path, profile.filled):
                yield _never_filled(file, key, expression, ".".join(step.path), profile)
    if profile is not None:
        yield from _never_read(profile, read)


def _never_filled(
    file: ConfigFile,
    key: tuple[str | int, ...],
    expression: Expression,
    path: str,
    profile: _Profile,
) -> Finding:
    found = finding(
        "never-filled",
        file,
        key,
        f"`{expression.text}`: the profile never fills {path}",
        f"Fill it in {profile.file.path.name}, or remove the rule",
    )
    # What is included is written for several channels: not each has all that it reads.
    return found if found.file == str(file.path) else replace(found, level=Level.NOTE, hint="")


def _entries_in(rules: RulesFile) -> list[tuple[tuple[str | int, ...], Expression]]:
    """Return the lists that ``entry`` may come from, by the key of the rule that names them."""
    return [
        (key, each)
        for key, node in models_in(rules, ())
        if isinstance(each := getattr(node, "each", None), Expression)
    ]


def _is_filled(path: OrderPath, filled: Collection[OrderPath]) -> bool:
    if path in filled or path in _OF_RETURNS or not path or path[0] == "channel":
        return True
    if (*path[:-1], "*") in filled:
        return True
    # An object or list that is read as a whole.
    return any(each[: len(path)] == path for each in filled) or _has_default(path)


def _has_default(path: OrderPath) -> bool:
    """Tell whether the model itself has a value for *path* that is not empty, such as true."""
    model: type[BaseModel] | None = ExternalOrder
    for name in path[:-1]:
        if model is None or name not in model.model_fields:
            return False
        model, _ = model_in(model.model_fields[name].annotation)
    if model is None or path[-1] not in model.model_fields:
        return False
    default = model.model_fields[path[-1]].default
    return isinstance(default, bool)


def _never_read(profile: _Profile, read: Collection[OrderPath]) -> Iterator[Finding]:
    for path in sorted(profile.filled):
        if path[-1] == "*" or path in _READ_BY_MAPPING or path[0] in _WHOLE:
            continue
        if path[0] == "lines" and path[-1 if len(path) == 1 else 1] in (*_OF_LINES, "lines"):
            continue
        if path in read or any(path[: len(each)] == each for each in read if len(each) > 1):
            continue
        if any(each[: len(path)] == path for each in read):
            continue
        dotted = ".".join(path)
        key = ("order", *path)
        yield finding("not-read", profile.file, key, f"no rule reads order.{dotted}")


def _planned(
    file: ConfigFile, rules: RulesFile, wanted: Collection[DocumentCategory]
) -> Iterator[Finding]:
    mapped: Mapping[DocumentCategory, str] = {category_of(name): name for name in rules.documents}
    for category in wanted:
        if category not in mapped:
            name = category.name.lower()
            yield finding(
                "no-rule",
                file,
                ("documents",),
                f"the plan creates a document of the kind {name}, which has no rule",
                f"Add documents.{name}, or choose another plan",
            )
    for category, name in mapped.items():
        if category not in wanted:
            yield finding(
                "not-planned",
                file,
                ("documents", name),
                f"the channel's plan never creates a document of the kind {name}",
            )
