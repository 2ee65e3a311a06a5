"""`deepvein users`: who may come in by HTTP."""

from __future__ import annotations

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
    with opened("users", config, folder) as (_, database), database.writing() as session:
        from deepvein.node.accounts import set_password
        from deepvein.node.audit import Deed, record

        set_password(session, _user(session, name), new)
        record(session, Deed("change password", detail=name))
    terminal.show(f"{name} has a new password")


def disable(
    terminal: Terminal, *, name: Name, config: Config = None, folder: Folder = None
) -> None:
    """Let a user in no more; what the user did stays on record."""
    with opened("users", config, folder) as (_, database), database.writing() as session:
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
    """Make a token for a program that acts for a user; it is shown this once."""
    with opened("users", config, folder) as (_, database), database.writing() as session:
        from deepvein.node.accounts import add_token
        from deepvein.node.audit import Deed, record

        key = add_token(session, _user(session, name), label, days)
        record(session, Deed("add token", detail=f"{name}, {label}"))
    terminal.show(key)
    terminal.emit({"token": key})


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


for _one in (add, password, disable, token):
    app.command(_one.__name__, epilog=EXIT_CODES)(command(_one))
