"""The shell: every await, socket, clock and store call of the room server."""
