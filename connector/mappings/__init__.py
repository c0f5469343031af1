"""From a message outside to the SD documents it means: pure, no clock, network or database."""
