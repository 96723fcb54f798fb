"""Membership: what members earn, the tier it makes them, and what that entitles them to."""
