from __future__ import annotations

import asyncio
import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi import FastAPI, Request
from sqlalchemy import select

from deepvein.node.accounts import add_token, add_user
from deepvein.node.database.schema import TokenRow
from deepvein.node.settings import NodeSettings
from deepvein.node.states import Role
from deepvein.node.web import events


class Asked(Request):
    """A request whose browser stays."""

    async def is_disconnected(self) -> bool:
        return False


@pytest.fixture
def request_of(database, tmp_path):
    app = FastAPI()
    app.state.database, app.state.settings = database, NodeSettings(tmp_path)

    def make(token: str) -> Request:
        headers = [(b"authorization", f"Bearer {token}".encode())]
        return Asked({"type": "http", "app": app, "headers": headers, "client": ("127.0.0.1", 1)})

    return make


@pytest.mark.parametrize("busy", [True, False])
def test_who_is_shut_out_hears_no_more_however_much_happens(
    database, request_of, monkeypatch, busy
):
    monkeypatch.setattr(events, "EVERY_S", 0.0)
    stamps = itertools.count()
    monkeypatch.setattr(events, "_stamp", lambda _: str(next(stamps)) if busy else "same")
    with database.writing() as session:
        user = add_user(session, "anna", "correct horse battery", Role.READER)
        session.flush()
        token, _ = add_token(session, user, "page")

    async def listen() -> list[str]:
        heard = []
        async for one in events._events(request_of(token), once=False):
            heard.append(one)
            if len(heard) == events.BEATS + 2:
                with database.writing() as session:
                    session.scalars(select(TokenRow)).one().revoked = True
            assert len(heard) < 10 * events.BEATS
        return heard

    # A thread of its own: a browser test before this one may leave its loop running in the main thread.
    with ThreadPoolExecutor(1) as pool:
        heard = pool.submit(asyncio.run, listen()).result()
    if busy:
        assert len(heard) == 2 * events.BEATS - 1
    else:
        assert set(heard[1:]) == {": still here\n\n"}
