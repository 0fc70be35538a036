"""The activities as IATI 2.03, valid against its schema, with nothing made up.

The rows are those of `atlas.export.activity_rows`. What IATI demands of an activity and the
atlas does not know leaves it out, and is counted (`IatiFile.left_out`). Attributes of the
atlas's own namespace tell what IATI has no word for (ids, weights, dollars, marks of what is
reserved), so that the file goes in again (`atlas.ingest.sources.iati`).
"""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree import ElementTree as ET

import polars as pl

from atlas.errors import UsageError
from atlas.export.notice import notice_lines
from atlas.formats import money_text
from atlas.i18n import N_, _, ngettext
from atlas.ingest.files.iati_xml import OWN_SPACE
from atlas.ingest.money import AmountShare, shares_as_text, shares_of_text, to_major
from atlas.ingest.parsing.values import cluster_names
from atlas.labels import label
from atlas.model import NATIONAL, RESERVED, SEVERAL, Kind, Level, Source
from atlas.vocab import iati_code, match_organisation, match_sector, organisation_type
from atlas.vocab.codelists import entries_by_id

if TYPE_CHECKING:
    from atlas.dataset import Answer

PUBLISHER = "ATLAS_IATI_PUBLISHER"
"""Variable that says who publishes: IATI identifier of the organisation, ``;``, its name."""
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_POSITIONS = "http://www.opengis.net/def/crs/EPSG/0/4326"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TOLD = (Kind.ACTIVITY, Kind.PLAN)
"""Kinds that are activities in the sense of IATI."""
_TRANSACTIONS = {"committed": "2", "spent": "4"}
_NATIONAL_SCOPE = "4"
_OWN_VOCABULARY = "99"
"""That of the reporting organisation, in every list of vocabularies of IATI."""
_CLUSTERS = "10"
_LACKING = {
    "title": N_("sans titre"),
    "organisation": N_("sans organisation ni bailleur"),
    "status": N_("sans statut"),
    "date": N_("sans date"),
}


@dataclass
class IatiFile:
    """A file, and what could not be told in it.

    Attributes
    ----------
    content
        The XML.
    told
        How many activities it holds.
    kinds
        Entries of other kinds, which IATI has no activity for, by kind.
    lacking
        Activities left out, by what IATI demands of them; one may lack several things.
    activities
        How many activities these are.
    undated
        Amounts without the days that IATI demands, by kind and currency, in minor units.
    """

    content: bytes = b""
    told: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    lacking: Counter[str] = field(default_factory=Counter)
    activities: int = 0
    undated: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))

    def left_out(self) -> list[str]:
        """Sentences on what is not in the file, in the language in force."""
        said = []
        for kind, n in sorted(self.kinds.items()):
            name = label("kinds", kind)
            said.append(_("{n} de nature « {kind} » : pas une activité IATI.", n=n, kind=name))
        if self.activities:
            why = ", ".join(f"{_(_LACKING[w])} : {n}" for w, n in sorted(self.lacking.items()))
            said.append(
                ngettext(
                    "{n} activité sans ce qu'IATI exige ({why}).",
                    "{n} activités sans ce qu'IATI exige ({why}).",
                    self.activities,
                    why=why,
                )
            )
        for (kind, currency), cents in sorted(self.undated.items()):
            money = money_text(float(to_major(sum(cents), currency)), currency)
            said.append(
                ngettext(
                    "{n} montant sans les dates qu'IATI exige ({kind} : {money}).",
                    "{n} montants sans les dates qu'IATI exige ({kind} : {money}).",
                    len(cents),
                    kind=_(_AMOUNTS[kind]),
                    money=money,
                )
            )
        if said:
            said = [_("Hors du fichier : {what}", what=one) for one in said]
        if not publisher().ref:
            said.append(_("L'organisation qui publie n'est pas dite : {name}.", name=PUBLISHER))
        return said


_AMOUNTS = {"budget": N_("budget"), "committed": N_("engagé"), "spent": N_("dépensé")}


