"""The simulated ERP: one business engine, and the faces through which other programs reach it."""
