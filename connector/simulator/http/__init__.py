"""The simulated ERP over HTTP: one server, and the faces that answer under its paths."""
