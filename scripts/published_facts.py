"""What the reference facts say in words rather than tables, and how names are respelt."""

from __future__ import annotations

COD = "COD-AB 2019-08-02"
COD21 = "COD-AB 2021-12-20 (p-code list)"
LAW16 = "loi 2012-017, conseil des ministres 2016-01-19"
LAW23 = "loi du 13 mars 2023, liste publique"
LISTING = "liste publique des communes de 2023"

TAOUDENIT_COMMUNE = "ML060505"  # Salam, the one commune Taoudénit was taken from
TAOUDENIT_CERCLES = ("Foum Alba", "Achouratt", "Al-Ourche", "Boudje-Béha")
MENAKA_CERCLES = {  # COD 2021 cercle <- the 2019 commune that carries its name
    "ML070403": ("ML1001", "Ménaka"),
    "ML070401": ("ML1002", "Andéramboukane"),
    "ML070402": ("ML1003", "Inékar"),
    "ML070404": ("ML1004", "Tidermène"),
}
UNCONFIRMED = {"ML040203"}  # Diaramana: one listing moves it to Koutiala, not applied
RESPELT = {  # (cercle, commune) of the list, folded -> the COD 2019 commune meant
    ("aguelhoc", "aguelhoc"): "ML080301",  # Adjelhoc
    ("sirakoro", "makono"): "ML010522",  # Makano
    ("sefeto", "didenko"): "ML010506",  # Dindanko
    ("yanfolila", "seremoussaanisamoude"): "ML030609",  # Sere Moussa Ani Samo de Siékorolé
}
SAME_NAME = {  # cercle of the commune list -> cercle of the list of 159, both folded
    "inlamawane": "inlamawanefanfi",
    "diallassagou": "dialassagou",
    "nioro": "niorodusahel",
}
ALIASES = {  # published spellings that differ by more than accents, case or hyphens
    ("region", "tombouctou"): ("Timbuktu", "Timbouctou", "Tombuktu"),
    ("cercle", "tombouctou"): ("Timbuktu",),
    ("commune", "tombouctou"): ("Timbuktu",),
    ("region", "taoudenit"): ("Taoudenni", "Taoudeni", "Taoudénni"),
    ("cercle", "taoudenni"): ("Taoudénit",),
    ("cercle", "baraoueli"): ("Barouéli",),
    ("commune", "baraoueli"): ("Barouéli",),
    ("cercle", "baroueli"): ("Baraouéli",),
    ("cercle", "nioro"): ("Nioro du Sahel",),
    ("region", "nioro"): ("Nioro du Sahel",),
    ("cercle", "nioro-du-sahel"): ("Nioro",),
    ("cercle", "niena"): ("Niéma",),
    ("cercle", "anefif"): ("Anétif",),
    ("cercle", "kadiana"): ("Kadiala",),
    ("cercle", "dialassagou"): ("Diallassagou",),
    ("cercle", "boudje-beha"): ("Bou-Djébéha", "Bou-Djebeha", "Boudje-Bery"),
    ("cercle", "foum-elba"): ("Foum Alba",),
    ("cercle", "foum-alba"): ("Foum-Elba",),
    ("cercle", "inlamawane-fanfi"): ("Inlamawane", "Fanfi"),
    ("commune", "adjelhoc"): ("Aguelhok", "Aguel-Hoc", "Aguelhoc"),
    ("cercle", "aguel-hoc"): ("Aguelhok", "Adjelhoc"),
    ("commune", "anderamboukane"): ("Andéranboukan",),
    ("cercle", "anderamboukane"): ("Andéranboukan",),
}
DISTRICT = ("District de Bamako", "Bamako (district)")
ISO = {
    "ML01": "ML-1", "ML02": "ML-2", "ML03": "ML-3", "ML04": "ML-4", "ML05": "ML-5",
    "ML06": "ML-6", "ML07": "ML-7", "ML08": "ML-8", "ML09": "ML-BKO", "ML10": "ML-9",
}  # fmt: skip
"""ISO 3166-2 of 2017 by COD 2021 code; ISO's ML-9 is Ménaka, its ML-10 Taoudénit."""
NOT_ENUMERATED = {
    "segou": 228421, "tombouctou": 280392, "douentza": 154979, "menaka": 93653,
    "mopti": 90120, "gao": 44795, "nara": 28873, "koutiala": 12508, "kidal": 3744,
}  # fmt: skip
CENSUS_2009 = {
    "ml-2012/ML0701": 132205, "ml-2012/ML0702": 115958, "ml-2012/ML0703": 239853,
    "ml-2012/ML07": 544120, "ml-2012/ML06": 681691, "ml-2012/ML0605": 124546,
    "ml-2012/ML0502": 263446, "ml-2012/ML0506": 368512,
}  # fmt: skip
