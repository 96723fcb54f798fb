"""Servers that `python -m loadtest compare` measures beside this one; each runs in a process of its own."""
