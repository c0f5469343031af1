"""HTTP towards the ERP: sessions, logon, time-outs and errors, shared by OData and SOAP."""
