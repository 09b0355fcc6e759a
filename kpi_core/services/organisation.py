"""Departments and members: what depends on one, and taking it away without leaving names that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kpi_core.errors import MissingError, RefusedError
from kpi_core.model.base import Bilingual
from kpi_core.model.workshop import Department, Member, Workshop
from kpi_core.services.codes import code_from
from kpi_core.services.composing import composed
from kpi_core.services.editing import change
from kpi_core.services.people import Who
from kpi_core.store.state import State
from kpi_core.vocabulary import Language, Role


@dataclass(frozen=True)
class Dependant:
    """Something that names a department: its section (``nodes``, ``handovers`` …), code and name for people."""

    section: str
    code: str
    name: Bilingual


def dependants_of_department(workshop: Workshop, code: str) -> tuple[Dependant, ...]:
    """Everything that names the department, in the order of the workshop file."""
    return tuple(_dependants(workshop, code))


def _dependants(workshop: Workshop, code: str) -> Iterator[Dependant]:
    for member in workshop.members:
        if member.department == code:
            yield Dependant("members", member.code, Bilingual(ja=member.name, en=member.name))
    for node in workshop.nodes:
        if node.department == code or code in node.contributors:
            yield Dependant("nodes", node.code, node.name)
    for handover in workshop.handovers:
        if code in (handover.source, handover.target):
            yield Dependant("handovers", handover.code, Bilingual())
    for signoff in workshop.signoffs:
        if signoff.department == code:
            node_name = next((node.name for node in workshop.nodes if node.code == signoff.node), Bilingual())
            yield Dependant("signoffs", signoff.code, node_name)
    for view in workshop.views:
        if view.department == code:
            yield Dependant("views", view.code, view.name)


def add_department(state: State, workshop_id: str, name: Bilingual, who: Who) -> str:
    """Add a department and give the code made from its name. Raises ``RefusedError('name_needed')``."""
    _refuse_nameless(name)
    made: list[str] = []

    def added(workshop: Workshop) -> Workshop:
        made.append(code_from(name, "department", [department.code for department in workshop.departments]))
        department = composed(Department, {"code": made[-1], "name": name})
        return workshop.model_copy(update={"departments": (*workshop.departments, department)})

    change(state, workshop_id, who, added)
    return made[-1]


def rename_department(state: State, workshop_id: str, code: str, name: Bilingual, revision: int, who: Who) -> None:
    """Give a department another name; its code, and all that names it, stay."""
    _refuse_nameless(name)

    def renamed(workshop: Workshop) -> Workshop:
        found = tuple(
            composed(Department, {"name": name}, department) if department.code == code else department
            for department in workshop.departments
        )
        return workshop.model_copy(update={"departments": found})

    change(state, workshop_id, who, renamed, expect={("departments", code): revision})


def remove_department(state: State, workshop_id: str, code: str, into: str | None, revision: int, who: Who) -> None:
    """Take a department away; what names it (checklist answers too) is handed to ``into``, its sign-offs go.

    Raises ``RefusedError('department_in_use')`` where something names it and ``into`` is ``None``, and
    ``RefusedError('handover_within')`` where a hand-over would then lead from a department to itself.
    """

    def removed(workshop: Workshop) -> Workshop:
        used = [one for one in dependants_of_department(workshop, code) if one.section != "signoffs"]
        if into is None and used:
            raise RefusedError("department_in_use", count=len(used))
        if into is not None and into not in {one.code for one in workshop.departments if one.code != code}:
            raise MissingError("item_missing", item=into)
        handed = _handed_over(workshop, code, into) if into is not None else workshop
        if any(handover.source == handover.target for handover in handed.handovers):
            raise RefusedError("handover_within")
        departments = tuple(department for department in workshop.departments if department.code != code)
        signoffs = tuple(signoff for signoff in workshop.signoffs if signoff.department != code)
        answers = tuple(
            answer.model_copy(update={"department": into}) if answer.department == code else answer
            for answer in workshop.checklist.answers
        )
        checklist = workshop.checklist.model_copy(update={"answers": answers})
        return handed.model_copy(update={"departments": departments, "signoffs": signoffs, "checklist": checklist})

    change(state, workshop_id, who, removed, expect={("departments", code): revision})


def _handed_over(workshop: Workshop, code: str, into: str) -> Workshop:
    """The workshop with every mention of ``code`` as a department turned into ``into``."""

    def name(text: str | None) -> str | None:
        return into if text == code else text

    return workshop.model_copy(
        update={
            "members": tuple(
                member.model_copy(update={"department": name(member.department)}) for member in workshop.members
            ),
            "nodes": tuple(
                node.model_copy(
                    update={
                        "department": name(node.department),
                        "contributors": tuple(
                            dict.fromkeys(
                                into if one == code else one
                                for one in node.contributors
                                if (into if one == code else one) != name(node.department)
                            )
                        ),
                    }
                )
                if code in (node.department, *node.contributors)
                else node
                for node in workshop.nodes
            ),
            "handovers": tuple(
                handover.model_copy(update={"source": name(handover.source), "target": name(handover.target)})
                for handover in workshop.handovers
            ),
            "views": tuple(view.model_copy(update={"department": name(view.department)}) for view in workshop.views),
        }
    )


def add_member(
    state: State, workshop_id: str, name: str, department: str | None, who: Who, role: Role = Role.MEMBER
) -> str:
    """Add a member and give the code made from the name. Raises ``name_needed``, ``name_taken``."""
    made: list[str] = []

    def added(workshop: Workshop) -> Workshop:
        _refuse_taken(workshop, name)
        named = Bilingual(ja=name.strip())
        made.append(code_from(named, "member", [member.code for member in workshop.members]))
        fields = {"code": made[-1], "name": name.strip(), "department": department, "role": role}
        return workshop.model_copy(update={"members": (*workshop.members, composed(Member, fields))})

    change(state, workshop_id, who, added)
    return made[-1]


def change_member(
    state: State, workshop_id: str, code: str, name: str, department: str | None, role: Role, revision: int, who: Who
) -> None:
    """Change a member; the checklist answers given so far count for the new department."""

    def changed(workshop: Workshop) -> Workshop:
        old = next(member for member in workshop.members if member.code == code)
        if name.strip() != old.name:
            _refuse_taken(workshop, name)
        new = composed(Member, {"name": name.strip(), "department": department, "role": role}, old)
        members = tuple(new if member.code == code else member for member in workshop.members)
        answers = tuple(
            answer.model_copy(update={"department": department})
            if answer.member == code and answer.department != department
            else answer
            for answer in workshop.checklist.answers
        )
        checklist = workshop.checklist.model_copy(update={"answers": answers})
        return workshop.model_copy(update={"members": members, "checklist": checklist})

    change(state, workshop_id, who, changed, expect={("members", code): revision})


def remove_member(state: State, workshop_id: str, code: str, revision: int, who: Who) -> None:
    """Take a member away, with the checklist answers they gave."""

    def removed(workshop: Workshop) -> Workshop:
        members = tuple(member for member in workshop.members if member.code != code)
        answers = tuple(answer for answer in workshop.checklist.answers if answer.member != code)
        checklist = workshop.checklist.model_copy(update={"answers": answers})
        return workshop.model_copy(update={"members": members, "checklist": checklist})

    change(state, workshop_id, who, removed, expect={("members", code): revision})


def _refuse_nameless(name: Bilingual) -> None:
    if not name.in_language(Language.JA).strip():
        raise RefusedError("name_needed")


def _refuse_taken(workshop: Workshop, name: str) -> None:
    if not name.strip():
        raise RefusedError("name_needed")
    if any(member.name == name.strip() for member in workshop.members):
        raise RefusedError("name_taken", name=name.strip())
