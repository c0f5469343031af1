"""From bytes to external orders, by a channel's profile."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from connector.errors import MessageError
from connector.mappings.delimited_messages import read_delimited
from connector.mappings.external_order import ExternalOrder
from connector.mappings.inbound_order import InboundOrder
from connector.mappings.json_messages import read_json
from connector.mappings.message_format import JsonMessage
from connector.mappings.profile import ChannelProfile
from connector.mappings.raw_message import RawMessage
from connector.mappings.shape import ShapeError


def read_orders(
    profile: ChannelProfile, content: bytes, source: str
) -> Iterator[InboundOrder | MessageError]:
    """
    Yield every order in *content*, in its order, without holding more than one.

    What cannot be read is yielded as MessageError in its place, naming *source* and position;
    nothing is raised for it and its neighbours are read.
    """
    message = profile.message
    if isinstance(message, JsonMessage):
        found = read_json(content, message, source)
    else:
        found = read_delimited(content, message, source)
    for raw in found:
        if isinstance(raw, MessageError):
            yield raw
            continue
        try:
            yield InboundOrder(order=_external_order(profile, raw), source=raw.source, raw=raw.raw)
        except MessageError as error:
            yield error


def _external_order(profile: ChannelProfile, raw: RawMessage) -> ExternalOrder:
    _require_complete(profile, raw)
    try:
        values = profile.shape.fill(raw.content, "")
    except ShapeError as error:
        raise MessageError(
            raw.source,
            f"{error.field}: {error.problem}",
            f"what `{error.expression}` in {profile.path.name} can read",
        ) from error
    try:
        return ExternalOrder.model_validate(values)
    except ValidationError as error:
        raise _explained(error, profile, raw) from None


def _require_complete(profile: ChannelProfile, raw: RawMessage) -> None:
    message = profile.message
    if not isinstance(message, JsonMessage):
        return
    missing = [name for name in message.required if name not in raw.content]
    if not missing:
        return
    # An order without its lines is still an order; one without anything of it is something else.
    for name, meaning in message.not_orders.items():
        if name in raw.content and len(missing) == len(message.required):
            raise MessageError(
                raw.source,
                f"this is {meaning}, not an order (it has {name!r})",
                f"an order of the channel {profile.channel}",
            )
    raise MessageError(
        raw.source,
        f"the order lacks {', '.join(missing)}",
        "a complete order: ask the channel for all of its fields",
    )


def _explained(error: ValidationError, profile: ChannelProfile, raw: RawMessage) -> MessageError:
    found = error.errors(include_url=False)[0]
    field = "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in found["loc"]
    ).lstrip(".")
    if found["type"] == "missing":
        return MessageError(
            raw.source,
            f"{field} is missing",
            f"a value where {profile.path.name} looks for it (order.{field})",
        )
    problem = found["msg"].removeprefix("Value error, ")
    value = "" if isinstance(found["input"], dict | list) else f" {str(found['input'])[:40]!r}"
    return MessageError(raw.source, f"{field}{value}: {problem}", f"a valid {field}")
