"""Options that people named alike can still be told apart."""

from __future__ import annotations

from pages.components.labels import distinct


def test_options_with_one_name_get_their_code_beside_it() -> None:
    names = {"a": "テスト", "b": "テスト", "c": "受注"}
    label = distinct(names, names.__getitem__)
    assert [label(code) for code in names] == ["テスト (a)", "テスト (b)", "受注"]
