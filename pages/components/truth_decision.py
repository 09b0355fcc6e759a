"""Which of two sides counts: said with a reason, or taken back."""

from __future__ import annotations

import streamlit as st

from kpi_core.model.precedence import precedence_code
from kpi_core.services.precedences import decide, undecide
from kpi_core.services.single_truth import MANUAL, Twin
from kpi_core.services.workshops import Snapshot
from pages.components.draft import Draft, Values
from pages.components.outcome import attempt
from pages.components.session import allowed, current, raw, state, t


def truth_decision(snap: Snapshot, twin: Twin, names: tuple[str, str]) -> None:
    """What was decided, and the form that decides; what is typed is kept until it is."""
    words = dict(zip((twin.one, twin.other), names, strict=True))
    made = twin.precedence
    code = precedence_code(twin.kind, twin.one, twin.other, twin.node)
    if made is not None:
        st.markdown(f":green[✓] {t('truth.decided', name=words[made.leading])}")
        if made.reason:
            st.caption(t("truth.because", reason=made.reason))
        if made.leading == MANUAL:
            st.warning(t("truth.manual_hidden"))
    if not allowed():
        return
    stored: Values = {"leading": made.leading if made else None, "reason": made.reason if made else ""}
    with st.container() if made is None else st.expander(t("truth.decide_anew"), key=f"truth.anew.{code}"):
        draft = Draft(f"truth.{code}", stored, snap.revisions.get(("precedences", code)))
        draft.segments("leading", t("truth.which"), list(words), lambda one: words[one])
        draft.text("reason", t("truth.reason"), max_chars=500, placeholder=raw("truth.reason_hint"))

        def store(values: Values, _: int | None) -> None:
            leading = values["leading"]
            following = next(one for one in words if one != leading)
            with state() as here:
                how = {"node": twin.node, "reason": values["reason"]}
                decide(here, snap.id, twin.kind, leading, following, current().who, **how)

        draft.foot(store, label=t("truth.decide"), done="truth.stored", disabled=draft.value("leading") is None)
        if made is not None:
            st.button(
                t("truth.undecide"), key=f"truth.undecide.{code}", type="tertiary", on_click=_back, args=(snap.id, code)
            )


def _back(workshop_id: str, code: str) -> None:
    def write() -> None:
        with state() as here:
            undecide(here, workshop_id, code, current().who)

    attempt(write, "truth.taken_back")
