"""Erasure: the platform asks that nothing of a member be kept in a room."""
