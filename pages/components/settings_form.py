"""The workshop's frame: name, language, money, calendar."""

from __future__ import annotations

from zoneinfo import available_timezones

from kpi_core.model.workshop import Settings
from kpi_core.services.composing import composed
from kpi_core.services.measuring import refresh
from kpi_core.services.workshops import Snapshot, save_settings
from kpi_core.text.numbers import axis_unit
from kpi_core.vocabulary import DisplayUnit, Grain, Language
from pages.components.draft import Draft, Values
from pages.components.session import current, raw, state, t

CURRENCIES = ("JPY", "USD", "EUR", "GBP", "CNY", "KRW", "TWD", "SGD", "THB", "VND", "AUD")
#: What measured values depend on: change one and they are computed anew.
_CALENDAR = ("fiscal_year_start", "grain", "timezone")


def settings_form(snap: Snapshot) -> None:
    """The form with its save; a changed calendar recomputes the measured values."""
    language = current().language
    settings = snap.workshop.settings
    draft = Draft("settings", read_settings(settings), snap.revisions["settings", ""], read_settings)
    draft.text("name", t("settings.name"), max_chars=200)
    draft.segments(
        "language",
        t("settings.language"),
        [one.value for one in Language],
        lambda one: t(f"vocabulary.language.{one}"),
        help=t("settings.language_help"),
        required=True,
    )
    draft.choice(
        "fiscal_year_start",
        t("settings.fiscal_start"),
        list(range(1, 13)),
        lambda month: raw(f"home.month.{month}"),
        index=0,
    )
    draft.segments(
        "grain",
        t("settings.grain"),
        [Grain.WEEK.value, Grain.MONTH.value, Grain.QUARTER.value],
        lambda one: t(f"vocabulary.grain.{one}"),
        help=t("settings.grain_help"),
        required=True,
    )
    currencies = list(dict.fromkeys([*CURRENCIES, settings.currency]))
    draft.choice(
        "currency",
        t("settings.currency"),
        currencies,
        lambda code: currency_words(code, language),
        index=0,
    )
    draft.segments(
        "display_unit",
        t("settings.display_unit"),
        [one.value for one in DisplayUnit],
        lambda one: t(f"vocabulary.display_unit.{one}"),
        help=t("settings.display_unit_help"),
        required=True,
    )
    zones = list(dict.fromkeys([settings.timezone, "Asia/Tokyo", *sorted(available_timezones())]))
    draft.choice("timezone", t("settings.timezone"), zones, str, index=0, help=t("settings.timezone_help"))

    def store(values: Values, revision: int | None) -> None:
        with state() as here:
            save_settings(here, snap.id, composed(Settings, values, settings), revision or 0, current().who)
            if any(values[name] != getattr(settings, name) for name in _CALENDAR):
                refresh(here, snap.id, current().who)

    draft.foot(store)


def currency_words(code: str, language: Language) -> str:
    """A currency in a list: its code, and how its amounts are written."""
    return f"{code} · {axis_unit(code, language)}"


def read_settings(settings: Settings) -> Values:
    """Field → value as the form holds it."""
    return settings.model_dump(mode="json")
