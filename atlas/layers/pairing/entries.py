"""What is compared of each activity, as numbers: its words, facilities, ground and people.

A title is compared by what it names, not by its spelling: *réhabiliter*, *réhabilitation* and
*rehabilitation* are one concept (``vocab/title_words.csv``, with how much each tells), and a
word outside the list stands for itself, without its ending.

Lists of facilities give a name and a place. "CSCOM de Dourou" and "Centre de santé
communautaire Dourou" are one, the CSRéf of Dourou is another: such titles are compared by kind
(``vocab/facility_kinds.csv``) and by own name, not by the words they have in common.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import NamedTuple

import polars as pl
from rapidfuzz import fuzz, process

from atlas.geo.frames import FRAMES, Frames
from atlas.geo.names import phonetic_skeleton
from atlas.layers.counting import ITEM_KINDS
from atlas.layers.prepare import LEVELS, Prepared
from atlas.model import RESERVED
from atlas.vocab.codelists import vocabulary_rows

SMALLEST_FIGURE = 10
STEM = 7
"""Letters kept of a word that the vocabulary does not list: endings change with the grammar."""

_YEARS = range(1990, 2041)
_STOP = "stop"
_TOKEN = r"[a-z]{2,}|\d+"
_PART = (
    r"(\b(?:phase|lot|tranche|volet|partie|part|etape|stage|round|batch)s?\s*"
    r"(?:n[o°]?\s*)?(?:\d{1,2}|[ivx]{1,4})\b)"
)
_ROMAN = {
    "i": 1,
    "ii": 2,
    "iii": 3,
    "iv": 4,
    "v": 5,
    "vi": 6,
    "vii": 7,
    "viii": 8,
    "ix": 9,
    "x": 10,
}


def folded_titles(titles: pl.Series) -> pl.Series:
    """Titles in small letters, without accents, thousands written together.

    Examples
    --------
    >>> folded_titles(pl.Series(["Équiper 7 000 élèves"])).to_list()
    ['equiper 7000 eleves']
    """
    plain = (
        titles.fill_null("")
        .str.to_lowercase()
        .str.replace_all("œ", "oe", literal=True)
        .str.normalize("NFKD")
        .str.replace_all(r"\p{M}", "")
    )
    for _pass in range(2):  # a figure of millions has two gaps, and matches never overlap
        plain = plain.str.replace_all(r"(\d)[\s.\u202f\u00a0](\d{3})\b", "$1$2")
    return plain


class Spoken(NamedTuple):
    """What some titles say.

    Attributes
    ----------
    text
        The titles, folded.
    words
        ``title`` (number of the title)``, word``: concepts, once each.
    figures
        ``title, figure``: counts of people or things, never years.
    part
        Which phase or lot of a work each is about; null when it does not say.
    """

    text: pl.Series
    words: pl.DataFrame
    figures: pl.DataFrame
    part: pl.Series


def words_of_titles(titles: pl.Series) -> Spoken:
    """What each of some distinct titles says.

    Examples
    --------
    >>> title = "Équiper 2 CSCOMs pour 7 000 habitants, phase II (2017)"
    >>> said = words_of_titles(pl.Series([title]))
    >>> sorted(said.words["word"]), said.figures["figure"].to_list(), said.part.to_list()
    (['community', 'equip', 'health-centre', 'ii', 'phase'], [7000], [2])
    """
    plain = folded_titles(titles)
    tokens = pl.DataFrame({"token": plain.str.extract_all(_TOKEN)}).with_row_index("title")
    every = tokens.explode("token", empty_as_null=True).drop_nulls()
    known = every.select(pl.col("token").unique(maintain_order=True))
    known = known.with_columns(
        pl.Series("word", [concept_of(t) for t in known["token"]], dtype=pl.String),
        pl.Series("figure", [_figure_of(t) for t in known["token"]], dtype=pl.Int64),
    )
    told = every.join(known, on="token")
    part = pl.DataFrame({"part": plain.str.extract(_PART)}).with_row_index("title").drop_nulls()
    numbers = part.with_columns(pl.col("part").map_elements(_number_of, return_dtype=pl.Int64))
    everyone = tokens.select("title").join(numbers, on="title", how="left", maintain_order="left")
    return Spoken(
        plain,
        told.select("title", "word").drop_nulls().unique(),
        told.select("title", "figure").drop_nulls().unique(),
        everyone["part"],
    )


@cache
def concept_of(token: str) -> str | None:
    """What a folded word stands for; None for one that says nothing, or a number.

    Examples
    --------
    >>> concept_of("formations"), concept_of("training"), concept_of("dourou"), concept_of("les")
    ('train', 'train', 'dourou', None)
    """
    if token.isdigit():
        return None
    exact, stems = _listed_concepts()
    found = exact.get(token)
    if found is None:
        found = next((stems[token[:n]] for n in range(len(token), 2, -1) if token[:n] in stems), "")
    if found == _STOP:
        return None
    return found or _singular_of(token)[:STEM]


def is_listed(token: str) -> bool:
    """Whether the vocabulary has a folded word that says something: it is then no name.

    Examples
    --------
    >>> is_listed("construire"), is_listed("dourou"), is_listed("et")
    (True, False, False)
    """
    exact, stems = _listed_concepts()
    listed = token in exact or any(token[:n] in stems for n in range(3, len(token) + 1))
    return listed and exact.get(token) != _STOP


def concept_weights() -> dict[str, float]:
    """How much a listed concept tells, from 0 to 1; a word that is not listed tells 1."""
    return {row["concept"]: float(row["weight"]) for row in vocabulary_rows("title_words")}


@cache
def _listed_concepts() -> tuple[dict[str, str], dict[str, str]]:
    exact, stems = {}, {}
    for row in vocabulary_rows("title_words"):
        for word in row["words"].split("|"):
            if word.endswith("*"):
                stems[word[:-1]] = row["concept"]
            else:
                exact[word] = row["concept"]
    return exact, stems


def _figure_of(token: str) -> int | None:
    if not token.isdigit() or len(token) >= 10:
        return None
    number = int(token)
    return number if number >= SMALLEST_FIGURE and number not in _YEARS else None


def _number_of(part: str) -> int | None:
    last = re.findall(r"\d+|[ivx]+$", part)
    return None if not last else int(last[-1]) if last[-1].isdigit() else _ROMAN.get(last[-1])


def _singular_of(word: str) -> str:
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word


@dataclass(frozen=True)
class Lists:
    """Rows of a long table, each number's together: a look-up costs what it finds.

    Attributes
    ----------
    table
        The rows, in the order of their numbers.
    first, last
        For each number from 0, where its rows begin and where the next ones do.
    """

    table: pl.DataFrame
    first: pl.Series
    last: pl.Series

    @classmethod
    def lists_of(cls, table: pl.DataFrame, key: str, numbers: int) -> Lists:
        """The rows of ``table`` by its column ``key``, for numbers below ``numbers``."""
        every = pl.DataFrame({key: pl.int_range(numbers, dtype=pl.UInt32, eager=True)})
        sizes = every.join(
            table.group_by(key).len("size"), on=key, how="left", maintain_order="left"
        )["size"].fill_null(0)
        last = sizes.cast(pl.Int64).cum_sum()
        return cls(table.sort(key).drop(key), (last - sizes).rename("first"), last.rename("last"))

    def list_sizes(self, numbers: pl.Series) -> pl.Series:
        """How many rows each of some numbers has."""
        return (self.last.gather(numbers) - self.first.gather(numbers)).rename("size")

    def rows_at(self, numbers: pl.Series) -> pl.DataFrame:
        """The rows of some numbers; ``pair`` is the place of the number among them."""
        bounds = [self.first.gather(numbers), self.last.gather(numbers)]
        spread = (
            pl.DataFrame(bounds)
            .select(pl.int_ranges("first", "last").alias("row"))
            .with_row_index("pair")
            .filter(pl.col("row").list.len() > 0)
            .explode("row", empty_as_null=False)
        )
        return self.table[spread["row"]].with_columns(spread["pair"])

    def rows_in_common(self, one: pl.Series, two: pl.Series, on: str) -> pl.DataFrame:
        """Rows that pairs of numbers have in common in the column ``on``; ``_b``: the other's."""
        return self.rows_at(one).join(self.rows_at(two), on=["pair", on], suffix="_b")


