"""The host's desk: whom to greet and to thank, one card at a time, and the roll-call."""
