"""Lists of other countries are read to the last row and placed nowhere in Mali."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from atlas.errors import UnusableFileError
from atlas.ingest.context_tables import read_context
from atlas.ingest.pipeline import IngestBatch, ingest_file
from atlas.ingest.tables.row_countries import country_name, country_named, is_shared
from tests.conftest import SHARED, needs_shared

BURKINA = """Organisation,Secteur,Région,Province,Commune
#org+name,#sector,#adm1+name,#adm2+name,#adm3+name
PAM,Sécurité alimentaire,Sahel,Soum,Djibo
UNICEF,EHA,Centre-Nord,Sanmatenga,Kaya
ACF,Nutrition,Nord,Loroum,Titao
Croix-Rouge,Abris,Centre-Ouest,Ziro,Gao
MSF,Santé,,,Boni
"""
NIGER = """"NOM ORGANISATION
(cette colonne est renseignée automatiquement selon la selection dans le colonne A)","ACCRONYME
(Choisir dans la liste déroulante)","CLUSTER
(Choisir dans la liste déroulante) Pour les projets humanitaires uniquement",REGION (Choisir dans la liste déroulante),DEPARTEMENT (Choisir dans la liste déroulante),COMMUNE
#org+name,#org+acronym,#sector,#adm1+name,#adm2+name,#adm3+name
Programme alimentaire mondial,PAM,Sécurité alimentaire,Tillabéri,Téra,Dargol
Oxfam,OXFAM,EHA,Diffa,Maïné-Soroa,Foulatari
Save the Children,SCI,Éducation,Tillabéri,Banibangou,Banibangou
"""
CHAD = """Nom de l'organisation,Acronyme,Type d'organisation,Cluster,Province,Département,Sous-préfecture,Pcode1
Oxfam,OXFAM,ONG internationale,EHA,Lac,Mamdi,Bol,TD07
Solidarités International,SI,ONG internationale,Santé,Ouaddaï,Assoungha,Adré,TD14
Care,CARE,ONG internationale,Protection,Lac,Kaya,Ngouboua,TD07
"""
CONGO = """NOM ORGANISATION,ACCRONYME,CLUSTER,Province,Territoire,Code Terrtoire,Zone de santé,Aire de santé
Médecins du Monde,MDM,Santé,Nord-Kivu,Masisi,CD6104,Masisi,Nyabiondo
Caritas,CARITAS,Sécurité alimentaire,Ituri,Djugu,CD5403,Drodro,Blukwa
Oxfam,OXFAM,EHA,Équateur,Bikoro,CD4105,Bikoro,Itipo
"""
LIPTAKO = """Partenaire,Région,Province / cercle,Commune
ACTED,Gao,Ansongo,Tessit
ACTED,Tillabéri,Banibangou,Banibangou
ACTED,Sahel,Oudalan,Gorom-Gorom
ACTED,Mopti,Koro,Koro
ACTED,Est,Komondjari,Foutouri
"""


def listed(tmp_path: Path, name: str, text: str) -> IngestBatch:
    (tmp_path / name).write_text(text, "utf-8")
    return ingest_file(tmp_path / name)


def countries(batch: IngestBatch) -> list[str]:
    outside = batch.tables.findings.filter(pl.col("code") == "outside_mali")
    return [json.loads(params)["country"] for params in outside["params"]]


def reasons(batch: IngestBatch) -> list[str]:
    told = batch.tables.findings.filter(pl.col("code") == "list_abroad")
    return [json.loads(params)["reason"] for params in told["params"]]


@pytest.mark.parametrize(
    ("text", "country", "rows"),
    [
        (BURKINA, "Burkina Faso", 5),
        (NIGER, "Niger", 3),
        (CHAD, "Tchad", 3),
        (CONGO, "République démocratique du Congo", 3),
    ],
)
def test_a_list_of_another_country_is_read_to_the_last_row_and_named(
    text: str, country: str, rows: int, tmp_path: Path
) -> None:
    batch = listed(tmp_path, "3w.csv", text)
    assert batch.report()["outcomes"] == {"ignored": rows}
    assert countries(batch) == [country] * rows
    assert reasons(batch) == ["d'après les divisions qu'elle nomme"]
    assert batch.tables.placements.height == 0


def test_a_list_across_borders_keeps_the_rows_of_mali(tmp_path: Path) -> None:
    batch = listed(tmp_path, "liptako_3w.csv", LIPTAKO)
    assert batch.report()["outcomes"] == {"activity": 2, "ignored": 3}
    assert countries(batch) == ["Niger", "Burkina Faso", "Burkina Faso"]
    assert batch.tables.placements["raw"].to_list() == [
        "Gao > Ansongo > Tessit",
        "Mopti > Koro > Koro",
    ]
    assert reasons(batch) == []


HOMONYMS = "Partenaire,Commune\nACTED,Gao\nACTED,Boni\n"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("3W_Burkina_Faso_2024.csv", ["d'après le nom du fichier"]),
        ("BFA-3w.csv", ["d'après le nom du fichier"]),
    ],
)
def test_a_file_named_after_a_country_puts_no_homonym_in_mali(
    name: str, reason: list[str], tmp_path: Path
) -> None:
    batch = listed(tmp_path, name, HOMONYMS)
    assert (countries(batch), reasons(batch)) == (["Burkina Faso"] * 2, reason)


@pytest.mark.parametrize(
    "name",
    [
        "3w Office du Niger.csv",
        "3w boucle du Niger.csv",
        "3w bassin du fleuve Sénégal.csv",
        "3w refugies du Burkina Faso.csv",
        "3w Mali et Niger.csv",
        "3w.csv",
    ],
)
def test_a_river_refugees_or_two_countries_make_no_list_of_another_country(
    name: str, tmp_path: Path
) -> None:
    batch = listed(tmp_path, name, HOMONYMS)
    assert batch.report()["outcomes"] == {"activity": 2}


def test_a_region_of_mali_wins_over_the_name_of_the_file(tmp_path: Path) -> None:
    text = "Partenaire,Région,Commune\nACTED,Gao,Tessit\nACTED,Sahel,Djibo\n"
    batch = listed(tmp_path, "3W_Burkina.csv", text)
    assert batch.report()["outcomes"] == {"activity": 1, "ignored": 1}


def test_the_title_of_a_list_names_its_country(tmp_path: Path) -> None:
    text = (
        "Présence opérationnelle au Tchad - juin 2024\n\nPartenaire,Région,Site\nACTED,Est,Adré\n"
    )
    batch = listed(tmp_path, "3w.csv", text)
    assert (countries(batch), reasons(batch)) == (["Tchad"], ["d'après son titre"])


@pytest.mark.parametrize("region", ["Nord", "Centre", "Sahel", "Est", "Liptako", ""])
def test_an_ordinary_word_alone_is_no_other_country(region: str, tmp_path: Path) -> None:
    text = f"Partenaire,Région,Cercle\nACTED,Gao,Ansongo\nACTED,{region},Bourem\n"
    assert listed(tmp_path, "3w.csv", text).report()["outcomes"] == {"activity": 2}


def test_codes_of_another_country_are_enough(tmp_path: Path) -> None:
    text = "Partenaire,Commune,adm3_pcode\nACTED,Gao,BF110602\nACTED,Gao,ML070101\n"
    batch = listed(tmp_path, "3w.csv", text)
    assert (countries(batch), batch.report()["activities"]) == (["Burkina Faso"], 1)


def test_the_column_of_the_country_has_the_first_word(tmp_path: Path) -> None:
    text = (
        "Pays,Partenaire,Région\nMLI,ACTED,Sahel\nBFA,ACTED,Gao\nSénégal,ACTED,\nPérou,ACTED,Lima\n"
    )
    batch = listed(tmp_path, "3w.csv", text)
    assert countries(batch) == ["Burkina Faso", "Sénégal", "Pérou"]
    assert batch.report()["activities"] == 1


def test_a_list_of_projects_and_its_money_stay_in_mali(tmp_path: Path) -> None:
    text = (
        "Projet,Partenaire,Région,Budget (USD)\n"
        "Forages,ACTED,Gao,1000\nForages,ACTED,Agadez,2000\nÉcoles,ACTED,Ménaka,500\n"
    )
    batch = listed(tmp_path, "projets.csv", text)
    assert batch.tables.amounts["minor"].to_list() == [100000, 50000]
    assert countries(batch) == ["Niger"]


def test_money_shared_with_other_countries_is_not_counted_as_mali_s(tmp_path: Path) -> None:
    text = "Pays,Projet,Partenaire,Région,Budget (USD)\nMali ; Niger,Forages,ADR,Gao,1000\nMali,Écoles,ADR,Gao,500\n"
    batch = listed(tmp_path, "projets.csv", text)
    assert batch.report()["activities"] == 2
    assert batch.tables.amounts["minor"].to_list() == [50000]
    assert batch.report()["findings"]["amounts_shared"] == 1


@pytest.mark.parametrize(
    ("cell", "code"),
    [("Burkina-Faso", "BF"), ("TCD", "TD"), ("Côte d’Ivoire", "CI"), ("mali", "ML"), ("Gao", "")],
)
def test_a_country_is_known_by_its_names_and_codes(cell: str, code: str) -> None:
    assert country_named(cell) == code


def test_a_code_has_a_name_and_several_countries_are_shared() -> None:
    assert (country_name("ne"), country_name("COD")) == (
        "Niger",
        "République démocratique du Congo",
    )
    assert (is_shared("Mali / Niger"), is_shared("Mali"), is_shared("Mali ; ")) == (
        True,
        False,
        False,
    )


def test_needs_of_other_countries_are_set_aside_too(tmp_path: Path) -> None:
    text = "Région,Cercle,Personnes dans le besoin\nGao,Ansongo,1000\nTillabéri,Téra,2000\nSahel,Soum,3000\n"
    (tmp_path / "pin.csv").write_text(text, "utf-8")
    batch = read_context("needs", tmp_path / "pin.csv", as_of=date(2024, 1, 1))
    assert batch.tables.context["value"].to_list() == [1000.0]
    assert countries(batch) == ["Niger", "Burkina Faso"]


@needs_shared
def test_the_regional_table_keeps_its_rows_of_mali_when_the_countries_are_not_told(
    tmp_path: Path,
) -> None:
    path = SHARED / "data" / "rowca-3w-hxl.csv"
    whole = ingest_file(path)
    assert set(countries(whole)) == {"Sénégal"}
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    at = rows[0].index("Country")
    bare = tmp_path / path.name
    with bare.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([*row[:at], *row[at + 1 :]] for row in rows)
    blind = ingest_file(bare)
    assert whole.report()["outcomes"]["ignored"] == 112
    assert blind.report()["outcomes"] == whole.report()["outcomes"]


def test_mali_in_a_column_of_regions_is_the_country(tmp_path: Path) -> None:
    text = "Titre,ONG,Région\nVaccins,ADR,Mali\nDonnées,ADR,République du Mali\nForage,ADR,Gao\n"
    batch = listed(tmp_path, "liste.csv", text)
    assert batch.tables.placements["unit_id"].to_list() == ["_national", "_national", "ml-2023/gao"]


def test_a_prefecture_of_guinea_named_mali_is_not_the_country(tmp_path: Path) -> None:
    text = "Titre,ONG,Région,Préfecture\nPont,ADR,Labé,Mali\nÉcole,ADR,Labé,Koubia\n"
    assert listed(tmp_path, "qip.csv", text).report()["outcomes"] == {"ignored": 2}


@pytest.mark.parametrize(("code", "country"), [("LY0213", "Libye"), ("BDI002", "Burundi")])
def test_codes_of_any_country_set_a_row_aside(tmp_path: Path, code: str, country: str) -> None:
    text = f"ONG,Région,Adm1 Pcode,Activité\nADR,Azzawya,{code},Vivres\n"
    assert countries(listed(tmp_path, "liste.csv", text)) == [country]


BURUNDI = "Provinces,Secteurs,Organisation\nGitega,Santé,A\nNgozi,EHA,B\nCankuzo,EHA,B\n"


def test_a_list_none_of_whose_places_is_known_is_asked_about_and_goes_in_when_said_to_be_one(
    tmp_path: Path,
) -> None:
    (tmp_path / "liste.csv").write_text(BURUNDI, "utf-8")
    with pytest.raises(UnusableFileError, match="Gitega, Ngozi, Cankuzo"):
        ingest_file(tmp_path / "liste.csv")
    assert ingest_file(tmp_path / "liste.csv", source="ngo").report()["activities"] == 3


def test_a_register_of_facilities_is_no_list_of_organisations(tmp_path: Path) -> None:
    text = "REGION,CERCLE,STRUCTURE\nGao,Bourem,CSCOM A\nGao,Ansongo,CSCOM B\n"
    with pytest.raises(UnusableFileError, match="registre de structures"):
        listed(tmp_path, "liste.csv", text)


@pytest.mark.parametrize(
    "cell", ["Mali et Niger", "Mali/Niger", "Sahel (Mali, Niger, Burkina Faso)"]
)
def test_mali_among_other_countries_is_no_row_abroad(tmp_path: Path, cell: str) -> None:
    text = f'Titre,ONG,Zone,Budget (USD)\nAppui,ADR,"{cell}",100\nForage,ADR,Gao,10\n'
    assert listed(tmp_path, "liste.csv", text).report()["outcomes"] == {"activity": 2}


@pytest.mark.parametrize(
    ("headings", "places", "country"),
    [
        ("Préfecture", ["Mali", "Mali"], "Guinée"),
        ("Préfecture;Sous-préfecture", ["Mali;Yembering", "Mali;Fougou"], "Guinée"),
        ("Préfecture", ["Siguiri", "Mandiana"], "Guinée"),
        ("Wilaya", ["Tamanrasset", "Illizi"], "Algérie"),
    ],
)
def test_a_list_of_divisions_of_a_neighbour_is_set_aside_though_one_is_called_mali(
    headings: str, places: list[str], country: str, tmp_path: Path
) -> None:
    rows = "".join(f"Forage {n};{place};ONG A;1000\n" for n, place in enumerate(places))
    batch = listed(tmp_path, "liste.csv", f"Titre;{headings};Partenaire;Coût (USD)\n{rows}")
    assert batch.report()["outcomes"] == {"ignored": len(places)}
    assert countries(batch) == [country] * len(places)


def test_a_list_of_prefectures_that_are_cercles_of_mali_keeps_its_row_of_the_whole_country(
    tmp_path: Path,
) -> None:
    text = "Titre;Préfecture;Partenaire\nForage;Kati;ONG A\nFormation;Mali;ONG A\n"
    assert listed(tmp_path, "liste.csv", text).report()["outcomes"] == {"activity": 2}


@pytest.mark.parametrize("heading", ["Sous-préfecture", "Moughataa"])
def test_places_under_a_heading_that_mali_has_not_are_asked_about_where_most_are_unknown(
    heading: str, tmp_path: Path
) -> None:
    text = f"Titre;{heading};Partenaire\nForage;Yembering;ONG A\nÉcole;Fougou;ONG B\n"
    with pytest.raises(UnusableFileError, match=f"ses lieux sont dits « {heading} »"):
        listed(tmp_path, "liste.csv", text)


def test_arrondissements_of_mali_called_sous_prefectures_go_in(tmp_path: Path) -> None:
    text = "Titre;Cercle;Sous-préfecture;Partenaire\nForage;Bankass;Segue;ONG A\n"
    assert listed(tmp_path, "liste.csv", text).report()["outcomes"] == {"activity": 1}
