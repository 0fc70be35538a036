"""Every column of the tables of a snapshot and of the answers, declared once.

What a table is made of, what a column is called and tagged in a file, how it lies on disk and
who may read it are all read from here: a new column of the activities is a line below, and its
English name in the catalog.

A column is closed until it stands here. `atlas.sensitivity` blanks what is closed to whoever
asks, in the tables before anything is computed of them and in every answer before it goes
out; a column of no row here is for editors alone, whatever it holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from atlas.i18n import N_


class Viewer(StrEnum):
    """Who asks, the one who may see least first."""

    PUBLIC = "public"
    PARTNER = "partner"
    EDITOR = "editor"

    def reaches(self, first: Viewer) -> bool:
        """Whether what is open from a viewer on is open to this one."""
        ranks = list(Viewer)
        return ranks.index(self) >= ranks.index(first)


PUBLIC, PARTNER, EDITOR = Viewer


class Type(NamedTuple):
    """What a column holds.

    Attributes
    ----------
    form
        How it is shown: ``text``, ``count``, ``money``, ``number``, ``degrees``, ``date`` or
        ``flag``.
    dtype
        Name of its Polars dtype in a table; ``List`` is one of texts.
    coded
        Whether it has few values, and is dictionary-encoded on disk.
    """

    form: str
    dtype: str
    coded: bool = False


TEXT, CODE = Type("text", "String"), Type("text", "String", coded=True)
TEXTS, CODES = Type("text", "List"), Type("text", "List", coded=True)
COUNT, PEOPLE = Type("count", "Int64"), Type("count", "Float64")
MONEY, MINOR = Type("money", "Float64"), Type("money", "Int64")
NUMBER, DEGREES = Type("number", "Float64"), Type("degrees", "Float64")
DATE, FLAG = Type("date", "Date"), Type("flag", "Boolean")


class Field(NamedTuple):
    """One column, or all those whose name begins alike.

    Attributes
    ----------
    name
        Its name; ``amount_*`` for every column that begins so (an ending is a currency or an
        id of a vocabulary, never words of a document).
    label
        French heading in files (a message id); ``""``: that of the first field of its name that
        has one, with its form, tag and vocabulary. ``{what}`` stands for the ending.
    hxl
        HXL tag with attributes; ``""`` for none.
    vocab
        Vocabulary whose ids it holds, written as words in files; ``""`` for none.
    also
        Further answers that it is a column of.
    opens
        The first viewer who may read it.
    words
        Whether it holds free text. What reserved activities, and the documents and facts that
        tell of them, say in their own words is for editors: it may name a place or a day.
    day
        Whether it tells when something takes place: withheld with a reserved distribution.
    neutral
        Whether a text of ours stands in for what is withheld (a title, a name of a file); else
        the cell is empty.
    of_access
        Whether it tells, or gives away, the severity of access: read only at the levels that
        the layer ``access`` is open at.
    vocabularies
        Vocabularies whose ids stand in it beside free text: ids tell nothing and are kept.
    headings
        Of a text of an activity that is kept as a list states it: what lists call it beside its
        label, ``;`` between two.
    """

    name: str
    type: Type = TEXT
    label: str = ""
    hxl: str = ""
    vocab: str = ""
    also: str = ""
    opens: Viewer = PUBLIC
    words: bool = False
    day: bool = False
    neutral: bool = False
    of_access: bool = False
    vocabularies: tuple[str, ...] = ()
    headings: str = ""

    def open_to(self, viewer: Viewer) -> bool:
        """Whether the viewer may read it at all."""
        return viewer.reaches(self.opens)


BENEFICIARIES = "beneficiaries"
"""Indicator of figures of the people that an activity is for; the others are quantities."""

# fmt: off
TABLES: Mapping[str, tuple[Field, ...]] = {
    "documents": (
        Field("document", CODE),  # first 12 hex digits of the file's sha256 (sample: "sample")
        Field("file", TEXT, N_("Fichier"), "#meta+source",
              also="activities findings control_totals findings_file quality quality_rows",
              words=True, neutral=True),
        Field("reader", CODE, N_("Lecteur")),  # atlas.model.Reader
        Field("title", TEXT, words=True, neutral=True),
        Field("as_of", DATE, N_("Situation au")),
        Field("frame", CODE, N_("Découpage")),
        Field("period_start", DATE, N_("Période du"), "#date+period+start", day=True),
        Field("period_end", DATE, N_("Période au"), "#date+period+end", day=True),
        Field("rows_read", COUNT, N_("Lignes lues")),
        # origin: publisher and licence, for the source line of the map
        Field("origin", TEXT, N_("Sources et licences")),
        Field("is_sample", FLAG, N_("Exemple")),
        # a person's word: older documents it stands in for, activities that went with them
        Field("replaces", TEXTS),
        Field("withdrawn", TEXTS),
    ),
    "activities": (
        Field("activity_id", CODE, N_("Identifiant de l'activité"), "#activity+id",
              also="published change quality_rows ending"),
        Field("kind", CODE, N_("Nature"), "#activity+type", vocab="kinds",
              also="change duplicates"),
        Field("source", CODE, N_("Source"), "#activity+programme", vocab="sources",
              also="published change ending"),
        Field("document", CODE, N_("Document"), "#meta+id",
              also="published quality quality_rows"),
        Field("locator", TEXT, N_("Ligne du document"), "#meta+locator",
              also="published quality_rows", opens=PARTNER, words=True),
        Field("as_of", DATE, N_("Situation au"), "#date+reported",
              also="published priorities quality quality_rows"),
        Field("title", TEXT, N_("Activité"), "#activity+project",
              also="published change quality_rows ending",
              words=True, neutral=True),
        Field("description", TEXT, N_("Description"), "#description", opens=PARTNER, words=True),
        Field("result", TEXT, N_("Résultat"), "#output", opens=PARTNER, words=True),
        # sector: vocab/sectors.csv id (atlas.model.SEVERAL: see sectors), null when unknown
        Field("sector", CODE, N_("Secteur"), "#sector+cluster", vocab="sectors",
              also="coverage priorities reporting actors people localisation ending"),
        Field("sector_raw", TEXT, N_("Secteur selon la source"), "#subsector", opens=EDITOR,
              words=True),
        # donors: vocab/organisations.csv ids, or the spelling as reported
        Field("donors", CODES, N_("Bailleurs"), "#org+funder", vocab="organisations"),
        Field("lead_org", CODE, N_("Organisation responsable"), "#org+prog", vocab="organisations"),
        Field("implementers", CODES, N_("Partenaires"), "#org+impl", vocab="organisations"),
        # organisations_raw: lead and implementers as spelt, every one
        Field("organisations_raw", TEXTS, N_("Organisations selon la source"), "#org+raw",
              opens=EDITOR, words=True),
        Field("org_type", CODE, N_("Type d'organisation"), "#org+type", vocab="org_types"),
        Field("status", CODE, N_("Statut"), "#status", vocab="statuses"),
        Field("start", DATE, N_("Début"), "#date+start", day=True),
        Field("end", DATE, N_("Fin"), "#date+end", also="ending", day=True),
        Field("target", PEOPLE, N_("Personnes visées"), "#targeted"),
        Field("reached", PEOPLE, N_("Personnes atteintes"), "#reached",
              also="coverage people localisation"),
        Field("modality", CODE, N_("Modalité"), "#modality", words=True,
              headings="modalités;modality;modalité de transfert"),
        # people_flag: whether those reached are new or were counted before, as the partner says
        Field("people_flag", TEXT, N_("Bénéficiaires nouveaux ou déjà comptés"), "#reached+flag",
              words=True,
              headings="nouveaux ou anciens bénéficiaires;nouveaux/anciens;nouveau/ancien;"
                       "bénéficiaires nouveaux ou récurrents;nouveau ou récurrent;"
                       "new beneficiaries or counted before;new or existing beneficiaries;"
                       "new/existing beneficiaries;"
                       "new or repeated;new/repeated"),
        Field("remarks", TEXT, N_("Remarques"), "#description+remarks", opens=EDITOR, words=True),
        # nexus: what a person says that it is for, vocab/nexus.csv id (atlas.review.statements)
        Field("nexus", CODE, N_("Nexus"), "#activity+nexus", vocab="nexus"),
        # items: how many an entry stands for (aggregates); null: one
        Field("items", COUNT, N_("Publiées, non détaillées"), "#activity+num+published",
              also="published presence"),
        # sensitivity: atlas.model.Sensitivity, marked at ingest; null in older snapshots
        Field("sensitivity", TEXT, N_("Réserve"), "#meta+sensitivity"),
    ),
    "amounts": (
        Field("activity_id", CODE),
        Field("kind", CODE),  # AMOUNT_KINDS
        Field("period_start", DATE, day=True),
        Field("period_end", DATE, day=True),
        Field("minor", MINOR),  # minor units of the currency (cents; whole francs for XOF)
        Field("currency", CODE, N_("Devise"), "#currency", also="activities"),
        Field("usd_minor", MINOR),  # US cents, null when no rate
        Field("rate", NUMBER),  # units of currency per USD
        Field("rate_date", DATE, N_("Taux de change du"), "#date+rate", also="activities"),
        Field("rate_source"),  # "ecb", or what the person's own table of rates names
        # unit_id: the one place of its activity it is for; null: all of them
        Field("unit_id", CODE, N_("Identifiant de l'unité"), "#loc+id"),
    ),
    "placements": (
        Field("activity_id", CODE),
        Field("unit_id", CODE),  # <frame>/<code or slug>, or _national or _unplaced
        Field("weight", COUNT, N_("Poids"), "#meta+weight"),
        Field("rule", CODE, N_("Règle de répartition"), "#meta+rule"),
        Field("raw", TEXT, N_("Lieu selon la source"), "#loc+raw", opens=EDITOR, words=True),
        Field("how", CODE, N_("Lieu reconnu par"), "#meta+how"),
        Field("score", NUMBER, N_("Score"), "#meta+score", also="duplicates coverage quality"),
        Field("lon", DEGREES, N_("Longitude"), "#geo+lon", opens=EDITOR),
        Field("lat", DEGREES, N_("Latitude"), "#geo+lat", opens=EDITOR),
    ),
    "rows": (
        Field("document", CODE),
        Field("locator", TEXT, opens=PARTNER, words=True),
        Field("outcome", CODE),
        Field("activity_id", CODE),
    ),
    "findings": (
        Field("document", CODE),
        Field("locator", TEXT, also="findings_file", opens=PARTNER, words=True),
        Field("field", CODE, N_("Champ"), also="findings_file", opens=PARTNER, words=True),
        Field("code", CODE, N_("Code"), also="findings_file"),
        Field("severity", CODE, N_("Gravité"), also="findings_file"),
        Field("params", TEXT, opens=PARTNER, words=True, neutral=True),  # JSON object
    ),
    "control_totals": (
        Field("document", CODE),
        Field("name", TEXT, words=True, neutral=True),
        Field("unit_id", CODE),  # null: the whole document
        Field("period", CODE, words=True),
        Field("currency", CODE),  # null: a count
        Field("published", NUMBER),
        Field("read", NUMBER),  # null: published only, nothing itemised to set against it
    ),
    "context": (
        Field("document", CODE),
        Field("kind", CODE),  # vocab/context_tables.csv: kind
        # indicator: vocab/indicators.csv or access_constraints.csv; else as spelt
        Field("indicator", CODE, N_("Indicateur (identifiant)"), "#indicator+code", words=True,
              vocabularies=("indicators", "access_constraints")),
        Field("unit_id", CODE),  # null: none is known (contributions, or geometry alone)
        Field("part_of_unit", FLAG),  # true: of a place inside the unit that is not known by name
        # geometry: WKT in degrees (EPSG:4326), where the source draws it
        Field("geometry", TEXT, opens=PARTNER),
        Field("sector", CODE),
        # group: the people it is of, in codes ("idp f"); null: everyone
        Field("group", CODE),
        Field("organisation"),  # who reports (reporting), who gives (contribution)
        Field("value", NUMBER, N_("Valeur"), "#severity+value"),
        # total: of how many: 85 schools closed of 93
        Field("total", NUMBER, N_("Sur un total de"), "#meta+total"),
        Field("text", TEXT, N_("Texte"), "#description", words=True, neutral=True),
        Field("scale", CODE, N_("Échelle"), "#severity+scale"),
        # direction: "higher_is_worse", "lower_is_worse", null
        Field("direction", CODE, N_("Sens de l'échelle"), "#severity+direction"),
        Field("source", CODE, words=True),
        Field("as_of", DATE),
        Field("start", DATE),  # holds from this day (a projected situation begins later than as_of)
        Field("expires", DATE, N_("Valable jusqu'au"), "#date+expires"),
        Field("frequency"),  # FREQUENCIES, of reports
        Field("due_days", COUNT),  # days after the end of each period at which a report is due
        # due: one day by which a report is due, where the source names it
        Field("due", DATE, N_("Échéance"), "#date+due", also="reporting"),
        Field("usd_minor", MINOR),  # money in US cents, as in amounts; null when no rate
        Field("rate", NUMBER),
        Field("rate_date", DATE),
        Field("rate_source"),
    ),
    "organisations": (  # that people entered, where a document names them
        Field("document", CODE),
        Field("organisation"),  # what activities carry: its acronym, else its name
        Field("acronym", TEXT, opens=EDITOR, words=True),
        Field("name", TEXT, opens=EDITOR, words=True),
        # type: vocab/org_types.csv id, null when nobody knows
        Field("type", TEXT, N_("Type (identifiant)"), "#access+type+code"),
    ),
    "verdicts": (  # what people decided about two activities, both of which are here
        Field("activity_a", TEXT, N_("Identifiant A"), also="duplicates"),  # the lower id
        Field("activity_b", TEXT, N_("Identifiant B"), also="duplicates"),
        Field("verdict", TEXT, N_("Décision"), "#meta+verdict", also="duplicates"),  # VERDICTS
        # lead: of "same": the one that counts; else null
        Field("lead", TEXT, N_("Fiche qui compte"), "#meta+id+lead", also="duplicates"),
    ),
    "relations": (  # identifiers that are the same in whatever document names them (IATI)
        Field("activity_id", CODE),
        Field("relation"),  # RELATIONS: its own, of a whole it is a part of, of a part of it
        Field("identifier"),  # as the document writes it; case makes no difference
    ),
    # people of an activity by group or period, and quantities, as its document says them
    "figures": (
        Field("activity_id", CODE),
        # indicator: vocab/indicators.csv id of activities
        Field("indicator", CODE, N_("Quantité"), "#indicator+name", vocab="indicators",
              also="quantities"),
        Field("measure", CODE),  # FIGURE_MEASURES
        # a group in codes (GROUP_PARTS): null where the document says nothing of it
        Field("status", CODE),
        Field("sex", CODE),
        Field("age", CODE),
        Field("disability", CODE),
        Field("is_part", FLAG),  # true: of some of that group only ("femmes enceintes")
        Field("is_cumulative", FLAG),  # since the start of the work; null: nobody said
        Field("value", PEOPLE),
        Field("period_start", DATE, day=True),
        Field("period_end", DATE, day=True),
        Field("words", CODE, opens=EDITOR, words=True),
    ),
    "sectors": (  # each sector that an activity of several names; its own is "multi-sector"
        Field("activity_id", CODE),
        Field("sector", CODE),
    ),
    # what a document says of an activity that a newer one tells, or that a person withdrew
    "earlier_reports": (
        Field("document", CODE, opens=EDITOR),
        Field("activity_id", CODE, opens=EDITOR),
        Field("locator", TEXT, opens=EDITOR, words=True),
        Field("as_of", DATE, opens=EDITOR),
        Field("reporter", CODE, opens=EDITOR),  # atlas.activity_reports.reporter_of_rows
        Field("sector", CODE, opens=EDITOR),
        Field("status", CODE, opens=EDITOR),
        Field("start", DATE, opens=EDITOR, day=True),
        Field("end", DATE, opens=EDITOR, day=True),
        Field("target", PEOPLE, opens=EDITOR),
        Field("reached", PEOPLE, opens=EDITOR),
        Field("flagged", FLAG, opens=EDITOR),  # whether people_flag is given
        Field("currencies", CODES, opens=EDITOR),  # of its budget
        Field("budget_minor", MINOR, opens=EDITOR),  # null: no budget, or of several currencies
        Field("budget_usd_minor", MINOR, opens=EDITOR),  # null: no rate for a part of it
        Field("units", CODES, opens=EDITOR),  # places of its own, not the document's perimeter
    ),
}

_UNITS = (
    "presence budget coverage priorities duplicates access access_facts services published "
    "change reporting actors programme people localisation ending distributions quantities "
    "by_sector by_month"
)
ANSWERS: Mapping[str, tuple[Field, ...]] = {
    "activities": (
        Field("source_label"),
        Field("sector_label"),
        Field("organisations", TEXT, N_("Organisations"), "#org", vocab="organisations"),
        Field("status_label"),
        Field("place", TEXT, N_("Lieux"), "#loc+name"),
        Field("share_usd", MONEY, N_("Part dans la zone (USD)"), "#value+budget+share"),
        Field("amount", MONEY, N_("Montant"), "#value+budget"),
        Field("no_go", TEXT, N_("Zone interdite"), "#access+no_go", opens=PARTNER),
        Field("counted_with", TEXT, N_("Compté avec (identifiant)"), "#meta+id+counted_with"),
        Field("counted_with_title", TEXT, N_("Compté avec"), "#meta+counted_with", words=True),
        Field("delivering", TEXT, N_("Qui réalise"), "#org+impl+delivering", also="ending"),
        Field("share", MONEY, N_("Part dans la zone, dans la devise demandée"), "#value+share"),
        Field("share_inherited", MONEY, N_("Dont périmètre"), "#value+share+perimeter"),
        Field("share_currency", TEXT, N_("Devise de la part"), "#currency+share"),
        Field("outside", MONEY, N_("Hors de la période demandée"), "#value+budget+outside"),
        Field("no_period", MONEY, N_("Sans période"), "#value+budget+undated"),
        Field("no_rate_*", MONEY, N_("Sans taux de change ({what})"), "#value+no_rate+{what}",
              also="budget"),
        Field("dollars_per_euro", NUMBER, N_("Dollars par euro"), "#value+rate"),
        Field("priced", FLAG, N_("A un montant"), "#meta+priced"),
        Field("counts", FLAG, N_("Répond au besoin"), "#meta+counts"),
        Field("past", FLAG, N_("Passée"), "#meta+past"),
        Field("people", COUNT, N_("Personnes atteintes, à défaut visées"), "#reached+here",
              also="coverage"),
        Field("people_stated", COUNT, N_("Personnes, telles que dites"), "#reached+stated"),
        Field("targeted_stated", COUNT, N_("Visées, telles que dites"), "#targeted+stated"),
        Field("reached_stated", COUNT, N_("Atteintes, telles que dites"), "#reached+stated"),
        Field("published_usd", MONEY, N_("Montant publié (USD)"), "#value+published"),
    ),
    "exchange": (
        Field("target", PEOPLE, N_("Personnes visées, répétées sur chaque lieu"),
              "#targeted+repeated"),
        Field("reached", PEOPLE, N_("Personnes atteintes, répétées sur chaque lieu"),
              "#reached+repeated"),
    ),
    "exchange activities": (
        Field("target_once", COUNT, N_("Personnes visées, à additionner"), "#targeted"),
        Field("reached_once", COUNT, N_("Personnes atteintes, à additionner"), "#reached"),
        Field("targeted_counted", COUNT, N_("Visées, comptées une fois"), "#targeted+counted"),
        Field("reached_counted", COUNT, N_("Atteintes, comptées une fois"), "#reached+counted"),
        Field("sectors", TEXTS, N_("Secteurs nommés"), "#sector+list", vocab="sectors"),
        Field("groups", TEXT, N_("Personnes par groupe, en détail"), "#reached+groups"),
        Field("unit_id"),
        Field("unit_name", TEXT, N_("Unité"), "#loc+name"),
        Field("region", TEXT, N_("Région"), "#adm1+name"),
        Field("region_code", TEXT, N_("P-code de la région"), "#adm1+code"),
        Field("cercle", TEXT, N_("Cercle"), "#adm2+name"),
        Field("cercle_code", TEXT, N_("P-code du cercle"), "#adm2+code"),
        Field("commune", TEXT, N_("Commune"), "#adm3+name"),
        Field("commune_code", TEXT, N_("P-code de la commune"), "#adm3+code"),
        Field("places", COUNT, N_("Lieux de l'activité"), "#meta+places"),
        Field("place_rule", TEXT, N_("Règle de placement"), "#meta+rule"),
        Field("weight", COUNT),
        Field("raw", TEXT, opens=EDITOR, words=True),
        Field("budget_usd", MONEY, N_("Budget (USD)"), "#value+budget+usd",
              also="published coverage"),
        Field("amount_*", MONEY, N_("Montant ({what})"), "#value+budget+reported+{what}",
              also="budget"),
        Field("amounts", TEXT, N_("Montants du lieu, en détail"), "#meta+amounts"),
        Field("lon", DEGREES),
        Field("lat", DEGREES),
        Field("position", TEXT, N_("Position"), "#geo+meta"),
    ),
    "units": (
        *(Field(name) for name in ("unit_id", "unit_name", "lon", "lat")),
        *(Field(f"{level}{end}") for level in ("region", "cercle", "commune")
          for end in ("", "_code")),
    ),
    "findings_file": (Field("sentence", TEXT, N_("Constat")),),
    "by_month": (
        Field("month_end", DATE, N_("Fin de mois"), "#date+month"),
        Field("indicator"),
        Field("figure"),
        Field("state"),
    ),
    "by_sector": (
        Field("sector"),
        Field("indicator", TEXT, N_("Indicateur"), "#indicator+name"),
        Field("figure", NUMBER, N_("Chiffre"), "#indicator+value"),
        Field("state"),
    ),
    "control_totals": (Field("difference"),),
    _UNITS: (Field("unit_id"), Field("unit_name")),
    "presence": (
        Field("activities", COUNT, N_("Activités"), "#activity+num",
              also="budget programme programme_totals priorities reporting people quality"
              " localisation disbursed quantities"),
        Field("organisations", COUNT, N_("Organisations"), "#org+num",
              also="actors programme programme_totals"),
        Field("organisations_reported", COUNT, N_("Organisations, telles qu'écrites"),
              "#org+num+reported"),
        Field("organisations_*", COUNT, N_("Organisations : {what}"), "#org+num+{what}",
              vocab="org_types"),
        Field("delivering", COUNT, N_("Organisations qui réalisent"), "#org+num+delivering",
              also="actors"),
        Field("single_actor", TEXT, N_("Seul acteur"), "#org+single", vocab="organisations",
              also="actors"),
        Field("concentration", NUMBER, N_("Concentration (0 à 1)"), "#meta+concentration",
              also="actors"),
        Field("cancelled", COUNT, N_("Activités annulées"), "#activity+num+cancelled",
              also="actors budget programme programme_totals funds"),
        Field("suspended", COUNT, N_("Activités suspendues"), "#activity+num+suspended",
              also="actors budget programme programme_totals funds"),
        Field("budget_usd", MONEY, also="budget programme programme_totals localisation disbursed"),
        Field("inherited_usd", MONEY, N_("Dont réparti sur le périmètre du document (USD)"),
              "#value+budget+inherited", also="budget programme programme_totals"),
        Field("without_amount", COUNT, N_("Activités sans montant"), "#activity+num+no_amount",
              also="budget programme programme_totals"),
    ),
    "budget": (
        Field("cancelled_usd", MONEY, N_("Annulé (USD)"), "#value+budget+cancelled+usd",
              also="programme programme_totals funds"),
        Field("suspended_usd", MONEY, N_("Suspendu (USD)"), "#value+budget+suspended+usd",
              also="programme programme_totals funds"),
        Field("budget_cancelled", MONEY, N_("Annulé, dans la devise demandée"),
              "#value+budget+cancelled+asked"),
        Field("budget_suspended", MONEY, N_("Suspendu, dans la devise demandée"),
              "#value+budget+suspended+asked"),
        Field("cancelled_amount_*", MONEY, N_("Annulé ({what})"), "#value+cancelled+{what}"),
        Field("suspended_amount_*", MONEY, N_("Suspendu ({what})"), "#value+suspended+{what}"),
        Field("budget", MONEY, N_("Montant, dans la devise demandée"), "#value+budget+asked"),
        Field("budget_low", MONEY, N_("Au moins"), "#value+budget+min"),
        Field("budget_high", MONEY, N_("Au plus"), "#value+budget+max"),
        Field("inherited", MONEY, N_("Dont périmètre du document"), "#value+budget+perimeter",
              also="programme programme_totals"),
        Field("committed", MONEY, N_("Engagé"), "#value+commitment"),
        Field("spent", MONEY, N_("Dépensé"), "#value+spend"),
        Field("execution", NUMBER, N_("Exécution (dépensé / engagé)"), "#meta+execution"),
        Field("population", COUNT, N_("Population"), "#population", also="coverage people"),
        Field("population_year", NUMBER, N_("Année de la population"), "#date+population+year"),
        Field("per_head", NUMBER, N_("Par habitant"), "#value+budget+per_head"),
        Field("per_head_usd", NUMBER, N_("Par habitant (USD)"), "#value+budget+per_head+usd"),
        Field("rate_from", DATE, N_("Taux de change du"), "#date+rate+start"),
        Field("rate_to", DATE, N_("Taux de change au"), "#date+rate+end"),
        Field("rate_low", NUMBER, N_("Dollars par euro, au moins"), "#value+rate+min"),
        Field("rate_high", NUMBER, N_("Dollars par euro, au plus"), "#value+rate+max"),
        Field("resplit", MONEY, N_("Dont réparti par la règle"), "#value+budget+rule"),
        Field("fallback", MONEY, N_("Dont parts égales, faute de chiffres"), "#value+budget+equal"),
        Field("thin", MONEY, N_("Dont attribué par superficie à des terres très peu peuplées"),
              "#value+budget+thin"),
        Field("dimension", TEXT, N_("Détail (code)"), "#meta+dimension+code"),
        Field("dimension_label", TEXT, N_("Détail"), "#meta+dimension"),
        Field("outside", MONEY),
        Field("no_period", MONEY),
        Field("open_period", MONEY, N_("Début ou fin inconnus"), "#value+budget+open",
              also="activities"),
    ),
    "people": (
        Field("in_need", COUNT, N_("Personnes dans le besoin"), "#inneed"),
        Field("severity", NUMBER, N_("Sévérité des besoins"), "#severity+inneed"),
        Field("severity_scale", TEXT, N_("Échelle de la sévérité"), "#severity+inneed+scale"),
        Field("severity_as_of", DATE, N_("Sévérité au"), "#date+severity+inneed"),
        Field("targeted_low", COUNT, N_("Visées, au moins"), "#targeted+min"),
        Field("targeted_high", COUNT, N_("Visées, au plus"), "#targeted+max"),
        Field("reached_low", COUNT, N_("Atteintes, au moins"), "#reached+min",
              also="localisation"),
        Field("reached_high", COUNT, N_("Atteintes, au plus"), "#reached+max",
              also="localisation"),
        Field("coverage_low", NUMBER, N_("Part atteinte du besoin, au moins"),
              "#reached+share+min"),
        Field("coverage", NUMBER, N_("Part atteinte du besoin"), "#reached+share"),
        Field("coverage_high", NUMBER, N_("Part atteinte du besoin, au plus"),
              "#reached+share+max"),
        Field("figures", COUNT, N_("Activités dont le chiffre est de la zone"),
              "#activity+num+figures", also="localisation"),
        Field("shared", COUNT, N_("Activités dont le chiffre est de plusieurs zones"),
              "#activity+num+shared", also="quantities"),
        Field("over_population", FLAG, N_("Chiffres au-delà de la population"),
              "#meta+over_population"),
    ),
    "localisation": (
        Field("route", TEXT, N_("Qui réalise"), "#org+route", also="activities"),
        Field("activities_share_low", NUMBER, N_("Part des activités, au moins"),
              "#activity+share+min"),
        Field("activities_share_high", NUMBER, N_("Part des activités, au plus"),
              "#activity+share+max"),
        Field("no_partner", COUNT, N_("Activités qui ne nomment que leur responsable"),
              "#activity+num+no_partner"),
        Field("without_usd", COUNT, N_("Activités sans budget entier en USD"),
              "#activity+num+no_usd", also="disbursed"),
        Field("budget_share_low", NUMBER, N_("Part du budget connu, au moins"),
              "#value+budget+share+min"),
        Field("budget_share_high", NUMBER, N_("Part du budget connu, au plus"),
              "#value+budget+share+max"),
        Field("reached_share_low", NUMBER, N_("Part des atteints, au moins"),
              "#reached+share+min"),
        Field("reached_share_high", NUMBER, N_("Part des atteints, au plus"),
              "#reached+share+max"),
    ),
    "disbursed": (
        Field("donor", TEXT, N_("Bailleur"), "#org+funder", vocab="by_donor"),
        Field("spent_usd", MONEY, N_("Dépensé (USD)"), "#value+spend+usd", also="activities"),
        Field("without_spent", COUNT, N_("Activités sans dépense entière en USD"),
              "#activity+num+no_spend"),
        Field("both", COUNT, N_("Activités qui disent les deux"), "#activity+num+both"),
        Field("both_budget_usd", MONEY, N_("Leur budget (USD)"), "#value+budget+both"),
        Field("both_spent_usd", MONEY, N_("Leur dépense (USD)"), "#value+spend+both"),
        Field("spent_share", NUMBER, N_("Part dépensée de ce budget"), "#meta+spent_share"),
    ),
    "distributions": (
        Field("month", DATE, N_("Mois (premier jour)"), "#date+month"),
        Field("certain", FLAG, N_("Même mois pour sûr"), "#meta+certain"),
        Field("state_organisations", TEXT, N_("Pour l'État"), "#org+state"),
        Field("state_activities", COUNT, N_("Distributions de l'État"), "#activity+num+state"),
        Field("state_people_low", COUNT, N_("Personnes de l'État, au moins"), "#reached+state+min"),
        Field("state_people_high", COUNT, N_("Personnes de l'État, au plus"), "#reached+state+max"),
        Field("others_organisations", TEXT, N_("Les autres"), "#org+others"),
        Field("others_activities", COUNT, N_("Distributions des autres"), "#activity+num+others"),
        Field("others_people_low", COUNT, N_("Personnes des autres, au moins"),
              "#reached+others+min"),
        Field("others_people_high", COUNT, N_("Personnes des autres, au plus"),
              "#reached+others+max"),
        Field("distributor", TEXT, N_("Qui distribue"), "#org+distributor", also="activities"),
    ),
    "ending": (
        Field("ends", TEXT, N_("Finit"), "#status+ends"),
        Field("days_left", COUNT, N_("Jours restants"), "#meta+days_left"),
        Field("remains", TEXT, N_("Qui reste ensuite"), "#status+remains"),
        Field("organisations_after", COUNT, N_("Organisations qui restent"), "#org+num+after"),
        Field("organisations_unsure", COUNT, N_("Organisations dont la fin n'est pas dite"),
              "#org+num+unsure"),
    ),
    "quantities": (
        Field("quantity_target", NUMBER, N_("Prévu"), "#indicator+value+target",
              also="activities"),
        Field("quantity_reached", NUMBER, N_("Réalisé"), "#indicator+value+reached",
              also="activities"),
        Field("quantity_unsaid", NUMBER, N_("Prévu ou réalisé, non dit"), "#indicator+value",
              also="activities"),
        Field("over_periods", TEXT, N_("D'un mois à l'autre"), "#meta+rule+periods",
              vocab="adding_rule"),
        Field("over_places", TEXT, N_("Entre activités et lieux"), "#meta+rule+places",
              vocab="adding_rule"),
    ),
    "rates": (
        Field("currency"), Field("rate_day"), Field("rate"), Field("source"), Field("amounts"),
    ),
    "coverage": (
        Field("state", TEXT, N_("État"), "#status+coverage",
              also="priorities reporting programme ending"),
        Field("need_unknown", FLAG, N_("Besoin inconnu"), "#meta+need_unknown"),
        Field("need", NUMBER, N_("Besoin"), "#inneed", also="ending"),
        Field("response", NUMBER, N_("Réponse"), "#reached"),
        Field("access", NUMBER, N_("Accès"), "#access", of_access=True),
        Field("class", TEXT, N_("Classe"), "#status+class", of_access=True),
        Field("rank", COUNT, N_("Rang"), "#priority+rank"),
        Field("parts", COUNT, N_("Parts connues du score (sur 3)"), "#meta+parts", of_access=True),
        Field("need_indicator", TEXT, N_("Besoin selon"), "#inneed+indicator", vocab="indicators",
              also="ending"),
        Field("need_as_of", DATE, N_("Besoin au"), "#date+inneed", also="people ending"),
        Field("need_places", COUNT, N_("Lieux dont le besoin est la somme"), "#meta+places"),
        Field("need_score", NUMBER, N_("Besoin (0 à 1)"), "#inneed+score"),
        Field("measure", TEXT, N_("Réponse mesurée par"), "#meta+measure"),
        Field("response_score", NUMBER, N_("Réponse (0 à 1)"), "#reached+score"),
        Field("access_mean", NUMBER, N_("Accès, moyenne au moins"), "#access+mean", of_access=True),
        Field("access_score", NUMBER, N_("Accès (0 à 1)"), "#access+score", of_access=True),
        Field("targeted", COUNT, N_("Personnes visées"), "#targeted", also="people"),
        Field("budget_per_head", MONEY, N_("Budget par habitant (USD)"), "#value+per_head"),
        Field("activities_current", COUNT, N_("Activités en cours"), "#activity+num+current"),
        Field("activities_past", COUNT, N_("Activités passées"), "#activity+num+past"),
        Field("activities_inherited", COUNT, N_("Activités au périmètre du document"),
              "#activity+num+inherited"),
        Field("presence", COUNT, N_("Organisations présentes"), "#org+num"),
        Field("priorities", COUNT, N_("Priorités locales"), "#priority+num"),
        Field("reported", FLAG, N_("Un rapport couvre la zone"), "#meta+reported"),
        Field("wider", FLAG, N_("Activités placées plus largement"), "#meta+wider", also="ending"),
        Field("reporters", COUNT, N_("Qui doit rendre compte"), "#meta+reporters"),
        Field("reporters_heard", COUNT, N_("Ont envoyé un rapport"), "#meta+reporters+heard"),
        Field("reporters_told", COUNT, N_("Dont sur ce secteur"), "#meta+reporters+told"),
        Field("need_expired", DATE, N_("Besoin expiré le"), "#date+inneed+expired",
              also="ending"),
        Field("need_since", DATE, N_("Besoin depuis le"), "#date+inneed+start"),
        Field("need_units_known", COUNT, N_("Unités dont le besoin est connu"), "#inneed+known",
              also="people"),
        Field("need_units", COUNT, N_("Unités en tout"), "#inneed+units", also="people"),
        Field("need_units_level", TEXT, N_("Besoin connu par"), "#inneed+level", also="people"),
        Field("need_scale", TEXT, N_("Échelle du besoin"), "#inneed+scale"),
        Field("unmet", NUMBER, N_("Besoin sans réponse (0 à 1)"), "#inneed+unmet"),
        Field("response_ended", COUNT, N_("Dont réponses terminées"), "#activity+num+ended"),
        Field("ended_days", COUNT, N_("Jours depuis la fin"), "#meta+ended_days"),
        Field("activities_cancelled", COUNT, N_("Activités annulées"), "#activity+num+cancelled"),
        Field("activities_suspended", COUNT, N_("Activités suspendues"), "#activity+num+suspended"),
    ),
    "funds": (
        Field("fund", TEXT, N_("Fonds"), "#org+fund", vocab="sources"),
        Field("contributions", COUNT, N_("Contributions"), "#meta+contributions"),
        Field("contributed_usd", MONEY, N_("Contributions (USD)"), "#value+contribution+usd"),
        Field("contributions_without_usd", COUNT, N_("Contributions sans montant en USD"),
              "#meta+contributions+no_usd"),
        Field("contributors", TEXT, N_("Bailleurs"), "#org+funder", vocab="organisations"),
        Field("first_contribution", DATE, N_("Première contribution"), "#date+contribution+start"),
        Field("last_contribution", DATE, N_("Dernière contribution"), "#date+contribution+end"),
        Field("activities", COUNT),
        Field("without_amount", COUNT),
        Field("allocated_usd", MONEY, N_("Alloué à des activités (USD)"), "#value+allocated+usd"),
    ),
    "priorities": (
        Field("place_id", TEXT, N_("Lieu"), "#loc+id", also="reporting", opens=PARTNER),
        Field("text", TEXT, words=True),
        Field("listed", COUNT, N_("Priorités publiées sans liste"), "#priority+num+published"),
        Field("done", COUNT, N_("Activités achevées"), "#activity+num+done"),
        Field("source", TEXT, words=True),
        Field("fact", NUMBER, also="reporting"),
    ),
    "duplicates": (
        Field("pair_id", TEXT, N_("Identifiant de la paire"), "#meta+id"),
        Field("title_a", TEXT, N_("Activité A"), words=True),
        Field("source_a", TEXT, N_("Source A"), vocab="sources"),
        Field("title_b", TEXT, N_("Activité B"), words=True),
        Field("source_b", TEXT, N_("Source B"), vocab="sources"),
        Field("reasons", TEXT, N_("Raisons"), "#meta+reasons"),
        Field("group_id", TEXT, N_("Identifiant du groupe"), "#meta+id+group"),
    ),
    "access": (
        Field("severity_max", NUMBER, N_("Sévérité maximale"), "#severity+max"),
        Field("severity_mean", NUMBER, N_("Sévérité moyenne, au moins"), "#severity+mean"),
        Field("severity_mean_population", NUMBER, N_("Sévérité moyenne par habitant, au moins"),
              "#severity+mean+population"),
        Field("covered_share", NUMBER, N_("Part de la superficie dite par ces faits"),
              "#severity+covered"),
        Field("scale"),
        Field("direction"),
        Field("other_scales", TEXT, N_("Autres échelles"), "#severity+scale+other"),
        Field("constraint_types", TEXT, N_("Types de contrainte"), "#access+type",
              vocab="access_constraints", opens=PARTNER),
        Field("constraints", TEXT, N_("Contraintes d'accès"), "#access", opens=PARTNER, words=True),
        Field("services", TEXT, N_("Services hors de portée"), "#access+services", opens=PARTNER),
        Field("security_zone", TEXT, N_("Zone de sécurité"), "#access+security", opens=PARTNER,
              words=True),
        Field("no_go", TEXT, opens=PARTNER),
        Field("activities_in_no_go", COUNT, N_("Activités en zone interdite"),
              "#activity+num+no_go", opens=PARTNER),
        Field("activities_partly_in_no_go", COUNT,
              N_("Activités dont une partie du lieu est zone interdite"),
              "#activity+num+no_go+partly", opens=PARTNER),
        Field("as_of", DATE),
        Field("stale", FLAG),
    ),
    "access_facts": (
        Field("file", TEXT, opens=PARTNER, words=True),
        Field("kind", TEXT, opens=PARTNER),
        Field("type", TEXT, opens=PARTNER),
        Field("type_label", TEXT, N_("Type"), "#access+type", opens=PARTNER),
        Field("wording", TEXT, N_("Fait"), "#access", opens=PARTNER, words=True),
        Field("value", NUMBER, also="services", opens=PARTNER),
        Field("total", NUMBER, also="services", opens=PARTNER),
        Field("scale", TEXT, opens=PARTNER),
        Field("direction", TEXT, opens=PARTNER),
        Field("source", TEXT, opens=PARTNER, words=True),
        Field("as_of", DATE, also="services", opens=PARTNER),
        Field("start", DATE, opens=PARTNER),
        Field("expires", DATE, opens=PARTNER),
        Field("stale", FLAG, N_("Périmé"), "#meta+stale", also="services", opens=PARTNER),
        Field("area_share", NUMBER, N_("Part de l'unité couverte"), "#meta+area_share",
              opens=PARTNER),
        Field("length_km", NUMBER, N_("Longueur (km)"), "#meta+length_km", opens=PARTNER),
        Field("how", TEXT, opens=PARTNER),
        Field("fact", NUMBER, N_("Numéro du fait"), "#meta+fact", opens=PARTNER),
    ),
    "services": (
        Field("indicator", TEXT, opens=PARTNER),
        Field("indicator_label", TEXT, N_("Indicateur"), "#indicator", opens=PARTNER),
        Field("places", COUNT, opens=PARTNER),
    ),
    "published": (
        Field("items_*", COUNT, N_("Publiées, non détaillées : {what}"),
              "#activity+num+published+{what}", vocab="sources"),
        Field("aggregates", COUNT, N_("Chiffres publiés"), "#meta+aggregates"),
        Field("exact"),
        Field("published_for"),
        Field("read"),
        Field("published"),
    ),
    "change": (
        Field("change", TEXT, N_("Changement")),
        Field("field"),
        Field("before", TEXT, N_("Avant")),
        Field("after", TEXT, N_("Après")),
        Field("difference_usd", MONEY, N_("Différence (USD)"), "#value+change+usd"),
    ),
    "reporting": (
        Field("reporter", TEXT, N_("Qui rend compte"), "#org+reporter", vocab="organisations",
              also="quality quality_rows", opens=PARTNER),
        Field("period_start", DATE),
        Field("period_end", DATE),
        Field("reported_on", DATE, N_("Rendu le"), "#date+received"),
        Field("days_late", COUNT, N_("Jours de retard"), "#meta+days_late"),
    ),
    "quality": (
        Field("parts", COUNT, N_("Parties jugées"), "#meta+parts"),
        Field("complete", NUMBER, N_("Secteur et statut connus"), "#meta+complete"),
        Field("placed", NUMBER, N_("Placées à la commune"), "#meta+placed"),
        Field("dated", NUMBER, N_("Début et fin connus"), "#meta+dated"),
        Field("with_amount", NUMBER, N_("Avec montant"), "#meta+with_amount"),
        Field("with_people", NUMBER, N_("Avec personnes"), "#meta+with_people"),
        Field("on_time", NUMBER, N_("Rapports à l'heure"), "#meta+on_time"),
        Field("consistent", NUMBER, N_("Cohérence avec le document d'avant"), "#meta+consistent"),
        Field("judged_*", COUNT, N_("Jugées : {what}"), "#meta+judged+{what}", vocab="part"),
        Field("lacking_*", COUNT, N_("Manquent : {what}"), "#meta+lacking+{what}", vocab="part"),
    ),
    "quality_rows": (
        Field("in_force", FLAG, N_("Compte aujourd'hui"), "#meta+in_force"),
        Field("part", TEXT, N_("Ce qui manque"), "#meta+part"),
        Field("previous_file", TEXT, N_("Document d'avant"), "#meta+source+before", words=True,
              neutral=True),
        Field("previous_locator", TEXT, N_("Ligne d'avant"), "#meta+locator+before",
              opens=PARTNER, words=True),
        Field("before", COUNT, N_("Avant")),
        Field("after", COUNT, N_("Après")),
    ),
    "programme": (
        Field("inside", FLAG, N_("Dans le périmètre du programme"), "#meta+inside"),
        Field("part", FLAG, N_("Zone en partie seulement"), "#meta+part"),
        Field("component", TEXT, N_("Composante"), "#activity+component",
              vocab="programme_components", also="programme_totals"),
        Field("current", COUNT, N_("Activités en cours"), "#activity+num+current",
              also="programme_totals"),
        Field("planned", COUNT, N_("Activités prévues"), "#activity+num+planned",
              also="programme_totals"),
        Field("past", COUNT, N_("Activités terminées"), "#activity+num+past",
              also="programme_totals"),
        Field("possible", COUNT, N_("Activités placées plus largement"), "#activity+num+wider"),
    ),
    "programme_totals": (Field("zone", TEXT, N_("Par rapport au périmètre"), "#loc+zone"),),
}
# fmt: on

STATED = tuple(one for one in TABLES["activities"] if one.headings)
"""Texts of an activity that are kept as a list or an export states them."""

_FIRST = (
    *("activity_id", "kind", "source"),
    *("title", "description", "result", "sector", "sectors", "sector_raw", "status"),
)
_ONCE = ("target_once", "reached_once", "targeted_counted", "reached_counted")
_LAST = ("sensitivity", "document", "locator", "as_of", "items")
EXPORTED = (
    *_FIRST,
    *(one.name for one in TABLES["activities"] if one.name not in {*_FIRST, *_LAST}),
    *_ONCE,
    "sensitivity",
    *(one.name for one in ANSWERS["exchange activities"] if one.name not in {*_FIRST, *_ONCE}),
    *("document", "locator", "as_of"),
)
"""Columns of the export of activities, which is read again, in their order."""


def _declared() -> Iterator[tuple[str, Field]]:
    """Each table and answer with each of its columns."""
    for names, columns in (*TABLES.items(), *ANSWERS.items()):
        for one in columns:
            yield from ((where, one) for where in f"{names} {one.also}".split())


def _by_name() -> dict[tuple[str, str], Field]:
    found: dict[tuple[str, str], Field] = {}
    for where, one in _declared():
        if (where, one.name) in found:
            msg = f"{where}.{one.name} is declared twice"
            raise ValueError(msg)
        found[where, one.name] = one
    return found


_FOUND = _by_name()
_PREFIXES = [
    (where, name.removesuffix("*"), one)
    for (where, name), one in _FOUND.items()
    if name.endswith("*")
]
_LABELLED = {one.name: one for one in reversed(_FOUND.values()) if one.label}


def field_of(where: str, name: str) -> Field | None:
    """The declaration of a column of a table or an answer; ``None``: nobody classed it.

    Examples
    --------
    >>> field_of("budget", "amount_XOF").opens.value, field_of("presence", "a new one")
    ('public', None)
    """
    exact = _FOUND.get((where, name))
    if exact is not None:
        return exact
    found = (one for w, start, one in _PREFIXES if w == where and name.startswith(start))
    return next(found, None)


def labelled(where: str, name: str) -> Field | None:
    """The declaration that says what a column is called; ``None`` where none does.

    Examples
    --------
    >>> labelled("coverage", "sector").label, labelled("exchange", "lat").hxl
    ('Secteur', '#geo+lat')
    """
    own = field_of(where, name)
    return own if own and own.label else _LABELLED.get(own.name if own else name)
