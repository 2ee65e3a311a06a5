from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from deepvein.core.errors import UsageError
from deepvein.node import accounts
from deepvein.node.accounts import (
    FAILURES,
    LoginRefusedError,
    TooManyAttemptsError,
    add_token,
    add_user,
    log_in,
    revoke_token,
    session_of,
    set_password,
    token_of,
)
from deepvein.node.database.columns import now
from deepvein.node.database.schema import SessionRow, TokenRow, UserRow
from deepvein.node.states import Role

PASSWORD = "correct horse battery"


@pytest.fixture
def anna(database):
    with database.writing() as session:
        return add_user(session, "anna", PASSWORD, Role.READER)


def test_only_an_argon2_hash_is_kept(anna):
    assert anna.password_hash.startswith("$argon2id$")
    assert PASSWORD not in anna.password_hash


@pytest.mark.parametrize(
    ("name", "password", "words"),
    [
        ("anna", PASSWORD, "already"),
        ("", PASSWORD, "not usable"),
        ("a b", PASSWORD, "not usable"),
        ("x" * 65, PASSWORD, "not usable"),
        ("bert", "short", "12 to 1024 characters, this one has 5"),
        ("bert", "x" * 2000, "2000"),
    ],
)
def test_odd_names_and_weak_passwords_are_refused(database, anna, name, password, words):
    with pytest.raises(UsageError, match=words), database.writing() as session:
        add_user(session, name, password, Role.READER)


def test_a_session_is_found_by_its_cookie_until_it_has_rested_too_long(database, anna):
    with database.writing() as session:
        key, opened = log_in(session, "anna", PASSWORD, "10.0.0.1")
        assert session_of(session, key, 1.0).user.name == "anna"
        assert session_of(session, opened.hash, 1.0) is None
        opened.seen = now() - timedelta(hours=2)
        session.flush()
        assert session_of(session, key, 1.0) is None
        assert session_of(session, key, 3.0) is not None


@pytest.mark.parametrize(("name", "password"), [("anna", "wrong"), ("nobody", PASSWORD)])
def test_wrong_name_and_wrong_password_are_not_told_apart(database, anna, name, password):
    with (
        database.writing() as session,
        pytest.raises(LoginRefusedError, match="^name or password is wrong$"),
    ):
        log_in(session, name, password, "10.0.0.1")


def test_the_door_closes_after_failures_and_opens_again(database, anna, monkeypatch):
    with database.writing() as session:
        for _ in range(FAILURES):
            with pytest.raises(LoginRefusedError):
                log_in(session, "anna", "wrong", "10.0.0.1")
        for name, address in (("anna", "10.0.0.2"), ("bert", "10.0.0.1")):
            with pytest.raises(TooManyAttemptsError):
                log_in(session, name, PASSWORD, address)
        later = now() + accounts.FAILURE_WINDOW
        monkeypatch.setattr(accounts, "now", lambda: later)
        assert log_in(session, "anna", PASSWORD, "10.0.0.1")


def test_a_disabled_user_is_out_at_once(database, anna):
    with database.writing() as session:
        key, _ = log_in(session, "anna", PASSWORD, "")
        token, _ = add_token(session, session.get(UserRow, anna.id), "script")
        session.get(UserRow, anna.id).disabled = True
        session.flush()
        assert session_of(session, key, 1.0) is None
        assert token_of(session, token) is None
        with pytest.raises(LoginRefusedError):
            log_in(session, "anna", PASSWORD, "")


def test_a_new_password_ends_all_sessions(database, anna):
    with database.writing() as session:
        log_in(session, "anna", PASSWORD, "")
        set_password(session, session.get(UserRow, anna.id), "another long password")
        assert session.scalars(select(SessionRow)).all() == []
        assert log_in(session, "anna", "another long password", "")


def test_a_token_works_until_it_expires_or_is_revoked(database, anna):
    with database.writing() as session:
        user = session.get(UserRow, anna.id)
        key, _ = add_token(session, user, "script", days=1.0)
        row = session.scalars(select(TokenRow)).one()
        assert key not in (row.hash, row.label)
        assert token_of(session, key).user.name == "anna"
        assert token_of(session, row.hash) is None
        row.expires = now() - timedelta(seconds=1)
        assert token_of(session, key) is None
        row.expires = None
        assert revoke_token(session, row.id) is row
        for number, said in ((row.id, "revoked already"), (7, "no token 7")):
            with pytest.raises(UsageError, match=said):
                revoke_token(session, number)
        assert token_of(session, key) is None
