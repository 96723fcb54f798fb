"""The kernel: what a command, an event, a feature, a row and a turn are."""
