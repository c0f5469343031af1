"""
Write a JMESPath syntax tree as one expression of Python.

Only names that are made here and literals that `repr` writes stand in the code; everything else
is handed over by name, so that nothing in a profile or rule can become code of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from connector.mappings.functions import function_named

#: A node of jmespath's syntax tree: type, children and often a value.
Node = Any

#: Arguments of this kind are not values but expressions: the interpreter makes them.
_EXPRESSION: Final = "expref"
#: Python refuses to nest more than 200 parentheses; longer paths are followed in a loop.
_LONG_PATH: Final = 6
#: Functions of JMESPath that stand under a name of their own; all others are called by name.
_DIRECT: Final = frozenset({"not_null", "contains", "starts_with", "length"})


def field_names(node: Node) -> tuple[str, ...]:
    """Return the names of a plain path such as ``a.b.c``, empty for anything else."""
    if node["type"] == "field":
        return (node["value"],)
    if node["type"] != "subexpression":
        return ()
    names: tuple[str, ...] = ()
    for child in node["children"]:
        inner = field_names(child)
        if not inner:
            return ()
        names += inner
    return names


class CodeWriter:
    """Writes expressions that share one set of *names*; each has names of its own for its parts."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self._names: dict[str, Any] = dict(names)
        self._made = 0

    def function(self, code: str) -> Callable[[Any], Any]:
        """Return the function of ``value`` that yields what *code* does."""
        found: Callable[[Any], Any] = eval(  # noqa: S307 - written here, see above
            compile(f"lambda value: {code}", "<expression>", "eval"), self._names
        )
        return found

    def defined(self, name: str, lines: Iterable[str]) -> Any:
        """Return the function *name* of ``value``, whose body are *lines*."""
        source = "\n    ".join([f"def {name}(value):", *lines])
        exec(compile(source, f"<{name}>", "exec"), self._names)  # noqa: S102 - see above
        return self._names[name]

    def bound(self, value: Any) -> str:
        """Return a name under which code finds *value*."""
        name = self.fresh("k")
        self._names[name] = value
        return name

    def fresh(self, kind: str = "t") -> str:
        """Return a name that nothing has yet."""
        self._made += 1
        return f"{kind}{self._made}"

    def code(self, node: Node, value: str) -> str:
        """Return code for what *node* yields over the value that the code *value* yields."""
        write: Callable[[Node, str], str] = getattr(self, f"_{node['type']}", self._other)
        return write(node, value)

    def truth(self, node: Node, value: str) -> str:
        """Return code that tells whether what *node* yields counts as true in JMESPath."""
        kind = node["type"]
        written = self.code(node, value)
        if kind == "not_expression" or (
            kind == "comparator" and node["value"] in ("eq", "ne")
        ):  # true or false itself
            return written
        part = self.fresh()
        return f"(True if ({part} := {written}) else {part} is not None and not _is_false({part}))"

    def _named(self, value: str, write: Callable[[str], str]) -> str:
        """Return what *write* makes of a name for *value*, which is evaluated once."""
        if value.isidentifier():
            return write(value)
        name = self.fresh()
        return f"({write(name)} if (({name} := {value}),) else None)"

    def _constant(self, value: Any) -> str:
        if value is None or isinstance(value, (bool, str, int)):
            return f"({value!r})" if isinstance(value, int) else repr(value)
        return self.bound(value)

    def _other(self, node: Node, value: str) -> str:
        return f"_visit({self.bound(node)}, {value})"

    def _path(self, names: tuple[str, ...], value: str) -> str:
        if len(names) > _LONG_PATH:
            return f"_follow({value}, {names!r})"
        for name in names:
            if value.isidentifier():
                value = f"({value}.get({name!r}) if isinstance({value}, dict) else None)"
            else:
                part = self.fresh()
                value = f"({part}.get({name!r}) if isinstance({part} := {value}, dict) else None)"
        return value

    def _field(self, node: Node, value: str) -> str:
        return self._path((node["value"],), value)

    def _literal(self, node: Node, value: str) -> str:
        return self._named(value, lambda _: self._constant(node["value"]))

    def _current(self, node: Node, value: str) -> str:
        return value

    _identity = _current

    def _index(self, node: Node, value: str) -> str:
        index = int(node["value"])
        part = self.fresh()
        room = f"len({part}) > {index}" if index >= 0 else f"len({part}) >= {-index}"
        return f"({part}[{index}] if isinstance({part} := {value}, list) and {room} else None)"

    def _subexpression(self, node: Node, value: str) -> str:
        if names := field_names(node):
            return self._path(names, value)
        for child in node["children"]:
            value = self.code(child, value)
        return value

    _pipe = _subexpression
    _index_expression = _subexpression

    def _or_expression(self, node: Node, value: str) -> str:
        first, second = node["children"]
        part = self.fresh()
        return self._named(
            value,
            lambda name: (
                f"({part} if ({part} := {self.code(first, name)}) or ({part} is not None and "
                f"not _is_false({part})) else {self.code(second, name)})"
            ),
        )

    def _and_expression(self, node: Node, value: str) -> str:
        first, second = node["children"]
        part = self.fresh()
        return self._named(
            value,
            lambda name: (
                f"({self.code(second, name)} if ({part} := {self.code(first, name)}) or "
                f"({part} is not None and not _is_false({part})) else {part})"
            ),
        )

    def _comparator(self, node: Node, value: str) -> str:
        return self._named(value, lambda name: self._compared(node, name))

    def _compared(self, node: Node, value: str) -> str:
        kind, (first, second) = node["value"], node["children"]
        left = self.code(first, value)
        if kind not in ("eq", "ne"):
            return f"_{kind}({left}, {self.code(second, value)})"
        negated = kind == "ne"
        literal = second["value"] if second["type"] == "literal" else ...
        # A text equals nothing but texts, and the other two are the only ones of their kind.
        if isinstance(literal, str):
            return f"({left} {'!=' if negated else '=='} {literal!r})"
        if isinstance(literal, bool):
            # By a name: Python warns of `is` beside a literal.
            part = self.fresh()
            return f"(({part} := {left}) is {'not ' if negated else ''}{literal!r})"
        equal = f"_equal({left}, {self.code(second, value)})"
        return f"(not {equal})" if negated else equal

    def _not_expression(self, node: Node, value: str) -> str:
        return f"_negated({self.code(node['children'][0], value)})"

    def _multi_select_list(self, node: Node, value: str) -> str:
        def write(name: str) -> str:
            parts = ", ".join(self.code(child, name) for child in node["children"])
            return f"(None if {name} is None else [{parts}])"

        return self._named(value, write)

    def _multi_select_dict(self, node: Node, value: str) -> str:
        def write(name: str) -> str:
            parts = ", ".join(
                f"{part['value']!r}: {self.code(part['children'][0], name)}"
                for part in node["children"]
            )
            return f"(None if {name} is None else {{{parts}}})"

        return self._named(value, write)

    def _flatten(self, node: Node, value: str) -> str:
        return f"_flat({self.code(node['children'][0], value)})"

    def _projection(self, node: Node, value: str) -> str:
        base, each = node["children"]
        return self._projected(self.code(base, value), each)

    def _value_projection(self, node: Node, value: str) -> str:
        base, each = node["children"]
        return self._projected(f"_values_of({self.code(base, value)})", each)

    def _filter_projection(self, node: Node, value: str) -> str:
        base, each, condition = node["children"]
        return self._projected(self.code(base, value), each, condition)

    def _projected(self, base: str, each: Node, condition: Node | None = None) -> str:
        elements, element = self.fresh(), self.fresh("e")
        kept = "" if condition is None else f"{self.truth(condition, element)} and "
        found = self.code(each, element)
        if found.isidentifier():
            kept += f"{found} is not None"
        else:
            part = self.fresh()
            kept += f"({part} := {found}) is not None"
            found = part
        return (
            f"([{found} for {element} in {elements} if {kept}] "
            f"if isinstance({elements} := {base}, list) else None)"
        )

    def _function_expression(self, node: Node, value: str) -> str:
        children = node["children"]
        if any(child["type"] == _EXPRESSION for child in children):
            return self._other(node, value)
        if len(children) == 1:
            return self._called(node["value"], self.code(children[0], value))
        return self._named(
            value,
            lambda name: self._called(
                node["value"], ", ".join(self.code(child, name) for child in children)
            ),
        )

    def _called(self, name: str, arguments: str) -> str:
        ours = function_named(name)
        if ours is not None:
            return f"{self.bound(ours.call)}({arguments})"
        if name in _DIRECT:
            return f"_{name}({arguments})"
        return f"_call({name!r}, [{arguments}])"
