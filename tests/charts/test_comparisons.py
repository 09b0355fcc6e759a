"""Achievement, split, candidates, coverage, sources, answers: frames, specs and titles."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from kpi_core.charts import achievement_bars, answers, candidates, coverage, sources, split
from kpi_core.charts.achievement_bars import Achieved, achievement
from kpi_core.charts.columns import Frame
from kpi_core.charts.grid import in_lines
from kpi_core.charts.writing import Writing
from kpi_core.model.base import Bilingual
from kpi_core.model.node import Candidate
from kpi_core.model.period import parse_period, periods_between
from kpi_core.vocabulary import Answer, Availability, Direction, Language, Status

JA, EN = Language.JA, Language.EN
YEN = Writing(JA, "JPY")


def fields(spec: dict[str, Any]) -> set[str]:
    found = set()
    for layer in spec["layer"]:
        made = {step["as"] for step in layer.get("transform", []) if "calculate" in step}
        for channel in layer.get("encoding", {}).values():
            entries = channel if isinstance(channel, list) else [channel]
            found |= {entry["field"] for entry in entries if "field" in entry} - made
    return found


def achieved(
    name: str,
    actual: float | None,
    target: float | None,
    status: Status,
    direction: Direction = Direction.UP,
) -> Achieved:
    return Achieved(name, name, actual, target, status, str(actual), str(target), direction)


@pytest.mark.parametrize(
    ("actual", "target", "direction", "share"),
    [
        (92, 100, Direction.UP, 0.92),
        (0, 100, Direction.UP, 0.0),
        (125, 100, Direction.DOWN, 0.8),
        (0, 100, Direction.DOWN, None),
        (5, 0, Direction.UP, None),
        (-5, 100, Direction.UP, None),
        (-80, -100, Direction.UP, None),
        (5, 5, Direction.RANGE, None),
        (None, 100, Direction.UP, None),
        (5, float("nan"), Direction.UP, None),
    ],
)
def test_achievement_is_a_share_only_where_one_makes_sense(
    actual: float | None, target: float | None, direction: Direction, share: float | None
) -> None:
    assert achievement(actual, target, direction) == share


def test_what_needs_action_comes_first() -> None:
    rows = achievement_bars.frame(
        [
            achieved("ok", 110, 100, Status.ON_TRACK),
            achieved("unmeasured", None, 100, Status.NONE),
            achieved("late", 60, 100, Status.OFF_TRACK),
            achieved("close", 97, 100, Status.WATCH),
            achieved("later", 50, 100, Status.OFF_TRACK),
            achieved("no target", 5, None, Status.NONE),
            achieved("huge", 300, 100, Status.ON_TRACK),
        ],
        JA,
    )
    assert rows["code"].to_pylist() == ["later", "late", "close", "ok", "huge", "unmeasured", "no target"]
    assert rows["sign"].to_pylist()[:4] == ["▼ 要対応", "▼ 要対応", "▲ 注意", "● 順調"]
    assert rows["achievement_text"].to_pylist()[3:] == ["110%", "300%", "–", "目標なし"]
    assert max(value for value in rows["bar"].to_pylist() if value is not None) == achievement_bars.LONGEST
    assert achievement_bars.title(rows, JA) == "5指標のうち2件が要対応、最も遅れているのはlater(50%)"
    assert fields(achievement_bars.spec(JA)) <= set(rows.column_names)


def test_the_achievement_title_when_nothing_is_off_track() -> None:
    good, close = achieved("a", 110, 100, Status.ON_TRACK), achieved("b", 97, 100, Status.WATCH)
    titles = [achievement_bars.title(achievement_bars.frame(nodes, EN), EN) for nodes in ([good], [good, close], [])]
    assert titles == [
        "All 1 indicators are on track",
        "1 of 2 indicators needs watching, none is off track",
        "No indicator can be judged yet",
    ]


def test_a_split_is_sorted_and_its_rest_added_up() -> None:
    rows = split.frame([("A", 10), (None, 50), ("B", 30), ("C", None), ("D", 6), ("E", 4)], YEN, limit=3)
    assert rows["segment"].to_pylist() == ["(空欄)", "B", "A", "その他(2件)"]
    assert rows["value"].to_pylist() == [50, 30, 10, 10]
    assert rows["share"].to_pylist() == [0.5, 0.3, 0.1, 0.1]
    assert rows["rest"].to_pylist() == [False, False, False, True]
    assert rows["value_text"][0].as_py() == "50円 (50%)"
    assert split.title("受注", rows, "2026年4月", YEN) == "受注は(空欄)が最大で、全体の50%を占める(2026年4月)"
    assert fields(split.spec(YEN)) <= set(rows.column_names)


def test_rates_are_not_added_up() -> None:
    rate = Writing(JA, "ratio")
    rows = split.frame([("A", 0.2), ("B", 0.6), ("C", 0.4)], rate, limit=2, adds_up=False)
    assert rows["segment"].to_pylist() == ["B", "C"]
    assert rows["share"].null_count == 2
    assert split.title("受注率", rows, "2026年4月", rate, adds_up=False) == "受注率が最も高いのはBで60.0%(2026年4月)"


def test_parts_of_which_one_is_negative_have_no_share() -> None:
    assert split.frame([("A", 10), ("B", -5)], YEN)["share"].null_count == 2


def test_an_empty_split_has_its_columns() -> None:
    rows = split.frame([("A", None)], YEN)
    assert rows.num_rows == 0
    assert rows.schema == split.frame([("A", 1)], YEN).schema
    assert split.title("受注", rows, "2026年4月", YEN) == "受注の内訳は未計測(2026年4月)"


def test_panels_share_one_scale_with_zero() -> None:
    periods = periods_between(parse_period("2026-04"), parse_period("2026-05"))
    series = {"A": [5.0, None], "B": [20.0, -3.0]}
    shared = split.domain(series.values())
    assert shared == (-3, 20)
    panels = [split.panel_frame(periods, values, YEN, domain=shared) for values in series.values()]
    assert {(rows["low"][0].as_py(), rows["high"][0].as_py()) for rows in panels} == {(-3, 20)}
    assert fields(split.panel_spec(YEN)) <= set(panels[0].column_names)
    assert split.domain([]) == (0, 0)


def candidate(code: str, impact: int | None, controllability: int | None, measurability: int | None) -> Candidate:
    return Candidate(
        code=code,
        name=Bilingual(ja=f"候補{code}"),
        impact=impact,
        controllability=controllability,
        measurability=measurability,
    )


def test_candidates_of_one_cell_do_not_cover_each_other() -> None:
    same = [candidate(f"c{number}", 4, 4, number) for number in (1, 2, 3, 4, 5)]
    rows = candidates.frame([*same, candidate("alone", 5, 1, 3), candidate("unscored", None, 3, 3)], JA, chosen={"c5"})
    assert rows["code"].to_pylist()[0] == "c5"
    assert "unscored" not in rows["code"].to_pylist()
    places = dict(zip(rows["code"].to_pylist(), rows["row"].to_pylist(), strict=True))
    assert places.pop("alone") == 5
    cell = sorted(places.values())
    assert min(after - before for before, after in pairwise(cell)) > 0.15
    assert 3.5 < cell[0] < cell[-1] < 4.5
    assert [row["code"] for row in rows.to_pylist() if row["chosen"]] == ["c5"]
    assert fields(candidates.spec(JA)) <= set(rows.column_names)


def test_the_strongest_candidate_is_named_and_a_tie_told() -> None:
    clear = candidates.frame([candidate("a", 5, 4, 5), candidate("b", 4, 4, 4), candidate("c", 5, 5, None)], JA)
    assert candidates.title(clear, JA) == "最有力は候補a(総合100点/125点)"
    tied = candidates.frame([candidate("a", 4, 4, 4), candidate("b", 4, 4, 4)], JA)
    assert candidates.title(tied, JA) == "候補aなど2案が総合64点で並ぶ"
    assert candidates.title(candidates.frame([], JA), JA) == "採点済みの候補はまだない"


def test_coverage_marks_the_ksf_without_a_kpi() -> None:
    rows = coverage.frame(
        [("k1", "質"), ("k2", "量")],
        [("mk", "マーケ"), ("sa", "営業")],
        [("k1", "sa"), ("k1", "sa"), ("k1", None)],
        JA,
    )
    assert rows["department"].to_pylist() == ["マーケ", "営業", "部門未定"] * 2
    assert rows["count"].to_pylist() == [0, 2, 1, 0, 0, 0]
    assert rows["text"].to_pylist() == ["", "2", "1", "なし", "なし", "なし"]
    assert rows["level"].to_pylist() == ["none", "two", "one", "hole", "hole", "hole"]
    assert coverage.title(rows, JA) == "KPIのないKSFが1件:量"
    assert fields(coverage.spec(JA)) <= set(rows.column_names)


def test_full_and_empty_coverage() -> None:
    full = coverage.frame([("k1", "Quality")], [("sa", "Sales")], [("k1", "sa")], EN)
    assert coverage.title(full, EN) == "Every KSF has a KPI"
    empty = coverage.frame([], [("sa", "Sales")], [], EN)
    assert empty.schema == full.schema
    assert coverage.title(empty, EN) == "Add KSFs and KPIs to see what is missing"


READY, EFFORT, NONE = Availability.READY, Availability.EFFORT, Availability.NONE


@pytest.mark.parametrize(
    ("available", "japanese"),
    [
        ({("a", "sfa"): READY, ("b", "ma"): READY, ("b", "sfa"): NONE}, "2件のKPIすべてがすぐ取得できる"),
        ({("a", "sfa"): READY, ("b", "ma"): EFFORT}, "2件のKPIのうち1件は取得に手間がかかる"),
        ({("a", "sfa"): READY, ("b", "ma"): NONE}, "2件のKPIのうち1件は取得できるデータソースがない"),
        ({("a", "sfa"): READY}, "2件のKPIのうち1件は取得できるデータソースがない"),
    ],
)
def test_sources_say_which_kpis_lack_data(available: dict[tuple[str, str], Availability], japanese: str) -> None:
    rows = sources.frame([("a", "受注"), ("b", "受注")], [("sfa", "SFA"), ("ma", "MA")], available, JA)
    assert sources.title(rows, JA) == japanese
    assert len(rows) == 4
    assert fields(sources.spec(JA)) <= set(rows.column_names)


def test_answers_are_shares_of_each_departments_own() -> None:
    rows = answers.frame([("営業", [Answer.YES, Answer.NO, Answer.YES, Answer.PARTLY]), ("CS", [])], JA)
    assert rows["text"].to_pylist() == ["はい 2", "一部 1", "いいえ 1"]
    assert rows["start"].to_pylist() == [0, 0.5, 0.75]
    assert rows["end"].to_pylist() == [0.5, 0.75, 1]
    assert set(rows["department"].to_pylist()) == {"営業"}
    assert fields(answers.spec(JA)) <= set(rows.column_names)


@pytest.mark.parametrize(
    ("given", "english"),
    [
        ([("Sales", [Answer.YES] * 3)], "All 3 people answer “Yes”"),
        (
            [("Sales", [Answer.YES] * 4), ("Marketing", [Answer.NO, Answer.YES])],
            "Departments differ: “yes” from 100% in Sales, 50% in Marketing",
        ),
        ([("Sales", [Answer.YES, Answer.NO]), ("Marketing", [Answer.NO, Answer.YES])], "2 of 4 people answer “yes”"),
        ([("Sales", [])], "No answers yet"),
    ],
)
def test_the_answers_title_says_where_departments_differ(given: list[tuple[str, list[Answer]]], english: str) -> None:
    assert answers.title(answers.frame(given, EN), EN) == english


def test_names_are_broken_evenly_and_words_kept() -> None:
    assert in_lines("既存顧客の深耕", 78) == "既存顧客\nの深耕"
    assert in_lines("Better opportunities won", 120) == "Better\nopportunities won"
    assert in_lines("Webサイト改善と資料ダウンロード導線の見直し", 78).endswith("…")
    assert in_lines("営業", 78) == "営業"
    assert in_lines("", 78) == ""


@pytest.mark.parametrize("language", list(Language))
def test_every_spec_says_what_it_draws_in_each_language(language: Language) -> None:
    modules = (achievement_bars, candidates, coverage, sources, answers)
    specs = [*(module.spec(language) for module in modules), split.spec(Writing(language, "JPY"))]
    assert all(spec["description"] and spec["width"] == "container" and "datasets" not in spec for spec in specs)


def test_frames_keep_their_types_when_empty() -> None:
    pairs: list[tuple[Frame, Frame]] = [
        (achievement_bars.frame([], JA), achievement_bars.frame([achieved("a", 1, 1, Status.ON_TRACK)], JA)),
        (candidates.frame([], JA), candidates.frame([candidate("a", 1, 1, 1)], JA)),
        (sources.frame([], [], {}, JA), sources.frame([("a", "a")], [("s", "S")], {}, JA)),
        (answers.frame([], JA), answers.frame([("a", [Answer.YES])], JA)),
    ]
    for empty, filled in pairs:
        assert empty.schema == filled.schema
