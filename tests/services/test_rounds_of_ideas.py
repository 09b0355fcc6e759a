"""Nobody gets another's idea before it is shown, nor another's vote ever; what is adopted keeps author and votes."""

from __future__ import annotations

import json

import pytest

from kpi_core.errors import MissingError, RefusedError
from kpi_core.services.adopting import adopt, origin_of
from kpi_core.services.changes import changes_since, pulse
from kpi_core.services.ideas import merge, put_in, take_back, vote
from kpi_core.services.people import Who
from kpi_core.services.rounds import close_round, lock_round, open_round, reveal, start_voting, view_round
from kpi_core.services.tree_editing import delete_node, rename_code
from kpi_core.services.workshops import export_file, import_file, snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import NodeKind, Role, RoundPhase, RoundTopic

ANN, BEN = Who("安藤", Role.MEMBER), Who("馬場", Role.MEMBER)
HIDDEN = "まだ誰にも見せない案"


@pytest.fixture
def opened(state: State, workshop: str, me: Who) -> str:
    """A round on success factors, two votes each."""
    return open_round(state, workshop, RoundTopic.KSF, None, me, dots=2)


def shown(state: State, workshop: str, opened: str, who: Who, *texts: str) -> dict[str, str]:
    """The ideas put in by ``ANN`` and shown; gives text → code."""
    for text in texts:
        put_in(state, workshop, opened, text, ANN)
    reveal(state, workshop, opened, who)
    return {idea.text: idea.code for idea in snapshot(state, workshop).workshop.ideas}


def refused(code: str):
    return pytest.raises(RefusedError, match=code)


def test_an_idea_is_its_authors_alone_until_it_is_shown(state: State, workshop: str, opened: str, me: Who) -> None:
    put_in(state, workshop, opened, HIDDEN, ANN)
    assert [idea.text for idea in view_round(state, workshop, opened, ANN).mine] == [HIDDEN]
    for other in (BEN, me, Who("", Role.VIEWER)):
        seen = view_round(state, workshop, opened, other)
        assert (seen.mine, seen.ideas, seen.others, seen.writers) == ((), (), 1, 1)
        assert HIDDEN not in repr(seen)
    assert HIDDEN not in export_file(state, workshop)
    assert HIDDEN not in repr(changes_since(state, workshop, 0))
    reveal(state, workshop, opened, me)
    assert [(idea.text, idea.author) for idea in view_round(state, workshop, opened, BEN).ideas] == [(HIDDEN, "安藤")]


def test_a_namesake_gets_neither_the_hidden_ideas_nor_the_votes_of_who_joined(
    state: State, workshop: str, opened: str, me: Who
) -> None:
    """On the owner's machine one types any name; who joined is told by their membership, whatever they are called."""
    joined = Who("安藤", Role.MEMBER, member="m1", workshops=frozenset({workshop}), person="p1")
    put_in(state, workshop, opened, HIDDEN, joined)
    namesake = view_round(state, workshop, opened, ANN)
    assert (namesake.mine, namesake.others) == ((), 1)
    with pytest.raises(MissingError):
        take_back(state, workshop, opened, view_round(state, workshop, opened, joined).mine[0].id, ANN)
    renamed = Who("安藤 花子", Role.MEMBER, member="m1", workshops=frozenset({workshop}), person="p1")
    assert [idea.text for idea in view_round(state, workshop, opened, renamed).mine] == [HIDDEN]
    reveal(state, workshop, opened, me)
    (idea,) = snapshot(state, workshop).workshop.ideas
    assert idea.author == "安藤"
    start_voting(state, workshop, opened, me)
    vote(state, workshop, opened, idea.code, True, joined)
    assert view_round(state, workshop, opened, ANN).voted == frozenset()
    assert view_round(state, workshop, opened, renamed).voted == {idea.code}


