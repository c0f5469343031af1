"""A proposed profile as YAML: each field with how sure it is, questions at the top."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import yaml

from connector.mappings.external_order import ExternalOrder
from connector.mappings.proposing.choosing import Proposed
from connector.mappings.proposing.profile_draft import ProfileDraft

#: Why a proposal is refused, and how that ends.
MARK: Final = "made by `mapping init`; check every line, then remove this line"
#: So much of what is left over is listed.
_MOST_UNUSED: Final = 60
_WIDEST: Final = 54


def profile_text(channel: str, draft: ProfileDraft, sources: str) -> str:
    """Return the profile of *channel*; *sources* says what it was made from."""
    found = [
        "# yaml-language-server: $schema=../schemas/profile.schema.json",
        f"# A proposal for the channel {channel}, made from {sources}.",
        "# Behind each field stands how sure it is, and why. Nobody has checked it yet.",
        *_questions(draft.questions),
        f"proposal: {scalar(MARK)}",
        f"channel: {channel}",
        "",
        "message:",
        *_message(draft.message),
        "",
        "order:",
        *_fields(draft.fields.values()),
    ]
    if draft.unused:
        found += ["", "# What the messages have besides, and nothing was proposed for:"]
        found += [f"#   {_remark(path)}" for path in draft.unused[:_MOST_UNUSED]]
        if len(draft.unused) > _MOST_UNUSED:
            found.append(f"#   and {len(draft.unused) - _MOST_UNUSED} more")
    return "\n".join(found) + "\n"


def scalar(value: Any) -> str:
    """Return a text as YAML takes it, with quotes where it needs them."""
    if isinstance(value, str) and "'" in value and not {'"', "\\"} & set(value):
        # JMESPath is full of single quotes: doubled ones are hard to read.
        written = yaml.safe_dump(value, allow_unicode=True, width=10**6)
        return f'"{value}"' if written.startswith("'") else _bare(written)
    written = yaml.safe_dump(value, allow_unicode=True, width=10**6, default_flow_style=True)
    return _bare(str(written))


def _bare(written: str) -> str:
    """Return what YAML wrote without the mark of its end."""
    return written.removesuffix("\n").removesuffix("...").removesuffix("\n")


def _questions(questions: Iterable[str]) -> Iterator[str]:
    listed = list(questions)
    if listed:
        yield "#"
        yield "# Open questions:"
    for each in listed:
        yield f"# - {_remark(each)}"


def _message(message: dict[str, Any]) -> Iterator[str]:
    for name, value in message.items():
        if value not in ("", (), []):
            yield f"  {name}: {scalar(list(value) if isinstance(value, tuple) else value)}"


def _fields(fields: Iterable[Proposed]) -> Iterator[str]:
    """Yield the fields in the order of the external order, nested by the parts of their names."""
    tree: dict[str, Any] = {}
    for each in fields:
        at = tree
        *above, last = each.field.split(".")
        for name in above:
            at = at.setdefault(name, {})
        at[last] = each
    order = [name for name in ExternalOrder.model_fields if name in tree]
    yield from _tree({name: tree[name] for name in order}, "  ")


def _tree(tree: dict[str, Any], indent: str) -> Iterator[str]:
    # What makes a list or an object comes first.
    first = [name for name in ("each", "when") if name in tree]
    for name in [*first, *(each for each in tree if each not in first)]:
        value = tree[name]
        if isinstance(value, Proposed):
            written = f"{indent}{name}: {scalar(value.expression)}"
            yield f"{written:<{_WIDEST}}  # {_sure(value)}" if value.why else written
        else:
            yield f"{indent}{name}:"
            yield from _tree(value, f"{indent}  ")


def _sure(value: Proposed) -> str:
    percent = f"{value.confidence:.0%}" if value.confidence else "OPEN"
    return f"{percent}: {_remark(value.why)}"


def _remark(text: str) -> str:
    """Return *text* as a comment may have it: in one line, without what YAML refuses."""
    words = " ".join(text.split())
    return "".join(sign if sign.isprintable() else "?" for sign in words)
