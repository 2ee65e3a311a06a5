"""`deepvein users`: who may come in by HTTP."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from deepvein.cli.command import EXIT_CODES, command
from deepvein.cli.node import Config, Folder, opened
from deepvein.cli.terminal import Terminal
from deepvein.core.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from deepvein.node.database.people import UserRow

app = typer.Typer(help="Who may come into a node by HTTP.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The user's name.")]
Password = Annotated[
    Path | None,
    typer.Option(
        "--password-file",
        help="File whose first line is the password; asked for without it.",
        show_default=False,
    ),
]


def add(
    terminal: Terminal,
    *,
    name: Name,
    role: Annotated[
        Literal["reader", "administrator"], typer.Option("--role", help="What the user may do.")
    ] = "reader",
    password_file: Password = None,
    config: Config = None,
    folder: Folder = None,
) -> None:
    """Enter a user."""
    password = _password(password_file)
    with opened("users", config, folder) as (_, database), database.writing() as session:
        from deepvein.node.accounts import add_user
        from deepvein.node.audit import Deed, record
        from deepvein.node.states import Role

        add_user(session, name, password, Role(role))
        record(session, Deed("add user", detail=f"{name}, {role}"))
    terminal.show(f"{name} may come in as {role}")


def password(
    terminal: Terminal,
    *,
    name: Name,
    password_file: Password = None,
    config: Config = None,
    folder: Folder = None,
) -> None:
    """Give a user a new password and log the user out everywhere."""
    new = _password(password_file)
    with (
        opened("users", config, folder, there=True) as (_, database),
        database.writing() as session,
    ):
        from deepvein.node.accounts import set_password
        from deepvein.node.audit import Deed, record

        set_password(session, _user(session, name), new)
        record(session, Deed("change password", detail=name))
    terminal.show(f"{name} has a new password")


def disable(
    terminal: Terminal, *, name: Name, config: Config = None, folder: Folder = None
) -> None:
    """Let a user in no more; what the user did stays on record."""
    with (
        opened("users", config, folder, there=True) as (_, database),
        database.writing() as session,
    ):
        from deepvein.node.accounts import end_sessions
        from deepvein.node.audit import Deed, record

        user = _user(session, name)
        user.disabled = True
        end_sessions(session, user)
        record(session, Deed("disable user", detail=name))
    terminal.show(f"{name} cannot come in any more")


def token(
    terminal: Terminal,
    *,
    name: Name,
    label: Annotated[str, typer.Option("--label", help="What the token is for.")] = "",
    days: Annotated[
        float | None, typer.Option("--days", help="After which it ends.", show_default=False)
    ] = None,
    config: Config = None,
    folder: Folder = None,
) -> None:
    """Make a token for a program that acts for a user; it is shown this once.

    `deepvein users tokens` lists all by their numbers, `deepvein users revoke NUMBER` takes one back.
    """
    with (
        opened("users", config, folder, there=True) as (_, database),
        database.writing() as session,
    ):
        from deepvein.node.accounts import add_token
        from deepvein.node.audit import Deed, record

        key, row = add_token(session, _user(session, name), label, days)
        number = row.id
        record(session, Deed("add token", detail=f"{name}, {label}, number {number}"))
    terminal.show(key)
    terminal.emit({"token": key, "number": number})


def tokens(terminal: Terminal, *, config: Config = None, folder: Folder = None) -> None:
    """List the tokens of all users: whose, what for, when made and when used last; never a token itself."""
    with (
        opened("users", config, folder, there=True) as (_, database),
        database.reading() as session,
    ):
        from sqlalchemy import select

        from deepvein.node.accounts import why_closed
        from deepvein.node.database.people import TokenRow

        rows = [
            {
                "number": row.id,
                "user": row.user.name,
                "label": row.label,
                "made": _moment(row.created),
                "used": _moment(row.used),
                "ends": _moment(row.expires),
                "closed": why_closed(row),
            }
            for row in session.scalars(select(TokenRow).order_by(TokenRow.id))
        ]
    for one in rows:
        told = [
            f"{one['number']}: {one['user']}, {one['label'] or 'no label'}",
            f"made {one['made']}",
        ]
        told.append(f"used last {one['used']}" if one["used"] else "never used")
        told += [f"ends {one['ends']}"] if one["ends"] else []
        told += [str(one["closed"])] if one["closed"] else []
        terminal.show("; ".join(told))
    if not rows:
        terminal.show("There are no tokens.")
    terminal.emit(rows)


def revoke(
    terminal: Terminal,
    *,
    number: Annotated[int, typer.Argument(help="As `deepvein users tokens` lists it.")],
    config: Config = None,
    folder: Folder = None,
) -> None:
    """Take a token back: it opens nothing any more, from the next request on."""
    with (
        opened("users", config, folder, there=True) as (_, database),
        database.writing() as session,
    ):
        from deepvein.node.accounts import revoke_token
        from deepvein.node.audit import Deed, record

        row = revoke_token(session, number)
        name, label = row.user.name, row.label
        record(session, Deed("revoke token", detail=f"{name}, {label}, number {number}"))
    terminal.show(f"token {number} ({name}, {label or 'no label'}) opens nothing any more")
    terminal.emit({"number": number})


def _moment(value: datetime | None) -> str | None:
    return None if value is None else value.strftime("%Y-%m-%d %H:%M UTC")


def _user(session: Session, name: str) -> UserRow:
    from sqlalchemy import select

    from deepvein.node.database.people import UserRow

    found = session.scalar(select(UserRow).where(UserRow.name == name))
    if found is None:
        raise UsageError(f"there is no user {name!r}")
    return found


def _password(file: Path | None) -> str:
    if file is None:
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    try:
        return file.read_text(encoding="utf-8").partition("\n")[0]
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the password in {file} cannot be read: {error}") from error


for _one in (add, password, disable, token, tokens, revoke):
    app.command(_one.__name__, epilog=EXIT_CODES)(command(_one))
