"""What differs between two versions of a dataset, as the page tells it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def page() -> None:
    from kpi_core.data.differing import Differences
    from pages.components.version_difference import _rows

    _rows(
        Differences(
            20000,
            30000,
            (),
            (),
            (),
            ("id",),
            doubled=12345,
            added=1,
            removed=2,
            changed=3,
            same=4,
            doubled_rows=(1000, 26000),
            doubled_keys=(("7",), ("8",)),
        )
    )


@pytest.mark.parametrize(
    ("language", "told"), [("ja", "12,345種類あります(例:7、8)"), ("en", "12,345 keys shared by several rows")]
)
def test_keys_of_several_rows_are_counted_in_groups_of_three(language: str, told: str) -> None:
    app = AppTest.from_function(page)
    app.query_params["lang"] = language
    app.session_state["lang"] = language
    app.run()
    assert not app.exception
    assert told in "\n".join(one.value for one in app.caption).replace("\\", "")