class Publisher(NamedTuple):
    """Who publishes the file: identifier (IATI), name and type (code list of IATI)."""

    ref: str
    name: str
    type: str


def publisher() -> Publisher:
    """Who publishes, as the operator says (``ATLAS_IATI_PUBLISHER``); "" for what is not said."""
    ref, _between, name = (part.strip() for part in os.environ.get(PUBLISHER, "").partition(";"))
    named = match_organisation(name).id if name else None
    return Publisher(ref, name or _("Atlas du Mali : qui fait quoi, où"), _type_code(named) or "")


def to_iati(answer: Answer) -> bytes:
    """The activities of an export as IATI 2.03.

    Raises
    ------
    UsageError
        It is no export of activities, or none of them has what IATI demands.
    """
    return iati_file(answer).content


def iati_file(answer: Answer) -> IatiFile:
    """The activities of an export as IATI 2.03, and what is not among them.

    Raises
    ------
    UsageError
        As `to_iati`.
    """
    if "target_once" not in answer.table.columns:
        raise UsageError(
            _("« {layer} » ne s'écrit pas en IATI", layer=answer.layer),
            _("ses lignes ne sont pas des activités et leurs lieux"),
            _("Lancez « atlas export iati »."),
        )
    ET.register_namespace("atlas", OWN_SPACE)
    made, root = IatiFile(), ET.Element("iati-activities", version="2.03")
    linked = _links_by_activity(answer)
    for rows in answer.table.partition_by("activity_id", maintain_order=True):
        places = rows.to_dicts()
        if _is_told(places[0], made):
            root.append(_activity(places, linked.get(places[0]["activity_id"], []), made))
    made.told = len(root)
    said = made.left_out()
    if not made.told:
        raise UsageError(_("Aucune activité à écrire en IATI"), " ".join(said))
    root.insert(0, _comment(answer, said))
    ET.indent(root)
    made.content = ET.tostring(root, encoding="UTF-8", xml_declaration=True) + b"\n"
    return made


def _comment(answer: Answer, said: Sequence[str]) -> ET.Element:
    """Filters, date, sources and what is left out, for whoever opens the file."""
    lines = [f"{heading}: {text}" for heading, text in notice_lines(answer)]
    told = "\n".join(["", *lines, *said, ""])
    comment: ET.Element = ET.Comment(_plain(re.sub("-(?=-)|-$", "- ", told)))  # type: ignore
    return comment


def _links_by_activity(answer: Answer) -> dict[str, list[tuple[str, str]]]:
    """Identifiers of each activity: its own, of what it is a part of, of its parts."""
    found: dict[str, list[tuple[str, str]]] = {}
    relations = answer.meta.get("relations")
    if isinstance(relations, pl.DataFrame):
        for activity, relation, identifier in relations.select(
            "activity_id", "relation", "identifier"
        ).iter_rows():
            found.setdefault(activity, []).append((relation, identifier))
    return found


def _is_told(row: Mapping[str, Any], made: IatiFile) -> bool:
    """Whether an activity has what IATI demands; what it lacks is counted."""
    if row["kind"] not in _TOLD:
        made.kinds[row["kind"]] += 1
        return False
    lacking = {
        "title": not _plain(row["title"] or "").strip(),
        "organisation": not any(_organisations(row)),
        "status": iati_code(row["status"] or "") is None,
        "date": row["start"] is None and row["end"] is None,
    }
    made.lacking.update(what for what, lacks in lacking.items() if lacks)
    made.activities += any(lacking.values())
    return not any(lacking.values())


