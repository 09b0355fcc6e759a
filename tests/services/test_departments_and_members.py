"""Departments go without leaving names that lead nowhere."""

from __future__ import annotations

import pytest

from kpi_core.errors import MissingError, RefusedError
from kpi_core.model.base import Bilingual
from kpi_core.services.answering import Asked, by_department, give_answer
from kpi_core.services.organisation import add_department, remove_department
from kpi_core.services.people import Who
from kpi_core.services.signing import sign
from kpi_core.services.workshops import snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import Answer


def revision_of(state: State, workshop: str, code: str) -> int:
    return snapshot(state, workshop).revisions["departments", code]


def test_a_department_that_something_names_goes_only_into_another_one(state: State, workshop: str, me: Who) -> None:
    seen = revision_of(state, workshop, "sales")
    with pytest.raises(RefusedError, match="department_in_use"):
        remove_department(state, workshop, "sales", None, seen, me)
    for nowhere in ("sales", "support"):
        with pytest.raises(MissingError, match="item_missing"):
            remove_department(state, workshop, "sales", nowhere, seen, me)
    assert snapshot(state, workshop).workshop.node("won").department == "sales"  # type: ignore[union-attr]  # it is there


def test_nodes_and_answers_of_a_removed_department_belong_to_its_heir_and_its_signoffs_go(
    state: State, workshop: str, me: Who
) -> None:
    heir = add_department(state, workshop, Bilingual(ja="営業企画", en="Sales planning"), me)
    give_answer(state, workshop, 1, Asked("sato", "sales"), {"answer": Answer.YES}, me)
    sign(state, workshop, "won", "sales", me)
    remove_department(state, workshop, "sales", heir, revision_of(state, workshop, "sales"), me)
    left = snapshot(state, workshop).workshop
    assert [department.code for department in left.departments] == ["marketing", heir]
    assert {node.department for node in left.nodes} == {None, heir}
    assert by_department(left, 1) == {heir: {Answer.YES: 1}}
    assert left.signoffs == ()
