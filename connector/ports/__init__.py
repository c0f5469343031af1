"""What the use cases need from the outside, as small protocols: the ERP, the store, channels."""
