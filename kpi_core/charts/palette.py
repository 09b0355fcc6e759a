"""The colours, signs and font that all screens share, light and dark; chosen to hold for colour-blind readers.

Status is never told by colour alone: it comes with its sign and its word (``vocabulary.status.*``). Department
colours are used for departments only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kpi_core.vocabulary import Availability, Status

FONT = "'Noto Sans CJK JP', 'Hiragino Sans', 'Yu Gothic UI', Meiryo, sans-serif"

#: The sign that stands beside a status's colour and word.
SIGNS: dict[Status, str] = {Status.ON_TRACK: "●", Status.WATCH: "▲", Status.OFF_TRACK: "▼", Status.NONE: "–"}
#: The sign for a source's availability: ready, with effort, not to be had.
AVAILABILITY_SIGNS: dict[Availability, str] = {
    Availability.READY: "●",
    Availability.EFFORT: "▲",
    Availability.NONE: "×",
}


@dataclass(frozen=True)
class Palette:
    """One theme's colours, as ``#RRGGBB``."""

    background: str
    surface: str
    text: str
    muted: str
    line: str
    accent: str
    actual: str
    running: str
    """The actual of a period that is not over."""
    target: str
    previous_year: str
    on_track: str
    watch: str
    off_track: str
    none: str
    on_track_text: str
    watch_text: str
    off_track_text: str
    none_text: str
    scale: tuple[str, ...]
    """Few to many, one hue."""
    departments: tuple[str, ...]

    def status(self, status: Status) -> str:
        """The colour of a status's shapes."""
        return {
            Status.ON_TRACK: self.on_track,
            Status.WATCH: self.watch,
            Status.OFF_TRACK: self.off_track,
            Status.NONE: self.none,
        }[status]

    def status_text(self, status: Status) -> str:
        """The colour of a status's words: darker (lighter in the dark), readable at text size."""
        return {
            Status.ON_TRACK: self.on_track_text,
            Status.WATCH: self.watch_text,
            Status.OFF_TRACK: self.off_track_text,
            Status.NONE: self.none_text,
        }[status]

    def department(self, position: int) -> str:
        """The colour of the department at ``position`` of the workshop's list; after six they come round."""
        return self.departments[position % len(self.departments)]


LIGHT = Palette(
    background="#FFFFFF",
    surface="#F7F8FA",
    text="#1F2933",
    muted="#5B6672",
    line="#E4E7EB",
    accent="#3B5BDB",
    actual="#364554",
    running="#8794A2",
    target="#1F2933",
    previous_year="#C9D0D8",
    on_track="#12866F",
    watch="#D98E04",
    off_track="#C8324A",
    none="#8A94A0",
    on_track_text="#0B6656",
    watch_text="#8A5A00",
    off_track_text="#A92339",
    none_text="#5B6672",
    scale=("#EEF1FD", "#C9D3F8", "#93A7EF", "#5C78E2", "#3B5BDB"),
    departments=("#2F6FBF", "#7B4FB6", "#1E93B4", "#B4488E", "#8A6138", "#6F7A1F"),
)

DARK = Palette(
    background="#14181D",
    surface="#1E242B",
    text="#E6EAEE",
    muted="#AAB4BF",
    line="#343C46",
    accent="#A5B4FC",
    actual="#C3CCD6",
    running="#7C8894",
    target="#E6EAEE",
    previous_year="#4A545F",
    on_track="#3DB79C",
    watch="#E8A93A",
    off_track="#EE6B80",
    none="#97A1AD",
    on_track_text="#6FD3BC",
    watch_text="#F2C069",
    off_track_text="#F58E9F",
    none_text="#AAB4BF",
    scale=("#1F2740", "#2C3A6B", "#415399", "#6279CC", "#8DA2FB"),
    departments=("#6FA5E8", "#AE8AE0", "#5CBFDB", "#DB82BB", "#C49A6C", "#AEB95A"),
)


def palette(theme: Literal["light", "dark"] | None) -> Palette:
    """The palette for a theme's name (``st.context.theme.type``); light when it is not known."""
    return DARK if theme == "dark" else LIGHT
