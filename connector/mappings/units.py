"""
Units of measure: the codes that messages use, and the ISO codes that SAP knows them by.

Messages name units by UN/ECE Recommendation 20 (EDIFACT, X12, UBL, cXML) or by words. SAP's own
unit is customising (T006); each has an ISO code (T006A, T006-ISOCODE), which is what these are.
The internal unit then comes from a table of the rules, or is the ISO code itself.
"""

from __future__ import annotations

from typing import Any, Final

from connector.mappings.text_functions import upper

#: Codes of UN/ECE Recommendation 20 and common words, by what SAP's T006 has as their ISO code.
ISO_UNITS: Final[dict[str, str]] = {
    code: iso
    for iso, codes in {
        "PCE": (
            "C62",
            "H87",
            "PCE",
            "PC",
            "PCS",
            "EA",
            "EACH",
            "PIECE",
            "ST",
            "UNIT",
            "NAR",
            "NIU",
            "XPP",
        ),
        "SET": ("SET", "KIT"),
        "PR": ("PR", "NPR", "PAIR"),
        "DZN": ("DZN", "DZ", "DOZEN"),
        "PK": ("PK", "XPK", "PA", "PACK"),
        "CT": ("CT", "XCT", "CAR", "CARTON"),
        "BX": ("BX", "XBX", "BOX"),
        "CS": ("CS", "XCS", "CA", "CASE"),
        "BG": ("BG", "XBG", "BAG"),
        "BO": ("BO", "XBO", "BOTTLE"),
        "PF": ("PF", "XPF", "PX", "XPX", "PALLET"),
        "RO": ("RO", "XRO", "RL", "ROLL"),
        "KGM": ("KGM", "KG"),
        "GRM": ("GRM", "G", "GR"),
        "MGM": ("MGM", "MG"),
        "TNE": ("TNE", "TO", "TON"),
        "LBR": ("LBR", "LB", "LBS"),
        "ONZ": ("ONZ", "OZ"),
        "LTR": ("LTR", "L", "LT"),
        "MLT": ("MLT", "ML"),
        "GLL": ("GLL", "GA", "GAL"),
        "MTR": ("MTR", "M"),
        "CMT": ("CMT", "CM"),
        "MMT": ("MMT", "MM"),
        "FOT": ("FOT", "FT"),
        "INH": ("INH", "IN"),
        "MTK": ("MTK", "M2"),
        "CMK": ("CMK", "CM2"),
        "FTK": ("FTK", "FT2", "SF"),
        "INK": ("INK", "IN2", "SI"),
        "YDK": ("YDK", "YD2", "SY"),
        "YRD": ("YRD", "YD", "YARD"),
        "KMT": ("KMT", "KM"),
        "MTQ": ("MTQ", "M3"),
        "HUR": ("HUR", "HR", "HOUR"),
        "MIN": ("MIN", "MINUTE"),
        "DAY": ("DAY",),
        "WEE": ("WEE", "WK", "WEEK"),
        "ANN": ("ANN", "YR", "YEAR"),
        "KWH": ("KWH",),
        "HLT": ("HLT", "HL"),
        "CLT": ("CLT", "CL"),
        "MON": ("MON", "MONTH"),
    }.items()
    for code in codes
}


def iso_unit(value: Any) -> str:
    """
    `iso_unit(unit)`: the ISO code of a unit as messages name it: `C62`, `EA` and `pcs` are `PCE`,
    `KG` is `KGM`. Empty stays empty; an unknown unit is refused.
    """
    code = upper(value)
    if not code:
        return ""
    found = ISO_UNITS.get(code)
    if found is None:
        raise ValueError(f"{code[:20]!r} is not a unit of UN/ECE Recommendation 20 that is known")
    return found