MOST_WORDS = 4
"""Words an own name has at most: more are a sentence."""
LONGEST = 100
"""Letters of a title that may be a name."""
NOT_NUMBERED = 10.0
"""Points taken from the likeness (0 to 100) where one name alone has a number."""
_LINKS = frozenset({"de", "du", "des", "d", "la", "le", "les", "l", "of", "a", "au"})
_ROMAN_NUMBER = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5"}
_FIRST = 3
"""Sounds of an own name that two spellings of it share more often than not."""


class Facility(NamedTuple):
    """The kind of a facility and its own name, the number at its end apart."""

    kind: str
    name: str
    number: str


def facilities_of_titles(texts: pl.Series) -> pl.DataFrame:
    """The facilities that some distinct titles name.

    Parameters
    ----------
    texts
        Titles, folded.

    Returns
    -------
    polars.DataFrame
        ``kind, own, number, heard``, a row for each title; null where it is no facility's name.
    """
    plain = texts.str.replace_all("[^a-z0-9]+", " ").str.strip_chars(" ")
    words = f"(?:{_kind_alternatives()})"
    maybe = (texts.str.len_bytes() <= LONGEST) & plain.str.contains(rf"^{words}\b|\b{words}$")
    told = [facility_named(text) if some else None for text, some in zip(plain, maybe, strict=True)]
    return pl.DataFrame(
        {
            "kind": [one.kind if one else None for one in told],
            "own": [one.name if one else None for one in told],
            "number": [one.number if one else None for one in told],
            "heard": [phonetic_skeleton(one.name) if one else None for one in told],
        },
        schema=dict.fromkeys(("kind", "own", "number", "heard"), pl.String),
    )


