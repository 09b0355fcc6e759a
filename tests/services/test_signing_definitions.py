"""A department signs a definition as it stands; a changed definition voids the signature and says why."""

from __future__ import annotations

import pytest

from kpi_core.errors import MissingError, RefusedError, StaleError
from kpi_core.services.editing import save
from kpi_core.services.people import Who
from kpi_core.services.signing import Standing, sign, signoffs
from kpi_core.services.tree_editing import rename_code
from kpi_core.services.workshops import export_file, import_file, snapshot
from kpi_core.store.state import State


def standing(state: State, workshop: str, node: str, department: str) -> Standing:
    return next(found for found in signoffs(state, workshop) if (found.node, found.department) == (node, department))


def edit(state: State, workshop: str, me: Who, **fields: object) -> None:
    found = snapshot(state, workshop)
    won = found.workshop.node("won")
    assert won is not None
    save(state, workshop, "nodes", won.model_copy(update=fields), found.revisions["nodes", "won"], me)


def test_all_departments_sign_the_kgi_and_the_owning_one_its_kpi(state: State, workshop: str) -> None:
    places = {(found.node, found.department, found.state) for found in signoffs(state, workshop)}
    assert places == {("bookings", "marketing", "open"), ("bookings", "sales", "open"), ("won", "sales", "open")}


def test_a_signature_holds_while_the_definition_does(state: State, workshop: str, me: Who) -> None:
    sign(state, workshop, "won", "sales", me)
    found = standing(state, workshop, "won", "sales")
    assert (found.state, found.person) == ("signed", "佐藤")
    edit(state, workshop, me, action="週次で潰す")  # not part of what is signed
    assert standing(state, workshop, "won", "sales").state == "signed"


def test_a_changed_definition_voids_the_signature_and_names_the_fields(state: State, workshop: str, me: Who) -> None:
    edit(state, workshop, me, definition="締結日が期間内の受注")
    sign(state, workshop, "won", "sales", me)
    edit(state, workshop, me, definition="売上計上日が期間内の受注")
    edit(state, workshop, me, owner="営業部長")
    found = standing(state, workshop, "won", "sales")
    assert (found.state, found.changed) == ("void", ("definition", "owner"))
    edit(state, workshop, me, definition="締結日が期間内の受注", owner="")
    assert standing(state, workshop, "won", "sales").state == "signed"  # as it was agreed again


def test_why_is_still_known_after_the_code_changed(state: State, workshop: str, me: Who) -> None:
    sign(state, workshop, "won", "sales", me)
    edit(state, workshop, me, unit="deals")
    rename_code(state, workshop, "won", "受注", snapshot(state, workshop).revisions["nodes", "won"], me)
    assert standing(state, workshop, "受注", "sales").changed == ("unit",)


def test_another_code_inside_its_formula_does_not_void_a_signature(state: State, workshop: str, me: Who) -> None:
    sign(state, workshop, "bookings", "sales", me)  # won * size
    rename_code(state, workshop, "won", "受注", snapshot(state, workshop).revisions["nodes", "won"], me)
    assert standing(state, workshop, "bookings", "sales").state == "signed"
    found = snapshot(state, workshop)
    bookings = found.workshop.node("bookings")
    assert bookings is not None
    assert bookings.formula == "受注 * size"
    twice = bookings.model_copy(update={"formula": "受注 * size * 2"})
    save(state, workshop, "nodes", twice, found.revisions["nodes", "bookings"], me)
    after = standing(state, workshop, "bookings", "sales")
    assert (after.state, after.changed) == ("void", ("formula",))


def test_a_signature_that_was_void_stays_void_when_a_code_changes(state: State, workshop: str, me: Who) -> None:
    sign(state, workshop, "bookings", "sales", me)
    found = snapshot(state, workshop)
    bookings = found.workshop.node("bookings")
    assert bookings is not None
    twice = bookings.model_copy(update={"formula": "won * size * 2"})
    save(state, workshop, "nodes", twice, found.revisions["nodes", "bookings"], me)
    rename_code(state, workshop, "won", "受注", snapshot(state, workshop).revisions["nodes", "won"], me)
    assert standing(state, workshop, "bookings", "sales").state == "void"


def test_signing_again_replaces_the_void_signature(state: State, workshop: str, me: Who) -> None:
    sign(state, workshop, "won", "sales", me)
    edit(state, workshop, me, unit="deals")
    sign(state, workshop, "won", "sales", Who("伊藤"))
    assert standing(state, workshop, "won", "sales").person == "伊藤"
    assert len(snapshot(state, workshop).workshop.signoffs) == 1


def test_a_void_signature_of_an_imported_file_is_void_without_a_reason(state: State, workshop: str, me: Who) -> None:
    sign(state, workshop, "won", "sales", me)
    edit(state, workshop, me, unit="deals")
    copy = import_file(state, export_file(state, workshop), me)
    found = standing(state, copy, "won", "sales")
    assert (found.state, found.changed) == ("void", ())


def test_who_may_not_and_what_is_not_there(state: State, workshop: str, me: Who, viewer: Who) -> None:
    with pytest.raises(RefusedError, match="not_allowed"):
        sign(state, workshop, "won", "sales", viewer)
    with pytest.raises(MissingError, match="item_missing"):
        sign(state, workshop, "nope", "sales", me)
    with pytest.raises(MissingError, match="item_missing"):
        sign(state, workshop, "won", "nope", me)


def test_nobody_signs_a_definition_that_changed_since_it_was_read(state: State, workshop: str, me: Who) -> None:
    read = snapshot(state, workshop).revisions["nodes", "won"]
    edit(state, workshop, me, definition="売上計上日が期間内の受注")
    with pytest.raises(StaleError) as stale:
        sign(state, workshop, "won", "sales", me, read)
    assert (stale.value.code, stale.value.params["item"]) == ("stale", "won")
    assert standing(state, workshop, "won", "sales").state == "open"
    sign(state, workshop, "won", "sales", me, snapshot(state, workshop).revisions["nodes", "won"])
    assert standing(state, workshop, "won", "sales").state == "signed"
