"""What every page shares: language, workshop, step bar; then the page itself."""

from __future__ import annotations

import streamlit as st

from pages.components.frame import choose_page, top_row
from pages.components.outcome import tell_outcome
from pages.components.presenting import presenting
from pages.components.session import begin, page_run, t

session = begin()
st.set_page_config(page_title=t("pages.app.title"), page_icon="🎯", layout="wide")
with page_run():
    page = choose_page()
    if not presenting():
        top_row()
    tell_outcome()
    page.run()
