"""A form that loses nothing: what arrives together with the click on save is saved, whose callback ever runs first."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from pages.gate.identity import MARK, OWNER


def form() -> None:
    """A page whose save button stands above its field, so that its callback runs before the field's."""
    import streamlit as st

    from pages.components.draft import Draft

    draft = Draft("form", st.session_state.setdefault("stored", {"name": "", "note": "そのまま"}), None)

    def store(values: dict[str, object], revision: int | None) -> None:
        st.session_state["stored"] = values

    draft.foot(store, label="保存", done=None)
    draft.text("name", "名称")
    draft.text("note", "メモ")


def test_text_that_arrives_with_the_click_on_save_is_saved_and_the_page_goes_on(here) -> None:
    app = AppTest.from_function(form)
    app.user = {MARK: OWNER}
    app.run()
    app.text_input[0].set_value("受注金額")
    app.button[0].click().run()
    assert not app.exception
    assert app.session_state["stored"] == {"name": "受注金額", "note": "そのまま"}
    assert app.text_input[0].value == "受注金額"
