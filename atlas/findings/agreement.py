"""Findings about what does not agree: several documents, totals, contradictions."""

from __future__ import annotations

from atlas.findings.code import FindingCode
from atlas.i18n import N_

CODES: dict[str, FindingCode] = {
    # several documents
    "activities_superseded": FindingCode(
        "info", N_("Activités reprises par un document plus récent, qui fait foi : {n}.")
    ),
    "activities_of_export": FindingCode(
        "info", N_("Activités de cet export que « {file} » dit déjà, qui fait foi : {n}.")
    ),
    "activities_orphaned": FindingCode(
        "warning",
        N_(
            "Activités que ni ce document ni un plus récent ne porte plus : {n} ; "
            "réimportez ce fichier."
        ),
    ),
    "activities_same_date": FindingCode(
        "warning",
        N_(
            "Activités aussi dans « {file} », de même date, qui est retenu : {n} ; "
            "si ce fichier-ci est le plus récent, réimportez-le avec --replace."
        ),
    ),
    "activities_withdrawn": FindingCode(
        "info", N_("Activités retirées sur décision, absentes de « {file} » : {n}.")
    ),
    "document_again": FindingCode(
        "info", N_("Même contenu que « {file} », déjà publié : repris sous ce nom.")
    ),
    "document_redated": FindingCode(
        "warning",
        N_(
            "Même contenu que « {file} », déjà publié : repris sous ce nom, et daté {now} "
            "au lieu de {before} ; sinon, --as-of."
        ),
    ),
    "activity_absent": FindingCode(
        "warning",
        N_(
            "« {title} » est absente de la liste plus récente « {file} » : "
            "maintenue jusqu'à ce qu'on décide de la retirer (--replace)."
        ),
    ),
    # one money told at several levels
    "counted_with_parts": FindingCode(
        "info", N_("Activités comptées avec leurs parties, que des documents détaillent : {n}.")
    ),
    "parts_of_others": FindingCode(
        "info",
        N_("Activités de « {file} » dont l'argent est compté ici, dans leurs parties : {n}."),
    ),
    "parts_and_whole": FindingCode(
        "warning",
        N_(
            "{name} : {published} {currency} annoncés pour l'ensemble, {read} par ses parties, "
            "qui seules comptent."
        ),
    ),
    # totals and contradictions
    "total_mismatch": FindingCode("warning", N_("{name} : {published} publié, {read} lu.")),
    "figures_disagree": FindingCode(
        "warning", N_("Chiffres contradictoires pour {name} : {readings}.")
    ),
    "control_entered": FindingCode(
        "info", N_("Total de contrôle saisi à la main : {name} = {published}.")
    ),
    "published_not_itemised": FindingCode("info", N_("{name} : {published} publié, non détaillé.")),
    "read_by_order": FindingCode(
        "warning", N_("Rattaché par l'ordre de lecture, à vérifier : {readings}.")
    ),
    "counted_per_region": FindingCode(
        "info",
        N_("{name} : {read} pour {published} projets, un projet peut toucher plusieurs régions."),
    ),
    "amount_rounded": FindingCode("info", N_("Montant publié arrondi : {read} {currency}.")),
    "column_drift": FindingCode(
        "warning", N_("Colonne en trop : « {raw} », lu {read} que le total confirme.")
    ),
    "amount_for_memory": FindingCode(
        "info", N_("« PM » (pour mémoire) : montant non chiffré pour « {title} ».")
    ),
    "total_in_year": FindingCode(
        "warning", N_("{year} : {value} répète la somme des années précédentes, total glissé ?")
    ),
    "scale_jump": FindingCode(
        "warning", N_("Saut d'échelle en {year} : {before} puis {after}, lu tel quel.")
    ),
    "place_mentioned": FindingCode(
        "info", N_("« {raw} » est nommé sans être le lieu de la ligne : non placé.")
    ),
    "sample_excerpt": FindingCode(
        "info", N_("Extrait : {read} lignes sur les {published} du document.")
    ),
    "quarters_by_shape": FindingCode(
        "info", N_("Trimestres décalés, lus d'après les lignes complètes de même forme.")
    ),
    "percentages_unassigned": FindingCode(
        "info", N_("Pourcentages sans étiquette conservés sans attribution : {values}.")
    ),
    "fund_contribution": FindingCode("info", N_("Contribution au fonds : {donor}, {amount}.")),
}