def _activity(
    places: Sequence[Mapping[str, Any]], links: Sequence[tuple[str, str]], made: IatiFile
) -> ET.Element:
    """One activity, its elements in the order of the schema."""
    row = places[0]
    element = ET.Element("iati-activity", _own(**_settled_words(places)))
    if row["as_of"]:
        element.set("last-updated-datetime", f"{row['as_of']}T00:00:00Z")
    if row["source"] == Source.NGO and _is_cluster(row["sector"]):
        element.set("humanitarian", "1")
    own = [identifier for relation, identifier in links if relation == "self"]
    by = publisher()
    fallback = "-".join(filter(None, (by.ref, row["activity_id"])))
    _add(element, "iati-identifier", text=own[0] if own else fallback)
    reporting = {"ref": by.ref, "type": by.type, "secondary-reporter": "1"}
    _narrative(_add(element, "reporting-org", reporting), by.name)
    _narrative(_add(element, "title"), row["title"])
    said = row["description"]
    repeated = {} if said else _own(title="1")
    _narrative(_add(element, "description", {"type": "1", **repeated}), said or row["title"])
    for role, name in _organisations(row):
        kind = _type_code(name)
        words = {"role": role} | ({"type": kind} if kind else {})
        _narrative(_add(element, "participating-org", words), label("organisations", name))
    _add(element, "activity-status", {"code": iati_code(row["status"]) or ""})
    for kind, day in _dates(row):
        _add(element, "activity-date", {"type": kind, "iso-date": day.isoformat()})
    if [one["unit_id"] for one in places] == [NATIONAL]:
        _add(element, "activity-scope", {"code": _NATIONAL_SCOPE})
    _add(element, "recipient-country", {"code": "ML"})
    element.extend(_location(one) for one in places if one["unit_id"] not in RESERVED)
    element.extend(_sectors(row))
    element.extend(_money(places, made))
    for relation, kind in (("whole", "1"), ("part", "2")):
        for other in sorted(identifier for one, identifier in links if one == relation):
            _add(element, "related-activity", {"type": kind, "ref": other})
    return element


def _settled_words(places: Sequence[Mapping[str, Any]]) -> dict[str, str | None]:
    """What the atlas has settled of an activity and IATI has no word for."""
    row = places[0]
    elsewhere = [
        f"{one['unit_id']} {one['weight']} {one['place_rule']}"
        for one in places
        if one["unit_id"] in RESERVED
    ]
    return {
        **{name: row[name] for name in ("kind", "source", "sector", "sensitivity")},
        "id": row["activity_id"],
        "sectors": "|".join(row["sectors"] or ()),
        "org-type": row["org_type"],
        "elsewhere": "|".join(elsewhere),
    }


