"""
The ERP over RFC: ECC and S/4HANA on premise, by BAPIs and table reads.

`erp.RfcErp` implements the port. It works on any `driver.RfcDriver`: SAP's own library through
`pyrfc_driver.pyrfc_driver`, or whatever behaves like pyrfc.
"""