def test_open_pages_notice_what_is_put_in_though_the_workshop_did_not_change(
    state: State, workshop: str, opened: str
) -> None:
    change, room = pulse(state, workshop)
    put_in(state, workshop, opened, HIDDEN, ANN)
    assert pulse(state, workshop) == (change, room + 1)


def test_an_anonymous_round_keeps_no_author_anywhere(state: State, workshop: str, me: Who) -> None:
    opened = open_round(state, workshop, RoundTopic.KSF, None, me, anonymous=True)
    put_in(state, workshop, opened, "一つ目", ANN)
    reveal(state, workshop, opened, me)
    put_in(state, workshop, opened, "遅れて出した案", ANN)
    assert [idea.author for idea in snapshot(state, workshop).workshop.ideas] == ["", ""]
    assert "安藤" not in repr(changes_since(state, workshop, 0))
    assert "安藤" not in export_file(state, workshop)


def test_ideas_are_shown_by_their_text_not_in_the_order_they_came(
    state: State, workshop: str, opened: str, me: Who
) -> None:
    assert list(shown(state, workshop, opened, me, "c", "a", "b")) == ["a", "b", "c"]


def test_several_lines_are_several_ideas_and_a_double_is_left_out(state: State, workshop: str, opened: str) -> None:
    assert put_in(state, workshop, opened, " 一つ \n\n二つ\n一つ", ANN) == 2
    assert put_in(state, workshop, opened, "二つ", ANN) == 0
    assert put_in(state, workshop, opened, "二つ", BEN) == 1


def test_only_its_author_takes_a_hidden_idea_back(state: State, workshop: str, opened: str) -> None:
    put_in(state, workshop, opened, HIDDEN, ANN)
    (own,) = view_round(state, workshop, opened, ANN).mine
    with pytest.raises(MissingError):
        take_back(state, workshop, opened, own.id, BEN)
    take_back(state, workshop, opened, own.id, ANN)
    assert view_round(state, workshop, opened, ANN).mine == ()


def test_each_phase_allows_its_own_only(state: State, workshop: str, opened: str, me: Who) -> None:
    put_in(state, workshop, opened, "案", ANN)
    with refused("room.wrong_phase"):
        start_voting(state, workshop, opened, me)
    with refused("room.hidden_left"):
        close_round(state, workshop, opened, me)
    lock_round(state, workshop, opened, True, me)
    with refused("room.entry_closed"):
        put_in(state, workshop, opened, "締切後", BEN)
    reveal(state, workshop, opened, me)
    with refused("room.wrong_phase"):
        reveal(state, workshop, opened, me)
    with refused("room.entry_closed"):
        put_in(state, workshop, opened, "締切後", BEN)
    lock_round(state, workshop, opened, False, me)
    assert put_in(state, workshop, opened, "あとから", BEN) == 1
    (idea, _) = view_round(state, workshop, opened, me).ideas
    with refused("room.no_voting"):
        vote(state, workshop, opened, idea.code, True, ANN)
    start_voting(state, workshop, opened, me)
    with refused("room.entry_closed"):
        put_in(state, workshop, opened, "投票中", BEN)
    with refused("room.not_adoptable"):
        adopt(state, workshop, idea.code, "candidate", me)
    close_round(state, workshop, opened, me)
    assert view_round(state, workshop, opened, me).round.phase is RoundPhase.CLOSED
    with refused("room.wrong_phase"):
        close_round(state, workshop, opened, me)


def test_a_second_round_waits_for_the_first(state: State, workshop: str, opened: str, me: Who) -> None:
    with refused("room.round_running"):
        open_round(state, workshop, RoundTopic.KSF, None, me)
    close_round(state, workshop, opened, me)
    assert open_round(state, workshop, RoundTopic.KPI, "quality", me) == "round_2"


@pytest.mark.parametrize("node", [None, "nobody", "bookings"])
def test_a_round_on_kpis_needs_a_factor(state: State, workshop: str, me: Who, node: str | None) -> None:
    with refused("room.factor_needed"):
        open_round(state, workshop, RoundTopic.KPI, node, me)


