"""What a sales document has beside header and items: partners, conditions, texts, flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.simulator.rfc import keys
from connector.simulator.rfc.handlers import sales_rows

if TYPE_CHECKING:
    from connector.simulator.engine.erp import SimulatedErp
    from connector.simulator.engine.sales_records import Condition, FlowRow, SalesDocument
    from connector.simulator.engine.specs import Partner, Text

_HEADER = 0
#: Billing plan category of milestone billing (BAPISDBPL-BILLPLATYP).
_MILESTONES = "2"
#: More levels of followers than any chain has; guards against a circle in the flow.
_DEEPEST = 12


def partners(erp: SimulatedErp, document: SalesDocument) -> list[dict[str, Any]]:
    """Rows of BAPISDPART; functions are the internal keys."""
    rows = []
    for partner in document.partners:
        customer = erp.customer(partner.customer)
        own = partner.address
        rows.append(
            {
                "SD_DOC": document.number,
                "ITM_NUMBER": partner.item_number,
                "PARTN_ROLE": partner.function,
                "CUSTOMER": partner.customer,
                "ADDRESS": _address_number(document, partner),
                "COUNTRY": (own.country if own else "") or (customer.country if customer else ""),
                "ADDRE_INDI": "B" if own else "D",
                "ACC_1_TIME": "X" if customer and customer.one_time else "",
            }
        )
    return rows


def addresses(erp: SimulatedErp, document: SalesDocument) -> list[dict[str, Any]]:
    """Rows of BAPISDCOAD, one per partner: the document's own address or the customer's."""
    rows = []
    for partner in document.partners:
        source: Any = partner.address or erp.customer(partner.customer)
        if source is not None:
            rows.append(
                {
                    "DOC_NUMBER": document.number,
                    "ADDRESS": _address_number(document, partner),
                    "NAME": source.name,
                    "NAME_2": source.name_2,
                    "STREET": source.street,
                    "COUNTRY": source.country,
                    "COUNTRYISO": source.country[:2],
                    "POSTL_CODE": source.postal_code,
                    "CITY": source.city,
                    "REGION": source.region,
                    "LANGU_ISO": source.language[:2],
                    "TELEPHONE": source.telephone,
                }
            )
    return rows


def _address_number(document: SalesDocument, partner: Partner) -> str:
    """Addresses of the document's own begin with 9; the others are known by the customer."""
    if partner.address is None:
        return partner.customer
    position = document.partners.index(partner) + 1
    return f"9{int(document.number) % 10**7:07}{position:02}"


def conditions(document: SalesDocument, with_header: bool) -> list[dict[str, Any]]:
    """Rows of BAPISDCOND: the items' conditions, and those entered for the header on request."""
    rows = [
        _condition(document, item.item_number, position, condition)
        for item in document.items
        for position, condition in enumerate(item.conditions)
    ]
    if with_header:
        rows.extend(
            {
                "SD_DOC": document.number,
                "CONDIT_NO": document.number,
                "ITM_NUMBER": _HEADER,
                "COND_ST_NO": sales_rows.step_number(position),
                "COND_COUNT": 1,
                "APPLICATIO": "V",
                "COND_TYPE": manual.condition_type,
                "COND_VALUE": manual.rate,
                "CURRENCY": manual.currency,
                "SDCURRENCY": document.currency,
                "CONDORIGIN": "C",
                "GROUPCOND": "X",
            }
            for position, manual in enumerate(document.manual_conditions)
            if manual.item_number == _HEADER
        )
    return rows


def _condition(
    document: SalesDocument, item_number: int, position: int, condition: Condition
) -> dict[str, Any]:
    row = sales_rows.condition_row(condition, item_number, sales_rows.step_number(position))
    row["COND_D_UNT"] = row.pop("COND_UNIT", "")
    return {
        **row,
        "SD_DOC": document.number,
        "CONDIT_NO": document.number,
        "CONPRICDAT": document.pricing_date,
        "SDCURRENCY": document.currency,
        "CURREN_ISO": document.currency[:3],
    }


