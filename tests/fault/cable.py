"""A machine of its own for a store, in a network namespace, with a cable that can be pulled: no end hears of it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

NETWORK = f"10.{200 + os.getpid() % 50}.{os.getpid() // 50 % 250}"  # beside that of another run on this machine
HERE, THERE = f"{NETWORK}.1", f"{NETWORK}.2"
NOBODY = "02:00:00:00:00:fe"
"""No machine's address on the cable."""


@dataclass(frozen=True, slots=True)
class Cable:
    """``name`` is the namespace's; ``inside`` is what a command line begins with that runs in it."""

    name: str
    here: str

    @property
    def inside(self) -> list[str]:
        return ["ip", "netns", "exec", self.name]

    def pull(self) -> None:
        """Nothing passes any more, and nobody is told."""
        ip("netns", "exec", self.name, "ip", "link", "set", "there", "down")

    def plug_in(self) -> None:
        ip("netns", "exec", self.name, "ip", "link", "set", "there", "up")

    def part(self) -> None:
        """What is sent to the other end goes nowhere, and nobody is told; within each end all goes on."""
        ip("neighbor", "replace", THERE, "lladdr", NOBODY, "dev", self.here, "nud", "permanent")
        self._there("neighbor", "replace", HERE, "lladdr", NOBODY, "dev", "there", "nud", "permanent")

    def join(self) -> None:
        """The two ends find each other again."""
        ip("neighbor", "delete", THERE, "dev", self.here)
        self._there("neighbor", "delete", HERE, "dev", "there")

    def _there(self, *words: str) -> None:
        ip("netns", "exec", self.name, "ip", *words)


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@contextmanager
def cable() -> Iterator[Cable]:
    """A namespace of this process, gone at the end with all that is in it."""
    name, here = f"rs-{os.getpid()}", f"rs{os.getpid()}"
    with ExitStack() as stack:
        ip("netns", "add", name)
        stack.callback(ip, "netns", "delete", name)
        ip("link", "add", here, "type", "veth", "peer", "name", "there", "netns", name)
        ip("address", "add", f"{HERE}/30", "dev", here)
        ip("link", "set", here, "up")
        made = Cable(name, here)
        ip(*made.inside[1:], "ip", "link", "set", "lo", "up")
        ip(*made.inside[1:], "ip", "address", "add", f"{THERE}/30", "dev", "there")
        made.plug_in()
        yield made
