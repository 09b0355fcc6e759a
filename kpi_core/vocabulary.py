"""The enumerations everyone shares; their words in Japanese and English are in ``text/*/vocabulary.toml``.

Every member's value is what the workshop file and the state store hold.
"""

from __future__ import annotations

from enum import StrEnum


class Language(StrEnum):
    JA = "ja"
    EN = "en"


class Grain(StrEnum):
    """Length of a period. ``QUARTER`` and ``YEAR`` are fiscal."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Cadence(StrEnum):
    """How often something is refreshed, entered or met about."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class DisplayUnit(StrEnum):
    """What money is divided by on screen: 円 / 千円 / 百万円 / 億円."""

    ONE = "one"
    THOUSAND = "thousand"
    MILLION = "million"
    HUNDRED_MILLION = "hundred_million"


class NodeKind(StrEnum):
    KGI = "kgi"
    KSF = "ksf"
    KPI = "kpi"


class Direction(StrEnum):
    """Which way is better; ``RANGE`` means inside a band."""

    UP = "up"
    DOWN = "down"
    RANGE = "range"


class Nature(StrEnum):
    LEADING = "leading"
    LAGGING = "lagging"


class RollUp(StrEnum):
    """How a coarser period follows from its finer ones."""

    SUM = "sum"
    MEAN = "mean"
    LAST = "last"
    RATIO = "ratio"
    FORMULA = "formula"


class Relation(StrEnum):
    """``COMPONENT``: the parent's formula uses the child. ``DRIVER``: a causal hypothesis with sign and lag."""

    COMPONENT = "component"
    DRIVER = "driver"


class PrecedenceKind(StrEnum):
    """What two sides that say the same are: datasets, nodes, or a node's measure and what is typed in for it."""

    DATASET = "dataset"
    NODE = "node"
    ENTRY = "entry"


class Sign(StrEnum):
    PLUS = "+"
    MINUS = "-"


class EmptyPeriod(StrEnum):
    """What a sum means in a period that has rows but none that match: no value, or 0 because the person said so."""

    NONE = "none"
    ZERO = "zero"


class Availability(StrEnum):
    READY = "ready"
    EFFORT = "effort"
    NONE = "none"


class NodeStatus(StrEnum):
    DRAFT = "draft"
    AGREED = "agreed"
    LIVE = "live"
    RETIRED = "retired"


class RevisionChoice(StrEnum):
    """What a revision decides on a KPI."""

    KEEP = "keep"
    CHANGE = "change"
    RETIRE = "retire"


class SourceKind(StrEnum):
    SFA = "sfa"
    CRM = "crm"
    MA = "ma"
    ACCOUNTING = "accounting"
    WEB = "web"
    SHEET = "sheet"
    DATABASE = "database"


class ColumnType(StrEnum):
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    TEXT = "text"


class Aggregate(StrEnum):
    COUNT = "count"
    COUNT_DISTINCT = "count_distinct"
    SUM = "sum"
    MEAN = "mean"
    MEDIAN = "median"
    MIN = "min"
    MAX = "max"
    LAST = "last"


class Op(StrEnum):
    """A filter's comparison."""

    EQ = "=="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    IN = "in"
    NOT_IN = "not in"
    BETWEEN = "between"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    IS_NULL = "is_null"
    NOT_NULL = "not_null"


class RuleKind(StrEnum):
    """A data quality (input) rule on a column; ``ROW_COUNT`` on the dataset, against the version before."""

    REQUIRED = "required"
    UNIQUE = "unique"
    ALLOWED = "allowed"
    RANGE = "range"
    PATTERN = "pattern"
    REFERENCE = "reference"
    FRESHNESS = "freshness"
    ROW_COUNT = "row_count"


class OnBreak(StrEnum):
    """What a broken rule means for an upload: it is stored and seen, or refused before it is stored."""

    WARN = "warn"
    BLOCK = "block"


class DataGrade(StrEnum):
    """How well a dataset keeps its rules (decision 0040)."""

    A = "A"
    B = "B"
    C = "C"


class Through(StrEnum):
    """How a node rests on a dataset: its own measure, its formula's inputs, or what drives it."""

    MEASURE = "measure"
    FORMULA = "formula"
    DRIVER = "driver"


class Audience(StrEnum):
    EXECUTIVE = "executive"
    FIELD = "field"


class Weekday(StrEnum):
    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class Role(StrEnum):
    FACILITATOR = "facilitator"
    MEMBER = "member"
    VIEWER = "viewer"


class Answer(StrEnum):
    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class ActionStatus(StrEnum):
    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class RoundTopic(StrEnum):
    """What a round of ideas is about."""

    KSF = "ksf"
    KPI = "kpi"


