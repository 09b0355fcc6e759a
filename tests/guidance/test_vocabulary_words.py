"""Every enumeration's every member has its word in both languages."""

from __future__ import annotations

import re
from enum import StrEnum

import pytest

from kpi_core import vocabulary
from kpi_core.text import say, sentences
from kpi_core.vocabulary import Language, Status

ENUMERATIONS = [item for item in vars(vocabulary).values() if isinstance(item, type) and issubclass(item, StrEnum)]
ENUMERATIONS.remove(StrEnum)


def key(member: StrEnum) -> str:
    enumeration = re.sub(r"(?<!^)(?=[A-Z])", "_", type(member).__name__).lower()
    return f"vocabulary.{enumeration}.{member.value}"


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("enumeration", ENUMERATIONS, ids=lambda item: item.__name__)
def test_every_member_has_a_word(enumeration: type[StrEnum], language: Language) -> None:
    assert [member for member in enumeration if key(member) not in sentences(language)] == []


def test_no_word_without_a_member() -> None:
    wanted = {key(member) for enumeration in ENUMERATIONS for member in enumeration}
    written = {name for name in sentences(Language.JA) if name.startswith("vocabulary.")}
    assert written - wanted == set()


def test_a_status_reads_as_people_say_it() -> None:
    assert say(key(Status.ON_TRACK), Language.JA) == "順調"
