import pytest

from roomserver.config import Config, read
from roomserver.environment import webhook_secrets
from roomserver.hook_config import HookSection, made
from roomserver.tables import WrongConfig
from roomserver.webhook_address import LOOPBACK, read_network

SECRET = "whsec_" + "QUFB" * 8
HOOK = """
[danmaku.hook]
url = "https://shop.example/ask"
secret = "SHOP_SECRET"
deadline_ms = 300
fail = "closed"
networks = ["10.1.0.0/16"]
"""


def section(text: str = HOOK) -> HookSection:
    hook = read(text).danmaku.hook
    assert hook is not None
    return hook


def test_nobody_is_asked_unless_the_configuration_says_so() -> None:
    assert Config().danmaku.hook is None


def test_a_hook_is_made_of_its_section_and_the_secret() -> None:
    assert webhook_secrets([section()], {"SHOP_SECRET": SECRET}) == [(b"AAA" * 8,)]
    hook = made(section(), (b"AAA" * 8,), dev=False)
    assert (hook.url, hook.secrets, hook.deadline, hook.fail_open) == (
        "https://shop.example/ask",
        (b"AAA" * 8,),
        0.3,
        False,
    )
    assert hook.listed == (read_network("10.1.0.0/16"),)
    assert made(section(), (), dev=True).listed == (*hook.listed, *LOOPBACK)
    assert "AAA" not in repr(hook)


def test_half_a_second_and_consent_are_the_defaults() -> None:
    lines = [line for line in HOOK.splitlines() if not line.startswith(("deadline", "fail", "networks"))]
    hook = made(section("\n".join(lines)), (), dev=False)
    assert (hook.deadline, hook.fail_open, hook.listed) == (0.5, True, ())


@pytest.mark.parametrize(
    ("old", "new", "key", "expected"),
    [
        ("https://shop.example/ask", "http://shop.example/ask", "url", "a URL with https"),
        ("https://shop.example/ask", "https://shop..example/", "url", "a host's name"),
        ('"SHOP_SECRET"', '"' + SECRET + '"', "secret", "the name of an environment variable"),
        ("300", "10", "deadline_ms", "a number of milliseconds from 20 to 3000"),
        ("300", "3001", "deadline_ms", "a number of milliseconds from 20 to 3000"),
        ("300", '"300"', "deadline_ms", "a number of milliseconds from 20 to 3000"),
        ('"closed"', '"ajar"', "fail", "one of open, closed"),
        ("10.1.0.0/16", "10.1.2.3/16", "networks", "networks, as 10.1.0.0/16"),
        ("fail =", "failing =", "failing", "one of url, secret, deadline_ms, fail, networks"),
    ],
)
def test_a_hook_that_could_not_work_is_told(old: str, new: str, key: str, expected: str) -> None:
    with pytest.raises(WrongConfig) as caught:
        read(HOOK.replace(old, new), "room.toml")
    [problem] = caught.value.problems
    assert problem.key == f"danmaku.hook.{key}"
    assert problem.line > 1
    assert expected in problem.expected
    assert SECRET not in str(caught.value)


def test_a_hook_without_an_address_is_told() -> None:
    with pytest.raises(WrongConfig) as caught:
        read('[danmaku.hook]\nfail = "open"\n')
    assert [one.key for one in caught.value.problems] == ["danmaku.hook.url", "danmaku.hook.secret"]
