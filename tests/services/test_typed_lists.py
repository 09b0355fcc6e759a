"""Several values in one cell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.services.typed_lists import read_list, write_list


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Won, Lost", ("Won", "Lost")),
        ("受注\u3001失注", ("受注", "失注")),
        ("受注\uff0c失注", ("受注", "失注")),
        ('"Smith, Co", Jones', ("Smith, Co", "Jones")),
        (" , ,", ()),
        ("", ()),
    ],
)
def test_values_are_separated_by_any_comma(text: str, values: tuple[str, ...]) -> None:
    assert read_list(text) == values


@given(st.lists(st.text(st.characters(exclude_categories=["C"]), min_size=1).map(str.strip).filter(bool)))
def test_what_is_written_is_read_back(values: list[str]) -> None:
    assert read_list(write_list(values)) == tuple(values)
