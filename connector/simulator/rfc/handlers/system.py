"""Functions that every system has: the STFC tests, RFC_PING, RFC_SYSTEM_INFO."""

from __future__ import annotations

from typing import Any

from connector.simulator.rfc.context import Call, Handler


def ping(call: Call) -> dict[str, Any]:
    """RFC_PING: nothing in, nothing out."""
    del call
    return {}


def connection(call: Call) -> dict[str, Any]:
    """STFC_CONNECTION: the text comes back, with a line about the system."""
    settings = call.settings
    about = (
        f"SAP R/3 Rel. {_release(call)}   Sysid: {settings.system_id}      "
        f"Date: {call.erp.today:%Y%m%d}   Logon_Data: {settings.client}/{call.context.user}/"
        f"{call.context.language[:1]}"
    )
    return {"ECHOTEXT": call.text("REQUTEXT"), "RESPTEXT": about}


def structure(call: Call) -> dict[str, Any]:
    """STFC_STRUCTURE: the structure comes back, and as one more row of the table."""
    sent = call.structure("IMPORTSTRUCT")
    row = {
        **sent,
        "RFCFLOAT": sent.get("RFCFLOAT", 0.0) + 1,
        "RFCINT1": (sent.get("RFCINT1", 0) + 1) % 256,
        "RFCINT2": sent.get("RFCINT2", 0) + 1,
        "RFCINT4": sent.get("RFCINT4", 0) + 1,
        "RFCHEX3": b"\xf1\xf2\xf3",
        "RFCCHAR1": "X",
        "RFCCHAR2": "YZ",
        "RFCDATE": call.erp.today,
    }
    return {
        "ECHOSTRUCT": sent,
        "RESPTEXT": f"SAP R/3 Rel. {_release(call)}   Sysid: {call.settings.system_id}",
        "RFCTABLE": [*call.table("RFCTABLE"), row],
    }


def changing(call: Call) -> dict[str, Any]:
    """STFC_CHANGING: the counter goes up by one; the result is start value plus old counter."""
    counter = call.imports.get("COUNTER", 0)
    return {"COUNTER": counter + 1, "RESULT": call.imports.get("START_VALUE", 0) + counter}


def system_info(call: Call) -> dict[str, Any]:
    """RFC_SYSTEM_INFO: release, system id and host."""
    settings = call.settings
    return {
        "RFCSI_EXPORT": {
            "RFCPROTO": "011",
            "RFCCHARTYP": "4103",
            "RFCINTTYP": "LIT",
            "RFCFLOTYP": "IE3",
            "RFCDEST": f"{settings.host}_{settings.system_id}_00",
            "RFCHOST": settings.host,
            "RFCSYSID": settings.system_id,
            "RFCDATABS": settings.system_id,
            "RFCSAPRL": _release(call),
            "RFCTZONE": "0",
            "RFCHOST2": settings.host,
        },
        "MAXIMAL_RESOURCES": settings.sessions,
        "CURRENT_RESOURCES": settings.sessions,
    }


def _release(call: Call) -> str:
    return "756" if call.settings.profile == "s4" else "750"


HANDLERS: dict[str, Handler] = {
    "RFC_PING": ping,
    "STFC_CONNECTION": connection,
    "STFC_STRUCTURE": structure,
    "STFC_CHANGING": changing,
    "RFC_SYSTEM_INFO": system_info,
}