def text_rows(document: SalesDocument, text: Text) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return a text's row of BAPISDTEHD and its lines of BAPITEXTLI."""
    name = document.number + (f"{text.item_number:06}" if text.item_number else "")
    about = {
        "APPLOBJECT": "VBBP" if text.item_number else "VBBK",
        "TEXT_NAME": name,
        "TEXT_ID": text.text_id,
        "LANGU": text.language[:1],
        "LANGU_ISO": text.language[:2],
    }
    header = {
        **about,
        "SD_DOC": document.number,
        "ITM_NUMBER": text.item_number,
        "LINEAMOUNT": len(text.lines),
    }
    lines = [
        {**about, "LINE_CNT": count, "LINE": line, "FORMAT_COL": "*" if count == 1 else "/"}
        for count, line in enumerate(text.lines, 1)
    ]
    return header, lines


def billing_plans(
    erp: SimulatedErp, document: SalesDocument
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return rows of BAPISDBPL and BAPISDBPLD: the items' plans, and their dates."""
    planned = [item for item in document.items if item.billing_plan]
    if not planned:
        return [], []
    status = erp.sales_status(document.number).items
    categories = erp.master_data.item_categories
    order_type = erp.master_data.order_types[document.document_type]
    plans = [
        {
            "SD_DOC": document.number,
            "ITM_NUMBER": item.item_number,
            "BILL_PLAN": item.billing_plan_number,
            "BILLPLATYP": _MILESTONES,
            "B_INPLATYP": categories[item.item_category].billing_plan_type,
            "BILLSTADAT": item.billing_plan[0].billing_date,
            "BILLENDDAT": item.billing_plan[-1].billing_date,
        }
        for item in planned
    ]
    dates = [
        {
            "SD_DOC": document.number,
            "ITM_NUMBER": item.item_number,
            "BILL_PLAN": item.billing_plan_number,
            "BILL_PLANI": each.number,
            "DATEDESCRI": each.description,
            "SETTLEDATE": each.billing_date,
            "BILL_DATE": each.billing_date,
            "RULEBILLPL": each.rule,
            "INVOICEPER": each.percent,
            "CURRENCKEY": document.currency,
            "CURRENCISO": document.currency[:3],
            "VALONDATE": each.value,
            "NET_VALUE": each.value,
            "CURRENCY": document.currency,
            "CURREN_ISO": document.currency[:3],
            "BILLBLOCK": each.billing_block,
            "ORDBILLTYP": order_type.order_billing_type,
            "STATBILLPL": "C" if each.number in status[item.item_number].billed_dates else "A",
        }
        for item in planned
        for each in item.billing_plan
    ]
    return plans, dates


def flow(erp: SimulatedErp, document: SalesDocument) -> list[dict[str, Any]]:
    """Rows of BAPISDFLOW: direct and indirect followers, each link once, with its level."""
    found: dict[Any, dict[str, Any]] = {}
    level, numbers = 0, [document.number]
    while numbers and level < _DEEPEST:
        following: dict[str, None] = {}
        for number in numbers:
            for link in erp.flow_after(number):
                if link.key not in found:
                    found[link.key] = _link(erp, document, link, level)
                    following[link.subsequent] = None
        level, numbers = level + 1, list(following)
    return list(found.values())


def _link(erp: SimulatedErp, document: SalesDocument, link: FlowRow, level: int) -> dict[str, Any]:
    return {
        "SD_DOC": document.number,
        "PRECSDDOC": link.preceding,
        "PREDITDOC": link.preceding_item,
        "SUBSSDDOC": link.subsequent,
        "SUBSITDOC": link.subsequent_item,
        "DOCCATEGOR": link.subsequent_category,
        "DOCCATEGOR_LONG": link.subsequent_category,
        "REF_QTY": link.quantity,
        "BASE_UOM": link.unit,
        "T_UNIT_ISO": keys.unit_iso(erp.master_data, link.unit),
        "REFERENVAL": link.value,
        "STATISCURR": link.currency,
        "DOC_CAT_SD": link.preceding_category,
        "DOC_CAT_SD_LONG": link.preceding_category,
        "QTYPOSCALC": link.sign,
        "CREAT_DATE": keys.local(erp, link.created_at).date(),
        "REC_TIME": keys.local(erp, link.created_at).time(),
        **keys.material_fields(link.material),
        "MOVE_TYP": link.movement_type,
        "LEVELFLOWR": level,
        "SALES_UNIT": link.unit,
    }
