from room.fingerprint import LENGTH, fingerprint


def test_a_fingerprint_is_short_and_stays_what_it_was_in_stored_rows() -> None:
    assert fingerprint("ada#gift#k") == "SqVklrXh"
    assert len(fingerprint("x" * 10_000)) == len(fingerprint("")) == LENGTH


def test_other_texts_have_other_fingerprints() -> None:
    assert len({fingerprint(f"ada#gift#{n}") for n in range(10_000)}) == 10_000
