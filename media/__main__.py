"""``python -m media HOST PORT ADDRESS…``: the media process, as the room server starts it."""

from __future__ import annotations

import asyncio
import logging
import sys

import uvloop

from media.worker import work


def main() -> None:
    """Serve until standard input ends."""
    logging.basicConfig(stream=sys.stderr, format="media: %(levelname)s %(message)s", level=logging.WARNING)
    host, port, *addresses = sys.argv[1:]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(work(host, int(port), addresses))
        except* OSError as errors:
            sys.exit(f"media: cannot listen on {host} UDP port {port}: {errors.exceptions[0]}")


if __name__ == "__main__":
    main()
