"""Place names told otherwise by rules of spelling: how many are found, how many wrongly.

    python -m benchmarks.respelt [--held-out] [--peer PYTHON] [--show]

Every unit of two découpages and every name of the public list is written twice more, by one
or two rules. Both the rules and the units are in two halves, settled by a hash of their
names: what places names is made with the first half of each in view. Of the second, names
that nobody tuned to by rules that nobody tuned to, only the figures are printed.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from atlas.geo.frames import shipped_frames
from atlas.geo.names import place_name_key
from atlas.geo.resolve import resolve_rows
from benchmarks.places import peer_answer

SHARED = Path(os.environ.get("ATLAS_SHARED", Path(__file__).parents[2] / "shared"))
FRAMES = ("ml-2012", "ml-2023")
TELLINGS = 2
"""How often each name is told otherwise."""
SECOND = 0.33
"""Share of the names that are changed by a second rule as well."""

Rule = Callable[[str, random.Random], str]


@dataclass(frozen=True)
class Told:
    """A name as somebody may write it, the names above it, the unit that it means."""

    frame: str
    region: str
    cercle: str
    commune: str
    truth: str
    rules: tuple[str, ...]


def _one_of(text: str, pairs: Sequence[tuple[str, str]], dice: random.Random) -> str:
    """One kind of letters written otherwise, wherever it occurs; the case is kept."""
    possible = [(old, new) for old, new in pairs if re.search(old, text, re.IGNORECASE)]
    if not possible:
        return text
    old, new = dice.choice(possible)
    return re.sub(old, lambda match: _in_case(match.expand(new), match[0], text), text, flags=re.I)


def _once(text: str, pairs: Sequence[tuple[str, str]], dice: random.Random) -> str:
    """The same, in one place only."""
    spots = [(m, new) for old, new in pairs for m in re.finditer(old, text, re.IGNORECASE)]
    if not spots:
        return text
    match, new = dice.choice(spots)
    return text[: match.start()] + _in_case(match.expand(new), match[0], text) + text[match.end() :]


def _in_case(new: str, old: str, text: str) -> str:
    if text.isupper():
        return new.upper()
    return new[:1].upper() + new[1:] if old[:1].isupper() else new


def _bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def ou_as_w(text: str, dice: random.Random) -> str:
    """Ouatagouna, Watagouna."""
    return _one_of(text, [(r"ou(?=[aeioé])", "w"), (r"w", "ou")], dice)


def ou_as_u(text: str, dice: random.Random) -> str:
    """Doucoumbo, Ducumbo."""
    return _one_of(
        text, [(r"ou(?![aeioé])", "u"), (r"(?<![oag])u(?=[b-df-hj-np-tv-z])", "ou")], dice
    )


def gn_as_ny(text: str, dice: random.Random) -> str:
    """Niamana, Nyamana, Gnamana."""
    pairs = [(r"ni(?=[aeoué])", "ny"), (r"ni(?=[aeoué])", "gn"), (r"ny", "gn"), (r"gn", "ni")]
    return _one_of(text, pairs, dice)


def dj_as_j(text: str, dice: random.Random) -> str:
    """Djidian, Didian, Jidian; Diédougou, Djédougou."""
    pairs = [(r"dj", "j"), (r"dj(?=[aeoué])", "di"), (r"di(?=[aeoué])", "dj"), (r"\bj", "dj")]
    return _one_of(text, pairs, dice)


def k_as_c(text: str, dice: random.Random) -> str:
    """Sébékoro, Sébécoro."""
    return _one_of(text, [(r"k(?=[aou])", "c"), (r"c(?=[aou])", "k")], dice)


def k_as_q(text: str, dice: random.Random) -> str:
    """Kéléya, Quéléya."""
    return _one_of(text, [(r"k(?=[ieé])", "qu"), (r"k\b", "ck"), (r"k(?=[aou])", "q")], dice)


def doubled(text: str, dice: random.Random) -> str:
    """Sitakily, Sitakilly; Boura, Bourra."""
    pairs = [(r"(?<=[aeiouéè])([lsntrkmbf])(?=[aeiouyéè])", r"\1\1"), (r"([lsntrkmbdg])\1", r"\1")]
    return _once(text, pairs, dice)


def final_h(text: str, dice: random.Random) -> str:
    """Koumba, Koumbah."""
    return _one_of(text, [(r"(?<=[aoé])$", "h"), (r"h$", ""), (r"a\b", "ah")], dice)


def final_vowel(text: str, dice: random.Random) -> str:
    """Diré, Direy, Dirée."""
    pairs = [(r"[eé]$", "ey"), (r"[eé]$", "ée"), (r"[eé]$", "ai"), (r"i$", "ie"), (r"ou$", "o")]
    return _one_of(text, pairs, dice)


def y_as_i(text: str, dice: random.Random) -> str:
    """Nyamina, Niamina; Dogofry, Dogofri."""
    return _one_of(text, [(r"y", "i"), (r"i$", "y"), (r"i(?=[aoe])", "y")], dice)


def hyphens(text: str, dice: random.Random) -> str:
    """Tin Hama, Tin-Hama."""
    return _one_of(text, [(r" ", "-"), (r"-", " "), (r"[ -]", " - ")], dice)


def joined(text: str, dice: random.Random) -> str:
    """Ben Kadi, Benkadi."""
    return _one_of(text, [(r"[ -]", "")], dice)


def split(text: str, dice: random.Random) -> str:
    """Kaladougou, Kala Dougou."""
    ends = r"(?<=[a-zé])(dougou|bougou|koro|coro|koura|kala|bala|massa|kene|kéné|sso|ba)\b"
    return _one_of(text, [(ends, r" \1"), (ends, r"-\1")], dice)


def level_words(text: str, dice: random.Random) -> str:
    """Commune rurale de …, Cne de …, C.R. …"""
    before = (
        *("Commune de {}", "Commune rurale de {}", "Cne de {}", "Cne {}", "Cne rurale de {}"),
        *("C.R. {}", "C.R. de {}", "CR {}", "C/R de {}", "Com. {}", "Com. rurale de {}"),
        *("Mairie de {}", "{} (commune)", "{} commune", "Commune rurale {}", "C. rurale de {}"),
    )
    return dice.choice(before).format(text)


def articles(text: str, dice: random.Random) -> str:
    """Le Mandé, Mandé; Djiguiya de Koloni, Djiguiya Koloni."""
    inner = re.sub(r" (de|du|la|le) ", " ", text, flags=re.I)
    if inner != text:
        return inner
    long = re.search(r"(?<=[a-z]{3}) (?=[a-zé]{4})", text, re.I)
    if long and dice.random() < 0.5:
        return text[: long.start()] + " de " + text[long.end() :]
    return text


def capitals(text: str, dice: random.Random) -> str:
    """Capital or small letters without accents."""
    return dice.choice((_bare(text).upper(), _bare(text).lower(), _bare(text)))


def accents(text: str, dice: random.Random) -> str:
    """Kéniéba, Kenièba, Kêniêba."""
    pairs = [(r"é", "è"), (r"é", "ê"), (r"è", "é"), (r"e", "é"), (r"i(?=[aeo])", "ï"), (r"a", "â")]
    return _once(text, pairs, dice)


def swapped(text: str, dice: random.Random) -> str:
    """Two letters side by side in the wrong order."""
    spots = [n for n in range(1, len(text) - 1) if text[n : n + 2].isalpha()]
    spots = [n for n in spots if text[n].casefold() != text[n + 1].casefold()]
    if not spots:
        return text
    spot = dice.choice(spots)
    return text[:spot] + text[spot + 1] + text[spot] + text[spot + 2 :]


_BESIDE = {
    "a": "qz",
    "b": "vn",
    "c": "xv",
    "d": "sf",
    "e": "zr",
    "f": "dg",
    "g": "fh",
    "h": "gj",
    "i": "uo",
    "j": "hk",
    "k": "jl",
    "l": "km",
    "m": "lp",
    "n": "b",
    "o": "ip",
    "p": "o",
    "q": "s",
    "r": "et",
    "s": "qd",
    "t": "ry",
    "u": "yi",
    "v": "cb",
    "w": "x",
    "y": "tu",
}


def keyboard(text: str, dice: random.Random) -> str:
    """A key beside the right one, on a French keyboard."""
    spots = [n for n, c in enumerate(text) if n and c.casefold() in _BESIDE]
    if len(text) < 5 or not spots:
        return text
    spot = dice.choice(spots)
    return (
        text[:spot]
        + _in_case(dice.choice(_BESIDE[text[spot].casefold()]), text[spot], text)
        + text[spot + 1 :]
    )


def letter_lost(text: str, dice: random.Random) -> str:
    """Bossofala, Bossofla."""
    spots = [n for n, c in enumerate(text) if n and c.isalpha()]
    if len(text) < 5 or not spots:
        return text
    spot = dice.choice(spots)
    return text[:spot] + text[spot + 1 :]


def letters_as_digits(text: str, dice: random.Random) -> str:
    """Koury, K0ury; Bla, B1a; Hombori, Homborl."""
    pairs = [(r"l", "1"), (r"o", "0"), (r"i", "l"), (r"l", "I"), (r"i", "1")]
    return _once(text, pairs, dice)


def numerals(text: str, dice: random.Random) -> str:
    """Gadougou II, Gadougou 2, Gadougou ll, Gadougou n°2."""
    match = re.search(r" (I{1,3})$", text)
    if not match:
        return text
    count = len(match[1])
    forms = (str(count), "l" * count, "1" * count, f"n°{count}", f"No {count}", f"({match[1]})")
    return text[: match.start()] + " " + dice.choice(forms)


def nasals(text: str, dice: random.Random) -> str:
    """Koumbia, Kounbia; Banamba, Bananba; Dourou, Dounrou."""
    pairs = [(r"m(?=[bp])", "n"), (r"n(?=[bp])", "m"), (r"n$", "ng"), (r"n(?=[kg])", "ng"),
             (r"an(?=[a-z])", "am"), (r"n(?=[dst])", "")]  # fmt: skip
    return _once(text, pairs, dice)


def apostrophes(text: str, dice: random.Random) -> str:
    """N'Dlondougou, N Dlondougou, Ndlondougou, N’Dlondougou."""
    if "'" in text:
        return text.replace("'", dice.choice(("", " ", "’", "-", "`")))
    return _one_of(text, [(r"\b([nm])(?=[bdgjkt])", r"\1'")], dice)


