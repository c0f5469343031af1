"""
The WHERE clause of RFC_READ_TABLE: lines of text, parsed into a condition.

Understood: `=` `<>` `<` `>` `<=` `>=` and EQ NE LT GT LE GE, IN, LIKE with ESCAPE, BETWEEN, each
with NOT, joined by AND, OR, NOT and parentheses. As in ABAP, operators stand between blanks,
literals are in single quotes (doubled inside), and a literal does not go over the end of a line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

Row = Mapping[str, object]
Test = Callable[[Row], bool]
#: Turns a literal into what a field's values are compared with; ValueError when it cannot be.
Converter = Callable[[str, str], object]


class SelectionError(Exception):
    """The clause cannot be understood; the text is the part where it ends to make sense."""


@dataclass(frozen=True, slots=True)
class Condition:
    """
    A parsed clause.

    ``fields`` are those it reads. ``equal`` holds, per field, the literals of which one must be
    met by every row that fits; ``lowest`` the literal that every fitting row reaches: with these
    an index can be used. Both may lack fields, never rows.
    """

    test: Test
    fields: frozenset[str] = frozenset()
    equal: Mapping[str, frozenset[str]] = field(default_factory=dict)
    lowest: Mapping[str, str] = field(default_factory=dict)


ALL = Condition(lambda row: True)

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<literal>'(?:[^'\n]|'')*')
      | (?P<operator><=|>=|<>|=|<|>)(?=\s)
      | (?P<word>[A-Za-z_/][\w/~]*)
      | (?P<number>-?\d+(?:\.\d+)?)
      | (?P<sign>[(),])
    )""",
    re.VERBOSE,
)
_OPERATORS = {
    "EQ": "=",
    "NE": "<>",
    "LT": "<",
    "GT": ">",
    "LE": "<=",
    "GE": ">=",
    **{sign: sign for sign in ("=", "<>", "<", ">", "<=", ">=")},
}
_COMPARE: Mapping[str, Callable[[object, object], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,  # type: ignore[operator]
    ">": lambda a, b: a > b,  # type: ignore[operator]
    "<=": lambda a, b: a <= b,  # type: ignore[operator]
    ">=": lambda a, b: a >= b,  # type: ignore[operator]
}


def parse(lines: Iterable[str], known: Iterable[str], convert: Converter) -> Condition:
    """
    Return the condition that *lines* spell, over the fields in *known*.

    Raises SelectionError with the offending part. No text at all selects everything.
    """
    tokens = list(_tokens("\n".join(lines)))
    if not tokens:
        return ALL
    parser = _Parser(tokens, frozenset(known), convert)
    condition = parser.either()
    parser.end()
    return condition


def _tokens(text: str) -> Iterable[tuple[str, str]]:
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None:
            raise SelectionError(text[at:].strip()[:50])
        kind = found.lastgroup or ""
        if kind == "operator" and not text[: found.start(kind)][-1:].isspace():
            raise SelectionError(text[at:].strip()[:50])
        yield kind, found[kind]
        at = found.end()


class _Parser:
    def __init__(
        self, tokens: Sequence[tuple[str, str]], known: frozenset[str], convert: Converter
    ) -> None:
        self._tokens, self._known, self._convert = tokens, known, convert
        self._at = 0

    # -- tokens ----------------------------------------------------------------------------------

    def _peek(self) -> str:
        if self._at >= len(self._tokens):
            return ""
        kind, text = self._tokens[self._at]
        return text if kind == "literal" else text.upper()

    def _take(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise SelectionError("the condition is not complete")
        self._at += 1
        return self._tokens[self._at - 1]

    def _accept(self, word: str) -> bool:
        if self._peek() != word:
            return False
        self._at += 1
        return True

    def _expect(self, word: str) -> None:
        if not self._accept(word):
            raise SelectionError(self._peek()[:50] or f"{word} is missing")

    def end(self) -> None:
        """Refuse what is left over."""
        if self._at < len(self._tokens):
            raise SelectionError(self._tokens[self._at][1][:50])

    # -- grammar ---------------------------------------------------------------------------------

    def either(self) -> Condition:
        """One or more terms joined by OR."""
        parts = [self._all()]
        while self._accept("OR"):
            parts.append(self._all())
        if len(parts) == 1:
            return parts[0]
        tests = [part.test for part in parts]
        equal = {
            name: frozenset().union(*(part.equal[name] for part in parts))
            for name in parts[0].equal
            if all(name in part.equal for part in parts)
        }
        lowest = {
            name: min(part.lowest[name] for part in parts)
            for name in parts[0].lowest
            if all(name in part.lowest for part in parts)
        }
        return Condition(
            lambda row: any(test(row) for test in tests), _fields(parts), equal, lowest
        )

    def _all(self) -> Condition:
        parts = [self._one()]
        while self._accept("AND"):
            parts.append(self._one())
        if len(parts) == 1:
            return parts[0]
        tests = [part.test for part in parts]
        equal: dict[str, frozenset[str]] = {}
        lowest: dict[str, str] = {}
        for part in parts:
            for name, values in part.equal.items():
                equal[name] = equal[name] & values if name in equal else values
            for name, value in part.lowest.items():
                lowest[name] = max(lowest.get(name, ""), value)
        return Condition(
            lambda row: all(test(row) for test in tests), _fields(parts), equal, lowest
        )

    def _one(self) -> Condition:
        if self._accept("NOT"):
            return _negated(self._one())
        if self._accept("("):
            inner = self.either()
            self._expect(")")
            return inner
        return self._predicate()

    def _predicate(self) -> Condition:
        kind, word = self._take()
        name = word.upper()
        if kind != "word" or name not in self._known:
            raise SelectionError(word[:50])
        negated = self._accept("NOT")
        _, operator = self._take()
        operator = operator.upper()
        match operator:
            case "IN":
                found = self._in(name)
            case "LIKE":
                found = self._like(name)
            case "BETWEEN":
                found = self._between(name)
            case _ if operator in _OPERATORS and not negated:
                found = self._comparison(name, _OPERATORS[operator])
            case _:
                raise SelectionError(operator[:50])
        return _negated(found) if negated else found

    def _comparison(self, name: str, operator: str) -> Condition:
        text = self._value()
        value = self._converted(name, text)
        compare = _COMPARE[operator]
        equal = {name: frozenset((text,))} if operator == "=" else {}
        lowest = {name: text} if operator in ("=", ">", ">=") else {}
        return Condition(lambda row: compare(row[name], value), frozenset((name,)), equal, lowest)

    def _in(self, name: str) -> Condition:
        self._expect("(")
        texts = [self._value()]
        while self._accept(","):
            texts.append(self._value())
        self._expect(")")
        values = {self._converted(name, text) for text in texts}
        return Condition(
            lambda row: row[name] in values,
            frozenset((name,)),
            {name: frozenset(texts)},
            {name: min(texts)},
        )

    def _between(self, name: str) -> Condition:
        first = self._value()
        self._expect("AND")
        low, high = self._converted(name, first), self._converted(name, self._value())
        return Condition(
            lambda row: low <= row[name] <= high,  # type: ignore[operator]
            frozenset((name,)),
            {},
            {name: first},
        )

    def _like(self, name: str) -> Condition:
        text = self._value()
        escape = ""
        if self._accept("ESCAPE"):
            escape = self._value()
        pattern = re.compile(_as_regex(text, escape), re.DOTALL)
        return Condition(
            lambda row: pattern.fullmatch(str(row[name])) is not None, frozenset((name,))
        )

    def _value(self) -> str:
        kind, text = self._take()
        if kind == "literal":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return text
        raise SelectionError(text[:50])

    def _converted(self, name: str, text: str) -> object:
        try:
            return self._convert(name, text)
        except ValueError:
            raise SelectionError(text[:50]) from None


def _fields(parts: Iterable[Condition]) -> frozenset[str]:
    return frozenset().union(*(part.fields for part in parts))


def _negated(condition: Condition) -> Condition:
    test = condition.test
    return Condition(lambda row: not test(row), condition.fields)


def _as_regex(pattern: str, escape: str) -> str:
    parts = []
    characters = iter(pattern.rstrip(" "))
    for character in characters:
        if escape and character == escape:
            parts.append(re.escape(next(characters, "")))
        elif character == "%":
            parts.append(".*")
        elif character == "_":
            parts.append(".")
        else:
            parts.append(re.escape(character))
    return "".join(parts)
