"""
Read XML into raw messages: order by order, without ever resolving what a document refers to.

No DTD is loaded, no entity expanded, nothing fetched; documents that declare entities are refused.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any, Final

from lxml import etree

from connector.errors import MessageError
from connector.mappings.message_format import AUTO, Message, XmlMessage
from connector.mappings.raw_message import RawMessage
from connector.mappings.readers import encodings
from connector.mappings.readers.xml_structure import (
    NotPlainError,
    XmlElement,
    XmlRules,
    local_name,
)

_EXPECTED: Final = "complete XML"

#: Elements around orders are kept with each of them.
_MAX_AROUND: Final = 10_000


@dataclass(frozen=True, slots=True)
class XmlKind:
    """
    What of an XML document is an order.

    ``orders`` are the local names of the elements that are one, empty for the root; ``others``
    explain well-known elements that are none. With ``tells_document`` the order's own name is
    in its content, as ``document``. ``secrets`` are elements around orders whose content is left
    out of everything that is kept.
    """

    rules: XmlRules
    orders: tuple[str, ...] = ()
    others: dict[str, str] = field(default_factory=dict)
    expected: str = "an order"
    tells_document: bool = False
    secrets: frozenset[str] = frozenset()


def read_xml(
    stream: IO[bytes], message: XmlMessage, source: str
) -> Iterator[RawMessage | MessageError]:
    """Yield every order in *stream*; what cannot be read comes as a MessageError in its place."""
    rules = XmlRules(message.repeated, message.text_only, message.prefixes, message.max_depth)
    orders = (message.order,) if message.order else ()
    expected = f"an element {message.order}" if message.order else "an order"
    yield from read_elements(stream, message, source, XmlKind(rules, orders, expected=expected))


def read_elements(
    stream: IO[bytes], message: Message, source: str, kind: XmlKind
) -> Iterator[RawMessage | MessageError]:
    """As :func:`read_xml`, for orders of *kind*. Their surroundings are seen as ``envelope``."""
    try:
        yield from _Document(stream, message, source, kind).read()
    except MessageError as error:
        yield error


class _Document:
    def __init__(self, stream: IO[bytes], message: Message, source: str, kind: XmlKind) -> None:
        self._message, self._source, self._kind = message, source, kind
        self._bounded = _Bounded(stream, message.max_bytes)
        self._parser: Any = etree.iterparse(
            self._bounded,
            events=("start", "end"),
            load_dtd=False,
            no_network=True,
            resolve_entities=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
            encoding=None if message.encoding == AUTO else message.encoding,
        )
        self._found = 0
        #: Of parents of orders, how many of their children orders see; see `_kept`.
        self._heads: dict[XmlElement, int] = {}

    def read(self) -> Iterator[RawMessage | MessageError]:
        """
        Yield the orders.

        Raises:
            MessageError: the rest of the document cannot be read.
        """
        root: XmlElement = None
        inside: XmlElement = None
        try:
            for event, element in self._parser:
                if root is None:
                    root = element
                    self._refuse_entities(root)
                if event == "start":
                    if inside is None and self._is_order(element, root):
                        inside = element
                elif element is inside:
                    inside = None
                    yield self._order(element)
                    self._forget(element)
        except etree.XMLSyntaxError as error:
            raise self._not_xml(error) from None
        except _TooLargeError:
            raise MessageError(
                self._source,
                f"the message has more than {self._message.max_bytes:,} bytes"
                + ("; this order and all after it are lost" if self._found else ""),
                encodings.at_most(self._message),
            ) from None
        if not self._found:
            raise self._nothing(root)

    def _is_order(self, element: XmlElement, root: XmlElement) -> bool:
        return self._is_order_name(element) if self._kind.orders else element is root

    def _is_order_name(self, element: XmlElement) -> bool:
        return local_name(element) in self._kind.orders

    def _order(self, element: XmlElement) -> RawMessage | MessageError:
        self._found += 1
        self._bounded.start_anew()
        nested = element.getparent() is not None
        where = f"{self._source}, order {self._found}" if nested else self._source
        where = f"{where}, line {element.sourceline}" if nested else where
        rules = self._kind.rules
        try:
            content = rules.mapping(element)
            if self._kind.tells_document:
                content["document"] = local_name(element)
            around, parent = self._around(element)
            self._forget_secrets(around)
            if parent is not None:
                content["envelope"] = rules.mapping(around)
                copied = copy.deepcopy(element)
                copied.tail = None
                parent.append(copied)
        except NotPlainError as error:
            return MessageError(
                f"{self._source}, line {error.line}", error.problem, "plain values and elements"
            )
        except ValueError as error:  # libxml2 reads names that lxml does not write
            return MessageError(where, str(error), "names that XML allows")
        return RawMessage(
            content, where, etree.tostring(around, encoding="unicode", with_tail=False)
        )

    def _forget_secrets(self, around: XmlElement) -> None:
        """Empty what must not be stored: what stands around an order is a copy."""
        if not self._kind.secrets:
            return
        for element in list(around.iter(etree.Element)):
            if local_name(element) in self._kind.secrets:
                element.clear(keep_tail=True)

    def _around(self, order: XmlElement) -> tuple[XmlElement, XmlElement]:
        """
        Return a copy of what stands around and before *order*, and in it the order's parent.

        What stands after it is not read yet. An order that is the whole document is returned.
        """
        inner: XmlElement = None
        innermost: XmlElement = None
        element = order
        while (parent := element.getparent()) is not None:
            shell = etree.Element(parent.tag, dict(parent.attrib), nsmap=parent.nsmap)
            shell.text = parent.text
            for child in parent[: self._kept(parent, element)]:
                shell.append(copy.deepcopy(child))
            if inner is not None:
                shell.append(inner)
            innermost = shell if innermost is None else innermost
            inner, element = shell, parent
        return (order, None) if inner is None else (inner, innermost)

    def _kept(self, parent: XmlElement, child: XmlElement) -> int:
        """
        Return how many children of *parent* are seen by the orders in it.

        They are those before its first order, or before the first element with one.

        Raises:
            MessageError: they are too many to be repeated for each order.
        """
        if parent not in self._heads:
            self._heads[parent] = parent.index(child)
            before = parent[: self._heads[parent]]
            if sum(1 for each in before for _ in each.iter()) > _MAX_AROUND:
                raise MessageError(
                    f"{self._source}, line {child.sourceline}",
                    f"more than {_MAX_AROUND:,} elements stand before the orders",
                    "orders with little around them",
                )
        return self._heads[parent]

    def _forget(self, order: XmlElement) -> None:
        """
        Free the memory of *order* and of what stands between it and earlier ones.

        The order itself stays, empty, until a later one: lxml needs it while it reads on.
        """
        order.clear(keep_tail=True)
        element = order
        while (parent := element.getparent()) is not None:
            kept = self._kept(parent, element)
            while parent[kept] is not element:
                for each in parent[kept].iter():
                    self._heads.pop(each, None)
                del parent[kept]
            element = parent

    def _refuse_entities(self, root: XmlElement) -> None:
        declared = root.getroottree().docinfo.internalDTD
        if declared is None:
            return
        names = [str(entity.name) for entity in declared.iterentities()]
        if names:
            raise MessageError(
                self._source,
                f"the document declares entities ({', '.join(names[:3])}), which is not accepted",
                "XML without entity declarations",
            )

    def _not_xml(self, error: etree.XMLSyntaxError) -> MessageError:
        line, column = error.position
        said = (error.msg or "the text breaks off").partition(", line ")[0]
        fatal = self._parser.error_log.filter_from_fatals()
        if not line and len(fatal):
            # lxml waits for the end where libxml2 has stopped before it.
            line, column, said = fatal[0].line, fatal[0].column, fatal[0].message
        where = f"{self._source}, line {line} column {max(column, 1)}"
        if self._bounded.is_empty:
            return MessageError(self._source, "the message is empty", self._kind.expected)
        lost = "; this order and all after it are lost" if self._found else ""
        return MessageError(where, f"not XML: {said[:120]}{lost}", _EXPECTED)

    def _nothing(self, root: XmlElement) -> MessageError:
        if root is None:
            return MessageError(self._source, "the message is empty", self._kind.expected)
        names = [local_name(each) for each in root.iter(etree.Element)]
        known = next((name for name in names if name in self._kind.others), None)
        what = self._kind.others[known] if known else _article(names[0])
        return MessageError(
            self._source, f"the document is {what}, not an order", self._kind.expected
        )


def _article(name: str) -> str:
    return f"an {name}" if name[:1] in "AEIOaeio" else f"a {name}"


class _TooLargeError(Exception):
    """More bytes were asked for than one message may have."""


class _Bounded:
    """Passes *stream* on and counts what it passes since an order ended."""

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        self._stream, self._limit, self._count = stream, limit, 0
        self.is_empty = True

    def start_anew(self) -> None:
        """An order has ended: what follows is another."""
        self._count = 0

    def read(self, size: int = -1) -> bytes:
        """
        Return the next bytes.

        Raises:
            _TooLargeError: there are more than one message may have.
        """
        chunk = self._stream.read(size)
        self._count += len(chunk)
        self.is_empty = self.is_empty and not chunk.strip()
        if self._count > self._limit:
            raise _TooLargeError
        return chunk