def s_as_z(text: str, dice: random.Random) -> str:
    """Massigui, Masigui; Zantiebougou, Santiebougou; Ciné, Siné."""
    pairs = [(r"ss", "s"), (r"(?<=[aeiouéè])s(?=[aeiouéè])", "ss"), (r"s(?=[aeio])", "z"),
             (r"z", "s"), (r"s(?=[ieé])", "c"), (r"ç", "ss")]  # fmt: skip
    return _one_of(text, pairs, dice)


def hard_g(text: str, dice: random.Random) -> str:
    """Diago, Diagho; Guidimé, Gidimé."""
    return _one_of(
        text,
        [(r"gu(?=[eiéy])", "g"), (r"g(?=[eiéy])", "gu"), (r"gh", "g"), (r"g(?=[ao])", "gh")],
        dice,
    )


def near_vowels(text: str, dice: random.Random) -> str:
    """Ouenkoro, Ouonkoro; Dindanko, Didenko: one vowel for the next."""
    pairs = [(r"[eé](?=[a-z])", "i"), (r"[eé]", "a"), (r"a(?=[a-z])", "e"),
             (r"i(?=[b-df-hj-np-tv-z])", "e"),
             (r"ou", "o"), (r"(?<![aeiu])o(?![uaei])", "ou"), (r"a", "o")]  # fmt: skip
    return _once(text, pairs, dice)


