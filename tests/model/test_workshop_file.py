"""The workshop file: what it refuses, that it tells everything at once, and that writing is canonical."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kpi_core.errors import Problem, RefusedError
from kpi_core.model.file import problems_of, read_workshop, schema_text, write_workshop
from kpi_core.services.wording import sentence_for
from kpi_core.text import say
from kpi_core.vocabulary import Language

PROJECT = Path(__file__).parent.parent.parent


def document(**sections: Any) -> dict[str, Any]:
    """A sound file with a KGI, a KSF, a source and a dataset; ``sections`` replace its own."""
    sound: dict[str, Any] = {
        "format": "kpi-workshop/1",
        "workshop": {"name": "受注拡大"},
        "departments": [{"code": "marketing"}, {"code": "sales"}],
        "sources": [{"code": "sfa", "kind": "sfa"}],
        "datasets": [{"code": "deals", "source": "sfa", "columns": [{"name": "amount"}, {"name": "stage"}]}],
        "nodes": [{"code": "bookings", "kind": "kgi"}, {"code": "quality", "kind": "ksf", "parent": "bookings"}],
    }
    return {**sound, **sections}


def kpi(**fields: Any) -> dict[str, Any]:
    return {"code": "won", "kind": "kpi", "parent": "quality", **fields}


def with_kpi(**fields: Any) -> dict[str, Any]:
    return document(nodes=[*document()["nodes"], kpi(**fields)])


def refused(content: dict[str, Any] | str | bytes) -> list[Problem]:
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    with pytest.raises(RefusedError) as error:
        read_workshop(text)
    assert error.value.code == "file_refused"
    assert error.value.params["count"] == len(error.value.problems)
    return list(error.value.problems)


def told(content: dict[str, Any] | str | bytes) -> list[tuple[str, str | None]]:
    return [(problem.code, problem.path) for problem in refused(content)]


def test_the_example_of_the_design_is_read_and_written_canonically(shared: Path) -> None:
    text = (shared / "design" / "interfaces.md").read_text("utf-8")
    example = text.split("```json\n")[1].split("```")[0]
    workshop = read_workshop(example)
    once = write_workshop(workshop)
    assert write_workshop(read_workshop(once)) == once
    assert workshop.kgi is not None
    assert workshop.kgi.code == "bookings"


def test_the_sample_is_canonical_after_one_round() -> None:
    once = write_workshop(read_workshop((PROJECT / "sample_data" / "workshop.json").read_bytes()))
    assert write_workshop(read_workshop(once)) == once


def test_text_is_kept_exactly_as_typed() -> None:
    name = "  受注 拡大\t<b>&amp; \u3000“x” \\ \u0000 é\u0301 🎯 "
    workshop = read_workshop(json.dumps(document(workshop={"name": name})))
    assert workshop.settings.name == name
    assert read_workshop(write_workshop(workshop)).settings.name == name


def test_numbers_keep_their_kind() -> None:
    targets = [
        {"period": "2026-04", "value": 5},
        {"period": "2026-05", "value": 5.0},
        {"period": "2026-06", "value": 0.1},
    ]
    text = write_workshop(read_workshop(json.dumps(with_kpi(targets=targets))))
    assert [entry["value"] for entry in json.loads(text)["nodes"][2]["targets"]] == [5, 5.0, 0.1]
    assert '"value": 5.0' in text
    assert '"value": 5\n' in text


def test_a_byte_order_mark_is_understood() -> None:
    assert read_workshop(b"\xef\xbb\xbf" + json.dumps(document()).encode()) == read_workshop(json.dumps(document()))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xff\xfe\x00", ("file_not_utf8", None)),
        ("{", ("file_not_json", None)),
        ("", ("file_not_json", None)),
        ("[1]", ("file_not_object", None)),
        ("[" * 100_000, ("file_too_deep", None)),
        ('{"format": "kpi-workshop/2"}', ("file_format", "format")),
        ("{}", ("file_format", "format")),
        ('{"format": "kpi-workshop/1"}', ("file_missing_key", "workshop")),
        (
            '{"format": "kpi-workshop/1", "workshop": {"name": "x", "fiscal_year_start": NaN}}',
            ("file_number_not_finite", "workshop.fiscal_year_start"),
        ),
    ],
)
def test_what_is_no_workshop_file_is_told(content: str | bytes, expected: tuple[str, str | None]) -> None:
    assert told(content) == [expected]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (document(nodez=[]), ("file_unknown_key_near", "nodez")),
        (document(xyzzy=1), ("file_unknown_key", "xyzzy")),
        (document(nodes={}), ("file_not_list", "nodes")),
        (document(nodes=[5]), ("file_not_an_object", "nodes[0]")),
        (document(workshop={"name": ""}), ("file_text_empty", "workshop.name")),
        (document(workshop={"name": "x" * 201}), ("file_text_too_long", "workshop.name")),
        (document(workshop={"name": 5}), ("file_not_text", "workshop.name")),
        (document(workshop={"name": "\ud800"}), ("file_not_text", "workshop.name")),
        (document(workshop={"name": "x", "fiscal_year_start": 13}), ("file_too_large", "workshop.fiscal_year_start")),
        (
            document(workshop={"name": "x", "fiscal_year_start": "4"}),
            ("file_not_integer", "workshop.fiscal_year_start"),
        ),
        (document(workshop={"name": "x", "currency": "yen"}), ("file_wrong_form", "workshop.currency")),
        (document(workshop={"name": "x", "currency": "YEN"}), ("file_currency_unknown", "workshop.currency")),
        (
            with_kpi(measure={"dataset": "deals", "aggregate": "sum", "amout": "amount", "column": "amount"}),
            ("file_unknown_key_near", "nodes[2].measure.amout"),
        ),
        (document(workshop={"name": "x", "timezone": "Tokyo"}), ("file_timezone_unknown", "workshop.timezone")),
        (document(workshop={"name": "x", "grain": "year"}), ("file_not_one_of", "workshop.grain")),
        (with_kpi(code="for"), ("file_code_invalid", "nodes[2].code")),
        (with_kpi(decimals=True), ("file_not_integer", "nodes[2].decimals")),
        (with_kpi(due="31.3.2027"), ("file_not_date", "nodes[2].due")),
        (with_kpi(formula="1 +"), ("formula_unreadable", "nodes[2].formula")),
        (with_kpi(targets=[{"period": "April", "value": 1}]), ("period_unreadable", "nodes[2].targets[0].period")),
        (
            with_kpi(targets=[{"period": "2026-04", "value": 10**400}]),
            ("file_number_not_finite", "nodes[2].targets[0].value"),
        ),
        (
            with_kpi(targets=[{"period": "2026-04", "value": "9"}]),
            ("file_not_number", "nodes[2].targets[0].value"),
        ),
        (with_kpi(targets=[{"period": "2026-04", "value": 1}] * 2), ("file_period_twice", "nodes[2]")),
        (
            with_kpi(measure={"dataset": "deals", "aggregate": "sum"}),
            ("file_measure_column_missing", "nodes[2].measure"),
        ),
        (with_kpi(measure={"dataset": "deals"}), ("file_missing_key", "nodes[2].measure.aggregate")),
        (
            with_kpi(measure={"dataset": "dealz", "aggregate": "count"}),
            ("file_unknown_dataset_near", "nodes[2].measure.dataset"),
        ),
        (
            with_kpi(measure={"dataset": "crm", "aggregate": "count"}),
            ("file_unknown_dataset", "nodes[2].measure.dataset"),
        ),
        (
            with_kpi(measure={"dataset": "deals", "aggregate": "sum", "column": "amout"}),
            ("file_unknown_column", "nodes[2].measure.column"),
        ),
        (with_kpi(parent="bookings"), ("file_parent_kind", "nodes[2].parent")),
        (with_kpi(parent="nowhere"), ("file_unknown_node", "nodes[2].parent")),
        (with_kpi(parent="won"), ("file_parent_cycle", "nodes[2].parent")),
        (with_kpi(department="saless"), ("file_unknown_department_near", "nodes[2].department")),
        (
            document(signoffs=[{"node": "quality", "department": "sales", "person": "x", "at": 5, "definition": "d"}]),
            ("file_not_datetime", "signoffs[0].at"),
        ),
        (
            document(views=[{"code": "v", "audience": "field", "nodes": ["wonn"]}]),
            ("file_unknown_node", "views[0].nodes[0]"),
        ),
    ],
)
def test_one_fault_is_told_with_its_place(content: dict[str, Any], expected: tuple[str, str | None]) -> None:
    assert told(content) == [expected]


def test_a_ratio_is_told_with_the_part_that_is_wrong() -> None:
    part = {"dataset": "deals", "aggregate": "count"}
    wrong = {**part, "where": [{"column": "stage", "op": "=", "value": 1}]}
    assert told(with_kpi(measure={"ratio": {"numerator": part, "denominator": wrong}})) == [
        ("file_not_one_of", "nodes[2].measure.ratio.denominator.where[0].op")
    ]


def test_an_endless_response_time_is_refused_since_no_file_could_hold_it() -> None:
    handover = {"code": "mql_to_sql", "from": "marketing", "to": "sales", "sla_hours": 24}
    endless = json.dumps(document(handovers=[handover])).replace("24", "1e999")
    assert told(endless) == [("file_number_not_finite", "handovers[0].sla_hours")]


def test_a_hand_overs_ratio_is_looked_at_like_a_kpis() -> None:
    crm, deals = ({"dataset": code, "aggregate": "count", "date": "day"} for code in ("crm", "deals"))
    measured = {"ratio": {"numerator": deals, "denominator": crm}}
    handover = {"code": "mql_to_sql", "from": "marketing", "to": "sales", "measure": measured}
    expected = ("file_unknown_dataset", "handovers[0].measure.ratio.denominator.dataset")
    assert told(document(handovers=[handover])) == [expected]


def test_what_a_handover_takes_from_a_dataset_must_lead_somewhere() -> None:
    """As for measures: an unknown dataset always, a column only where it looks like a slip of one that exists."""
    where = [{"column": "stage", "op": "==", "value": "SQL"}, {"column": "stages", "op": "not_null"}]
    handover = {"code": "mql_to_sql", "from": "marketing", "to": "sales", "dataset": "deal", "where": where}
    assert told(document(handovers=[handover])) == [("file_unknown_dataset_near", "handovers[0].dataset")]
    assert told(document(handovers=[handover | {"dataset": "deals"}])) == [
        ("file_unknown_column", "handovers[0].where[1].column")
    ]


@pytest.mark.parametrize("section", ["nodes", "departments", "datasets"])
def test_a_code_used_twice_is_told_at_both_places(section: str) -> None:
    items = document()[section]
    found = told(document(**{section: [*items, items[-1]]}))
    assert ("file_code_twice", f"{section}[{len(items) - 1}].code") in found
    assert ("file_code_twice", f"{section}[{len(items)}].code") in found


def test_two_answers_of_one_person_are_told() -> None:
    answers = [{"item": 1, "member": "佐藤", "answer": "yes"}, {"item": 1, "member": "佐藤", "answer": "no"}]
    expected = [("file_code_twice", "checklist.answers[0]"), ("file_code_twice", "checklist.answers[1]")]
    assert told(document(checklist={"answers": answers})) == expected


def test_a_key_stated_twice_is_told_and_not_dropped() -> None:
    text = json.dumps(document()).replace('"kind": "kgi"', '"kind": "kgi", "unit": "JPY", "unit": "USD"')
    assert told(text) == [("file_key_twice", "nodes[0].unit")]


def test_every_number_that_is_none_is_told_with_its_place_and_so_is_the_rest() -> None:
    goals = [{"period": "2026-04", "value": 4040}, {"period": "2026-05", "value": 4141}]
    frame = {"name": "x", "currency": "YEN", "fiscal_year_start": 13, "colour": "red"}
    text = json.dumps(document(workshop=frame, nodes=[{"code": "a", "kind": "kgi", "targets": goals}], n=4242))
    text = text.replace("4040", "NaN").replace("4141", "-Infinity").replace("4242", "9" * 5000)
    assert set(told(text)) == {
        ("file_number_not_finite", "nodes[0].targets[0].value"),
        ("file_number_not_finite", "nodes[0].targets[1].value"),
        ("file_number_not_finite", "n"),
        ("file_unknown_key", "n"),
        ("file_too_large", "workshop.fiscal_year_start"),
        ("file_unknown_key", "workshop.colour"),
        ("file_currency_unknown", "workshop.currency"),
    }


def test_faults_and_broken_references_are_told_together() -> None:
    faulty = document(
        departments=[{"code": "sales", "colour": "red"}],
        nodes=[
            {"code": "bookings", "kind": "kgi"},
            {"code": "1st", "kind": "ksf", "parent": "bookings"},
            {"code": "b", "kind": "kpii", "parent": "gone_node"},
            kpi(
                parent="quality_",
                decimals=9,
                measure={
                    "dataset": "deals",
                    "aggregate": "sum",
                    "where": [
                        {"column": "stagee", "op": "==", "value": 1},
                        {"column": "stage", "op": "=", "value": 1},
                        {"column": "amout", "op": "in", "value": 5},
                    ],
                },
            ),
            {"code": "c", "kind": "kpi", "parent": "b"},
        ],
        views=[{"code": "v", "audience": "nobody", "nodes": ["lost"]}],
        reviews=[{"cadence": "week", "views": ["v", "w"]}],
    )
    assert set(told(faulty)) == {
        ("file_unknown_key", "departments[0].colour"),
        ("file_code_invalid", "nodes[1].code"),
        ("file_not_one_of", "nodes[2].kind"),
        ("file_unknown_node", "nodes[2].parent"),
        ("file_unknown_node", "nodes[3].parent"),
        ("file_too_large", "nodes[3].decimals"),
        ("file_measure_column_missing", "nodes[3].measure"),
        ("file_unknown_column", "nodes[3].measure.where[0].column"),
        ("file_not_one_of", "nodes[3].measure.where[1].op"),
        ("file_filter_value", "nodes[3].measure.where[2]"),
        ("file_unknown_column", "nodes[3].measure.where[2].column"),
        ("file_not_one_of", "views[0].audience"),
        ("file_missing_key", "reviews[0].code"),
        ("file_unknown_view", "reviews[0].views[1]"),
    }


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (document(workshop={"name": "x", "grain": "year"}), "week, month, quarter"),
        (with_kpi(direction="left"), "up, down, range"),
        (with_kpi(sign="plus"), "+, -"),
    ],
)
def test_the_values_that_would_do_are_told_as_the_file_writes_them(content: dict[str, Any], expected: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read_workshop(json.dumps(content))
    assert [problem.params["expected"] for problem in refused.value.problems] == [expected]


@pytest.mark.parametrize("language", list(Language))
def test_every_problem_has_its_sentence(language: Language) -> None:
    broken = with_kpi(measure={"dataset": "deals", "aggregate": "sum", "column": "amout"}, decimals="2", colour=1)
    for problem in refused(broken):
        assert sentence_for(problem, language)
    unknown = next(problem for problem in refused(broken) if problem.code == "file_unknown_column")
    english = sentence_for(unknown, Language.EN)
    assert english == 'no column "amout" in dataset "deals"; did you mean "amount"?'


def test_no_sentence_of_a_problem_is_in_the_other_language() -> None:
    """Where the reason is pydantic's own English it would show on a Japanese page."""
    for content in (document(nodes=[5]), with_kpi(due=5), with_kpi(decimals=[]), document(workshop={"name": None})):
        assert [problem.code for problem in refused(content) if problem.code == "file_wrong_value"] == []
    assert say("errors.file_not_list", Language.JA, found="{}")


def test_a_step_nobody_knows_is_refused_with_the_steps_there_are() -> None:
    datasets = [{"code": "d", "source": "s", "recipe": {"steps": [{"step": "guess"}]}}]
    (problem,) = refused(document(sources=[{"code": "s"}], datasets=datasets))
    assert (problem.code, problem.params["found"]) == ("file_not_one_of", "guess")
    assert "unpivot" in str(problem.params["expected"])


def test_the_shipped_schema_is_current() -> None:
    """Made with ``python -c "from kpi_core.model.file import schema_text; print(schema_text(), end='')"``."""
    shipped = (PROJECT / "docs" / "kpi-workshop.schema.json").read_text("utf-8")
    assert shipped == schema_text()


def test_problems_of_a_form_name_its_fields() -> None:
    from pydantic import ValidationError

    from kpi_core.model.node import Node

    with pytest.raises(ValidationError) as error:
        Node.model_validate({"code": "x", "kind": "kpi", "decimals": 9, "name": {"ja": "あ" * 201}})
    assert {(problem.code, problem.path) for problem in problems_of(error.value)} == {
        ("file_too_large", "decimals"),
        ("file_text_too_long", "name.ja"),
    }
