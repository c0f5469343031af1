"""
How the two sides of a socket talk: frames of JSON, with canonical values inside.

A frame is four bytes of length (big endian) and that much UTF-8 JSON. Packed numbers travel as
text and bytes as hexadecimal text; the dictionary tells which fields these are.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from connector.simulator.rfc.dictionary import FieldType, Function, Row, Structure
from connector.simulator.rfc.spoil import SPOILED

_LENGTH = struct.Struct(">I")
#: No call of the connector comes near; a larger length is noise on the port.
_MAX_FRAME = 256 * 1024 * 1024

Reviver = Callable[[Any], Any]
_REVIVERS: Mapping[str, Reviver] = {
    "BCD": Decimal,
    "BYTE": bytes.fromhex,
    "XSTRING": bytes.fromhex,
}


class WireClosed(Exception):
    """The other side has closed the socket, or what arrives is not a frame."""


def send(sock: socket.socket, message: Mapping[str, Any]) -> None:
    """Send one frame; OSError when the other side is gone."""
    body = json.dumps(message, default=_plain, separators=(",", ":")).encode()
    sock.sendall(_LENGTH.pack(len(body)) + body)


def receive(sock: socket.socket) -> dict[str, Any]:
    """
    Wait for one frame.

    Raises:
        WireClosed: the other side closed, or sent something else than a frame.
        TimeoutError: the socket's time limit ran out.
    """
    (length,) = _LENGTH.unpack(_exactly(sock, _LENGTH.size))
    if length > _MAX_FRAME:
        raise WireClosed
    try:
        message = json.loads(_exactly(sock, length))
    except ValueError:
        raise WireClosed from None
    if not isinstance(message, dict):
        raise WireClosed
    return message


def revive(function: Function, values: Row) -> Row:
    """Turn the values of a frame back into canonical ones, in place; returns them."""
    for name, value in values.items():
        if name == SPOILED:
            continue
        kind = function.parameters[name].type
        if isinstance(kind, FieldType):
            if kind.rfc in _REVIVERS:
                values[name] = _REVIVERS[kind.rfc](value)
            continue
        special = _special(kind)
        if special:
            for row in value if isinstance(value, list) else (value,):
                for field in special.keys() & row.keys():
                    row[field] = special[field](row[field])
    return values


@cache
def _special(structure: Structure) -> Mapping[str, Reviver]:
    return {
        name: _REVIVERS[kind.rfc]
        for name, kind in structure.fields.items()
        if kind.rfc in _REVIVERS
    }


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def _exactly(sock: socket.socket, size: int) -> bytes:
    parts = []
    while size:
        try:
            part = sock.recv(min(size, 1 << 20))
        except TimeoutError:
            raise
        except OSError:
            raise WireClosed from None
        if not part:
            raise WireClosed
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