def ch_as_tch(text: str, dice: random.Random) -> str:
    """Tienfala, Tyenfala, Tchienfala; Cheick, Sheick."""
    pairs = [
        (r"ti(?=[aeéo])", "ty"),
        (r"ti(?=[aeéo])", "tch"),
        (r"ch", "sh"),
        (r"ch", "tch"),
        (r"tch", "ti"),
    ]
    return _one_of(text, pairs, dice)


def long_vowels(text: str, dice: random.Random) -> str:
    """Massala, Massaala."""
    return _once(text, [(r"([aeoé])(?=[b-df-hj-np-tv-z])", r"\1\1"), (r"ou", "oû")], dice)


def r_as_l(text: str, dice: random.Random) -> str:
    """Kolélé, Korélé."""
    return _once(
        text, [(r"(?<=[aeiouéè])r(?=[aeiouéè])", "l"), (r"(?<=[aeiouéè])l(?=[aeiouéè])", "r")], dice
    )


def h_as_kh(text: str, dice: random.Random) -> str:
    """Khadiel, Kadiel; Hawa, Khawa; Adjelhoc, Adjelkoc."""
    return _one_of(
        text,
        [(r"kh", "k"), (r"kh", "h"), (r"\bk(?=[aou])", "kh"), (r"\bh", ""), (r"gh", "rh")],
        dice,
    )


