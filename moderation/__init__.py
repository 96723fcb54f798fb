"""Who may not speak in a room, and who may not be in it."""
