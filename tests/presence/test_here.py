from presence.here import GRACE_MS, Entries, Here
from room.people import User


def test_a_user_with_many_connections_is_one_user() -> None:
    here = Here()
    for connection in ("phone", "tab", "television"):
        here.connect("ada", connection, guest=False)
    assert (here.users, here.clients) == (1, 3)


def test_the_last_connection_to_end_begins_the_grace() -> None:
    here = Here()
    here.connect("ada", "phone", guest=False)
    here.connect("ada", "tab", guest=False)
    here.disconnect("ada", "phone", 1_000)
    assert here.leaving == {}
    here.disconnect("ada", "tab", 2_000)
    assert here.leaving == {"ada": 2_000 + GRACE_MS}
    assert (here.users, here.clients) == (1, 0)
    assert (here.grace_over("ada", 2_000 + GRACE_MS - 1), here.grace_over("ada", 2_000 + GRACE_MS)) == (False, True)


def test_who_comes_back_keeps_his_place_and_who_comes_anew_gets_another() -> None:
    here = Here()
    for user in ("ada", "bob"):
        here.connect(user, user, guest=False)
    here.disconnect("ada", "ada", 0)
    here.connect("ada", "again", guest=False)
    assert [user for _, user in here.roll] == ["ada", "bob"]
    here.disconnect("ada", "again", 0)
    here.leave("ada")
    here.connect("ada", "anew", guest=False)
    assert [user for _, user in here.roll] == ["bob", "ada"]


def test_those_overdue_are_told_in_the_order_in_which_they_went() -> None:
    here = Here()
    for at, user in enumerate(["cyd", "ada", "bob"]):
        here.connect(user, user, guest=False)
        here.disconnect(user, user, at)
    assert list(here.overdue(GRACE_MS + 1)) == ["cyd", "ada"]


def test_three_who_entered_are_named_the_highest_tiers_first() -> None:
    entries = Entries()
    for name, tier in (("a", 0), ("b", 2), ("c", 2), ("d", 1), ("e", 3)):
        entries.add(User(id=name, name=name, tier=tier), shown=name != "e")
    assert entries.count == 5
    assert [user.id for user in entries.sample] == ["b", "c", "d"]
