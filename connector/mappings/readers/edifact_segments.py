"""
Names for the fields of EDIFACT segments, and how the segments of ORDERS belong together.

Fields and groups are those of the directories D.96A to D.24A, which agree in what is named here.
A segment or a field without a name is in ``elements``.
"""

from __future__ import annotations

from typing import Any, Final

from connector.mappings.readers.segment_groups import Group

#: Names of the components of each element, in order; an empty name is left out, and one in
#: capitals at the front of `#` holds a number.
_FIELDS: Final[dict[str, str]] = {
    "UNB": "syntax:syntax_version+sender:sender_qualifier+recipient:recipient_qualifier"
    "+prepared_on:prepared_at+reference++application++acknowledgement+agreement+test",
    "UNH": "reference+type:version:release:agency:association",
    "UNT": "#segments+reference",
    "BGM": "code::agency:name+number+function+response",
    "DTM": "qualifier:value:format",
    "PAI": "condition:guarantee:means",
    "ALI": "country+duty+condition",
    "IMD": "format+characteristic+code:code_list:agency:text:text_2:language",
    "FTX": "subject+function+code:code_list:agency+text:text_2:text_3:text_4:text_5+language",
    "RFF": "qualifier:number:line",
    "NAD": "qualifier+id:code_list:agency+line_1:line_2:line_3:line_4:line_5"
    "+name:name_2:name_3:name_4:name_5+street:street_2:street_3:street_4+city+region"
    "+postal_code+country",
    "LOC": "qualifier+id:code_list:agency:name",
    "FII": "qualifier+account:holder:holder_2:currency"
    "+bank:bank_code_list:bank_agency:branch:::bank_name",
    "CTA": "function+id:name",
    "COM": "number:channel",
    "DOC": "code::agency:name+number:status",
    "TAX": "function+type:::type_name+account+basis+code:code_list:agency:#rate+category+id",
    "MOA": "qualifier:#amount:currency:currency_qualifier",
    "CUX": "qualifier:currency:use:#base+target_qualifier:target_currency:target_use:#target_base"
    "+#rate",
    "PAT": "type+terms_id:::terms+reference:relation:period:#periods",
    "PCD": "qualifier:#percent:basis",
    "TDT": "stage+reference+mode:mode_name+means:means_name+carrier:::carrier_name",
    "TOD": "function+payment+code:code_list:agency:text:text_2",
    "ALC": "qualifier+number:reason+settlement+sequence+service:code_list:agency:text:text_2",
    "QTY": "qualifier:#quantity:unit",
    "RNG": "qualifier+unit:#minimum:#maximum",
    "RTE": "qualifier:#rate:#basis:unit",
    "LIN": "line_number+action+id:id_type+sub_line_level:sub_line_of+configuration",
    "PIA": "function+id:id_type+id_2:id_type_2+id_3:id_type_3+id_4:id_type_4+id_5:id_type_5",
    "PRI": "qualifier:#amount:type:type_qualifier:#basis:unit",
    "APR": "class+#multiplier:multiplier_qualifier+reason",
    "MEA": "purpose+dimension:significance+unit:#value:#minimum:#maximum",
    "PAC": "#packages+level+type:::type_name",
    "PCI": "instruction+mark:mark_2:mark_3",
    "GIN": "qualifier+number:number_to",
    "GIR": "set+number:qualifier",
    "QVR": "#difference:qualifier+action+reason",
    "SCC": "status+requirement+frequency:pattern",
    "EQD": "qualifier+number",
    "CNT": "qualifier:#value:unit",
    "UNS": "section",
}

_PARSED: Final = {
    tag: tuple(tuple(element.split(":")) for element in fields.split("+"))
    for tag, fields in _FIELDS.items()
}

_WITH_DATE: Final = frozenset({"DTM"})
_REFERENCES: Final = Group("references", _WITH_DATE)
_CONTACTS: Final = Group("contacts", frozenset({"COM"}))
_TAXES: Final = Group("taxes", frozenset({"MOA", "LOC"}))
_PLACES: Final = Group("places", _WITH_DATE)
_DELIVERY_TERMS: Final = Group("delivery_terms", frozenset({"LOC"}))
_TRANSPORTS: Final = Group("transports", groups={"LOC": _PLACES})
_TERMS: Final = Group("terms", frozenset({"DTM", "PCD", "MOA", "PAI", "FII"}))
_CURRENCIES: Final = Group("currencies", frozenset({"PCD", "DTM"}))
_PARTIES: Final = Group(
    "parties",
    frozenset({"LOC", "FII"}),
    {"RFF": _REFERENCES, "CTA": _CONTACTS, "DOC": Group("documents", _WITH_DATE)},
)
_CHARGES: Final = Group(
    "charges",
    frozenset({"ALI", "DTM", "QTY", "PCD", "MOA", "RTE", "RNG"}),
    {"TAX": Group("taxes", frozenset({"MOA"}))},
)
_PRICES: Final = Group("prices", frozenset({"CUX", "APR", "RNG", "DTM"}))
_SCHEDULES: Final = Group("schedules", frozenset({"FTX", "QTY", "DTM"}))
_DESTINATIONS: Final = Group("destinations", frozenset({"QTY", "DTM", "PCD"}))
_PACKAGES: Final = Group("packages", frozenset({"MEA", "QTY", "DTM", "PCI", "GIN"}))

_LINES: Final = Group(
    "lines",
    takes_all=True,
    groups={
        "RFF": _REFERENCES, "NAD": _PARTIES, "TAX": _TAXES, "PAT": _TERMS, "PRI": _PRICES,
        "ALC": _CHARGES, "TDT": _TRANSPORTS, "TOD": _DELIVERY_TERMS, "SCC": _SCHEDULES,
        "LOC": _DESTINATIONS, "PAC": _PACKAGES,
    },
)  # fmt: skip

#: The whole message.
MESSAGE: Final = Group(
    "ORDERS",
    takes_all=True,
    groups={
        "RFF": _REFERENCES, "NAD": _PARTIES, "TAX": _TAXES, "CUX": _CURRENCIES, "PAT": _TERMS,
        "TDT": _TRANSPORTS, "TOD": _DELIVERY_TERMS, "ALC": _CHARGES, "PAC": _PACKAGES,
        "SCC": _SCHEDULES, "LIN": _LINES,
    },
)  # fmt: skip

#: Segments that occur once: a mapping and no list.
SINGLE: Final = frozenset({"UNH", "BGM", "UNT"})

#: With this segment the lines end and the summary begins.
SUMMARY: Final = "UNS"


def named(tag: str, elements: tuple[tuple[str, ...], ...], decimal_mark: str) -> dict[str, Any]:
    """
    Return the fields of a segment by name, without empty ones, and all of its ``elements``.

    Numbers that *decimal_mark* (or a comma, which is always allowed) divides get a point.
    """
    fields: dict[str, Any] = {}
    for names, components in zip(_PARSED.get(tag, ()), elements, strict=False):
        for name, value in zip(names, components, strict=False):
            if name and value:
                is_number = name.startswith("#")
                fields[name.lstrip("#")] = _number(value, decimal_mark) if is_number else value
    fields["elements"] = [list(components) for components in elements]
    return fields


def _number(value: str, decimal_mark: str) -> str:
    for mark in (decimal_mark, ","):
        if mark in ".," and value.count(mark) == 1 and "." not in value.replace(mark, "", 1):
            return value.replace(mark, ".")
    return value
