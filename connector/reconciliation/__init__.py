"""
Open-item reconciliation: orders, billing, FI items, payments and the G/L balance at a key date.

It reads the mirror and the ERP and reports; it never repairs anything.
"""
