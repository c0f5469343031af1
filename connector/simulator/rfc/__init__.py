"""
The RFC face of the simulated ERP: an object with the interface of ``pyrfc.Connection``.

- `face.RfcFace(erp)` opens sessions and runs functions; ``face.connect(config, **params)`` gives a
  connection in this process.
- `server.RfcServer(face, host, port)` serves it to other processes, `remote.RemoteConnection(host,
  port, config, **params)` is the same connection from there, `remote.RemoteControl` what an
  operator may do (faults, time, held commits).
- `fill`, `wrap` and `exceptions` behave as pyrfc 3.3.1; `dictionary` reads ``fixtures/sap``.
- `faults.Fault` names what may go wrong on the line; `settings.FaceSettings` what differs between
  systems.
- `handlers` has one module per family of functions, `tables` what RFC_READ_TABLE reads.
"""
