"""What every page shares: language, workshop, step bar; then the page itself."""

from __future__ import annotations

import streamlit as st

from kpi_core.services.people import NOBODY
from pages.components.drawer import close_drawer
from pages.components.frame import choose_page, not_for_role, top_row
from pages.components.joined_as import joined_as
from pages.components.outcome import tell_outcome
from pages.components.presenting import presenting
from pages.components.session import begin, current, page_run, t
from pages.components.share_panel import share_button
from pages.components.warm_up import warm_up

with page_run():
    begin()
    st.set_page_config(page_title=t("pages.app.title"), page_icon="🎯", layout="wide")
    if current().who == NOBODY:
        st.title(t("sharing.gone_title"), anchor=False)
        st.markdown(t("sharing.gone"))
        st.stop()
    page = choose_page()
    if not presenting():
        top_row(share_button, joined_as)
    tell_outcome()
    if not not_for_role(page):
        page.run()
    close_drawer(page.url_path)
warm_up()
