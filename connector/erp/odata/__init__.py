"""The ERP over OData v2, as SAP Gateway speaks it."""
