"""What is typed and not saved is kept whole, also when two tabs of one person keep something at once."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

from kpi_core.services import drafts
from kpi_core.services.people import Who
from kpi_core.store.state import State

WHO = Who("佐藤")


def test_lines_added_at_the_same_time_are_all_kept(state: State) -> None:
    def add(line: int) -> None:
        def longer(values: Mapping[str, Any]) -> Mapping[str, Any]:
            return {"lines": [*values.get("lines", ()), line]}

        with State.open(state.path) as tab:
            drafts.change(tab, "", "place", WHO, longer)

    with ThreadPoolExecutor(8) as tabs:
        list(tabs.map(add, range(40)))
    found = drafts.kept(state, "", "place", WHO)
    assert found is not None
    assert sorted(found.values["lines"]) == list(range(40))


def test_a_change_to_nothing_forgets_the_draft_and_keeps_others(state: State) -> None:
    drafts.keep(state, "", "place", 3, {"due": date(2026, 4, 1)}, WHO)
    drafts.keep(state, "", "place", None, {"text": "x"}, Who("鈴木"))
    drafts.change(state, "", "place", WHO, lambda values: {**values, "text": "期日"})
    found = drafts.kept(state, "", "place", WHO)
    assert found is not None
    assert (found.values, found.revision) == ({"due": date(2026, 4, 1), "text": "期日"}, 3)
    drafts.change(state, "", "place", WHO, lambda _: {})
    assert drafts.kept(state, "", "place", WHO) is None
    assert drafts.kept(state, "", "place", Who("鈴木")) is not None
