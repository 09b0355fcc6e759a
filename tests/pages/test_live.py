"""Others' changes and one's own next page at the same moment, as a browser's messages put them together."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.websocket_client import PROJECT, Client, Server, served
from kpi_core.services.notes import park
from kpi_core.services.people import Who
from kpi_core.store.state import State
from kpi_core.text import say
from kpi_core.vocabulary import Language


class Tab(Client):
    """Notes besides what a plain client keeps: titles, fragments that look again by themselves, and components."""

    titles: list[str]
    looks: dict[float, str]
    components: dict[str, str]

    def _look_at(self, message: ForwardMsg) -> None:
        super()._look_at(message)
        if message.delta.new_element.WhichOneof("type") == "heading":
            self.titles.append(message.delta.new_element.heading.body)
        if message.delta.new_element.WhichOneof("type") == "bidi_component":
            shown = message.delta.new_element.bidi_component
            self.components[shown.component_name] = shown.id

    def _notice(self, message: ForwardMsg) -> None:
        if message.WhichOneof("type") == "auto_rerun":
            self.looks[message.auto_rerun.interval] = message.auto_rerun.fragment_id


@pytest.fixture
def server(database: Path, blank: str) -> Iterator[Server]:
    path = os.pathsep.join([".", str(PROJECT)])
    with served(env={"PYTHONPATH": path, "KPI_WORKSHOP_DB": str(database)}) as running:
        yield running


def test_a_page_asked_for_together_with_news_from_the_room_is_drawn(server: Server, here: State, blank: str) -> None:
    Tab.titles, Tab.looks, Tab.components = [], {}, {}
    tab, _ = Tab.open(server, "ksf", f"workshop={blank}&lang=ja")
    park(here, blank, "税込か税抜か", None, Who("佐藤"))
    tab.rerun(fragment=tab.looks[1.0])  # it now offers to draw the pieces of the room again
    news = WidgetState(
        id=_make_trigger_id(next(one for name, one in tab.components.items() if "kpi_live" in name), "events"),
        json_trigger_value=json.dumps([{"event": "room", "value": "1/1"}]),
    )
    tab.titles.clear()
    tab.page, tab.page_hash = "kgi", ""
    tab.rerun(news)
    tab.close()
    assert say("pages.kgi.title", Language.JA) in tab.titles