class RoundPhase(StrEnum):
    """A round's way: written alone, shown to all, voted on, closed."""

    ENTRY = "entry"
    REVEALED = "revealed"
    VOTING = "voting"
    CLOSED = "closed"


class Status(StrEnum):
    """A measured node's state against its goal; ``NONE`` while unmeasured or too early to say."""

    ON_TRACK = "on_track"
    WATCH = "watch"
    OFF_TRACK = "off_track"
    NONE = "none"


class Unjudged(StrEnum):
    """Why a node has no status: no value, nothing to compare it with, half a band, or its period has hardly begun."""

    NOT_MEASURED = "not_measured"
    NO_GOAL = "no_goal"
    NO_LIMITS = "no_limits"
    TOO_EARLY = "too_early"


class Severity(StrEnum):
    """``ERROR`` blocks what was asked for; ``WARNING`` should be mended; ``INFO`` is told."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class AttributionMethod(StrEnum):
    """How a change is shared out over a formula's leaves; every one of them adds up to the change exactly."""

    SHAPLEY = "shapley"
    CHAIN = "chain"
    LMDI = "lmdi"
    SEQUENTIAL = "sequential"


class ContributionKind(StrEnum):
    """``GAP``: what a node's measure says beyond its formula. ``REMAINDER``: what no segment holds."""

    DRIVER = "driver"
    RATE = "rate"
    MIX = "mix"
    GAP = "gap"
    REMAINDER = "remainder"


class Page(StrEnum):
    """The pages of the app, as findings and readiness items name the place that mends them."""

    HOME = "home"
    KGI = "kgi"
    KSF = "ksf"
    KPI_DESIGN = "kpi_design"
    DATA_SOURCES = "data_sources"
    DASHBOARD = "dashboard"
    SIMULATION = "simulation"
    CHECKLIST = "checklist"
    REVIEWS = "reviews"
    SETTINGS = "settings"


class Variation(StrEnum):
    """What a value says beside its own past: a signal, or nothing that usual variation does not explain."""

    SIGNAL = "signal"
    USUAL = "usual"
    NOT_ENOUGH_DATA = "not_enough_data"


class LinkVerdict(StrEnum):
    """Whether the data bear out that a driver moves its target, with the stated sign and lag."""

    SUPPORTED = "supported"
    WEAK = "weak"
    NOT_SUPPORTED = "not_supported"
    NOT_ENOUGH_DATA = "not_enough_data"


class EvidenceState(StrEnum):
    """Where a driver link stands: no sign and lag on record, not tested, tested, or tested and no longer valid."""

    UNSTATED = "unstated"
    UNTESTED = "untested"
    CURRENT = "current"
    EXPIRED = "expired"


class EvidenceGrade(StrEnum):
    """What an edge of the tree says of a driver link: its last test's verdict while that holds."""

    SUPPORTED = "supported"
    WEAK = "weak"
    NOT_SUPPORTED = "not_supported"
    NOT_ENOUGH_DATA = "not_enough_data"
    EXPIRED = "expired"
    UNTESTED = "untested"


class LandingMethod(StrEnum):
    """How the rest of a year is foreseen; ``OVERRIDE`` is a person's own number with a reason."""

    CUMULATIVE_SHARE = "cumulative_share"
    SMOOTHING = "smoothing"
    PIPELINE = "pipeline"
    OVERRIDE = "override"


class Basis(StrEnum):
    """How open periods stand until somebody moves a driver: like last year's at this year's pace, or the latest."""

    SEASON = "season"
    LATEST = "latest"


class PastLimit(StrEnum):
    """How far a driver may go without limits of its own: as far as it ever was, or as it was in one period of ten."""

    BEST = "best"
    P90 = "p90"


class Effort(StrEnum):
    """How hard it is to move a driver by one per cent."""

    EASY = "easy"
    USUAL = "usual"
    HARD = "hard"


class ClosureVerdict(StrEnum):
    """Why a formula and its node's own measure differ: they do not, one child, one of several, or none alone."""

    CLOSES = "closes"
    CHILD = "child"
    AMBIGUOUS = "ambiguous"
    UNEXPLAINED = "unexplained"
    NOT_ENOUGH_DATA = "not_enough_data"


class Adding(StrEnum):
    """What a new file does to the rows a dataset has: take their place, join them, or change those of the same key."""

    REPLACE = "replace"
    APPEND = "append"
    UPSERT = "upsert"


class Twice(StrEnum):
    """What becomes of a period that the rows there are and a new file both cover: both stay, or the new rows alone."""

    BOTH = "both"
    NEW = "new"
