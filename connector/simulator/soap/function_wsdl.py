"""
The WSDL of a function offered as a web service, in the style of the RFC protocol.

Names stay as in the dictionary; dates are ``YYYY-MM-DD`` (type date10), tables hold ``item``
elements. Written from the function dictionary.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from lxml import etree

from connector.simulator.rfc.dictionary import FieldType, Function, Parameter, Structure

NAMESPACE: Final = "urn:sap-com:document:sap:rfc:functions"
_WSDL: Final = "http://schemas.xmlsoap.org/wsdl/"
_SOAP: Final = {
    "binding": "http://schemas.xmlsoap.org/wsdl/soap/",
    "binding_soap12": "http://schemas.xmlsoap.org/wsdl/soap12/",
}
_XSD: Final = "http://www.w3.org/2001/XMLSchema"
_HTTP: Final = "http://schemas.xmlsoap.org/soap/http"
_SERVICE_PATH: Final = "/sap/bc/srt/rfc/sap/"

#: ABAP type -> stem of the simple type's name and the schema type below it.
_SIMPLE: Final = {
    "CHAR": ("char", "string"),
    "UNIT": ("unit", "string"),
    "CUKY": ("cuky", "string"),
    "LANG": ("lang", "string"),
    "CLNT": ("clnt", "string"),
    "NUMC": ("numeric", "string"),
    "ACCP": ("accp", "string"),
    "DATS": ("date", "string"),
    "TIMS": ("time", "time"),
    "DEC": ("decimal", "decimal"),
    "QUAN": ("quantum", "decimal"),
    "CURR": ("curr", "decimal"),
    "RAW": ("byte", "base64Binary"),
}
_PLAIN: Final = {
    "FLTP": "double",
    "INT1": "unsignedByte",
    "INT2": "short",
    "INT4": "int",
    "INT8": "long",
    "STRG": "string",
    "RSTR": "base64Binary",
}


def write(function: Function, *, fields_are_optional: bool = True) -> bytes:
    """Return the WSDL of *function*."""
    return _Writer(function, fields_are_optional).write()


def xml_name(name: str) -> str:
    """Return a dictionary name as XML can hold it: a slash becomes ``_-``."""
    return name.replace("/", "_-")


def request_name(function: Function) -> str:
    """Return the expanded name of the request element."""
    return f"{{{NAMESPACE}}}{xml_name(function.name)}"


class _Writer:
    def __init__(self, function: Function, fields_are_optional: bool) -> None:
        self._function, self._optional = function, fields_are_optional
        self._root = etree.Element(
            f"{{{_WSDL}}}definitions",
            nsmap={
                "wsdl": _WSDL,
                "soap": _SOAP["binding"],
                "soap12": _SOAP["binding_soap12"],
                "xsd": _XSD,
                "tns": NAMESPACE,
            },
            attrib={"targetNamespace": NAMESPACE},
        )
        types = etree.SubElement(self._root, f"{{{_WSDL}}}types")
        self._schema = etree.SubElement(
            types, f"{{{_XSD}}}schema", attrib={"targetNamespace": NAMESPACE}
        )
        self._made: set[str] = set()

    def write(self) -> bytes:
        function = self._function
        name = xml_name(function.name)
        given = [p for p in function.parameters.values() if p.direction != "export"]
        for parameter in function.parameters.values():
            self._type_of(parameter)
        for message, parameters, mandatory in (
            (name, given, True),
            (f"{name}.Response", function.results, False),
        ):
            self._element(message, parameters, mandatory)
            part = {"name": "parameters", "element": f"tns:{message}"}
            etree.SubElement(self._wsdl(self._root, "message", name=message), _w("part"), part)
        operation = self._wsdl(
            self._wsdl(self._root, "portType", name=name), "operation", name=name
        )
        self._wsdl(operation, "input", message=f"tns:{name}")
        self._wsdl(operation, "output", message=f"tns:{name}.Response")
        for binding, soap in _SOAP.items():
            self._binding(name, binding, soap)
        service = self._wsdl(self._root, "service", name="service")
        for binding, soap in _SOAP.items():
            port = self._wsdl(service, "port", name=binding, binding=f"tns:{binding}")
            location = f"http://localhost{_SERVICE_PATH}{function.name.lower()}"
            etree.SubElement(port, f"{{{soap}}}address", location=location)
        return etree.tostring(self._root, xml_declaration=True, encoding="utf-8", pretty_print=True)

    def _binding(self, name: str, binding: str, soap: str) -> None:
        made = self._wsdl(self._root, "binding", name=binding, type=f"tns:{name}")
        etree.SubElement(made, f"{{{soap}}}binding", style="document", transport=_HTTP)
        operation = self._wsdl(made, "operation", name=name)
        action = f"{NAMESPACE}:{name}:{name}Request"
        etree.SubElement(operation, f"{{{soap}}}operation", soapAction=action, style="document")
        for way in ("input", "output"):
            etree.SubElement(self._wsdl(operation, way), f"{{{soap}}}body", use="literal")

    def _wsdl(self, parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
        return etree.SubElement(parent, _w(tag), attributes)

    def _element(self, name: str, parameters: Iterable[Parameter], mandatory: bool) -> None:
        element = etree.SubElement(self._schema, _x("element"), name=name)
        content = etree.SubElement(etree.SubElement(element, _x("complexType")), _x("all"))
        for parameter in parameters:
            made = etree.SubElement(
                content,
                _x("element"),
                name=xml_name(parameter.name),
                type=self._type_of(parameter),
            )
            # What comes back depends on what was asked for.
            if parameter.optional or not mandatory:
                made.set("minOccurs", "0")

    def _type_of(self, parameter: Parameter) -> str:
        kind = parameter.type
        if isinstance(kind, FieldType):
            return self._field(kind)
        return self._table(kind) if parameter.is_table else self._structure(kind)

    def _structure(self, structure: Structure) -> str:
        name = xml_name(structure.name)
        if self._new(name):
            types = {each: self._field(kind) for each, kind in structure.fields.items()}
            made = etree.SubElement(self._schema, _x("complexType"), name=name)
            content = etree.SubElement(made, _x("sequence"))
            for each, kind in types.items():
                field = etree.SubElement(content, _x("element"), name=xml_name(each), type=kind)
                if self._optional:
                    field.set("minOccurs", "0")
        return f"tns:{name}"

    def _table(self, structure: Structure) -> str:
        row, name = self._structure(structure), f"TABLE_OF_{xml_name(structure.name)}"
        if self._new(name):
            made = etree.SubElement(self._schema, _x("complexType"), name=name)
            content = etree.SubElement(made, _x("sequence"))
            item = {"name": "item", "type": row, "minOccurs": "0", "maxOccurs": "unbounded"}
            etree.SubElement(content, _x("element"), item)
        return f"tns:{name}"

    def _field(self, kind: FieldType) -> str:
        if kind.abap in _PLAIN:
            return f"xsd:{_PLAIN[kind.abap]}"
        stem, below = _SIMPLE[kind.abap]
        # A date has two characters more than the dictionary says: its hyphens.
        length = 10 if stem == "date" else kind.length
        name = "time" if stem == "time" else f"{stem}{length}"
        if below == "decimal":
            name += f".{kind.decimals}"
        if self._new(name):
            made = etree.SubElement(self._schema, _x("simpleType"), name=name)
            facets = etree.SubElement(made, _x("restriction"), base=f"xsd:{below}")
            for facet, value in _facets(stem, below, length, kind.decimals):
                etree.SubElement(facets, _x(facet), value=value)
        return f"tns:{name}"

    def _new(self, name: str) -> bool:
        known = name in self._made
        self._made.add(name)
        return not known


def _facets(stem: str, below: str, length: int, decimals: int) -> list[tuple[str, str]]:
    if below == "decimal":
        return [("totalDigits", str(length)), ("fractionDigits", str(decimals))]
    if stem == "time":
        return [("pattern", "[0-9]{2}:[0-9]{2}:[0-9]{2}")]
    patterns = {"date": r"\d\d\d\d-\d\d-\d\d", "numeric": r"\d*", "accp": r"\d*"}
    facets = [("maxLength", str(length))]
    if stem in patterns:
        facets.append(("pattern", patterns[stem]))
    return facets


def _w(tag: str) -> str:
    return f"{{{_WSDL}}}{tag}"


def _x(tag: str) -> str:
    return f"{{{_XSD}}}{tag}"