def voiced(text: str, dice: random.Random) -> str:
    """Kadiaba, Gadiaba; Fatoma, Fadoma; a consonant voiced or not."""
    pairs = [
        (r"\bk", "g"),
        (r"\bg(?=[ao])", "k"),
        (r"\bb", "p"),
        (r"t(?=[aeou])", "d"),
        (r"b(?=[aeou])", "p"),
    ]
    return _once(text, pairs, dice)


def word_cut(text: str, dice: random.Random) -> str:
    """Farakou Massa, Farakou Mas."""
    words = text.split()
    long = [n for n, word in enumerate(words) if len(word) > 4]
    if len(words) < 2 or not long:
        return text
    spot = long[-1]
    words[spot] = words[spot][: dice.choice((3, 4))] + dice.choice((".", ""))
    return " ".join(words)


def initial(text: str, dice: random.Random) -> str:
    """Bambara Maoudé, B. Maoudé."""
    words = text.split()
    if len(words) < 2 or min(map(len, words[:2])) < 4:
        return text
    return " ".join((words[0][0] + dice.choice((". ", "/", ".")), *words[1:]))


def last_word_lost(text: str, dice: random.Random) -> str:
    """Dianwély Maoudé, Dianwély."""
    words = text.split()
    return " ".join(words[:-1]) if len(words) > 1 and len(words[0]) > 3 else text


def first_word_lost(text: str, dice: random.Random) -> str:
    """Sirifila Boundy, Boundy."""
    words = text.split()
    return " ".join(words[1:]) if len(words) > 1 and len(words[-1]) > 3 else text


def word_added(text: str, dice: random.Random) -> str:
    """Kokry Centre, Gao ville, Boni (Hairé)."""
    return text + dice.choice((" centre", " Centre", " ville", " (centre)", " (Mali)", " Central"))


def misread(text: str, dice: random.Random) -> str:
    """Letters as a scanner reads them: rn for m, cl for d, ii for u."""
    pairs = [(r"m", "rn"), (r"d", "cl"), (r"u", "ii"), (r"h", "b"), (r"e", "c"), (r"n", "u")]
    return _once(text, pairs, dice)


def marks(text: str, dice: random.Random) -> str:
    """Marks and spaces around and within."""
    return dice.choice(("{}.", " {} ", "{} *", "« {} »", "{},", "- {}", "{} -", "{}\u00a0")).format(
        text.replace(" ", dice.choice((" ", "  ", "\u00a0", "_")))
    )


