"""What a reconciliation run leaves for people: tables, a workbook, a page, a sheet to sign."""
