"""What a dry run leaves for people: a page, a workbook, and what is missing in tables."""
