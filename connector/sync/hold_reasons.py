"""The reasons for which the use cases hold a flow, beside those of mapping and of the ERP."""

from __future__ import annotations

from typing import Final

from connector.mappings.problems import HoldReason

AMBIGUOUS: Final = "AMBIGUOUS"
ATTEMPTS_USED_UP: Final = "ATTEMPTS_USED_UP"
CANCELLED_TOO_LATE: Final = "CANCELLED_TOO_LATE"
CHANGE_BELOW_DELIVERED: Final = "CHANGE_BELOW_DELIVERED"
CHANGED_IN_ERP: Final = "CHANGED_IN_ERP"
CHANGED_AFTER_CREATION: Final = "CHANGED_AFTER_CREATION"
INTERNAL_ERROR: Final = "INTERNAL_ERROR"
INVOICE_CANCELLED: Final = "INVOICE_CANCELLED"
NOT_MAPPED: Final = "NOT_MAPPED"
PAYMENT_DIFFERS: Final = "PAYMENT_DIFFERS"
NO_PLAN_FOR_RETURN: Final = "NO_PLAN_FOR_RETURN"
REFERENCE_TAKEN: Final = "REFERENCE_TAKEN"

RETURN_ABOVE_BILLED: Final = "RETURN_ABOVE_BILLED"

_REASONS: Final = (
    HoldReason(
        NOT_MAPPED,
        "A document that the plan wants could not be made of the order.",
        "Correct the cause that the message names, then retry. It cannot be released as it is.",
    ),
    HoldReason(
        REFERENCE_TAKEN,
        "Another order carries the same reference, so their documents could not be told apart.",
        "Give the channel a prefix of its own in the mapping rules, then retry.",
    ),
    HoldReason(
        ATTEMPTS_USED_UP,
        "A step failed as often as `sync.max_attempts` allows; nothing was posted.",
        "Remove the cause that the message names, then retry: attempts count anew.",
    ),
    HoldReason(
        AMBIGUOUS,
        "The answer to a write was lost, and the ERP has several matches or other content.",
        "Put it right in the ERP, then retry: the connector looks again, it does not send.",
    ),
    HoldReason(
        CHANGED_AFTER_CREATION,
        "A new version of the order changes what the ERP already has.",
        "Change the document in the ERP and release, or cancel the order.",
    ),
    HoldReason(
        CHANGE_BELOW_DELIVERED,
        "A new version of the order wants less of a line than is delivered already.",
        "Agree on a return with the customer; release to leave the item as it is.",
    ),
    HoldReason(
        CHANGED_IN_ERP,
        "A new version changes a quantity that somebody has changed in the ERP as well.",
        "Release to send what the order says, or correct the order.",
    ),
    HoldReason(
        CANCELLED_TOO_LATE,
        "The channel cancelled an order of which something is delivered or billed.",
        "Reverse the documents in the ERP and retry, or release to carry the order out.",
    ),
    HoldReason(
        INVOICE_CANCELLED,
        "Somebody cancelled a billing document in the ERP.",
        "Release to bill again, or cancel the order here.",
    ),
    HoldReason(
        NO_PLAN_FOR_RETURN,
        "The channel reports a return or a credit, and the plan makes no document of it.",
        "Add the document to the plan, or make it in the ERP and release.",
    ),
    HoldReason(
        RETURN_ABOVE_BILLED,
        "More of an item would come back or be credited than was billed of it.",
        "Correct the return in the channel; release to create it all the same.",
    ),
    HoldReason(
        PAYMENT_DIFFERS,
        "What was paid is not what is owed, and no cash discount explains it.",
        "Release to post it on the payer's account, or wait for a corrected message.",
    ),
    HoldReason(
        INTERNAL_ERROR,
        "The connector met something it was not made for; the log has the details.",
        "Retry. If it comes again, report it with the log.",
    ),
)

#: Every reason of the use cases, by code, in the order of an order's life.
FLOW_HOLD_REASONS: Final[dict[str, HoldReason]] = {reason.code: reason for reason in _REASONS}


def flow_hold_reasons_page() -> str:
    """Return `docs/reference/flow-hold-reasons.md`; a test compares it with the file."""
    lines = [
        "# Hold reasons of flows",
        "",
        "An order that was mapped can still be stopped on its way: by the ERP, by a change, by "
        "money that does not fit. Reasons of mapping are in [hold-reasons.md](hold-reasons.md), "
        "those that come from messages of the ERP in [erp-messages.md](erp-messages.md). "
        "`sd-connector orders list --held` shows them, `orders retry` tries again, `orders "
        "release` accepts what the message says, `orders cancel` ends the order here.",
    ]
    for reason in FLOW_HOLD_REASONS.values():
        lines += ["", f"## {reason.code}", reason.meaning, "", f"- What to do: {reason.remedy}"]
    return "\n".join(lines) + "\n"
