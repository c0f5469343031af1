"""
Parses ``$filter`` and the expressions of ``$orderby``.

Precedence, OData 2.0 "URI Conventions" 4.5: not and negation, mul div mod, add sub, gt ge lt le,
eq ne, and, or.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from connector.simulator.odata.errors import SYNTAX, ODataError, bad_request
from connector.simulator.odata.expressions import (
    DEEPEST,
    Binary,
    Call,
    Constant,
    Expression,
    Junction,
    Member,
    Unary,
)
from connector.simulator.odata.literals import TOKEN, Literal, literal_of

_NAME = re.compile(r"[A-Za-z_]\w*(?:/[A-Za-z_]\w*)*")
_SPACE = re.compile(r"\s+")
_LEVELS: Sequence[tuple[str, ...]] = (
    ("eq", "ne"),
    ("gt", "ge", "lt", "le"),
    ("add", "sub"),
    ("mul", "div", "mod"),
)
_MOST_TOKENS = 4000


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # literal, name, symbol, end
    text: str
    position: int
    literal: Literal | None = None


def parse_filter(text: str) -> Expression:
    """Return the expression that *text* is. Raises ODataError (400)."""
    parser = _Parser(_tokens(text))
    expression = parser.condition()
    parser.expect_end()
    return expression


def parse_orderby(text: str) -> list[tuple[Expression, bool]]:
    """Return the expressions to order by, each with whether it descends. Raises ODataError."""
    parser = _Parser(_tokens(text))
    found = []
    while True:
        expression = parser.condition()
        direction = parser.take_name("asc", "desc")
        found.append((expression, direction == "desc"))
        if not parser.take_symbol(","):
            parser.expect_end()
            return found


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    position = 0
    while position < len(text):
        space = _SPACE.match(text, position)
        if space is not None:
            position = space.end()
            continue
        token = _token(text, position)
        found.append(token)
        position += len(token.text)
        if len(found) > _MOST_TOKENS:
            raise bad_request("The expression is too long", SYNTAX)
    return [*found, _Token("end", "", position)]


def _token(text: str, position: int) -> _Token:
    match = TOKEN.match(text, position)
    if match is not None:
        try:
            return _Token("literal", match.group(), position, literal_of(match))
        except ValueError as error:
            raise bad_request(f"Invalid literal at position {position}: {error}", SYNTAX) from None
    name = _NAME.match(text, position)
    if name is not None:
        return _Token("name", name.group(), position)
    if text[position] in "(),-*":
        return _Token("symbol", text[position], position)
    raise bad_request(f"Invalid character at position {position} of the expression", SYNTAX)


class _Parser:
    """Recursive descent over the tokens."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens, self._at, self._depth = tokens, 0, 0

    def condition(self) -> Expression:
        """Parse from the weakest operator on."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise bad_request("The expression is nested too deeply", SYNTAX)
        try:
            return self._junction("or")
        finally:
            self._depth -= 1

    def take_name(self, *names: str) -> str:
        """Take the next token if it is one of *names*; return it, or empty."""
        token = self._tokens[self._at]
        if token.kind == "name" and token.text in names:
            self._at += 1
            return token.text
        return ""

    def take_symbol(self, symbol: str) -> bool:
        """Take the next token if it is *symbol*."""
        token = self._tokens[self._at]
        if token.kind == "symbol" and token.text == symbol:
            self._at += 1
            return True
        return False

    def expect_end(self) -> None:
        """Refuse what is left."""
        if self._tokens[self._at].kind != "end":
            raise self._unexpected()

    def _junction(self, operator: str) -> Expression:
        inner = self._and if operator == "or" else self._level
        first = inner()
        position = self._tokens[self._at].position
        operands = [first]
        while self.take_name(operator):
            operands.append(inner())
        return first if len(operands) == 1 else Junction(operator, tuple(operands), position)

    def _and(self) -> Expression:
        return self._junction("and")

    def _level(self, level: int = 0) -> Expression:
        if level == len(_LEVELS):
            return self._unary()
        left = self._level(level + 1)
        chain = 0
        while True:
            position = self._tokens[self._at].position
            operator = self.take_name(*_LEVELS[level])
            if not operator:
                return left
            chain += 1
            if chain > DEEPEST:
                raise bad_request("The expression is nested too deeply", SYNTAX)
            left = Binary(operator, left, self._level(level + 1), position)

    def _unary(self) -> Expression:
        token = self._tokens[self._at]
        is_not = token.kind == "name" and token.text == "not"
        if not is_not and not (token.kind == "symbol" and token.text == "-"):
            return self._primary()
        self._at += 1
        self._depth += 1
        if self._depth > DEEPEST:
            raise bad_request("The expression is nested too deeply", SYNTAX)
        operand = self._unary()
        self._depth -= 1
        return Unary("not" if is_not else "-", operand, token.position)

    def _primary(self) -> Expression:
        token = self._tokens[self._at]
        if token.kind == "literal" and token.literal is not None:
            self._at += 1
            return Constant(token.literal, token.position)
        if token.kind == "name":
            self._at += 1
            if self.take_symbol("("):
                return Call(token.text, self._arguments(), token.position)
            return Member(tuple(token.text.split("/")), token.position)
        if self.take_symbol("("):
            inner = self.condition()
            if not self.take_symbol(")"):
                raise self._unexpected()
            return inner
        raise self._unexpected()

    def _arguments(self) -> tuple[Expression, ...]:
        found: list[Expression] = []
        if self.take_symbol(")"):
            return ()
        while True:
            found.append(self.condition())
            if self.take_symbol(")"):
                return tuple(found)
            if not self.take_symbol(","):
                raise self._unexpected()

    def _unexpected(self) -> ODataError:
        token = self._tokens[self._at]
        what = f"'{token.text[:40]}'" if token.text else "its end"
        return bad_request(
            f"Invalid expression: did not expect {what} at position {token.position}", SYNTAX
        )
