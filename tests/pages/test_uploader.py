"""A file on its way in stays while other parts of the page are looked at."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from kpi_core.services.datasets import versions
from kpi_core.store.state import State
from kpi_core.vocabulary import Page

Show = Callable[..., AppTest]
DEALS = b"deal_id,amount\n1,100\n2,50\n"


def look_at(app: AppTest, part: str) -> AppTest:
    app.session_state["data_sources.part"] = part
    app.run()
    assert not app.exception
    return app


def told(app: AppTest) -> str:
    return "\n".join(one.value for one in app.info).replace("\\", "")


def begun(show: Show, workshop: str) -> AppTest:
    app = show(Page.DATA_SOURCES, workshop)
    app.file_uploader(key=f"upload/{workshop}/file/0").upload("deals.csv", DEALS)
    app.run()
    app.text_input(key=name_of(app)).set_value("商談一覧").run()
    return look_at(look_at(app, "rules"), "uploads")


def name_of(app: AppTest) -> str:
    return next(one.key for one in app.text_input if one.key and "/name/" in one.key)


def test_a_file_not_stored_yet_is_there_again_and_can_be_stored(show: Show, blank: str, here: State) -> None:
    app = begun(show, blank)
    assert "「deals.csv」の取り込みの続きです" in told(app)
    app.button(key=f"upload/{blank}/store").click().run()
    assert not app.exception
    (dataset,) = {one.dataset for one in versions(here, blank)}
    assert versions(here, blank)[0].rows == 2
    assert "続きです" not in told(look_at(look_at(app, "rules"), "uploads"))
    assert dataset


def test_a_file_that_is_taken_out_is_gone(show: Show, blank: str) -> None:
    app = begun(show, blank)
    app.button(key=f"upload/{blank}/take_out").click().run()
    assert "続きです" not in told(app)
    assert not [one for one in app.button if one.key == f"upload/{blank}/store"]
