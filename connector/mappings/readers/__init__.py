"""
Readers: from bytes to plain values, one module per format.

A reader knows nothing about orders. It yields a RawMessage for each message that can be read and
a MessageError, naming file and position, for each that cannot; it raises nothing for what is in
the bytes.
"""
