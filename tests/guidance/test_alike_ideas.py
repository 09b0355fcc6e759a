from __future__ import annotations

from kpi_core.guidance.ideas import alike_groups
from kpi_core.model.room import Idea


def idea(text: str) -> Idea:
    return Idea(code=f"idea_{abs(hash(text)) % 1000}", round="round_1", text=text)


def test_ideas_in_nearly_the_same_words_stand_together_and_others_alone() -> None:
    texts = ["展示会を増やす", "商談の質を上げる", "商談の質を高める", "解約を減らす", "商談の質を、上げる"]
    groups = alike_groups([idea(text) for text in texts])
    assert [[one.text for one in group] for group in groups] == [
        ["展示会を増やす"],
        ["商談の質を上げる", "商談の質を高める", "商談の質を、上げる"],
        ["解約を減らす"],
    ]


def test_ideas_of_signs_alone_are_told_apart_or_together_but_never_lost() -> None:
    groups = alike_groups([idea("!!!"), idea("★")])
    assert sorted(one.text for group in groups for one in group) == ["!!!", "★"]
