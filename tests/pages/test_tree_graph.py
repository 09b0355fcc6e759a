from __future__ import annotations

from datetime import date

from kpi_core.charts.palette import DARK, LIGHT
from kpi_core.model.base import Bilingual
from kpi_core.model.node import Link, Node
from kpi_core.model.workshop import Department, Settings, Workshop
from kpi_core.tree.layout import Place
from kpi_core.vocabulary import EvidenceGrade, Language, NodeKind, NodeStatus, Relation, Sign, Status, Unjudged
from pages.components.tree_bends import Box, bend, label_at
from pages.components.tree_graph import Look, Part, code_of, id_of, tree_parts

HOSTILE = "<img src=x onerror=alert(1)><b>&lt;"
TREE = Workshop(
    workshop=Settings(name="t"),
    departments=(Department(code="sales", name=Bilingual(ja="営業部")),),
    nodes=(
        Node(code="revenue", kind=NodeKind.KGI, name=Bilingual(ja="売上"), formula="deals * price"),
        Node(code="win", kind=NodeKind.KSF, parent="revenue", name=Bilingual(ja="勝ち切る"), department="sales"),
        Node(code="deals", kind=NodeKind.KPI, parent="win", name=Bilingual(ja=HOSTILE)),
        Node(code="price", kind=NodeKind.KPI, parent="win", name=Bilingual(ja="単価")),
        Node(
            code="visits",
            kind=NodeKind.KPI,
            parent="deals",
            name=Bilingual(ja="訪問"),
            relation=Relation.DRIVER,
            sign=Sign.MINUS,
            lag=2,
        ),
        Node(code="calls", kind=NodeKind.KPI, parent="deals", name=Bilingual(ja="架電")),
    ),
    links=(Link(source="visits", target="price", sign=Sign.PLUS),),
)


RETIRED = TREE.model_copy(
    update={"nodes": (*TREE.nodes[:-1], TREE.nodes[-1].model_copy(update={"status": NodeStatus.RETIRED}))}
)


def drawn(tree: Workshop = TREE, **changes: object) -> tuple[dict[str, Part], dict[tuple[str, str], Part]]:
    look = Look(Language.JA, "department", {}, {}, None, frozenset(), {})
    nodes, edges = tree_parts(tree, Look(**{**look.__dict__, **changes}))
    by_code = {code_of(node["id"]): node for node in nodes}
    return by_code, {(code_of(edge["from"]), code_of(edge["to"])): edge for edge in edges}


def test_in_the_dark_a_box_is_as_dark_as_the_page_and_its_words_are_light() -> None:
    for shades in (LIGHT, DARK):
        nodes, edges = drawn(colours=shades)
        assert nodes["deals"]["color"]["background"] == shades.background
        assert nodes["deals"]["font"]["color"] == edges["visits", "deals"]["font"]["color"] == shades.text
        assert nodes["win"]["color"]["border"] == shades.department(0)
        tint = drawn(colours=shades, colour="status")[0]["deals"]["color"]["background"]
        assert abs(int(tint[1:3], 16) - int(shades.background[1:3], 16)) < 30  # a tint of the ground, not of white


def test_no_words_of_people_reach_the_title_which_the_component_renders_as_html() -> None:
    nodes, edges = drawn(selected="deals", values={"deals": HOSTILE})
    assert {node["title"] for node in nodes.values()} == {"</b>"}
    assert not any("title" in edge for edge in edges.values())


def test_a_name_cannot_begin_a_tag_of_the_labels_own_markup() -> None:
    label = drawn()[0]["deals"]["label"]
    assert "<img" not in label
    ours = label.replace("<b>", "").replace("</b>", "").replace("<i>", "").replace("</i>", "")
    assert "<b" not in ours
    assert "img" in ours


def test_components_are_solid_drivers_dashed_with_sign_and_lag_and_the_rest_dotted() -> None:
    _, edges = drawn()
    assert (edges["deals", "win"]["dashes"], edges["deals", "win"]["label"]) == (False, "")
    assert (edges["visits", "deals"]["dashes"], edges["visits", "deals"]["label"]) == ([8, 5], "増→減\n2期先")
    assert edges["visits", "price"]["label"] == "増→増"
    assert edges["calls", "deals"]["dashes"] == [2, 5]


