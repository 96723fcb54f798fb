"""What the demo shows, and how it calls its crowd."""

from pathlib import Path

from roomserver.demo import Crowd, links


def test_the_links_lead_to_both_languages_a_second_user_and_the_host() -> None:
    shown = links("127.0.0.1:8000")
    assert shown["Watch"] == "http://127.0.0.1:8000/?room=demo&lang=en"
    assert shown["观看（中文）"].endswith("lang=zh")
    assert "user=second" in shown["A second viewer"]
    assert shown["Host console"] == "http://127.0.0.1:8000/host?room=demo&user=host-demo&name=Lin"
    assert shown["主播控制台"].endswith("lang=zh")
    assert shown["Server"] == "http://127.0.0.1:8000/ops?lang=en"
    assert shown["服务器"].endswith("lang=zh")
    assert shown["Metrics"] == "http://127.0.0.1:8000/metrics"


def test_the_operators_key_is_on_no_command_line() -> None:
    crowd = Crowd(address="127.0.0.1:8000", viewers=60, operator="hush", output=Path("crowd.log"))
    words = crowd.command(seed=7)
    assert "hush" not in " ".join(words)
    assert words[1:4] == ["-m", "loadtest", "crowd"]
    assert words[words.index("--url") + 1] == "ws://127.0.0.1:8000/connection/websocket"
    assert words[words.index("--viewers") + 1] == "60"
    assert "--endless" in words
