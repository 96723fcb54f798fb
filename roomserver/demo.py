"""The demo: a live room with simulated viewers on this machine, and nothing to configure."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import subprocess
import sys
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

from rich.cells import cell_len
from rich.console import Console

from checkin.definition import StreakDef
from checkin.ladder import MedalDef, RewardDef, StepDef
from membership.redemption import ItemDef
from room.refusal import Refused
from room.wording import Wording
from roomserver.child import mortal
from roomserver.config import Config, ServerSection
from roomserver.environment import OPERATOR_TOKEN, child_environment
from roomserver.environment import credentials as environment
from roomserver.http.platform import OPERATOR
from roomserver.launch import Running, Startup, for_development, launch
from settings.messages import Configure, SetLive
from stage.feature import Hall
from stage.seats import MAIN

ROOM = "demo"
FACE = Configure(room=ROOM, title="Autumn tea evening · 秋茶夜话", host="host-demo", zone="Asia/Shanghai", boundary=240)
THREE = MedalDef(id="three", title=Wording(en="Three days", zh="三天"))
WEEK = MedalDef(id="week", title=Wording(en="A week", zh="一周"))
MONTH = MedalDef(id="month", title=Wording(en="A month", zh="一月"))
TEA = RewardDef(id="month", kind="gift", title="限量茶礼 tea gift", points=300, medal=MONTH)
LADDER = (
    StepDef(day=3, reward=RewardDef(id="coupon", kind="coupon", title="¥10 优惠券 coupon", medal=THREE)),
    StepDef(day=7, reward=RewardDef(id="week", kind="coupon", title="¥50 优惠券 coupon", points=50, medal=WEEK)),
    StepDef(
        day=30,
        reward=TEA,
        stock=100,
        substitute=RewardDef(id="month_coupon", kind="coupon", title="¥200 优惠券 coupon", points=300, medal=MONTH),
    ),
)
ITEMS = (
    ItemDef(id="coupon_5", kind="coupon", title="¥5 优惠券 coupon", price=100),
    ItemDef(id="coupon_20", kind="coupon", title="¥20 优惠券 coupon", price=300, tier=1),
    ItemDef(id="tea", kind="gift", title="限量茶罐 tea caddy", price=800, stock=50, per_member=1),
)
"""What the demo's streak earns and what points are spent on, in words that both of the page's languages can show."""

SEED = 7
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
STEADY_SECONDS = 60
"""A crowd that ran so long starts again after the first pause."""

STOP_SECONDS = 5
PICTURE_PAUSE = 15.0
"""After a picture has ended: whoever put it out may still be connecting."""

log = logging.getLogger(__name__)


async def run_demo(*, port: int, viewers: int, data: Path) -> None:
    """Serve the demo until the process is asked to stop.

    Raises CannotStart, StoreRefused, StoreUnavailable, WrongConfig.
    """
    credentials = for_development(environment())
    server = ServerSection(host="127.0.0.1", port=port, data=str(data))
    streaks = (StreakDef(name="daily", ladder=LADDER),)
    startup = Startup(config=Config(server=server, streaks=streaks, items=ITEMS), credentials=credentials, dev=True)
    ready: asyncio.Future[Running] = asyncio.get_running_loop().create_future()
    show = asyncio.create_task(_show(ready, viewers, credentials.operator[0], data), name="demo")
    try:
        await launch(startup, on_ready=ready.set_result)
    finally:
        show.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await show
    closed = f"The room is closed. Its members, streaks and points are kept in {data}."
    Console().print(closed, markup=False, highlight=False, soft_wrap=True)


async def _show(ready: asyncio.Future[Running], viewers: int, operator: str, data: Path) -> None:
    """Open the room, print the links, and keep the crowd there."""
    running = await ready
    try:
        await running.server.command(OPERATOR, FACE, make=True)
        await running.server.command(OPERATOR, SetLive(room=ROOM, live=True))
    except Refused as refused:
        log.error("the room was not made", extra={"why": refused.message})
    _print_links(running.address, viewers)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_keep_picture(running, data / "picture.log"), name="picture")
        if viewers:
            crowd = Crowd(address=running.address, viewers=viewers, operator=operator, output=data / "crowd.log")
            tasks.create_task(crowd.keep(), name="crowd")


async def _keep_picture(running: Running, output: Path) -> None:
    """Have a test picture in the room whenever nobody's own is there, until cancelled.

    Who goes live from the demo's console takes its place: the picture is then put out, and waits.
    """
    said = f"--url ws://{running.address}/connection/websocket --room {ROOM}"
    command = [sys.executable, "-m", "loadtest", "picture", *said.split()]
    while True:
        if not _has_picture(running):
            await _run_program(command, output, child_environment())
        await asyncio.sleep(PICTURE_PAUSE)


def _has_picture(running: Running) -> bool:
    room = running.server.rooms.get(ROOM)
    return room is not None and MAIN in room.state.state(Hall).slots


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """The simulated viewers: a program of its own, which knows the server only over the network."""

    address: str
    viewers: int
    operator: str
    output: Path

    async def keep(self) -> None:
        """Run it, and run it again whenever it ends, until cancelled."""
        pause, loop = FIRST_PAUSE, asyncio.get_running_loop()
        for seed in count(SEED):
            began = loop.time()
            code = await self._run(seed)
            pause = FIRST_PAUSE if loop.time() - began > STEADY_SECONDS else min(2 * pause, LONGEST_PAUSE)
            log.warning("the simulated viewers ended", extra={"code": code, "see": str(self.output), "again_in": pause})
            await asyncio.sleep(pause)

    def command(self, seed: int) -> list[str]:
        """Its command line; the operator's key goes through its environment, which no other user can read."""
        said = f"--url ws://{self.address}/connection/websocket --room {ROOM} --viewers {self.viewers} --seed {seed}"
        return [sys.executable, "-m", "loadtest", "crowd", *said.split(), "--endless", "--quiet"]

    async def _run(self, seed: int) -> int:
        return await _run_program(self.command(seed), self.output, child_environment(**{OPERATOR_TOKEN: self.operator}))


