"""The Centrifuge client protocol v2: a codec for each encoding and one connection's session, both pure."""