def facility_named(text: str) -> Facility | None:
    """The facility that a folded title of few letters names, if it names nothing else.

    Examples
    --------
    >>> facility_named("c.s.com. de dourou 2")
    Facility(kind='community-health-centre', name='dourou', number='2')
    >>> facility_named("rehabilitation du cscom de dourou") is None
    True
    """
    plain = " ".join(re.findall(r"[a-z0-9]+", text))
    kinds = {_kind_words()[match[1]] for match in _facility_pattern().finditer(plain)}
    if len(kinds) != 1:
        return None
    rest = [word for word in _facility_pattern().sub(" ", plain).split() if word not in _LINKS]
    number = ""
    if len(rest) > 1 and (rest[-1].isdigit() or rest[-1] in _ROMAN_NUMBER):
        number = _ROMAN_NUMBER.get(rest[-1], rest[-1])
        rest = rest[:-1]
    if not 1 <= len(rest) <= MOST_WORDS or any(word.isdigit() or is_listed(word) for word in rest):
        return None
    return Facility(kinds.pop(), "".join(rest), number)


def own_names(one: pl.DataFrame, two: pl.DataFrame) -> pl.Series:
    """How alike the facilities of titles side by side are, 0 to 100; null where one is none."""
    letters, sounds = (
        pl.Series(
            process.cpdist(
                one[column].fill_null("").to_list(),
                two[column].fill_null("").to_list(),
                scorer=fuzz.ratio,
            ),
            dtype=pl.Float64,
        )
        for column in ("own", "heard")
    )
    sides = one.hstack(two.rename(lambda c: f"{c}_b"))
    numbered = (pl.col("number") != "") & (pl.col("number_b") != "")
    apart = (pl.col("kind") != pl.col("kind_b")) | (
        numbered & (pl.col("number") != pl.col("number_b"))
    )
    one_alone = (pl.col("number") != pl.col("number_b")).cast(pl.Float64)
    alike = pl.max_horizontal("letters", "sounds") - NOT_NUMBERED * one_alone
    return (
        sides.with_columns(letters.alias("letters"), sounds.alias("sounds"))
        .select(
            pl.when(pl.col("kind").is_null() | pl.col("kind_b").is_null())
            .then(None)
            .when(apart)
            .then(0.0)
            .otherwise(alike.clip(0, 100))
        )
        .to_series()
    )


def facility_marks(told: pl.DataFrame) -> pl.DataFrame:
    """``title, value``: what two records of a facility share: its kind, its sound, both."""
    named = told.with_row_index("title").filter(pl.col("kind").is_not_null())
    kinds = (
        pl.col("kind"),
        pl.concat_str("kind", pl.col("heard").str.head(_FIRST), separator=" "),
        pl.concat_str("kind", "heard", separator="  "),
    )
    every = pl.concat([named.select("title", value=kind) for kind in kinds])
    return every.with_columns(pl.col("value").rank("dense").cast(pl.UInt32))


@cache
def _kind_words() -> dict[str, str]:
    """Words of a kind, folded → the kind."""
    listed = vocabulary_rows("facility_kinds")
    return {words: row["kind"] for row in listed for words in row["words"].split("|")}


@cache
def _facility_pattern() -> re.Pattern[str]:
    return re.compile(rf"\b({_kind_alternatives()})\b")


def _kind_alternatives() -> str:
    """Any words of a kind, the longest first."""
    return "|".join(sorted(_kind_words(), key=len, reverse=True))


