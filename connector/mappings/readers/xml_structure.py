"""
XML elements as plain values, by rules under which the same path always has the same kind of value.

- An element with child elements is a mapping: children by name, and its attributes.
- An element without is its text. Its attributes stand beside it, as ``name_attribute``.
- An element that may be repeated is a list, of mappings. One without child elements is then a
  mapping as well, of ``text`` and its attributes.
- Names are local names; ``xml:lang`` is ``lang``; ``xsi:`` attributes are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from lxml import etree

from connector.mappings.message_format import Name

#: An element, comment or entity of lxml, whose types describe only a part of what they do.
XmlElement: TypeAlias = Any

_XML: Final = "{http://www.w3.org/XML/1998/namespace}"
_INSTANCE: Final = "{http://www.w3.org/2001/XMLSchema-instance}"


class NotPlainError(Exception):
    """An element cannot be taken as plain values; ``line`` is where it stands."""

    def __init__(self, problem: str, line: int) -> None:
        self.problem, self.line = problem, line
        super().__init__(problem)


class XmlRules:
    """
    How elements become values.

    Args:
        repeated: names, or ``Parent/Child``, that are lists even where there is one.
        text_only: names, or ``Parent/Child``, that are taken as their text with all inside it.
        prefixes: namespaces whose names keep a prefix, by prefix.
        max_depth: more levels are refused.
    """

    def __init__(
        self,
        repeated: tuple[Name, ...] = (),
        text_only: tuple[Name, ...] = (),
        prefixes: Mapping[str, str] | None = None,
        max_depth: int = 64,
    ) -> None:
        self._repeated, self._text_only = frozenset(repeated), frozenset(text_only)
        self._prefixes = {f"{{{uri}}}": f"{p}_" for p, uri in (prefixes or {}).items()}
        self.max_depth = max_depth

    def name(self, tag: str) -> str:
        """Return the name of an element or attribute."""
        namespace, closing, local = tag.rpartition("}")
        return self._prefixes.get(namespace + closing, "") + local

    def mapping(self, element: XmlElement, depth: int = 1) -> dict[str, Any]:
        """
        Return *element* as a mapping, as if it could be repeated.

        Raises:
            NotPlainError: too many levels, or an entity of the message's own.
        """
        if depth > self.max_depth:
            raise NotPlainError(
                f"more than {self.max_depth} levels inside one another", _line(element)
            )
        parent = self.name(str(element.tag))
        found: dict[str, Any] = {}
        grouped = self._children(element)
        for name, children in grouped.items():
            is_text = self._is(self._text_only, parent, name)
            if len(children) > 1 or self._is(self._repeated, parent, name):
                found[name] = [
                    self._with_text(child) if is_text else self.mapping(child, depth + 1)
                    for child in children
                ]
            elif is_text or not _has_elements(children[0]):
                found[name] = _all_text(children[0]) if is_text else _text(children[0])
                for attribute, value in self._attributes(children[0]).items():
                    # What a path means first is a child of that name.
                    if f"{name}_{attribute}" not in grouped:
                        found[f"{name}_{attribute}"] = value
            else:
                found[name] = self.mapping(children[0], depth + 1)
        text = _text(element)
        if text or not found:
            found.setdefault("text", text)
        for name, value in self._attributes(element).items():
            found[f"@{name}" if name in found else name] = value
        return found

    def _children(self, element: XmlElement) -> dict[str, list[XmlElement]]:
        children: dict[str, list[XmlElement]] = {}
        for child in element:
            if isinstance(child.tag, str):
                children.setdefault(self.name(child.tag), []).append(child)
        return children

    def _with_text(self, element: XmlElement) -> dict[str, Any]:
        return {"text": _all_text(element), **self._attributes(element)}

    def _attributes(self, element: XmlElement) -> dict[str, str]:
        found: dict[str, str] = {}
        for key, value in element.attrib.items():
            name = str(key)
            if name.startswith(_INSTANCE):
                continue
            found["lang" if name == f"{_XML}lang" else self.name(name)] = str(value).strip()
        return found

    @staticmethod
    def _is(names: frozenset[str], parent: str, name: str) -> bool:
        return name in names or f"{parent}/{name}" in names


def local_name(element: XmlElement) -> str:
    """Return the name of *element* without its namespace, which may be anything."""
    return str(element.tag).rpartition("}")[2]


def _line(element: XmlElement) -> int:
    return element.sourceline or 0


def _has_elements(element: XmlElement) -> bool:
    return any(isinstance(child.tag, str) for child in element)


def _text(element: XmlElement) -> str:
    """Return the element's own text without blanks around it."""
    parts = [element.text or ""]
    for child in element:
        if not isinstance(child.tag, str):
            _refuse_entity(child)
        parts.append(child.tail or "")
    return "".join(parts).strip()


def _all_text(element: XmlElement) -> str:
    return _text(element) or "".join(str(part) for part in element.itertext()).strip()


def _refuse_entity(child: XmlElement) -> None:
    if child.tag is etree.Entity:
        raise NotPlainError(
            f"it uses the entity {child.text}, and entities are not expanded", _line(child)
        )