async def _run_program(command: list[str], output: Path, environment: dict[str, str]) -> int:
    """Run a program of the demo to its end, or end it with the task; its exit code."""
    with output.open("wb") as said:
        process = await asyncio.create_subprocess_exec(
            *mortal(command),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env=environment,
            start_new_session=True,  # Ctrl-C in the terminal is for the server, which ends this program
        )
    try:
        return await process.wait()
    finally:
        await _stop(process)


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def links(address: str) -> dict[str, str]:
    """Where to go, by what is there."""
    page = f"http://{address}/"
    return {
        "Watch": f"{page}?{urlencode({'room': ROOM, 'lang': 'en'})}",
        "观看（中文）": f"{page}?{urlencode({'room': ROOM, 'lang': 'zh'})}",
        "A second viewer": f"{page}?{urlencode({'room': ROOM, 'user': 'second', 'name': 'Second viewer'})}",
        "Host console": f"{page}host?{urlencode({'room': ROOM, 'user': 'host-demo', 'name': 'Lin'})}",
        "主播控制台": f"{page}host?{urlencode({'room': ROOM, 'user': 'host-demo', 'name': 'Lin', 'lang': 'zh'})}",
        "Server": f"{page}ops?{urlencode({'lang': 'en'})}",
        "服务器": f"{page}ops?{urlencode({'lang': 'zh'})}",
        "Metrics": f"http://{address}/metrics",
        "Platform API": f"http://{address}/api/openapi.json",
    }


def _print_links(address: str, viewers: int) -> None:
    console = Console()
    crowd = f"{viewers} simulated viewers are coming in" if viewers else "without simulated viewers"
    console.print(f"\n[bold]The room is open[/bold], {crowd}.\n")
    for name, link in links(address).items():
        padding = " " * (18 - cell_len(name))
        console.print(f"[bold]{name}[/bold]{padding}{link}", soft_wrap=True)  # a cut link leads nowhere
    console.print(f"\nTo call the platform API, set {OPERATOR_TOKEN} before the start.\nStop with Ctrl-C.\n")
