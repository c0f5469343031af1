"""
The description of a service, from a file: nothing is fetched to understand it.

XML is read without DTD, entities and external references, strictly, on both ways.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import urlsplit

import structlog
import zeep
import zeep.exceptions
from lxml import etree
from zeep.plugins import Plugin
from zeep.wsdl.bindings.soap import Soap11Binding, Soap12Binding

from connector.errors import ConfigurationError
from connector.resources import shipped

if TYPE_CHECKING:
    from collections.abc import Iterator

_log = structlog.get_logger(__name__)

_HINT: Final = "Download it again from the ERP's catalogue of services (transaction SOAMANAGER)"
_BINDINGS: Final = {"1.1": Soap11Binding, "1.2": Soap12Binding}


class Reply(Protocol):
    """An answer over HTTP, as the SOAP library wants to see it."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    encoding: str | None


#: Sends an envelope (its bytes and HTTP headers) and returns the answer; what it raises is raised.
Send = Callable[[bytes, Mapping[str, str]], Reply]


def shipped_wsdl(name: str) -> Path:
    """Return the shipped WSDL of a service or function."""
    return shipped("fixtures/sap/soap") / f"{name}.wsdl"


class _Wire(zeep.Transport):  # type: ignore[misc]
    """
    Reads files below the WSDL's folder, and sends through what the present call brings.

    The library's own constructor is not run: its session would also follow links to local files.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._send: ContextVar[Send] = ContextVar("soap_send")
        self._close_session = False

    @contextmanager
    def through(self, send: Send) -> Iterator[None]:
        """Let the call in the block be sent by *send*."""
        token = self._send.set(send)
        try:
            yield
        finally:
            self._send.reset(token)

    def load(self, url: str) -> bytes:
        """Return a file; an address elsewhere is refused."""
        parts = urlsplit(str(url))
        path = Path(parts.path if parts.scheme == "file" else str(url)).resolve()
        if parts.scheme in ("http", "https") or not path.is_relative_to(self._folder):
            raise zeep.exceptions.ExternalReferenceForbidden(url)
        return path.read_bytes()

    def post_xml(self, address: str, envelope: etree._Element, headers: dict[str, str]) -> Reply:
        content = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
        return self._send.get()(content, headers)


class _Watch(Plugin):  # type: ignore[misc]
    """
    Logs that messages went and came, never what is in them.

    The library reads whatever element comes as the answer: one of another name is refused here.
    """

    def egress(
        self,
        envelope: etree._Element,
        http_headers: dict[str, str],
        operation: Any,
        binding_options: Any,
    ) -> tuple[etree._Element, dict[str, str]]:
        _log.debug("soap request", operation=operation.name, elements=_count(envelope))
        return envelope, http_headers

    def ingress(
        self, envelope: etree._Element, http_headers: Mapping[str, str], operation: Any
    ) -> tuple[etree._Element, Mapping[str, str]]:
        _log.debug("soap answer", operation=operation.name, elements=_count(envelope))
        wanted = operation.output.body.qname.text
        found = [each.tag for each in envelope.iterfind("{*}Body/*")]
        if found != [wanted] and not any(str(tag).endswith("}Fault") for tag in found):
            raise zeep.exceptions.XMLParseError(f"expected {wanted}")
        return envelope, http_headers


@dataclass(frozen=True, slots=True)
class ServiceDescription:
    """
    One operation of a service.

    `call` prepares the message, hands it to *send*, and reads the answer. It may be used by
    several threads at a time.
    """

    path: Path
    operation: str
    _wire: _Wire
    _proxy: Any
    _request: Any

    @classmethod
    def load(cls, path: Path, operation: str, version: str, address: str) -> ServiceDescription:
        """
        Read the WSDL at *path*.

        Raises:
            ConfigurationError: the file is missing or no WSDL, refers to something outside its
                folder, or has no such operation in a binding of that SOAP version.
        """
        try:
            client = _client(path.resolve(), path.stat().st_mtime_ns)
        except OSError as error:
            raise ConfigurationError(str(path), f"cannot be read: {error.strerror}") from error
        except zeep.exceptions.ExternalReferenceForbidden as error:
            raise ConfigurationError(
                str(path),
                "refers to something outside its folder",
                "Save what it imports beside it",
            ) from error
        except Exception as error:
            # The library checks no shape: a file that is no WSDL ends in its own errors, in those
            # of the XML parser, or in any of Python's.
            raise ConfigurationError(str(path), f"is no usable WSDL: {error}", _HINT) from error
        for name, binding in client.wsdl.bindings.items():
            if type(binding) is _BINDINGS[version] and operation in binding.all():
                proxy = client.create_service(name, address)
                request = binding.all()[operation].input.body
                return cls(path, operation, client.transport, proxy, request)
        raise ConfigurationError(
            str(path),
            f"has no operation {operation} over SOAP {version}",
            "Is it the WSDL of that service? The key soap_version chooses between 1.1 and 1.2",
        )

    @property
    def request_type(self) -> Any:
        """The library's type of the request element, with its elements."""
        return self._request.type

    def call(self, values: Mapping[str, Any], send: Send) -> Any:
        """
        Send *values* and return the answer as the library's object.

        Raises whatever the library raises on the message, on the answer, or *send* raises.
        """
        with self._wire.through(send):
            return self._proxy[self.operation](**values)


@lru_cache(maxsize=8)
def _client(path: Path, changed_ns: int) -> zeep.Client:
    """Read a WSDL, once for each of its changes: a large one takes half a second."""
    del changed_ns
    settings = zeep.Settings(
        strict=True,
        forbid_dtd=True,
        forbid_entities=True,
        forbid_external=True,
        xml_huge_tree=False,
    )
    return zeep.Client(
        str(path), transport=_Wire(path.parent), settings=settings, plugins=[_Watch()]
    )


def _count(envelope: etree._Element) -> int:
    return sum(1 for _ in envelope.iter())