def test_votes_have_a_limit_can_be_taken_back_and_are_private_until_closed(
    state: State, workshop: str, opened: str, me: Who
) -> None:
    """Two votes each. Ann: a, b (then b back, c); Ben: c. So a 1, b 0, c 2."""
    code = shown(state, workshop, opened, me, "a", "b", "c")
    start_voting(state, workshop, opened, me)
    for idea in ("a", "b"):
        vote(state, workshop, opened, code[idea], True, ANN)
    with refused("room.no_votes_left"):
        vote(state, workshop, opened, code["c"], True, ANN)
    vote(state, workshop, opened, code["a"], True, ANN)  # given already: neither refused nor counted twice
    vote(state, workshop, opened, code["b"], False, ANN)
    vote(state, workshop, opened, code["c"], True, ANN)
    vote(state, workshop, opened, code["c"], True, BEN)
    assert view_round(state, workshop, opened, ANN).voted == {code["a"], code["c"]}
    assert view_round(state, workshop, opened, ANN).dots_left == 0
    seen = view_round(state, workshop, opened, me)
    assert (seen.voted, seen.voters, [idea.votes for idea in seen.ideas]) == (frozenset(), 2, [None, None, None])
    close_round(state, workshop, opened, me)
    closed = view_round(state, workshop, opened, me)
    assert [(idea.text, idea.votes) for idea in closed.ideas] == [("c", 2), ("a", 1), ("b", 0)]
    assert view_round(state, workshop, opened, ANN).voted == frozenset()  # nobody keeps who voted for what
    assert state.connection.execute("SELECT count(*) FROM hidden_votes").fetchone() == (0,)


def test_a_round_closed_without_a_vote_has_no_votes_rather_than_none_given(
    state: State, workshop: str, opened: str, me: Who
) -> None:
    shown(state, workshop, opened, me, "a")
    close_round(state, workshop, opened, me)
    assert [idea.votes for idea in view_round(state, workshop, opened, me).ideas] == [None]


def test_merged_ideas_are_one_on_the_ballot_and_can_be_parted(
    state: State, workshop: str, opened: str, me: Who
) -> None:
    code = shown(state, workshop, opened, me, "a", "b", "c")
    merge(state, workshop, opened, code["b"], code["a"], me)
    merge(state, workshop, opened, code["a"], code["c"], me)  # b goes along
    seen = view_round(state, workshop, opened, ANN)
    assert [idea.text for idea in seen.ideas] == ["c"]
    assert {idea.text for idea in seen.merged[code["c"]]} == {"a", "b"}
    merge(state, workshop, opened, code["b"], None, me)
    assert {idea.text for idea in view_round(state, workshop, opened, ANN).ideas} == {"b", "c"}
    start_voting(state, workshop, opened, me)
    with pytest.raises(MissingError):
        vote(state, workshop, opened, code["a"], True, ANN)
    with refused("room.wrong_phase"):
        merge(state, workshop, opened, code["b"], code["c"], me)


def voted_idea(state: State, workshop: str, opened: str, me: Who) -> str:
    """An idea of Ann's and Ben's (merged) with two votes, in a closed round."""
    put_in(state, workshop, opened, "商談の質", ANN)
    put_in(state, workshop, opened, "商談の品質", BEN)
    reveal(state, workshop, opened, me)
    code = {idea.text: idea.code for idea in snapshot(state, workshop).workshop.ideas}
    merge(state, workshop, opened, code["商談の品質"], code["商談の質"], me)
    start_voting(state, workshop, opened, me)
    for who in (ANN, BEN):
        vote(state, workshop, opened, code["商談の質"], True, who)
    close_round(state, workshop, opened, me)
    return code["商談の質"]


