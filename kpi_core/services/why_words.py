"""A "why?" in words: the sentence, how bars and rows are called, the arithmetic, and what stands in its way."""

from __future__ import annotations

from collections.abc import Sequence

from kpi_core.charts.reasons import because, change_words
from kpi_core.charts.waterfall import Step
from kpi_core.charts.writing import Writing
from kpi_core.model.node import Node
from kpi_core.model.period import Period
from kpi_core.model.workshop import Workshop
from kpi_core.services.reasons import Compared, Reason, Why
from kpi_core.text import enumerated, say
from kpi_core.text.numbers import format_period
from kpi_core.tree.writing import formula_in_words
from kpi_core.vocabulary import ContributionKind, Language

#: Missing inputs that are named one by one.
_NAMED = 3
_TO_TARGET = (Compared.TARGET, Compared.YTD_TARGET)
_CUMULATED = (Compared.YTD_YEAR, Compared.YTD_TARGET)


def sentence(found: Why, workshop: Workshop, writing: Writing) -> str:
    """``受注金額は前月より68.6百万円減。主因は新規受注件数(△49.0百万円)、…``; empty without a change."""
    change = found.explanation.change
    if change is None:
        return ""
    language = writing.language
    name = node_name(workshop, found.explanation.node, language)
    if found.compared in _CUMULATED:
        name = say("why.change.total", language, name=name)
    to_target = found.compared in _TO_TARGET
    told = change_words(name, change, reference(found, language), writing, to_target=to_target)
    return told + because(change, steps(found, workshop, language), writing)


def reference(found: Why, language: Language) -> str:
    """What the value is compared with: 前月, 前年同期, 目標."""
    part = found.explanation.part
    if found.compared in _TO_TARGET:
        return say("why.reference.target_part" if part else "why.reference.target", language)
    if part and found.compared is Compared.PREVIOUS:
        name = say(f"why.reference.{found.explanation.end.grain.value}", language)
        return say("why.reference.part", language, reference=name)
    if found.compared is Compared.PREVIOUS:
        return say(f"why.reference.{found.explanation.end.grain.value}", language)
    return say("why.reference.last_year", language)


def steps(found: Why, workshop: Workshop, language: Language) -> list[Step]:
    """The reasons as a waterfall takes them."""
    return [Step(reason_name(one, workshop, language), one.value) for one in found.reasons]


def reason_name(reason: Reason, workshop: Workshop, language: Language) -> str:
    """How a reason is called; an input that stands without drivers it shares with others is named so."""
    if reason.kind in (ContributionKind.GAP, ContributionKind.REMAINDER):
        return say(f"why.{reason.kind.value}", language)
    if reason.segment is not None:
        segment = reason.segment or say("charts.axis.none", language)
        return say("why.rate_of", language, segment=segment) if reason.kind is ContributionKind.RATE else segment
    if reason.node is None:
        return say("why.mix", language)
    name = node_name(workshop, reason.node, language)
    if not reason.without:
        return name
    return say("why.without", language, name=name, shared=shared_names(reason.without, workshop, language))


def shared_names(codes: Sequence[str], workshop: Workshop, language: Language) -> str:
    """The drivers that an input stands without, by name; of many, the first ones and how many more."""
    names = [node_name(workshop, code, language) for code in codes]
    if len(names) <= _NAMED:
        return enumerated(names, language)
    kept = enumerated(names[: _NAMED - 1], language)
    return say("why.without_more", language, names=kept, count=len(names) - _NAMED + 1)


def sharing(found: Why, workshop: Workshop, language: Language) -> list[str]:
    """That a driver which several inputs rest on stands for itself, a sentence each."""
    lines = []
    for one in found.reasons:
        if one.of and one.node is not None:
            inputs = [node_name(workshop, code, language) for code in one.of if code != one.node]
            key = "why.shared" if one.node not in one.of else "why.shared_directly"
            name = node_name(workshop, one.node, language)
            lines.append(say(key, language, name=name, inputs=enumerated(inputs, language)))
    return lines


