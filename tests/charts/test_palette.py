"""The colours hold together: readable, equal to the theme, no status without a sign."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from streamlit import config

from kpi_core.charts.palette import DARK, FONT, LIGHT, SIGNS, Palette, palette
from kpi_core.vocabulary import Status

CONFIG = Path(__file__).parents[2] / ".streamlit" / "config.toml"


def luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_words_in_a_status_colour_are_readable(colours: Palette) -> None:
    words = [colours.text, colours.muted, *(colours.status_text(status) for status in Status)]
    assert [colour for colour in words if contrast(colour, colours.background) < 4.5] == []


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_shapes_stand_out_from_the_background(colours: Palette) -> None:
    shapes = [colours.actual, colours.target, *(colours.status(status) for status in Status), *colours.departments]
    assert [colour for colour in shapes if contrast(colour, colours.background) < 2.6] == []


def test_every_status_has_its_own_sign() -> None:
    assert len(set(SIGNS.values())) == len(Status)


def test_department_colours_are_no_status_colours_and_come_round() -> None:
    assert not set(LIGHT.departments) & {LIGHT.status(status) for status in Status}
    assert LIGHT.department(7) == LIGHT.departments[1]


def test_an_unknown_theme_is_light() -> None:
    assert (palette("dark"), palette("light"), palette(None)) == (DARK, LIGHT, LIGHT)


def test_the_theme_has_the_palettes_colours() -> None:
    theme = tomllib.loads(CONFIG.read_text("utf-8"))["theme"]
    assert theme["font"] == FONT
    for name, colours in (("light", LIGHT), ("dark", DARK)):
        section = theme[name]
        assert (section["primaryColor"], section["textColor"], section["backgroundColor"], section["borderColor"]) == (
            colours.accent,
            colours.text,
            colours.background,
            colours.line,
        )
        assert (section["greenColor"], section["orangeColor"], section["redColor"], section["grayColor"]) == (
            colours.on_track,
            colours.watch,
            colours.off_track,
            colours.none,
        )
        assert tuple(section["chartCategoricalColors"]) == colours.departments


def test_streamlit_knows_every_option_of_the_config() -> None:
    known = config.get_config_options()

    def names(table: dict[str, object], prefix: str = "") -> list[str]:
        found = []
        for key, value in table.items():
            name = f"{prefix}{key}"
            inner = isinstance(value, dict) and name not in known  # an option may itself hold a table
            found += names(value, f"{name}.") if inner else [name]
        return found

    assert [name for name in names(tomllib.loads(CONFIG.read_text("utf-8"))) if name not in known] == []
