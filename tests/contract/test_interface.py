"""What the HTTP interface answers is what its own description (OpenAPI) says, whatever is asked."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from deepvein.node import accounts
from deepvein.node.database.database import database_url, open_database
from deepvein.node.database.people import FailedLoginRow
from deepvein.node.settings import NodeSettings
from deepvein.node.states import Role
from deepvein.node.web.app import create_app
from unit.node.screened import enter_result, write_result

schemathesis = pytest.importorskip("schemathesis")

EXAMPLES = 12
"""Of each kind: fitting requests for the one study there is, for any, and requests that do not fit."""

PASSWORD = "correct horse battery"


class Node:
    """A node with one study, and the headers of somebody who is logged in."""

    def __init__(self, folder):
        self.folder = folder
        self.database = open_database(database_url("", folder))
        with self.database.writing() as session:
            for role in Role:
                accounts.add_user(session, role.value, PASSWORD, role)
        self.study = enter_result(self.database, folder, "a", write_result(folder / "a"))
        self.app = create_app(NodeSettings(folder), self.database)

    def headers(self, role):
        with self.database.writing() as session:
            # Wrong passwords are among what is asked; they close the door.
            session.execute(delete(FailedLoginRow))
            key, opened = accounts.log_in(session, role.value, PASSWORD, "")
            return {"cookie": f"deepvein_session={key}", "x-csrf-token": opened.csrf}


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "COST", accounts.Cost(passes=1, memory_kib=8))
        made = Node(tmp_path_factory.mktemp("node"))
        yield made
        made.database.close()


def asked(operation, study):
    """Requests of an operation: half of those that fit are about the study that there is."""
    fixed = {"query": {"once": True}} if operation.path == "/api/events" else {}
    here = {"path_parameters": {"study_id": study}} if "{study_id}" in operation.path else {}
    fitting = operation.as_strategy(**fixed, **here) | operation.as_strategy(**fixed)
    if not list(operation.iter_parameters()) and not operation.body:
        return fitting
    unfit = operation.as_strategy(schemathesis.GenerationMode.NEGATIVE, **fixed, **here)
    return st.one_of(fitting, unfit)


@pytest.mark.parametrize("role", Role)
def test_every_answer_is_one_that_is_described(node, role):
    schema = schemathesis.openapi.from_asgi(
        "/api/openapi.json", node.app, headers=node.headers(role)
    )
    for found in schema.get_all_operations():
        operation = found.ok()

        def answered(case):
            case.call_and_validate(headers=node.headers(role))

        fitting = given(asked(operation, node.study))(answered)
        few = settings(
            max_examples=3 * EXAMPLES, database=None, suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )  # fmt: skip
        seed(1)(few(fitting))()