RULES: tuple[Rule, ...] = (
    *(ou_as_w, ou_as_u, gn_as_ny, dj_as_j, k_as_c, k_as_q, doubled, final_h, final_vowel, y_as_i),
    *(hyphens, joined, split, level_words, articles, capitals, accents, swapped, keyboard),
    *(letter_lost, letters_as_digits, numerals, nasals, apostrophes, s_as_z, hard_g, near_vowels),
    *(ch_as_tch, long_vowels, r_as_l, h_as_kh, voiced, word_cut, initial, last_word_lost),
    *(first_word_lost, word_added, misread, marks),
)

LAST = frozenset({"level_words", "word_added", "marks"})
SLIPS = frozenset({"swapped", "keyboard", "letter_lost", "letters_as_digits", "misread"})
"""Rules that are slips of hand or scanner; the others are habits of spelling and wording."""


def is_held_out(name: str) -> bool:
    """Whether a rule or a unit is of the half that nobody tunes to."""
    return hashlib.sha256(name.encode()).digest()[0] % 2 == 1


def told(held_out: bool) -> list[Told]:
    """The names of one half of the units, told by the rules of the same half."""
    rules = [rule for rule in RULES if is_held_out(rule.__name__) == held_out]
    found = []
    for base in (*_units(), *_listed()):
        if is_held_out(base.truth.split("/")[1]) == held_out:
            found += _retold(base, rules)
    return found


def _retold(base: Told, rules: Sequence[Rule]) -> Iterator[Told]:
    """A name by one or two rules; none that is the very name of another unit."""
    dice = random.Random(f"{base.truth} {base.commune or base.cercle}")
    level = "commune" if base.commune else "cercle"
    own = base.commune or base.cercle
    taken = _keys(base.frame, level)
    for _telling in range(TELLINGS):
        text, used = own, []
        some = dice.sample(rules, len(rules))
        wanted = 2 if dice.random() < SECOND else 1
        for rule in some:
            if rule in (level_words, word_added) and level == "cercle":
                continue
            if used and used[-1] in LAST:
                break  # what stands around a name is not respelt with it
            new = rule(text, dice)
            if new != text:
                text, used = new, [*used, rule.__name__]
            if len(used) == wanted:
                break
        if (
            used
            and place_name_key(text)
            and taken.get(place_name_key(text), {base.truth}) >= {base.truth}
        ):
            names = {"commune": text} if base.commune else {"cercle": text}
            yield Told(**{**base.__dict__, **names, "rules": tuple(used)})


def _keys(frame: str, level: str) -> dict[str, set[str]]:
    """Units of each name of a level, by what counts of it."""
    found: dict[str, set[str]] = {}
    for unit, name in (
        shipped_frames().units_at_level(frame, level).select("unit_id", "name").iter_rows()
    ):
        found.setdefault(place_name_key(name), set()).add(unit)
    return found


def _units() -> Iterator[Told]:
    """Cercles of two découpages, communes of the first and those new in the second."""
    for frame in FRAMES:
        name = dict(shipped_frames().units.select("unit_id", "name").iter_rows())
        for unit, own, parent in (
            shipped_frames()
            .units_at_level(frame, "cercle")
            .select("unit_id", "name", "parent")
            .iter_rows()
        ):
            yield Told(frame, name[parent], own, "", unit, ())
        rows = (
            shipped_frames()
            .units_at_level(frame, "commune")
            .select("unit_id", "name", "parent", "pcode")
        )
        for unit, own, parent, code in rows.iter_rows():
            above = shipped_frames().unit_by_id(parent)
            new = frame == FRAMES[0] or code is None
            if new and above.level == "cercle":
                yield Told(frame, name[above.parent or ""], above.name, own, unit, ())


def _listed() -> Iterator[Told]:
    """The names of the public list, as it spells them."""
    table = pl.read_csv(SHARED / "data" / "place_truth.csv")
    for row in table.iter_rows(named=True):
        truth = f"{FRAMES[0]}/{row['truth_pcode']}"
        yield Told(FRAMES[0], row["region"], row["cercle"], row["commune"], truth, ())


