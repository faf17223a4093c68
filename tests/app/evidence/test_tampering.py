"""Whoever changes the log in the database is found, and the first bad entry is named."""

import random

import pytest
from sqlalchemy import text

from analytics.errors import Forbidden, InvalidInput
from app.audit.journal import canonical
from app.audit.merkle import leaf_hash
from app.audit.notes import opened, verifier_key
from app.evidence.signing import LogBroken, Signer
from app.evidence.verification import verify


@pytest.fixture
def sql(gemba):
    """An attacker with the database's own password."""

    def run(statement: str, **values: object) -> list[tuple[object, ...]]:
        with gemba.database.engine.begin() as connection:
            done = connection.execute(text(statement), values)
            return [tuple(row) for row in done] if done.returns_rows else []

    return run


def body_of(sql, position):
    return str(sql("SELECT body FROM audit_entry WHERE position = :p", p=position)[0][0])


def forge(sql, position, old, new):
    """Change an entry's words and its hash, so that the entry by itself looks right."""
    body = body_of(sql, position).replace(old, new)
    leaf = leaf_hash(body.encode()).hex()
    sql("UPDATE audit_entry SET body = :b, leaf = :l WHERE position = :p", b=body, l=leaf, p=position)


def first(access):
    found = verify(access)
    return None if found.is_sound else (found.findings[0].kind, found.first_bad)


def test_a_log_that_nobody_touched_is_sound(acting, signed):
    found = verify(acting())
    assert (found.is_sound, found.entries, found.checkpoints, found.signed) == (True, 30, 2, 25)


def test_a_changed_word_is_found_where_it_is(acting, signed, sql):
    body = body_of(sql, 17).replace("admin@", "other@")
    sql("UPDATE audit_entry SET body = :b WHERE position = 17", b=body)
    assert first(acting()) == ("column", 17)
    assert ("edited", 17) in {(f.kind, f.position) for f in verify(acting()).findings}


def test_a_changed_entry_with_a_fitting_hash_is_found(acting, signed, sql):
    forge(sql, 12, '"speed":2', '"speed":9')
    assert first(acting())[1] == 12
    assert {f.kind for f in verify(acting()).findings} >= {"rewritten", "unsealed"}


def test_an_unsigned_entry_that_was_forged_lacks_the_seal(acting, signed, sql):
    forge(sql, 28, '"speed":3', '"speed":9')
    assert first(acting()) == ("unsealed", 28)


def test_a_column_that_lists_show_cannot_differ_from_the_entry(acting, signed, sql):
    sql("UPDATE audit_entry SET actor = 'nobody@example.test' WHERE position = 3")
    assert first(acting()) == ("column", 3)
    sql("UPDATE audit_entry SET recorded_at = recorded_at + 1 WHERE position = 2")
    assert first(acting()) == ("column", 2)


def test_a_relinked_history_without_one_entry_is_found_at_that_entry(acting, signed, sql, factory_id):
    """The attacker removes an entry, moves all later ones up, renumbers and rehashes them."""
    sql("DELETE FROM audit_entry WHERE position = 8")
    for position in range(9, 30):
        forge(sql, position, f'"position":{position}', f'"position":{position - 1}')
        sql("UPDATE audit_entry SET position = :n WHERE position = :p", n=position - 1, p=position)
    sql("UPDATE factory SET audit_size = 29 WHERE id = :f", f=factory_id)
    assert first(acting())[1] == 8


@pytest.mark.parametrize("is_counter_set", [False, True])
def test_a_truncated_tail_is_found(acting, signed, sql, factory_id, is_counter_set):
    sql("DELETE FROM audit_entry WHERE position >= 20")
    if is_counter_set:
        sql("UPDATE factory SET audit_size = 20 WHERE id = :f", f=factory_id)
    assert first(acting()) == ("truncated", 20)
    with pytest.raises(LogBroken):
        signed.round(["north"])


def test_a_fork_from_an_old_copy_is_found_where_it_left(acting, signed, sql, factory_id, write):
    """The database is set back to 20 entries, and the plant goes on from there past what was signed."""
    sql("DELETE FROM audit_entry WHERE position >= 20")
    sql("UPDATE factory SET audit_size = 20 WHERE id = :f", f=factory_id)
    write(12, name="line")
    with pytest.raises(LogBroken, match="entry 24"):
        signed.round(["north"])
    assert first(acting()) == ("rewritten", 20)


