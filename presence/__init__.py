"""Who is in the room: users, not connections; the count, the roster and merged entries."""
