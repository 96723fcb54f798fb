from dataclasses import replace

import pytest

from moderation.messages import Done
from moderation.refusals import Banned, BannedForGood, Muted, MutedForGood
from moderation.sanctions import Sanction, Sanctions, banned, muted, shown
from room.people import Role, User

NOW = 1_700_000_000_000
ADA, MOD = User(id="ada", name="Ada"), User(id="mod", name="Mod")
MINUTE = Sanction(rank=Role.MODERATOR, until=NOW + 60_000, reason="spam")
FOR_GOOD = Sanction(rank=Role.MODERATOR)


def done(kind: str, until: int | None = None) -> Done:
    return Done(user=ADA, by=MOD, rank=Role.MODERATOR, kind_=kind, until=until)


def test_a_sanction_ends_by_itself_unless_it_is_for_good() -> None:
    assert [MINUTE.holds(NOW + ms) for ms in (0, 59_999, 60_000)] == [True, True, False]
    assert FOR_GOOD.holds(NOW * 2)


def test_it_binds_whoever_ranks_below_its_giver() -> None:
    assert [role.name for role in Role if FOR_GOOD.binds(role, NOW)] == ["GUEST", "MEMBER"]
    assert replace(FOR_GOOD, rank=Role.HOST).binds(Role.MODERATOR, NOW)
    assert not MINUTE.binds(Role.MEMBER, NOW + 60_000)


def test_mutes_and_bans_come_and_go_apart() -> None:
    row = Sanctions().after(done("mute", NOW)).after(done("ban"))
    assert row == Sanctions(mute=Sanction(rank=2, until=NOW), ban=Sanction(rank=2))
    assert row.after(done("unmute")) == replace(row, mute=None)
    assert row.after(done("unban")) == replace(row, ban=None)
    assert row.after(done("kick")) is row


@pytest.mark.parametrize(
    ("refusal", "kind", "message"),
    [
        (muted(MINUTE, NOW), Muted, "muted: until 2023-11-14T22:14:20Z, spam; retry in 60000 ms"),
        (muted(replace(MINUTE, reason=None), NOW), Muted, "muted: until 2023-11-14T22:14:20Z; retry in 60000 ms"),
        (muted(FOR_GOOD, NOW), MutedForGood, "muted for good"),
        (muted(replace(FOR_GOOD, reason="spam"), NOW), MutedForGood, "muted for good: spam"),
        (banned(MINUTE, NOW), Banned, "banned: until 2023-11-14T22:14:20Z, spam; retry in 60000 ms"),
        (banned(FOR_GOOD, NOW), BannedForGood, "banned for good"),
    ],
)
def test_a_refusal_says_until_when_and_why_and_whether_waiting_helps(
    refusal: Exception, kind: type[Exception], message: str
) -> None:
    assert isinstance(refusal, Muted | MutedForGood | Banned | BannedForGood)
    assert (type(refusal), refusal.message) == (kind, message)
    assert refusal.temporary is (refusal.retry_in is not None)


def test_a_card_shows_what_still_holds() -> None:
    assert shown(MINUTE, NOW) == {"until": NOW + 60_000, "reason": "spam"}
    assert shown(FOR_GOOD, NOW) == {"until": None, "reason": None}
    assert (shown(MINUTE, NOW + 60_000), shown(None, NOW)) == (None, None)