def test_a_roll_back_of_everything_in_the_state_folder_too_is_shown_by_a_kept_checkpoint(
    acting, gemba, signed, sql, factory_id
):
    kept = gemba.outside.checkpoints("north")[-1]
    sql("DELETE FROM audit_entry WHERE position >= 10")
    sql("UPDATE factory SET audit_size = 10 WHERE id = :f", f=factory_id)
    folder = gemba.settings.audit_folder
    (folder / "north.leaves").write_bytes((folder / "north.leaves").read_bytes()[: 10 * 32])
    notes = (folder / "north.checkpoints").read_text("utf-8")
    (folder / "north.checkpoints").write_text(notes[: len(notes) // 2], "utf-8")
    assert verify(acting()).is_sound
    found = verify(acting(), kept=[kept])
    assert (found.findings[0].kind, found.first_bad) == ("truncated", 10)


def test_an_entry_that_was_put_in_past_the_application_is_found(acting, signed, sql, factory_id):
    body = canonical(
        {"action": "machine.change", "actor": "admin@example.test", "at": "2026-03-04T12:00:00+00:00",
         "object": ["machine", "1"], "position": 30}
    ).decode()  # fmt: skip
    sql(
        "INSERT INTO audit_entry (factory_id, position, recorded_at, actor, action, object_type, object_id,"
        " body, leaf, seal) VALUES (:f, 30, 1772625600000000, 'admin@example.test', 'machine.change',"
        " 'machine', '1', :b, :l, '')",
        f=factory_id, b=body, l=leaf_hash(body.encode()).hex(),
    )  # fmt: skip
    assert {(f.kind, f.position) for f in verify(acting()).findings} == {("bypass", 30), ("unsealed", 30)}
    sql("UPDATE factory SET audit_size = 31 WHERE id = :f", f=factory_id)
    assert first(acting()) == ("unsealed", 30)


def test_leaves_outside_that_were_changed_stop_the_signer(acting, gemba, signed, write):
    path = gemba.settings.audit_folder / "north.leaves"
    raw = bytearray(path.read_bytes())
    raw[5 * 32] ^= 1
    path.write_bytes(bytes(raw))
    write(1)
    with pytest.raises(LogBroken, match="not those signed"):
        Signer(gemba).round(["north"])
    assert first(acting()) == ("rewritten", 5)


def test_a_checkpoint_of_another_key_or_log_is_refused(acting, gemba, signed):
    note = gemba.outside.checkpoints("north")[0]
    assert opened(note, gemba.outside.verifier()).size == 10
    for bad in (note.replace("\n10\n", "\n11\n"), note.replace("gemba/north", "gemba/south"), "nonsense"):
        with pytest.raises(InvalidInput):
            opened(bad, gemba.outside.verifier())
        assert not verify(acting(), kept=[bad]).is_sound
    with pytest.raises(InvalidInput, match="not signed by this key"):
        opened(note, verifier_key("gemba", bytes(32)))


def test_who_may_not_see_the_log_may_not_verify_it(acting, signed):
    with pytest.raises(Forbidden):
        verify(acting("operator"))


def test_a_signer_that_starts_anew_goes_on_where_the_last_one_ended(acting, gemba, signed, write):
    write(3)
    assert Signer(gemba).round(["north"]) == 1
    assert signed.round(["north"]) == 0
    write(1)
    assert signed.round(["north"]) == 1
    found = verify(acting())
    assert (found.is_sound, found.signed, found.checkpoints) == (True, 34, 4)


COLUMNS = ("position", "recorded_at", "actor", "action", "object_type", "object_id", "body", "leaf", "seal")


def _spoil(value, dice):
    if isinstance(value, int):
        return value + dice.choice([-1, 1, 1000])
    place = dice.randrange(len(value))
    other = dice.choice([c for c in "0123456789abcdef" if c != value[place]])
    return value[:place] + other + value[place + 1 :]


def test_a_thousand_random_changes_are_all_found_at_or_before_their_entry(acting, signed, gemba, monkeypatch):
    """Each mutates what the database would answer: one column, a dropped, doubled or swapped entry."""
    from app.evidence import verification

    rows = [row for portion in verification.portions(acting().read, 0) for row in portion]
    dice = random.Random(20_261_121)
    missed = []
    for number in range(1000):
        changed = [list(row) for row in rows]
        at = dice.randrange(len(rows))
        kind = dice.choice(["column", "column", "column", "drop", "double", "swap"])
        if kind == "column":
            column = dice.randrange(len(COLUMNS))
            changed[at][column] = _spoil(changed[at][column], dice)
        elif kind == "drop":
            del changed[at]
        elif kind == "double":
            changed.insert(at, list(changed[at]))
        else:
            other = dice.choice([i for i in range(len(rows)) if i != at])
            changed[at][1:], changed[other][1:] = changed[other][1:], changed[at][1:]
            at = min(at, other)
        answer = [[tuple(row) for row in changed]]
        monkeypatch.setattr(verification, "portions", lambda *asked, answer=answer: answer)
        found = verify(acting())
        if found.is_sound or abs(found.first_bad - at) > 1:
            missed.append((number, kind, at, found.first_bad))
    assert missed == []
