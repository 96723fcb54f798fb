"""What is set for a room: its face and its days, whether it is live, and who may speak in it."""
