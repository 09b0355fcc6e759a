"""Signal or noise in words: of one period's value, beside its change."""

from __future__ import annotations

from collections.abc import Mapping

from kpi_core.charts.writing import Writing
from kpi_core.insight.maturity import Maturity
from kpi_core.model.period import Period
from kpi_core.services.variation import CountedRate, NodeSignals
from kpi_core.text import say
from kpi_core.text.numbers import format_percent
from kpi_core.text.periods import format_period
from kpi_core.vocabulary import Grain, Language, Variation

#: Fewer counted than this and a rate's interval is told: a handful more or less would move it visibly.
SMALL = 100


def variation_in(found: NodeSignals | None, period: Period) -> Variation:
    """What the value of one period says; not enough data without limits, for coarser periods and those not over."""
    if found is None or found.found.mean is None or period not in found.periods:
        return Variation.NOT_ENOUGH_DATA
    at = found.periods.index(period)
    return Variation.SIGNAL if found.found.outside[at] or found.found.run[at] else Variation.USUAL


def signal_keys(found: NodeSignals | None) -> frozenset[str]:
    """The keys of the periods that are signals."""
    if found is None:
        return frozenset()
    marks = zip(found.periods, found.found.outside, found.found.run, strict=True)
    return frozenset(period.key for period, outside, run in marks if outside or run)


def limits(found: NodeSignals | None) -> tuple[float, float] | None:
    """The natural limits, not below 0 for what never was; ``None`` without."""
    if found is None or found.found.lower is None or found.found.upper is None:
        return None
    return found.found.lower if found.signed else max(0.0, found.found.lower), found.found.upper


def variation_words(found: NodeSignals | None, period: Period, language: Language) -> str:
    """``いつもの変動の範囲内``, or which rule makes it a signal; empty where there is not enough data."""
    match variation_in(found, period):
        case Variation.USUAL:
            return say("variation.usual", language)
        case Variation.SIGNAL if found is not None:
            at = found.periods.index(period)
            return say("variation.outside" if found.found.outside[at] else "variation.run", language)
    return ""


def variation_detail(found: NodeSignals | None, period: Period, writing: Writing, grain: Grain) -> str:
    """The limits of usual variation in a sentence, or why there are none here; ``grain`` is the workshop's."""
    language = writing.language
    usual = limits(found)
    if usual is None:
        return say("variation.not_enough", language, count=0 if found is None else found.found.points)
    if variation_in(found, period) is Variation.NOT_ENOUGH_DATA:
        return say("variation.other_period", language, grain=say(f"vocabulary.grain.{grain.value}", language).lower())
    low, high = (writing.value(number) for number in usual)
    return say("variation.detail", language, low=low, high=high)


def interval_words(rates: tuple[CountedRate, ...], period: Period, language: Language) -> str:
    """How certain a rate of few counts is: ``17件中6件。真の率は…``; empty for many, and for what is not counted."""
    one = next((rate for rate in rates if rate.period == period), None)
    if one is None or one.trials >= SMALL:
        return ""
    low, high = (format_percent(number, language, decimals=1) for number in (one.low, one.high))
    return say(
        "variation.interval", language, done=f"{one.successes:,.0f}", count=f"{one.trials:,.0f}", low=low, high=high
    )


def immature_shares(found: Maturity) -> Mapping[str, float]:
    """Period key → the share of its cohort whose usual time has not passed, where there is any."""
    return {one.period.key: one.immature for one in found.cohorts if one.immature > 0}


def maturity_words(found: Maturity, period: Period, language: Language) -> list[str]:
    """Why the period's cohort, and later ones, cannot be judged yet; else why nothing can be said."""
    if found.code == "not_a_cohort":
        return []
    if found.code is not None or found.usual_days is None:
        return [say(f"insight.maturity.{found.code}", language)]
    days = f"{found.usual_days:,.0f}"
    return [
        say(
            "variation.immature_in",
            language,
            period=format_period(one.period, language),
            sentence=say(
                "insight.maturity.immature",
                language,
                share=format_percent(one.immature, language, decimals=0),
                days=days,
            ),
        )
        for one in found.cohorts
        if one.immature > 0 and one.period.start <= period.start
    ][-2:]
