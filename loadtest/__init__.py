"""The load harness: simulated viewers over real sockets; a stranger that knows only the wire (docs/protocol.md)."""