def ends(found: Why, language: Language) -> tuple[str, str]:
    """How the two outer bars are called."""
    told, short = found.explanation, found.compared
    first, last = (_named(period, language) for period in (told.start, told.end))
    if told.part and short not in _CUMULATED:
        side = "target_part" if short is Compared.TARGET else "part"
        before, after = f"why.before.{side}", f"why.after.{side}"
        return say(before, language, period=first), say(after, language, period=last)
    return say(f"why.before.{short}", language, period=first), say(f"why.after.{short}", language, period=last)


def obstacles(found: Why, workshop: Workshop, language: Language) -> list[str]:
    """Why there are no contributions, a sentence each; empty where there are some."""
    told = found.explanation
    if told.contributions:
        return []
    if told.unlike:
        return [say("why.unlike" if found.by is None else "why.unlike_segments", language)]
    lines = [
        say(
            "why.missing_target" if one.target else "why.missing",
            language,
            name=node_name(workshop, one.node, language),
            period=_named(one.period, language),
        )
        for one in told.missing[:_NAMED]
    ]
    if len(told.missing) > _NAMED:
        lines.append(say("why.missing_more", language, count=len(told.missing) - _NAMED))
    if told.singular:
        lines.append(say("why.singular", language))
    return lines


def arithmetic(found: Why, workshop: Workshop, writing: Writing) -> list[str]:
    """The method by name, the formula with the values before and after, and that the contributions add up."""
    told, language = found.explanation, writing.language
    node = workshop.node(told.node)
    lines = []
    if found.by is not None:
        mixed = any(one.kind is ContributionKind.MIX for one in found.reasons)
        lines.append(say("why.mix_rule" if mixed else "why.segments_rule", language))
    elif told.method is not None and node is not None and node.formula is not None:
        lines.append(say("why.method", language, method=say(f"why.methods.{told.method.value}", language)))
        lines.append(say("why.formula", language, formula=formula_in_words(node.formula, workshop, language)))
        lines += _values(found, workshop, language)
        lines += sharing(found, workshop, language)
    if any(one.kind is ContributionKind.GAP for one in told.contributions):
        lines.append(say("why.gap_of_target" if found.compared in _TO_TARGET else "why.gap_of_measure", language))
    if told.kept:
        first, last = (_named(period, language) for period in (told.kept[0], told.kept[-1]))
        lines.append(say("why.kept", language, first=first, last=last, period=_named(told.end, language)))
    if told.part and found.compared in _TO_TARGET:
        lines.append(say("why.target_part", language))
    if told.change is not None and told.residual is not None:
        total, change = (writing.change(number) for number in (told.change - told.residual, told.change))
        lines.append(say("why.adds_up", language, sum=total, change=change, residual=f"{told.residual:.2g}"))
    return lines


def _values(found: Why, workshop: Workshop, language: Language) -> list[str]:
    """``新規受注件数 59件 → 17件``: of the inputs whose values are told."""
    told = []
    for one in found.reasons:
        node = workshop.node(one.node or "")
        if node is None or one.kind is not ContributionKind.DRIVER or one.before is None or one.after is None:
            continue
        writing = writing_of(node, workshop, language)
        told.append(
            f"{node_name(workshop, node.code, language)} {writing.value(one.before)} → {writing.value(one.after)}"
        )
    return [say("why.values", language, values=", ".join(told))] if told else []


def node_name(workshop: Workshop, code: str, language: Language) -> str:
    """A node's name as typed, else its code."""
    node = workshop.node(code)
    return (node.name.in_language(language) if node is not None else "") or code


def writing_of(node: Node, workshop: Workshop, language: Language) -> Writing:
    """How a node's numbers are written."""
    return Writing.of(node, workshop.settings, language)


def _named(period: Period, language: Language) -> str:
    return format_period(period, language, style="name")
