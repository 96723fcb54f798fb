"""The picture: WebRTC in from hosts, out to viewers, forwarded and never re-encoded."""
