"""The SOAP faces of the simulated ERP: journal entries, and functions offered as web services."""