def _organisations(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Role (funding, accountable, implementing) and name of everybody that is told."""
    lead = [row["lead_org"]] if row["lead_org"] else []
    named = (("1", row["donors"]), ("2", lead), ("4", row["implementers"]))
    return [(role, name) for role, names in named for name in names or () if name]


def _dates(row: Mapping[str, Any]) -> Iterator[tuple[str, date]]:
    """Days of an activity: actual where its status says so and they are past, else planned."""
    status, known = row["status"], row["as_of"]
    begun, over = status in ("ongoing", "completed", "suspended"), status == "completed"
    for day, holds, planned, actual in (
        (row["start"], begun, "1", "2"),
        (row["end"], over, "3", "4"),
    ):
        if day is not None:
            yield actual if holds and known is not None and day <= known else planned, day


def _location(row: Mapping[str, Any]) -> ET.Element:
    """A unit, by its name, the p-codes it has and a point."""
    own = _own(
        unit=row["unit_id"],
        weight=str(row["weight"]),
        rule=row["place_rule"],
        position=row["position"],
    )
    element = ET.Element("location", own)
    _narrative(_add(element, "name"), row["unit_name"])
    finest = ""
    for number, level in enumerate(Level, start=1):
        finest = f"ADM{number}" if row[level] else finest
        code = row[f"{level}_code"]
        if code:
            words = {"vocabulary": _OWN_VOCABULARY, "level": str(number), "code": code}
            _add(element, "administrative", words)
    if row["lon"] is not None and row["lat"] is not None:
        point = _add(element, "point", {"srsName": _POSITIONS})
        _add(point, "pos", text=f"{row['lat']!r} {row['lon']!r}")
        _add(element, "exactness", {"code": "1" if row["position"] == "reported" else "2"})
    _add(element, "location-class", {"code": "1"})
    _add(element, "feature-designation", {"code": finest})
    return element


def _sectors(row: Mapping[str, Any]) -> Iterator[ET.Element]:
    """The sectors named: clusters by their number, others by the atlas's own list."""
    named = row["sectors"] if row["sector"] == SEVERAL and row["sectors"] else [row["sector"]]
    for sector in filter(None, named):
        number = _cluster_numbers().get(sector)
        words = (
            {"vocabulary": _CLUSTERS, "code": number}
            if number
            else {"vocabulary": _OWN_VOCABULARY, "code": sector}
        )
        element = ET.Element("sector", words)
        _narrative(element, label("sectors", sector))
        yield element


@cache
def _cluster_numbers() -> Mapping[str, str]:
    """Sector → number of its global cluster."""
    found = ((match_sector(name).id, str(n)) for n, name in enumerate(cluster_names(), start=1))
    return {sector: number for sector, number in found if sector}


def _is_cluster(sector: str | None) -> bool:
    row = entries_by_id("sectors").get(sector or "")
    return row is not None and row["kind"] == "cluster"


def _money(places: Sequence[Mapping[str, Any]], made: IatiFile) -> list[ET.Element]:
    """Budgets, then transactions; an amount without the days that IATI demands is counted."""
    row = places[0]
    budgets, transactions = [], []
    for share in _whole_amounts(places):
        start = share.period_start or row["start"]
        end = share.period_end or row["end"]
        if share.kind == "budget" and start and end and start <= end:
            element = ET.Element("budget", {"type": "1"})
            _add(element, "period-start", {"iso-date": start.isoformat()})
            _add(element, "period-end", {"iso-date": end.isoformat()})
            budgets.append(element)
        elif day := share.kind in _TRANSACTIONS and (share.period_end or share.period_start):
            element = ET.Element("transaction")
            _add(element, "transaction-type", {"code": _TRANSACTIONS[share.kind]})
            _add(element, "transaction-date", {"iso-date": day.isoformat()})
            start = day
            transactions.append(element)
        else:
            made.undated[share.kind, share.currency].append(share.minor)
            continue
        valued = share.rate_date or row["as_of"] or start
        words = {"currency": share.currency, "value-date": valued.isoformat()}
        words |= _own(amount=shares_as_text([share]))
        _add(element, "value", words, f"{to_major(share.minor, share.currency):f}")
    return [*budgets, *transactions]


def _whole_amounts(places: Iterable[Mapping[str, Any]]) -> list[AmountShare]:
    """The amounts of an activity, each the sum of its shares over the places."""
    found: dict[tuple[object, ...], list[AmountShare]] = {}
    for row in places:
        for share in shares_of_text(row.get("amounts") or "") or ():
            found.setdefault(share.amount, []).append(share)
    return [
        shares[0]._replace(
            minor=sum(share.minor for share in shares),
            usd_minor=sum(share.usd_minor or 0 for share in shares)
            if shares[0].usd_minor is not None
            else None,
        )
        for shares in found.values()
    ]


def _type_code(organisation: str | None) -> str:
    """Code of IATI for the type of an organisation; "" where it is not known for sure."""
    row = entries_by_id("org_types").get(organisation_type(organisation or "") or "")
    return row["iati"] if row else ""


def _own(**words: str | None) -> dict[str, str]:
    """Attributes of the atlas's own namespace, without those that say nothing."""
    return {
        f"{{{OWN_SPACE}}}{name.replace('_', '-')}": _plain(word)
        for name, word in words.items()
        if word
    }


def _add(
    parent: ET.Element, tag: str, words: Mapping[str, str] | None = None, text: str = ""
) -> ET.Element:
    element = ET.SubElement(parent, tag, dict(words or {}))
    element.text = _plain(text) or None
    return element


def _narrative(element: ET.Element, text: str) -> None:
    _add(element, "narrative", text=text)


def _plain(text: str) -> str:
    """A text without what XML cannot hold."""
    return _NOT_XML.sub(" ", text)
