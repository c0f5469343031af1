"""The ERP over SOAP: journal entries, and functions that a system offers as web services."""
