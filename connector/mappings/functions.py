"""
The functions that profiles and rules may call, besides those of JMESPath itself.

All are pure and exact: numbers are Decimal, never float, and nothing reads a clock. A function
that cannot make sense of its arguments raises ValueError with a message for the person who wrote
the expression. Empty (null) in gives empty out unless said otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from inspect import Parameter, signature
from typing import Any, Final
from zoneinfo import ZoneInfo

from connector.sd_documents.currency import round_amount

_NUMBER = re.compile(r"[+-]?([0-9]{1,18}(\.[0-9]{0,12})?|\.[0-9]{1,12})([eE][+-]?[0-9]{1,2})?")
#: No order has larger numbers; beyond it arithmetic would lose digits.
_LARGEST = Decimal(10) ** 18


def decimal(value: Any, separator: str = ".") -> Decimal | None:
    """
    `decimal(value, separator?)`: the number in a text. `separator` is the decimal sign, `.` or
    `,`; the other one may stand between thousands. Empty text gives empty.
    """
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise ValueError(f"{value!r} is not a decimal number")
    if isinstance(value, str):
        thousands = "," if separator == "." else "."
        text = value.strip()
        if separator == ",":
            text = text.replace(thousands, "").replace(",", ".")
        if not _NUMBER.fullmatch(text):
            raise ValueError(f"{value[:40]!r} is not a decimal number")
        value = text
    number = Decimal(value)
    if not number.is_finite() or abs(number) >= _LARGEST:
        raise ValueError(f"{str(value)[:40]} is too large for an amount or a quantity")
    return number


def _number(value: Any) -> Decimal:
    number = decimal(value)
    if number is None:
        raise ValueError("a number is missing")
    return number


def text(value: Any) -> str:
    """`text(value)`: a number or text as text, without exponent; empty gives the empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, (str, int)):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    raise ValueError(f"{type(value).__name__} cannot be written as text")


def trim(value: Any) -> str:
    """`trim(value)`: text without blanks at either end."""
    return text(value).strip()


def upper(value: Any) -> str:
    """`upper(value)`: text in capitals, trimmed."""
    return trim(value).upper()


def lower(value: Any) -> str:
    """`lower(value)`: text in small letters, trimmed."""
    return trim(value).lower()


def left(value: Any, length: int) -> str:
    """`left(value, length)`: the first `length` characters, where cutting off is what you want."""
    return text(value)[: int(length)].rstrip()


def concat(*parts: Any) -> str:
    """`concat(a, b, ...)`: the texts one after the other; empty parts add nothing."""
    return "".join(text(part) for part in parts)


def joined(separator: str, parts: Any) -> str:
    """`joined(separator, [a, b, ...])`: the parts that are not empty, with `separator` between."""
    return str(separator).join(trim(part) for part in parts or () if trim(part))


def total(values: Any) -> Decimal:
    """`sum(values)`: the exact sum of numbers or texts with numbers; of nothing, 0."""
    return sum((_number(value) for value in values or () if value not in (None, "")), Decimal(0))


def add(*values: Any) -> Decimal:
    """`add(a, b, ...)`: the sum; empty counts as 0."""
    return total(values)


def subtract(minuend: Any, *subtrahends: Any) -> Decimal:
    """`subtract(a, b, ...)`: a less all others; empty counts as 0."""
    return total([minuend]) - total(subtrahends)


def multiply(left_value: Any, right_value: Any) -> Decimal | None:
    """`multiply(a, b)`: the exact product."""
    if left_value is None or right_value is None:
        return None
    return _number(left_value) * _number(right_value)


def negate(value: Any) -> Decimal | None:
    """`negate(value)`: the number with its sign turned, as discounts are handed to the ERP."""
    return None if value is None else -_number(value)


def absolute(value: Any) -> Decimal | None:
    """`abs(value)`: the number without its sign."""
    return None if value is None else abs(_number(value))


def rounded(value: Any, currency: str) -> Decimal | None:
    """`rounded(value, currency)`: half away from zero to the decimals of the currency."""
    return None if value is None else round_amount(_number(value), currency)


def prorated(value: Any, part: Any, whole: Any, currency: str) -> Decimal | None:
    """
    `prorated(amount, part, whole, currency)`: `amount` x `part` / `whole`, rounded to the currency.
    Where part and whole are equal the amount stays as it is; a whole of 0 gives 0.
    """
    if value is None:
        return None
    amount, numerator, denominator = _number(value), _number(part), _number(whole)
    if numerator == denominator:
        return amount
    if not denominator:
        return Decimal(0)
    return round_amount(amount * numerator / denominator, currency)


def ceiling(value: Any) -> Decimal | None:
    """`ceil(value)`: the next whole number above."""
    return None if value is None else _number(value).to_integral_value(ROUND_CEILING)


def floor(value: Any) -> Decimal | None:
    """`floor(value)`: the next whole number below."""
    return None if value is None else _number(value).to_integral_value(ROUND_FLOOR)


def date_of(value: Any, pattern: str = "%Y-%m-%d") -> date | None:
    """`date(value, pattern?)`: a calendar date; patterns as in `%d.%m.%Y`, ISO without one."""
    if value is None or value == "":
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        # The zone does not matter: only the date of the result is used.
        return datetime.strptime(str(value).strip(), pattern).replace(tzinfo=UTC).date()
    except ValueError:
        raise ValueError(f"{str(value)[:40]!r} is not a date like {pattern}") from None


