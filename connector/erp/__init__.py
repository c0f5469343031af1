"""Adapters that implement the ERP port (`connector/ports/erp.py`), one package per protocol."""
