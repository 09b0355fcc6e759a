"""A driver link under test: the team states sign and lag first, then the data are asked; both stay on record."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from typing import TypeVar

from kpi_core.errors import RefusedError
from kpi_core.model.base import Model
from kpi_core.model.workshop import Workshop
from kpi_core.services.actuals import actuals
from kpi_core.services.editing import change
from kpi_core.services.link_data import Common, basis_of, driver_edge
from kpi_core.services.people import Who, authorise
from kpi_core.services.snapshots import snapshot
from kpi_core.store import changes, link_tests
from kpi_core.store.link_tests import Hypothesis, StoredTest
from kpi_core.store.state import State
from kpi_core.vocabulary import Relation, Sign

Made = TypeVar("Made", bound=Model)
MOST_LAG = 60


def state_hypothesis(
    state: State, workshop_id: str, source: str, target: str, sign: Sign, lag: int, who: Who
) -> Hypothesis:
    """Put on record, with person and time, how the source is expected to move the target; the edge then says the same.

    Raises ``RefusedError``: ``driver_link_missing`` where no driver link joins the two, ``lag_out_of_range``.
    """
    authorise(who)
    if not 0 <= lag <= MOST_LAG:
        raise RefusedError("lag_out_of_range", most=MOST_LAG)
    driver_edge(snapshot(state, workshop_id).workshop, source, target)
    change(state, workshop_id, who, lambda workshop: _with_statement(workshop, source, target, sign, lag))
    with state.writing() as connection:
        stated = link_tests.add_hypothesis(connection, workshop_id, (source, target), sign, lag, who.name)
        after = json.dumps({"sign": sign.value, "lag": lag})
        changes.append(connection, workshop_id, who.name, "hypotheses", f"{source}→{target}", "stated", None, after)
    return stated


def ask_data(
    state: State, workshop_id: str, source: str, target: str, who: Who, *, today: date | None = None
) -> StoredTest:
    """Ask the data about a link whose hypothesis is stated, and put the answer on record.

    Raises ``RefusedError``: ``driver_link_missing``; ``hypothesis_unstated`` while nobody stated sign and lag on
    record; ``hypothesis_changed`` when the edge says something else now than what was stated last.
    """
    authorise(who)
    workshop = snapshot(state, workshop_id).workshop
    edge = driver_edge(workshop, source, target)
    statements = link_tests.hypotheses(state.connection, workshop_id).get((source, target))
    if not statements:
        raise RefusedError("hypothesis_unstated", source=source, target=target)
    stated = statements[-1]
    if (edge.sign, edge.lag) != (stated.sign, stated.lag):
        raise RefusedError("hypothesis_changed", source=source, target=target)
    common = Common.of(actuals(state, workshop_id, [source, target], today=today), source, target)
    answer = common.tested(stated, workshop.settings.grain)
    with state.writing() as connection:
        stored = link_tests.add_test(
            connection,
            workshop_id,
            (source, target),
            hypothesis=stated.id,
            basis=basis_of(workshop, source, target),
            until=common.until,
            verdict=answer.verdict,
            figures={**dataclasses.asdict(answer), "data": common.mark},
            who=who.name,
        )
        after = json.dumps({"verdict": answer.verdict.value})
        changes.append(connection, workshop_id, who.name, "link_tests", f"{source}→{target}", "tested", None, after)
    return stored


def _with_statement(workshop: Workshop, source: str, target: str, sign: Sign, lag: int) -> Workshop:
    """The workshop whose edge says what was stated: the link where there is one, else the node's edge to its parent."""
    said = {"sign": sign, "lag": lag}

    def told(item: Made, here: bool) -> Made:
        unlike = here and any(getattr(item, name) != value for name, value in said.items())
        return item.model_copy(update=said) if unlike else item

    links = [(link, (link.source, link.target) == (source, target)) for link in workshop.links]
    if any(here and link.relation is Relation.DRIVER for link, here in links):
        return workshop.model_copy(update={"links": tuple(told(link, here) for link, here in links)})
    nodes = tuple(told(node, node.code == source) for node in workshop.nodes)
    return workshop.model_copy(update={"nodes": nodes})