def instant(value: Any, zone: str = "", pattern: str = "") -> datetime | None:
    """
    `instant(value, zone?, pattern?)`: a moment. ISO 8601 without `pattern`; `zone` (such as
    `Europe/Berlin`) says where the clock hung if the text has no offset of its own.
    """
    if value is None or value == "":
        return None
    try:
        if isinstance(value, datetime):
            moment = value
        elif pattern:
            moment = datetime.strptime(str(value).strip(), pattern)  # noqa: DTZ007
        else:
            moment = datetime.fromisoformat(str(value).strip())
        if moment.tzinfo is None:
            if not zone:
                raise ValueError(f"{str(value)[:40]!r} has no time zone: name one as in instant()")
            moment = moment.replace(tzinfo=_zone(zone))
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{str(value)[:40]!r} lies outside the calendar") from None
    except ValueError as error:
        if "time zone" in str(error):
            raise
        raise ValueError(f"{str(value)[:40]!r} is not a point in time") from None


def day(value: Any, zone: str) -> date | None:
    """`day(moment, zone)`: the calendar date of a moment where the books are kept."""
    moment = instant(value)
    return None if moment is None else moment.astimezone(_zone(zone)).date()


def add_days(value: Any, days: Any) -> date | None:
    """`add_days(date, days)`: the date so many days later (or earlier)."""
    start = date_of(value)
    return None if start is None else start + timedelta(days=int(_number(days)))


def at(values: Any, index: Any) -> Any:
    """`at(list, index)`: the element at a computed position, counted from 0; empty if none."""
    if not isinstance(values, list) or index is None:
        return None
    position = int(_number(index))
    return values[position] if 0 <= position < len(values) else None


def unique_by(values: Any, name: str) -> list[Any]:
    """`unique_by(list, name)`: the elements without those whose field `name` came before."""
    found: dict[str, Any] = {}
    for value in values or ():
        key = text(value.get(name)) if isinstance(value, dict) else ""
        found.setdefault(key, value)
    return list(found.values())


def attach(values: Any, name: str, index: str, others: Any) -> list[Any]:
    """
    `attach(list, name, index, others)`: the elements, each with the one of `others` that its
    field `index` counts to (from 0) under `name`; without such a one, empty.
    """
    return [
        {**value, name: at(others, value.get(index))}
        for value in values or ()
        if isinstance(value, dict)
    ]


def same_taxes(values: Any, taxes: Any) -> bool:
    """
    `same_taxes(list, taxes)`: whether every element of the list is taxed at the rates of `taxes`.
    Elements and `taxes` are as in the external order; a rate of 0 is no tax.
    """
    wanted = {tax["rate"] for tax in taxes or () if tax["rate"]}
    return all({tax["rate"] for tax in value["taxes"] if tax["rate"]} == wanted for value in values)


def choose(value: Any, choices: Any) -> Any:
    """
    `choose(value, choices)`: what `choices` (a JSON mapping in backticks) has under the value. A
    value that is not among them is refused.
    """
    key = text(value)
    if not isinstance(choices, dict) or key not in choices:
        known = ", ".join(choices) if isinstance(choices, dict) else "nothing"
        raise ValueError(f"{key!r} is not among {known}")
    return choices[key]


def pairs(values: Any, name: str = "name", value: str = "value") -> dict[str, str]:
    """`pairs(list, name, value)`: a list of name and value fields as one mapping of texts."""
    result: dict[str, str] = {}
    for element in values or ():
        if isinstance(element, dict) and element.get(name) not in (None, ""):
            content = element.get(value)
            plain = content is None or isinstance(content, (str, int, Decimal))
            result[text(element[name])] = text(content) if plain else "(structured)"
    return result


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone such as Europe/Berlin") from None


@dataclass(frozen=True, slots=True)
class MappingFunction:
    """A function under the name it has in expressions, with how many arguments it takes."""

    name: str
    call: Callable[..., Any]
    least: int
    most: int | None

    @property
    def description(self) -> str:
        """Usage and meaning, in one paragraph."""
        return " ".join((self.call.__doc__ or "").split())


def _described(name: str, call: Callable[..., Any]) -> MappingFunction:
    parameters = signature(call).parameters.values()
    fixed = [p for p in parameters if p.kind is not Parameter.VAR_POSITIONAL]
    least = sum(1 for p in fixed if p.default is Parameter.empty)
    return MappingFunction(name, call, least, len(fixed) if len(fixed) == len(parameters) else None)


_CALLS: Final[dict[str, Callable[..., Any]]] = {
    "decimal": decimal, "text": text, "trim": trim, "upper": upper, "lower": lower,
    "left": left, "concat": concat, "joined": joined, "sum": total, "add": add,
    "subtract": subtract, "multiply": multiply, "negate": negate, "abs": absolute,
    "rounded": rounded, "prorated": prorated, "ceil": ceiling, "floor": floor,
    "date": date_of, "instant": instant, "day": day, "add_days": add_days, "at": at,
    "unique_by": unique_by, "attach": attach, "same_taxes": same_taxes, "choose": choose,
    "pairs": pairs,
}  # fmt: skip

#: Every function of ours by its name in expressions.
FUNCTIONS: Final[dict[str, MappingFunction]] = {
    name: _described(name, call) for name, call in _CALLS.items()
}
