"""What values look like, and the expression that reads values of that look."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from connector.mappings.number_functions import decimal

#: Which zone a proposal takes for clocks that do not say theirs; always asked.
ZONE: Final = "Europe/Berlin"

_COMMA: Final = re.compile(r"[+-]?\d{1,3}(\.\d{3})*,\d+|[+-]?\d+,\d+")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_PATTERNS: Final = (
    "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M",
    "%d/%m/%Y", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y", "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d", "%d-%m-%Y", "%a, %d %b %Y %H:%M:%S %z", "%Y%m%d",
)  # fmt: skip
#: Seconds since 1970 of the years 2001 to 2065.
_EPOCH: Final = (10**9, 3 * 10**9)


@dataclass(frozen=True, slots=True)
class Reading:
    """``template`` turns a path into an expression; ``question`` is what values leave open."""

    template: str = "{}"
    question: str = ""

    def of(self, path: str) -> str:
        """Return the expression that reads *path*."""
        return self.template.format(path)


Shape = Callable[[Sequence[Any]], Reading | None]

PLAIN: Final = Reading()


def anything(values: Sequence[Any]) -> Reading | None:
    """Texts and numbers, taken as text."""
    if not all(isinstance(each, str | int | Decimal) for each in values):
        return None
    return PLAIN if all(isinstance(each, str) for each in values) else Reading("text({})")


def words(values: Sequence[Any]) -> Reading | None:
    """Texts that are no numbers."""
    if not all(isinstance(each, str) for each in values) or number(values):
        return None
    return Reading("trim({})")


def email(values: Sequence[Any]) -> Reading | None:
    """Addresses of mail."""
    return PLAIN if all(isinstance(v, str) and "@" in v for v in values) else None


def boolean(values: Sequence[Any]) -> Reading | None:
    """True or false, also as 0 and 1."""
    if all(isinstance(each, bool) or str(each).lower() in ("true", "false") for each in values):
        return PLAIN
    if all(str(each) in ("0", "1") for each in values):
        return Reading("text({}) == '1'")
    return None


def currency(values: Sequence[Any]) -> Reading | None:
    """Codes of currencies such as EUR."""
    if all(isinstance(v, str) and _CURRENCY.fullmatch(v.strip().upper()) for v in values):
        upper = all(v == v.strip().upper() for v in values)
        return PLAIN if upper else Reading("upper(trim({}))")
    return None


def country(values: Sequence[Any]) -> Reading | None:
    """Countries; anything but two letters is asked."""
    if not all(isinstance(each, str) for each in values):
        return None
    if all(len(each.strip()) == 2 for each in values):
        return Reading("upper({})")
    return Reading("{}", "the country is no code of two letters: choose() turns names into codes")


def number(values: Sequence[Any]) -> Reading | None:
    """Numbers, also in texts with a point or a comma."""
    if any(isinstance(each, bool) for each in values):
        return None
    if all(_is_number(each, ".") for each in values):
        return PLAIN
    if all(_is_number(each, ",") for each in values) and any(
        isinstance(each, str) and _COMMA.fullmatch(each.strip()) for each in values
    ):
        return Reading("decimal({}, ',')")
    return None


def number_of(value: Any, reading: Reading) -> Decimal | None:
    """Return the number that *reading* makes of *value*, None for nothing."""
    try:
        found = decimal(value, "," if "','" in reading.template else ".")
    except ValueError:
        return None
    if found is not None and "'0.01'" in reading.template:
        return found * Decimal("0.01")
    return found


def moment(values: Sequence[Any]) -> Reading | None:
    """Points in time: ISO 8601, patterns of other countries, or seconds since 1970."""
    if any(isinstance(each, bool) for each in values):
        return None
    if all(isinstance(each, int) or str(each).isdigit() for each in values):
        return _epoch([Decimal(each) for each in values]) or _patterned(values)
    if not all(isinstance(each, str) for each in values):
        return None
    read = [_iso(each) for each in values]
    if not all(read):
        return _patterned(values)
    if all(each is not None and each.tzinfo is not None for each in read):
        return Reading("instant({})")
    return Reading(f"instant({{}}, '{ZONE}')", _zone_question(values[0]))


def _epoch(numbers: Sequence[Decimal]) -> Reading | None:
    for factor, pattern in ((1, "epoch"), (1000, "epoch_ms")):
        if all(_EPOCH[0] <= number / factor <= _EPOCH[1] for number in numbers):
            return Reading(f"instant({{}}, 'UTC', '{pattern}')")
    return None


def _patterned(values: Sequence[Any]) -> Reading | None:
    fitting = [p for p in _PATTERNS if all(_fits(str(each), p) for each in values)]
    if not fitting:
        return None
    if "%z" in fitting[0]:
        return Reading(f"instant({{}}, '', '{fitting[0]}')")
    question = _zone_question(values[0])
    if len(fitting) > 1:
        question += f"; {values[0]} may be read as {fitting[0]} or {fitting[1]}: which is it?"
    return Reading(f"instant({{}}, '{ZONE}', '{fitting[0]}')", question)


def calendar_day(values: Sequence[Any]) -> Reading | None:
    """Calendar dates; of a moment the day is taken."""
    found = moment(values)
    if found is None:
        return None
    if all(isinstance(each, str) and len(each.strip()) == 10 and _iso(each) for each in values):
        return PLAIN
    if found.template == "instant({})":
        return Reading(f"day({{}}, '{ZONE}')")
    pattern = found.template.split("'")[-2]
    if "%" in pattern and "%H" not in pattern:
        return Reading(f"date({{}}, '{pattern}')")
    return Reading(f"day({found.template}, '{ZONE}')")


def _zone_question(value: Any) -> str:
    return f"{value} does not say its time zone; {ZONE} was taken"


def _is_number(value: Any, separator: str) -> bool:
    if isinstance(value, int | Decimal):
        return True
    try:
        return isinstance(value, str) and decimal(value, separator) is not None
    except ValueError:
        return False


def _iso(value: str) -> datetime | None:
    # Digits alone are more likely a number than a date.
    if "-" not in value[1:8]:
        return None
    try:
        return datetime.fromisoformat(value.strip())
    except ValueError:
        return None


def _fits(value: str, pattern: str) -> bool:
    try:
        return bool(datetime.strptime(value.strip(), pattern).astimezone(UTC))
    except ValueError:
        return False
