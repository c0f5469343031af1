"""
The reference pages of mapping, made from the code that they describe.

`docs/reference/mapping-functions.md` and `docs/reference/hold-reasons.md` hold what these return;
a test compares them.
"""

from __future__ import annotations

from connector.mappings.expressions import function_names
from connector.mappings.functions import FUNCTIONS
from connector.mappings.problems import HOLD_REASONS

_JMESPATH = "https://jmespath.org/specification.html#builtin-functions"


def functions_page() -> str:
    """Return the page about functions in expressions, as Markdown."""
    own = "\n".join(
        f"| `{name}` | {_cell(function.description)} |"
        for name, function in sorted(FUNCTIONS.items())
    )
    standard = ", ".join(f"`{name}`" for name in function_names() if name not in FUNCTIONS)
    return f"""# Functions in expressions

Channel profiles and mapping rules are written in JMESPath. Numbers are exact decimals \
everywhere, also in literals (`` `0.19` ``). A misspelt function, a wrong number of arguments and \
`!a.b` (write `!(a.b)`) are found when the file is read.

A comparison is `` == `0` `` for numbers and `== 'EUR'` for texts. An amount of zero counts as \
true; only empty texts, lists and mappings, `false` and missing values count as false.

## Functions of the connector

| function | meaning |
|---|---|
{own}

## Functions of JMESPath

{standard}: as in the [specification]({_JMESPATH}). Those that would compute with inexact numbers \
(`avg`, `to_number`) are not offered; `text` takes the place of `to_string`.
"""


def hold_reasons_page() -> str:
    """Return the page about the reasons for which mapping holds an order, as Markdown."""
    rows = "\n".join(
        f"## {reason.code}\n{reason.meaning}\n\n- What to do: {reason.remedy}\n"
        for reason in HOLD_REASONS.values()
    )
    return f"""# Hold reasons of mapping

An order that cannot become right documents is held with one or more of these codes, and a \
message that names the field, the value, and the table or rule to change. A hold never stops \
another order. Mapping rules may add codes of their own (`holds`).

{rows}"""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
