"""A form over one stored item that loses nothing: typed values outlive reruns, page changes, reloads and a crash.

Every field keeps its value in the state as soon as it is committed in the browser; *save* writes the item with the
revision it was read at. When someone else saved first, both versions are shown and the person chooses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

import streamlit as st

from kpi_core.errors import KpiError, RefusedError, StaleError
from kpi_core.services import drafts
from kpi_core.services.people import Who
from kpi_core.text.amounts import read_amount, write_amount
from pages.components.browser import browser
from pages.components.labels import distinct
from pages.components.outcome import attempt
from pages.components.plain import plain
from pages.components.session import current, state, t
from pages.components.trouble import show_error

Values = dict[str, Any]
#: A version longer than this many characters (a table) scrolls within so many pixels.
_LONG, _LONG_HEIGHT = 600, 240
#: So long without a key and a line of text is kept, though the field was not left.
_PAUSE = "1s"


class Draft:
    """The form named ``place`` over ``stored`` (field → value) as it was read at ``revision``.

    ``reread`` turns the stored item, as a stale save hands it back, into the same shape as ``stored``.
    """

    def __init__(
        self, place: str, stored: Values, revision: int | None, reread: Callable[[Any], Values] | None = None
    ) -> None:
        self.place = f"draft/{current().workshop}/{place}"
        self.stored = stored
        self.revision = revision
        self.reread = reread
        self.labels: dict[str, str] = {}
        self._amounts: dict[str, Mapping[str, str]] = {}
        self._begin()

    # fields

    def text(self, field: str, label: str, **options: Any) -> str:
        """One line of text, kept when typing pauses."""
        return self._field(field, label, st.text_input, "", **{"live": _PAUSE, **options})

    def area(self, field: str, label: str, **options: Any) -> str:
        """Text of several lines, kept when it is left (Streamlit offers no pause for these)."""
        return self._field(field, label, st.text_area, "", **options)

    def number(self, field: str, label: str, **options: Any) -> int | float | None:
        """A number, or ``None`` while empty."""
        stored = self.value(field)
        if isinstance(stored, int) and not isinstance(options.get("step"), float):
            options.setdefault("step", 1)
        elif stored is not None:
            self.base[field] = float(stored)
        return self._field(field, label, st.number_input, None, value=None, **options)

    def date(self, field: str, label: str, **options: Any) -> date | None:
        """A day, or ``None`` while empty."""
        return self._field(field, label, st.date_input, None, value=None, format="YYYY/MM/DD", **options)

    def choice(self, field: str, label: str, options: Sequence[Any], words: Callable[[Any], str], **more: Any) -> Any:
        """One of ``options`` from a list, shown by ``words``; ``None`` for none. ``then``: done after a choice."""
        return self._field(
            field,
            label,
            st.selectbox,
            None,
            options=options,
            format_func=distinct(options, words),
            **{"index": None, **more},
        )

    def segments(self, field: str, label: str, options: Sequence[Any], words: Callable[[Any], str], **more: Any) -> Any:
        """One of a few ``options``, all in sight."""
        return self._field(
            field, label, st.segmented_control, None, options=options, format_func=distinct(options, words), **more
        )

    def several(
        self, field: str, label: str, options: Sequence[Any], words: Callable[[Any], str], **more: Any
    ) -> list[Any]:
        """Any number of ``options``."""
        more.setdefault("select_all", False)  # Streamlit writes it in English
        return self._field(
            field, label, st.multiselect, [], options=options, format_func=distinct(options, words), **more
        )

    def flag(self, field: str, label: str, **options: Any) -> bool:
        """Yes or no."""
        return self._field(field, label, st.toggle, False, **options)

    def table(
        self,
        field: str,
        label: str,
        columns: Sequence[str],
        *,
        beside: Mapping[str, Sequence[Any]] | None = None,
        amounts: Mapping[str, str] | None = None,
        **options: Any,
    ) -> list[dict[str, Any]]:
        """Rows of a table to edit; ``options`` go to ``st.data_editor``.

        ``beside``: further columns that are shown, not kept (disable them): a value for each row, or more.
        ``amounts``: column → unit of amounts, which are typed as in any field of amounts (``text.amounts``; the
        editor's own number cells make 12 of 12億) in a column of text. What cannot be read is kept as text, and told.
        """
        self.labels[field] = label
        self._amounts[field] = dict(amounts or {})
        self._begin_anew_in_another_unit(field)
        key = f"{self._key(field)}#{self._round}"
        start = f"{key}/start"
        if start not in st.session_state or key not in st.session_state:  # the editor forgets when it is not drawn
            st.session_state[start] = [_written(row, self._amounts[field]) for row in self.value(field) or []]
        rows: list[dict[str, Any]] = st.session_state[start]
        import pandas as pd

        frame = pd.DataFrame(rows, columns=list(columns)).assign(
            **{name: list(cells)[: len(rows)] for name, cells in (beside or {}).items()}
        )
        options.setdefault("placeholder", "")  # an empty cell is empty, not the word None
        st.data_editor(frame, key=key, on_change=self._keep_table, args=(field, key, start), **options)
        kept = list(self.value(field) or [])
        for text in [row[name] for row in kept for name in self._amounts[field] if isinstance(row.get(name), str)]:
            show_error(RefusedError("amount_unreadable", text=text[:40]))
        return kept

    def _begin_anew_in_another_unit(self, field: str) -> None:
        """What stands in the cells was written in a unit, and must not be read in another."""
        place = f"{self._key(field)}/amounts"
        if st.session_state.get(place, self._amounts[field]) != self._amounts[field]:
            self._next_round()
        st.session_state[place] = self._amounts[field]

    def put(self, field: str, value: Any) -> None:
        """In a callback: types ``value`` into the field, as a button that fills a table does."""
        self.typed[field] = value
        st.session_state.pop(self._key(field), None)
        self._next_round()
        self._write()

    def value(self, field: str) -> Any:
        """What the field holds now: typed, else stored."""
        return self.typed.get(field, self.base.get(field))

    @property
    def values(self) -> Values:
        """All fields as they stand now."""
        return {**self.base, **self.typed}

    @property
    def recovered(self) -> bool:
        """Whether what is typed was found again, after a reload or a crash."""
        return bool(self._kept["recovered"])

    @property
    def changed(self) -> bool:
        return any(value != self.base.get(field) for field, value in self.typed.items())

    # the foot

    def foot(
        self,
        save: Callable[[Values, int | None], object],
        *,
        label: str | None = None,
        done: str | None = "pages.frame.saved",
        disabled: bool = False,
        key: str = "save",
    ) -> None:
        """Save and discard, what is unsaved, and the choice between two versions after a stale save."""
        self._conflict(save)
        failed = st.session_state[self.place].get("failed")
        if failed is not None:
            show_error(failed)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                label or t("pages.frame.save"),
                type="primary",
                key=f"{self.place}/{key}",
                on_click=self._save,
                args=(save, done),
                disabled=disabled,
            )
            if self.changed:
                st.button(t("pages.frame.discard"), type="tertiary", key=f"{self.place}/discard", on_click=self.discard)
                st.caption(t("pages.frame.recovered" if self.recovered else "pages.frame.unsaved"))

    def take_up(self) -> None:
        """In a callback: what fields hold and was not kept yet.

        The last text and the click on *save* may arrive together, and nothing says whose callback runs first.
        """
        for field in self.labels:
            key = self._key(field)
            table = f"{key}#{self._round}"
            if key in st.session_state:
                held = st.session_state[key]
            elif table in st.session_state and f"{table}/start" in st.session_state:
                held = self._edited(field, f"{table}/start", table)
            else:
                continue
            if held != self.value(field) and (held or self.value(field)):
                self.typed[field] = held

    def discard(self) -> None:
        """Back to what is stored."""
        with state() as here:
            drafts.drop(here, self._workshop, self.place, self._owner)
        st.session_state.pop(self.place, None)
        self._forget_widgets()
        self._next_round()

    # how it keeps

    @property
    def _kept(self) -> dict[str, Any]:
        kept: dict[str, Any] = st.session_state[self.place]
        return kept

    @property
    def _round(self) -> int:
        """Counts what tables were drawn anew for: the same key would keep the browser's edits of before."""
        return int(st.session_state.get(f"{self.place}#round", 0))

    def _next_round(self) -> None:
        st.session_state[f"{self.place}#round"] = self._round + 1

    @property
    def _owner(self) -> Who:
        """Whose unsaved input it is: the person's, or the browser's while people have no names."""
        who = current().who
        return who if who.person or who.name else Who(name=browser(), role=who.role)

    @property
    def _workshop(self) -> str:
        return current().workshop or ""

    @property
    def typed(self) -> Values:
        typed: Values = self._kept["typed"]
        return typed

    @property
    def base(self) -> Values:
        base: Values = self._kept["base"]
        return base

    def _key(self, field: str) -> str:
        return f"{self.place}/{field}"

    def _begin(self) -> None:
        kept = st.session_state.get(self.place)
        if kept is not None and kept["revision"] != self.revision and not self.changed and not kept.get("conflict"):
            self._forget_widgets()
            self._next_round()
            kept = None
        if kept is not None and kept["revision"] == self.revision:
            self._follow(kept)
        if kept is None:
            with state() as here:
                found = drafts.kept(here, self._workshop, self.place, self._owner)
                if found is not None and all(self.stored.get(field) == value for field, value in found.values.items()):
                    drafts.drop(here, self._workshop, self.place, self._owner)  # typed and taken back, or saved since
                    found = None
            st.session_state[self.place] = {
                "base": dict(self.stored),
                "typed": dict(found.values) if found else {},
                "revision": found.revision if found else self.revision,
                "recovered": found is not None,
            }

    def _follow(self, kept: dict[str, Any]) -> None:
        """What a form proposes may change with the rest of the workshop; fields not typed into propose the new."""
        for field, value in self.stored.items():
            if field not in kept["typed"] and kept["base"].get(field) != value:
                kept["base"][field] = value
                self._forget_widgets(field)

    def _forget_widgets(self, field: str = "") -> None:
        """All of the form's, or those of one field (a table's carry its round)."""
        whole = f"{self.place}/{field}"
        for key in [str(key) for key in st.session_state if str(key).startswith(whole)]:
            if not field or key == whole or key.startswith(f"{whole}#"):
                del st.session_state[key]

    def _field(
        self,
        field: str,
        label: str,
        widget: Callable[..., Any],
        empty: Any,
        then: Callable[[], None] | None = None,
        **options: Any,
    ) -> Any:
        self.labels[field] = label
        key = self._key(field)
        if key not in st.session_state:
            held = self.value(field)
            st.session_state[key] = empty if held is None else held
        return widget(label, key=key, on_change=self._keep, args=(field, key, then), **options)

    def _keep(self, field: str, key: str, then: Callable[[], None] | None) -> None:
        if key not in st.session_state:  # taken up by the save of the same moment
            return
        held = st.session_state[key]
        if held == self.value(field) or not (held or self.value(field)):  # said again, nothing was typed
            return
        self.typed[field] = held
        self._write()
        if then is not None:
            then()

    def _keep_table(self, field: str, key: str, start: str) -> None:
        if key not in st.session_state or start not in st.session_state:
            return
        self.typed[field] = self._edited(field, start, key)
        self._write()

    def _edited(self, field: str, start: str, key: str) -> list[dict[str, Any]]:
        rows = edited_rows(st.session_state[start], st.session_state[key])
        return [_read(row, self._amounts.get(field, {})) for row in rows]

    def _write(self) -> None:
        with state() as here:
            drafts.keep(here, self._workshop, self.place, self._kept["revision"], self.typed, self._owner)

    def _save_mine(self, save: Callable[[Values, int | None], object]) -> None:
        """Over what was stored in the meantime: the person has seen it. Fields not typed into stay as stored."""
        self.take_up()
        kept = self._kept
        kept["base"] = {**kept["base"], **kept["conflict"]["theirs"]}
        kept["revision"] = kept["conflict"]["revision"]
        self._store(save, "pages.frame.saved")

    def _save(self, save: Callable[[Values, int | None], object], done: str | None) -> None:
        self.take_up()
        self._store(save, done)

    def _store(self, save: Callable[[Values, int | None], object], done: str | None) -> None:
        kept = self._kept
        kept["failed"] = kept["conflict"] = None
        try:
            save(self.values, kept["revision"])
        except StaleError as error:
            gone = error.current is None
            theirs = self.reread(error.current) if self.reread and not gone else {}
            kept["conflict"] = {"theirs": theirs, "revision": None if gone else error.revision}
            return
        except KpiError as error:
            kept["failed"] = error
            return
        self.discard()
        attempt(lambda: None, done)

    def _conflict(self, save: Callable[[Values, int | None], object]) -> None:
        conflict = self._kept.get("conflict")
        if conflict is None:
            return
        theirs = conflict["theirs"]
        mine = {**self.base, **theirs, **self.typed}
        fields = [field for field in self.labels if _shown(mine.get(field)) != _shown(theirs.get(field))]
        with st.container(border=True):
            st.markdown(f"**⚠️ {t('pages.conflict.title')}**")
            st.markdown(t("pages.conflict.explain"))
            for field in fields:
                st.markdown(f"**{self.labels[field]}**")
                with st.grid(2, min_column_width=220):
                    _version("stored", _shown(theirs.get(field)))
                    _version("mine", _shown(mine.get(field)))
            with st.container(horizontal=True):
                st.button(
                    t("pages.conflict.keep_mine"),
                    key=f"{self.place}/mine",
                    type="primary",
                    on_click=self._save_mine,
                    args=(save,),
                )
                st.button(t("pages.conflict.keep_stored"), key=f"{self.place}/theirs", on_click=self.discard)


def _version(which: str, value: str) -> None:
    """One of two versions of a field, whole; on a phone they stand one below the other."""
    with st.container(border=True, gap=None, height=_LONG_HEIGHT if len(value) > _LONG else "content"):
        st.caption(t(f"pages.conflict.{which}"))
        st.markdown(plain(value) if value.strip() else f":gray[{t('pages.conflict.empty')}]")


def edited_rows(rows: Sequence[Mapping[str, Any]], edits: Mapping[str, Any]) -> list[dict[str, Any]]:
    """``rows`` after the changes that a data editor reports (edited, deleted and added rows)."""
    changed: dict[Any, dict[str, Any]] = {int(at): row for at, row in edits.get("edited_rows", {}).items()}
    gone = set(edits.get("deleted_rows", ()))
    kept = [{**row, **changed.get(at, {})} for at, row in enumerate(rows) if at not in gone]
    return kept + [dict(row) for row in edits.get("added_rows", ())]


def _written(row: Mapping[str, Any], amounts: Mapping[str, str]) -> dict[str, Any]:
    """A row as its cells show it: amounts as text."""
    found = {name: row.get(name) for name in amounts}
    return {
        **row,
        **{name: one if isinstance(one, str) else write_amount(one, amounts[name]) for name, one in found.items()},
    }


def _read(row: Mapping[str, Any], amounts: Mapping[str, str]) -> dict[str, Any]:
    """A row as it is kept: amounts as numbers, what cannot be read as it was typed."""
    found = dict(row)
    for name, unit in amounts.items():
        with suppress(RefusedError):
            found[name] = read_amount(str(found.get(name) or ""), unit)
    return found


def amount(cell: object) -> float | None:
    """The number of a cell of amounts. Raises ``RefusedError('amount_unreadable')`` for what was not one."""
    if isinstance(cell, str):
        raise RefusedError("amount_unreadable", text=cell[:40])
    return cell if isinstance(cell, int | float) else None


def _shown(value: Any) -> str:
    """A field's value in one line; rows of a table one after another."""
    if isinstance(value, dict):
        return " ".join(_shown(part) for part in value.values() if part is not None)
    if isinstance(value, list | tuple):
        return " / ".join(_shown(part) for part in value)
    return "" if value is None else str(value)