@dataclass(frozen=True)
class Answer:
    """What a name was found to be, and whether several units bear it."""

    told: Told
    found: str | None


def answers(rows: Sequence[Told], parents: bool) -> list[Answer]:
    """What the resolver says to each name, with or without the names above it."""
    found: list[Answer] = []
    for frame in FRAMES:
        some = [row for row in rows if row.frame == frame]
        for cercles in (True, False):
            part = [row for row in some if bool(row.commune) != cercles]
            cells = [
                {
                    "region": row.region if parents else "",
                    "cercle": row.cercle if parents or cercles else "",
                    "commune": row.commune,
                }
                for row in part
            ]
            got = resolve_rows(pl.DataFrame(cells), frame)["unit_id"]
            found += [Answer(row, unit) for row, unit in zip(part, got, strict=True)]
    return found


def is_right(answer: Answer) -> bool:
    """Whether the unit is the one meant, in whatever découpage it was read."""
    if answer.found is None or answer.found not in shipped_frames():
        return False
    truth = answer.told.truth
    level = shipped_frames().unit_by_id(truth).level
    return (
        answer.found == truth
        or shipped_frames().converted_unit(answer.found, answer.told.frame, level) == truth
    )


def main() -> None:
    words = argparse.ArgumentParser(prog="python -m benchmarks.respelt")
    words.add_argument("--held-out", action="store_true", help="the figures of the other half too")
    words.add_argument("--show", action="store_true", help="the names of the first half not found")
    words.add_argument("--peer", type=Path, help="Python with requirements/bench.txt")
    args = words.parse_args()
    table = Table(title="names told otherwise", title_justify="left")
    for column in ("half", "rules", "parents", "names", "right", "wrong", "recall"):
        table.add_column(column, justify="right")
    for held_out in (False, True) if args.held_out else (False,):
        rows = told(held_out)
        for parents in (True, False):
            got = answers(rows, parents)
            half = "held back" if held_out else "tuned on"
            for kind in ("habits", "slips"):
                some = [a for a in got if bool(SLIPS & {*a.told.rules}) == (kind == "slips")]
                figures = _figures(some)
                table.add_row(half, kind, "given" if parents else "none", *figures)
            if args.show and not held_out:
                _show(got)
            if args.peer:
                for who, some in _beside_peer(got, parents, args.peer).items():
                    kind = f"communes of 2012, {who}"
                    table.add_row(half, kind, "given" if parents else "none", *_figures(some))
    Console(width=120).print(table)


def _beside_peer(got: Sequence[Answer], parents: bool, python: Path) -> dict[str, Sequence[Answer]]:
    """The answers to communes of 2012, which both know, and those of OCHA's `AdminLevel`."""
    own = [a for a in got if a.told.frame == FRAMES[0] and a.told.commune]
    names = ("region", "cercle", "commune")
    kept = names if parents else ("commune",)
    cells = [{n: getattr(a.told, n) if n in kept else "" for n in names} for a in own]
    codes = peer_answer(python, pl.DataFrame(cells))["found"]
    assert isinstance(codes, list)
    units = [f"{FRAMES[0]}/{code}" if code else None for code in codes]
    theirs = [Answer(a.told, unit) for a, unit in zip(own, units, strict=True)]
    return {"atlas": own, "AdminLevel": theirs}


def _figures(got: Sequence[Answer]) -> tuple[str, ...]:
    right = sum(is_right(a) for a in got)
    wrong = sum(bool(a.found) and not is_right(a) for a in got)
    return str(len(got)), str(right), str(wrong), f"{right / len(got):.4f}"


def _show(got: Sequence[Answer]) -> None:
    for answer in got:
        if not is_right(answer):
            said = "WRONG " + shipped_frames().unit_label(answer.found) if answer.found else "open"
            row = answer.told
            meant = shipped_frames().unit_label(row.truth)
            print(f"{row.cercle} | {row.commune} | {meant} | {said} | {' '.join(row.rules)}")


if __name__ == "__main__":
    main()