NOWHERE = 0
"""Ground of an activity whose place is unknown, or is the whole country."""

WIDEST = -1
"""Tier of the whole country, above the régions: what holds an activity of no known place."""


@dataclass(frozen=True)
class Grounds:
    """Every distinct ground, and the units that hold it.

    Attributes
    ----------
    of
        ``a, ground``: a ground is a set of places, the same number for the same set.
    holders
        ``ground, u, holder, tier, own, inherited``: each unit of any frame that holds a place
        of the ground. Units of two frames on the same territory are one ``holder``; ``tier``
        is its level (0 région, 1 cercle, 2 commune); ``own``: it is the place itself.
    """

    of: pl.DataFrame
    holders: pl.DataFrame

    def ground_relation(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """How two grounds relate.

        Parameters
        ----------
        pairs
            ``ga, gb``: distinct pairs of grounds.

        Returns
        -------
        polars.DataFrame
            ``ga, gb, place`` (``same``, ``nested``, ``different``; null when one is not
            known)``, u`` (code of the finest place they share)``, tier`` (level of the ground
            they share)``, narrow`` (it is a cercle or a commune that both state themselves).
        """
        inside = self.holders.select("ground", "u", "holder", "tier", "inherited")
        own = self.holders.filter("own").select("ground", "holder", "inherited").unique()
        known = self.holders["ground"].unique().implode()
        found = pairs
        for one, other, side in (("ga", "gb", "_a"), ("gb", "ga", "_b")):
            held = pairs.join(inside.rename({"ground": one}), on=one).join(
                own.rename({"ground": other}), on=[other, "holder"], suffix="_other"
            )
            stated = ~(pl.col("inherited") | pl.col("inherited_other"))
            found = found.join(
                held.group_by("ga", "gb").agg(
                    pl.col("u").min().alias("u" + side),
                    pl.col("tier").max().alias("tier" + side),
                    (stated & (pl.col("tier") > 0)).any().alias("narrow" + side),
                ),
                on=["ga", "gb"],
                how="left",
            )
        both = pl.col("u_a").is_not_null() & pl.col("u_b").is_not_null()
        one_only = pl.col("u_a").is_not_null() | pl.col("u_b").is_not_null()
        placed = pl.col("ga").is_in(known) & pl.col("gb").is_in(known)
        narrow = pl.col("narrow_a").fill_null(False) | pl.col("narrow_b").fill_null(False)
        return found.select(
            *("ga", "gb"),
            pl.when(both)
            .then(pl.lit("same"))
            .when(one_only)
            .then(pl.lit("nested"))
            .when(placed)
            .then(pl.lit("different"))
            .alias("place"),
            pl.coalesce("u_a", "u_b").alias("u"),
            pl.max_horizontal("tier_a", "tier_b").alias("tier"),
            narrow.alias("narrow"),
        )


def activity_grounds(prepared: Prepared, entries: pl.DataFrame) -> Grounds:
    """The grounds of the activities in ``entries`` (by ``a``)."""
    frames = prepared.frames
    known = {u: unit for u, unit in enumerate(prepared.units) if unit in frames}
    units = _holder_rows(frames, known)
    placed = prepared.places.join(entries.select("a"), on="a", how="semi").filter(
        pl.col("u").is_in(list(known))
    )
    spots = placed.select("a", "u", "inherited").unique()
    spot = pl.col("u").cast(pl.UInt64) * 2 + pl.col("inherited")
    sets = spots.group_by("a").agg(spot.hash(1).sum().alias("set"))  # whatever their order
    numbered = (
        sets.group_by("set").agg(pl.col("a").min()).sort("a").with_row_index("g", NOWHERE + 1)
    )
    of = sets.join(numbered, on="set").select("a", pl.col("g").alias("ground"))
    told = numbered.select("a", pl.col("g").alias("ground")).join(spots, on="a").drop("a")
    return Grounds(of, told.join(units, on="u"))


def _holder_rows(frames: Frames, known: Mapping[int, str]) -> pl.DataFrame:
    """``u, holder, tier, own``: what holds each unit, one number a territory."""
    around, territory = _units_around(frames)
    numbers: dict[str, int] = {}
    rows = []
    for u, unit in known.items():
        own = territory(unit)
        for holder in {territory(other) for other in around(unit)}:
            tier = LEVELS.index(frames.unit_by_id(holder).level)
            rows.append((u, numbers.setdefault(holder, len(numbers)), tier, holder == own))
    schema = {"u": pl.UInt32, "holder": pl.UInt32, "tier": pl.Int8, "own": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


@lru_cache(4)
def _units_around(frames: Frames) -> tuple[Callable[[str], frozenset[str]], Callable[[str], str]]:
    """What holds a unit in any frame, and the one name of its territory; each found once."""
    questions = [(frame, level) for frame in FRAMES for level in LEVELS]

    @cache
    def around(unit: str) -> frozenset[str]:
        found = {unit, *(frames.converted_unit(unit, *question) for question in questions)}
        return frozenset(found.difference(RESERVED))

    @cache
    def territory(unit: str) -> str:
        return min(other for other in around(unit) if unit in around(other))

    return around, territory


BITS = 64
PLACE_NAME = 0.4
"""What a word tells that names a place: who stands on one ground writes its name."""
BACKGROUND = 200
"""Titles never seen, so that in a list of two a shared word is not a common one."""


@dataclass(frozen=True)
class Entries:
    """The activities that are compared, numbered ``i`` in the order of ``rows``.

    Attributes
    ----------
    rows
        ``i, a, document, source, sheet`` (what one body tells in one list)``, title`` (row of
        ``titles``)``, result, sector, start, end, usd, has_amount, ground, acts, gives``: the
        last two are sets of organisations as bits, for a first look.
    titles
        ``title, text`` (folded)``, part, weight``: distinct titles.
    named
        ``kind, own, number, heard``: of each title the facility that it names and no more.
    words
        ``title, word, times, weight``: how often a word is said, and how much it tells.
    figures
        ``i, figure``: counts in the title, and the number of people aimed at.
    chain
        ``i, who, acts``: organisations, each as doer or as giver.
    """

    rows: pl.DataFrame
    titles: pl.DataFrame
    named: pl.DataFrame
    words: pl.DataFrame
    figures: pl.DataFrame
    chain: pl.DataFrame
    grounds: Grounds

    @cached_property
    def word_weights(self) -> Lists:
        """``word, weight`` of each title."""
        words = self.words.select("title", "word", "weight")
        return Lists.lists_of(words, "title", self.titles.height)

    @cached_property
    def title_figures(self) -> Lists:
        """``figure`` of each activity."""
        return Lists.lists_of(self.figures, "i", self.rows.height)

    @cached_property
    def acting_bodies(self) -> Lists:
        """``who, acts`` of each activity."""
        return Lists.lists_of(self.chain, "i", self.rows.height)


def pairing_entries(prepared: Prepared) -> Entries:
    """Read what is compared out of a snapshot."""
    chosen = (
        prepared.activities.filter(pl.col("kind").is_in(ITEM_KINDS))
        .select(
            *("a", "document", "source", "result", "sector", "start", "end", "target"),
            pl.col("title").fill_null(""),
            teller_expr().alias("teller"),
        )
        .with_row_index("i")
    )
    distinct = chosen.select(pl.col("title").unique(maintain_order=True)).with_row_index("t")
    chosen = (
        chosen.join(distinct, on="title", how="left", maintain_order="left")
        .drop("title")
        .rename({"t": "title"})
        .with_columns(
            pl.struct("document", "source", "teller").rank("dense").alias("sheet"),
            *(_number_codes(c) for c in ("document", "source", "sector", "result")),
        )
        .drop("teller")
    )
    said = words_of_titles(distinct["title"])
    chain = _organisation_chain(prepared, chosen)
    ground = activity_grounds(prepared, chosen)
    told = (
        chosen.join(_budget_columns(prepared), on="a", how="left", maintain_order="left")
        .join(ground.of, on="a", how="left", maintain_order="left")
        .join(_organisation_bits(chain), on="i", how="left", maintain_order="left")
        .with_columns(
            pl.col("has_amount").fill_null(False),
            pl.col("ground").fill_null(NOWHERE),
            pl.col("acts", "gives").fill_null(0),
        )
    )
    words = _weighted_words(said, chosen, _place_words(prepared))
    weights = words.group_by("title").agg(pl.col("weight").sum())
    titles = (
        distinct.select(pl.col("t").alias("title"), said.text.alias("text"), said.part)
        .join(weights, on="title", how="left", maintain_order="left")
        .with_columns(pl.col("weight").fill_null(0.0))
    )
    named = facilities_of_titles(said.text)
    return Entries(
        told.drop("target"), titles, named, words, _title_figures(chosen, said), chain, ground
    )


def teller_expr() -> pl.Expr:
    """Who tells a line of a list: its lead, else those who implement it; null: the list."""
    doers = pl.col("implementers").list.sort().list.join(" ; ").replace("", None)
    return pl.coalesce(pl.col("lead_org").replace("", None), doers)


def _budget_columns(prepared: Prepared) -> pl.DataFrame:
    """``a, usd, money, currency, has_amount``: the budget, in cents and as it was stated.

    No sum of dollars that are partly unknown, and no ``money`` in several currencies.
    """
    one = pl.col("currency").n_unique() == 1
    return (
        prepared.shares.filter(pl.col("kind") == "budget")
        .with_columns(_number_codes("currency"))
        .group_by("a")
        .agg(
            pl.when(pl.col("usd_minor").null_count() == 0)
            .then(pl.col("usd_minor").sum())
            .alias("usd"),
            pl.when(one).then(pl.col("minor").sum()).alias("money"),
            pl.when(one).then(pl.col("currency").first()).alias("currency"),
            pl.lit(True).alias("has_amount"),
        )
    )


def _number_codes(column: str) -> pl.Expr:
    """A number for each value, null for null: quicker to compare than words."""
    return pl.col(column).cast(pl.Categorical).to_physical().cast(pl.UInt32)


def _organisation_chain(prepared: Prepared, chosen: pl.DataFrame) -> pl.DataFrame:
    names = pl.concat(
        [
            prepared.organisations.select(pl.col("organisation").alias("name")),
            prepared.donors.select(pl.col("donor").unique().alias("name")),
        ]
    ).select(pl.col("name").unique(maintain_order=True))
    known = names.with_row_index("who")
    orgs = prepared.organisations.join(known, left_on="organisation", right_on="name")
    doers = prepared.actors.join(orgs.select("org", "who"), on="org").select("a", "who")
    givers = prepared.donors.join(known, left_on="donor", right_on="name").select("a", "who")
    both = pl.concat(
        [doers.with_columns(acts=pl.lit(True)), givers.with_columns(acts=pl.lit(False))]
    )
    return both.join(chosen.select("i", "a"), on="a").select("i", "who", "acts")


def _organisation_bits(chain: pl.DataFrame) -> pl.DataFrame:
    """``i, acts, gives``: one bit an organisation; two may share one, none is lost."""
    bit = pl.lit(1, dtype=pl.UInt64).mul(pl.lit(2, dtype=pl.UInt64).pow(pl.col("who") % BITS))
    bits = chain.with_columns(bit.cast(pl.UInt64).alias("bit"))
    return bits.group_by("i").agg(
        pl.col("bit").filter("acts").bitwise_or().fill_null(0).alias("acts"),
        pl.col("bit").filter(~pl.col("acts")).bitwise_or().fill_null(0).alias("gives"),
    )


def _weighted_words(said: Spoken, chosen: pl.DataFrame, places: frozenset[str]) -> pl.DataFrame:
    """How much each word tells: the rarer the more, the vocabulary's light ones less."""
    times = chosen.group_by("title").len("times")
    known = said.words.select(pl.col("word").unique().sort()).with_row_index("code")
    coded = said.words.join(known, on="word").select("title", "code")
    counted = coded.join(times, on="title").group_by("code").agg(pl.col("times").sum())
    rarity = ((chosen.height + BACKGROUND) / (pl.col("times") + 2)).log()
    top = (pl.lit(chosen.height + BACKGROUND) / 3).log()
    loud = concept_weights()
    told = [loud.get(w, PLACE_NAME if w in places else 1.0) for w in known["word"]]
    weighed = known.with_columns(pl.Series("told", told, dtype=pl.Float64)).join(counted, on="code")
    weight = (pl.col("told") * rarity / top).alias("weight")
    return coded.join(weighed.select("code", "times", weight), on="code").select(
        "title", pl.col("code").alias("word"), "times", "weight"
    )


def _place_words(prepared: Prepared) -> frozenset[str]:
    names = prepared.frames.units.select(pl.col("name").unique())["name"]
    return frozenset(words_of_titles(names).words["word"])


def _title_figures(chosen: pl.DataFrame, said: Spoken) -> pl.DataFrame:
    in_titles = chosen.select("i", "title").join(said.figures, on="title").select("i", "figure")
    target = pl.col("target")
    aimed = chosen.filter(target == target.round(), target >= SMALLEST_FIGURE)
    counts = aimed.select("i", target.cast(pl.Int64).alias("figure"))
    return pl.concat([in_titles, counts]).unique()
