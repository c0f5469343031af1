"""The ``$metadata`` document of a service: EDMX 1.0 with SAP's annotations."""

from __future__ import annotations

from typing import Any

from lxml import etree

from connector.simulator.odata.schema import (
    Function,
    Navigation,
    Property,
    Service,
    Set,
    StructuredType,
)

_EDMX = "http://schemas.microsoft.com/ado/2007/06/edmx"
_METADATA = "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"
_EDM = "http://schemas.microsoft.com/ado/2008/09/edm"
_SAP = "http://www.sap.com/Protocols/SAPData"
_ATOM = "http://www.w3.org/2005/Atom"
_CONTAINERS = "Entities"


def document(service: Service, root_url: str) -> bytes:
    """Return the metadata of *service*, as XML; *root_url* is where the client found it."""
    names = {"edmx": _EDMX, "m": _METADATA, "sap": _SAP}
    root = etree.Element(f"{{{_EDMX}}}Edmx", {"Version": "1.0"}, nsmap=names)
    services = etree.SubElement(root, f"{{{_EDMX}}}DataServices")
    services.set(f"{{{_METADATA}}}DataServiceVersion", "2.0")
    default: Any = {None: _EDM}
    schema = etree.SubElement(
        services, _edm("Schema"), {"Namespace": service.namespace}, nsmap=default
    )
    schema.set(_sap("schema-version"), "1")
    for type_ in service.types.values():
        _type(schema, service, type_)
    ends = [
        (type_, navigation)
        for type_ in service.types.values()
        for navigation in type_.navigations.values()
    ]
    for type_, navigation in ends:
        _association(schema, service, type_, navigation)
    container = etree.SubElement(
        schema, _edm("EntityContainer"), {"Name": f"{service.namespace}_{_CONTAINERS}"}
    )
    container.set(f"{{{_METADATA}}}IsDefaultEntityContainer", "true")
    container.set(_sap("supported-formats"), "atom json xlsx")
    for set_ in service.sets.values():
        _set(container, service, set_)
    for type_, navigation in ends:
        _association_set(container, service, type_, navigation)
    for function in service.functions.values():
        _function(container, service, function)
    for rel in ("self", "latest-version"):
        etree.SubElement(
            schema,
            f"{{{_ATOM}}}link",
            {"rel": rel, "href": f"{root_url}/$metadata"},
            nsmap={"atom": _ATOM},
        )
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _edm(name: str) -> str:
    return f"{{{_EDM}}}{name}"


def _sap(name: str) -> str:
    return f"{{{_SAP}}}{name}"


def _type(schema: etree._Element, service: Service, type_: StructuredType) -> None:
    kind = "EntityType" if type_.is_entity else "ComplexType"
    element = etree.SubElement(schema, _edm(kind), {"Name": type_.name})
    if type_.is_entity:
        element.set(_sap("content-version"), "1")
        key = etree.SubElement(element, _edm("Key"))
        for name in type_.key:
            etree.SubElement(key, _edm("PropertyRef"), {"Name": name})
    for property_ in type_.properties.values():
        _property(element, property_)
    for navigation in type_.navigations.values():
        name = association(type_, navigation)
        etree.SubElement(
            element,
            _edm("NavigationProperty"),
            {
                "Name": navigation.name,
                "Relationship": f"{service.namespace}.{name}",
                "FromRole": f"FromRole_{name}",
                "ToRole": f"ToRole_{name}",
            },
        )


def _property(parent: etree._Element, property_: Property) -> None:
    element = etree.SubElement(
        parent, _edm("Property"), {"Name": property_.name, "Type": f"Edm.{property_.type}"}
    )
    if property_.is_key or property_.required:
        element.set("Nullable", "false")
    _facets(element, property_)
    if property_.is_etag:
        element.set("ConcurrencyMode", "Fixed")
    if property_.unit:
        element.set(_sap("unit"), property_.unit)
    if property_.type == "DateTime":
        element.set(_sap("display-format"), "Date")
    if property_.label:
        element.set(_sap("label"), property_.label)
    for name, holds in (
        ("creatable", property_.creatable),
        ("updatable", property_.updatable),
        ("filterable", property_.filterable),
    ):
        if not holds:
            element.set(_sap(name), "false")


def _facets(element: etree._Element, property_: Property) -> None:
    if property_.length:
        element.set("MaxLength", str(property_.length))
    if property_.precision is not None:
        element.set("Precision", str(property_.precision))
    if property_.scale is not None:
        element.set("Scale", str(property_.scale))


def association(type_: StructuredType, navigation: Navigation) -> str:
    """Return the name of the association behind a navigation."""
    return f"assoc_{type_.name.removesuffix('Type')}_{navigation.name}"


def _association(
    schema: etree._Element, service: Service, type_: StructuredType, navigation: Navigation
) -> None:
    name = association(type_, navigation)
    element = etree.SubElement(schema, _edm("Association"), {"Name": name})
    element.set(_sap("content-version"), "1")
    for role, end, multiplicity in (
        ("FromRole", type_.name, "1" if navigation.is_collection else "*"),
        ("ToRole", navigation.target, navigation.multiplicity),
    ):
        etree.SubElement(
            element,
            _edm("End"),
            {
                "Type": f"{service.namespace}.{end}",
                "Multiplicity": multiplicity,
                "Role": f"{role}_{name}",
            },
        )


def _set(container: etree._Element, service: Service, set_: Set) -> None:
    element = etree.SubElement(
        container,
        _edm("EntitySet"),
        {"Name": set_.name, "EntityType": f"{service.namespace}.{set_.type.name}"},
    )
    for name, holds in (
        ("creatable", set_.creatable),
        ("updatable", set_.updatable),
        ("deletable", set_.deletable),
        ("addressable", set_.addressable),
    ):
        if not holds:
            element.set(_sap(name), "false")
    element.set(_sap("content-version"), "1")


def _association_set(
    container: etree._Element, service: Service, type_: StructuredType, navigation: Navigation
) -> None:
    name = association(type_, navigation)
    element = etree.SubElement(
        container,
        _edm("AssociationSet"),
        {"Name": f"{name}_Set", "Association": f"{service.namespace}.{name}"},
    )
    for role, end in (("FromRole", type_.name), ("ToRole", navigation.target)):
        etree.SubElement(
            element,
            _edm("End"),
            {"EntitySet": service.set_of_type[end].name, "Role": f"{role}_{name}"},
        )


def _function(container: etree._Element, service: Service, function: Function) -> None:
    returned = f"{service.namespace}.{function.returns.name}"
    if function.is_collection:
        returned = f"Collection({returned})"
    element = etree.SubElement(
        container, _edm("FunctionImport"), {"Name": function.name, "ReturnType": returned}
    )
    if function.returns.is_entity:
        element.set("EntitySet", service.set_of_type[function.returns.name].name)
    element.set(f"{{{_METADATA}}}HttpMethod", function.method)
    for property_ in function.parameters.values():
        parameter = etree.SubElement(
            element,
            _edm("Parameter"),
            {"Name": property_.name, "Type": f"Edm.{property_.type}", "Mode": "In"},
        )
        _facets(parameter, property_)
