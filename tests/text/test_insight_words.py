"""Every code that landings, link tests, closure and maturity answer with has its words."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

import pytest

from kpi_core.text import sentences
from kpi_core.vocabulary import ClosureVerdict, EvidenceState, LandingMethod, Language, LinkVerdict, Variation

CORE = Path(__file__).parent.parent.parent / "kpi_core"


@pytest.mark.parametrize("words", [Variation, LinkVerdict, EvidenceState, LandingMethod, ClosureVerdict])
def test_every_member_has_a_word(words: type[StrEnum]) -> None:
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", words.__name__).lower()
    assert [one for one in words if f"vocabulary.{name}.{one}" not in sentences(Language.JA)] == []


@pytest.mark.parametrize(
    ("area", "modules"),
    [
        ("landing_code", ("insight/tracks.py", "insight/cumulative_share.py", "insight/landing.py")),
        ("link_reason", ("insight/leading.py",)),
        ("expired", ("services/evidence.py",)),
        ("maturity", ("insight/maturity.py", "services/variation.py")),
    ],
)
def test_every_code_that_is_written_has_a_sentence(area: str, modules: tuple[str, ...]) -> None:
    written = " ".join((CORE / module).read_text("utf-8") for module in modules)
    known = {
        key.removeprefix(f"insight.{area}.") for key in sentences(Language.JA) if key.startswith(f"insight.{area}.")
    }
    codes = set(re.findall(r'"([a-z]+(?:_[a-z]+)+)"', written))
    others = {"roll_up", "item_missing"}
    assert codes - others - known == set()
    assert {code for code in known if f'"{code}"' not in written} <= {"immature"}