def test_an_adopted_factor_keeps_its_authors_and_votes_also_under_another_code(
    state: State, workshop: str, opened: str, me: Who
) -> None:
    code = adopt(state, workshop, voted_idea(state, workshop, opened, me), "ksf", me)
    found = snapshot(state, workshop).workshop
    assert (found.node(code).kind, found.node(code).parent) == (NodeKind.KSF, "bookings")
    assert code in [one.code for one in found.candidates]
    rename_code(state, workshop, code, "deal_quality", snapshot(state, workshop).revisions["nodes", code], me)
    origin = origin_of(snapshot(state, workshop).workshop, "deal_quality")
    assert (origin.authors, origin.votes) == (("安藤", "馬場"), 2)


def test_an_idea_is_adopted_once_and_again_when_what_it_became_is_gone(state: State, workshop: str, me: Who) -> None:
    opened = open_round(state, workshop, RoundTopic.KPI, "quality", me)
    put_in(state, workshop, opened, "受注率", ANN)
    reveal(state, workshop, opened, me)
    (idea,) = snapshot(state, workshop).workshop.ideas
    code = adopt(state, workshop, idea.code, "kpi", me)
    assert snapshot(state, workshop).workshop.node(code).parent == "quality"
    with refused("room.adopted_already"):
        adopt(state, workshop, idea.code, "kpi", me)
    delete_node(state, workshop, code, snapshot(state, workshop).revisions["nodes", code], me)
    assert adopt(state, workshop, idea.code, "kpi", me, parent="quality") == code


def test_an_idea_named_like_a_candidate_becomes_that_candidate(
    state: State, workshop: str, opened: str, me: Who
) -> None:
    code = shown(state, workshop, opened, me, "対応の速さ")
    assert adopt(state, workshop, code["対応の速さ"], "candidate", me) == "speed"
    assert len(snapshot(state, workshop).workshop.candidates) == 1


def test_who_may_do_what(state: State, workshop: str, opened: str, me: Who, viewer: Who) -> None:
    code = shown(state, workshop, opened, me, "a")["a"]
    for act in (
        lambda who: open_round(state, workshop, RoundTopic.KSF, None, who),
        lambda who: lock_round(state, workshop, opened, True, who),
        lambda who: reveal(state, workshop, opened, who),
        lambda who: start_voting(state, workshop, opened, who),
        lambda who: close_round(state, workshop, opened, who),
        lambda who: merge(state, workshop, opened, code, None, who),
        lambda who: adopt(state, workshop, code, "candidate", who),
    ):
        with refused("not_allowed"):
            act(ANN)
    for act in (
        lambda who: put_in(state, workshop, opened, "b", who),
        lambda who: take_back(state, workshop, opened, 1, who),
        lambda who: vote(state, workshop, opened, code, True, who),
    ):
        with refused("not_allowed"):
            act(viewer)
        with refused("room.name_needed"):
            act(Who("", Role.MEMBER))


def test_the_workshop_file_holds_a_round_and_comes_back_the_same(
    state: State, workshop: str, opened: str, me: Who
) -> None:
    adopt(state, workshop, voted_idea(state, workshop, opened, me), "ksf", me)
    second = open_round(state, workshop, RoundTopic.KPI, "quality", me, anonymous=True, dots=5)
    put_in(state, workshop, second, HIDDEN, ANN)
    written = export_file(state, workshop)
    assert [one["code"] for one in json.loads(written)["rounds"]] == ["round_1", "round_2"]
    assert export_file(state, import_file(state, written, me)) == written


def test_an_idea_of_no_round_is_refused_in_a_file(state: State, workshop: str, opened: str, me: Who) -> None:
    shown(state, workshop, opened, me, "a")
    document = json.loads(export_file(state, workshop))
    document["ideas"][0]["round"] = "round_9"
    with pytest.raises(RefusedError) as error:
        import_file(state, json.dumps(document), me)
    assert [problem.code for problem in error.value.problems] == ["file_unknown_round"]