def test_a_status_is_told_by_sign_and_word_beside_its_colour() -> None:
    nodes, _ = drawn(colour="status", statuses={"deals": Status.OFF_TRACK}, values={"deals": "3件"})
    assert "▼ 要対応" in nodes["deals"]["label"].replace("</i>\n<i>", "")
    assert "<code>3件</code>" in nodes["deals"]["label"]
    assert nodes["deals"]["color"]["border"] == "#C8324A"
    assert "– 未計測" in nodes["price"]["label"]


def test_a_measured_node_without_a_target_is_not_called_unmeasured() -> None:
    nodes, _ = drawn(colour="status", values={"price": "407"}, unjudged={"price": Unjudged.NO_GOAL})
    assert "– 目標なし" in nodes["price"]["label"].replace("</i>\n<i>", "")
    assert "未計測" not in nodes["price"]["label"]


def test_a_retired_node_says_so_in_grey_whatever_the_colours_mean() -> None:
    for colour in ("department", "status"):
        nodes, _ = drawn(RETIRED, colour=colour, statuses={"calls": Status.OFF_TRACK})
        label = nodes["calls"]["label"].replace("</i>\n<i>", "")
        assert "✕ 廃止" in label
        assert "要対応" not in label
        assert nodes["calls"]["color"]["border"] == LIGHT.none
        assert nodes["calls"]["font"]["color"] == LIGHT.muted


def test_a_links_words_stand_clear_of_the_box_it_passes() -> None:
    source, target, between = Place(0, 0, 2), Place(0, 300, 2), Box(0, 150, 72, 40)
    bent = bend(source, target, (40, 32), [between])
    x, y = label_at(source, target, bent["type"], bent["roundness"])
    assert Box(x, y, 20, 16).shared(between) == 0
    free = bend(source, target, (40, 32), [])
    assert free["roundness"] < bent["roundness"]


def test_a_department_is_named_in_the_box() -> None:
    assert "営業部" in drawn()[0]["win"]["label"]


def test_a_folded_node_says_how_much_is_put_away() -> None:
    nodes, edges = drawn(folded=frozenset({"deals"}))
    assert set(nodes) == {"revenue", "win", "deals", "price"}
    assert "▸ 配下 2件" in nodes["deals"]["label"]
    assert ("visits", "price") not in edges


def test_places_do_not_depend_on_what_is_chosen_or_coloured() -> None:
    def places(nodes: dict[str, Part]) -> dict[str, tuple[float, float]]:
        return {code: (node["x"], node["y"]) for code, node in nodes.items()}

    assert places(drawn()[0]) == places(drawn(selected="price", turns={"deals": 3})[0])


def test_another_turn_gives_a_node_another_id_and_its_edges_follow() -> None:
    nodes, edges = drawn(turns={"deals": 1})
    assert nodes["deals"]["id"] == "deals#1"
    assert edges["deals", "win"]["from"] == "deals#1"
    assert code_of(id_of("deals", 7)) == "deals"


def test_every_edge_has_an_id_of_its_own() -> None:
    edges = [edge["id"] for edge in drawn()[1].values()]
    assert len(edges) == len(set(edges)) == 6


def test_a_driver_line_shows_how_well_it_is_borne_out_by_its_weight_and_a_sign() -> None:
    ends = ("visits", "deals")
    untested = drawn()[1][ends]
    seen = {grade: drawn(evidence={ends: grade})[1][ends] for grade in EvidenceGrade}
    assert seen[EvidenceGrade.UNTESTED] == untested
    assert untested["label"] == "増→減\n2期先"
    assert (seen[EvidenceGrade.SUPPORTED]["dashes"], seen[EvidenceGrade.SUPPORTED]["label"]) == (
        False,
        "増→減\n2期先 ✓",
    )
    assert seen[EvidenceGrade.SUPPORTED]["width"] > seen[EvidenceGrade.WEAK]["width"] > untested["width"]
    assert len({edge["label"] for edge in seen.values()}) == len(EvidenceGrade)
    dated = drawn(evidence={ends: EvidenceGrade.SUPPORTED}, tested={ends: date(2026, 10, 28)})[1][ends]
    assert dated["label"] == "増→減\n2期先\n✓ 2026年10月28日"
    assert drawn(evidence={ends: EvidenceGrade.SUPPORTED})[1]["deals", "win"] == drawn()[1]["deals", "win"]
