"""A file of a dataset is read as it lies there, whole, under its own name and date."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import md5
from typing import Any

import pytest

from atlas.model import Tables
from tests.pulls.conftest import Pull, Run
from tests.pulls.list_server import ListServer, Refusal

LIST = "Titre;Région;Partenaire;Budget USD\nForage;Gao;ADR;1000\nÉcole;Mopti;IRC;500\n".encode()
FILE = "/dataset/1/resource/2/download/mali-3w.csv"


@pytest.fixture
def lists(lists: ListServer) -> ListServer:
    lists.resources = [resource(lists), resource(lists, name="Carte", format="SHP", url="/a.zip")]
    lists.files[FILE] = LIST
    return lists


def resource(lists: ListServer, **more: Any) -> dict[str, Any]:
    return {
        "id": "r-2",
        "name": "Qui fait quoi",
        "format": "CSV",
        "url_type": "upload",
        "size": len(LIST),
        "hash": md5(LIST).hexdigest(),
        "last_modified": "2024-05-31T10:11:12.000000",
        "url": lists.address + FILE,
        **more,
    }


def test_the_one_file_that_is_read_is_taken_with_its_name_and_the_day_of_its_upload(
    lists: ListServer, pulled: Pull, published: Callable[[], Tables]
) -> None:
    entry = pulled("hdx", "mali-3w")
    assert entry["file"] == f"mali-3w-2024-05-31-101112-127.0.0.1-{lists.port}-mali-3w.csv"
    assert (entry["rows_read"], entry["as_of"]) == (2, "2024-05-31")
    assert sum(published().amounts["minor"]) == 150_000


def test_of_several_files_one_is_named_and_the_sentence_lists_them(
    lists: ListServer, pulled: Pull, atlas: Run
) -> None:
    lists.resources.append(resource(lists, id="r-3", name="Autre", url=lists.address + "/b.csv"))
    said = atlas("pull", "hdx", "mali-3w")
    assert said.code == 2
    assert "« Qui fait quoi » (csv), « Autre » (csv)" in said.err
    assert pulled("hdx", "mali-3w", "--resource", "qui fait quoi")["rows_read"] == 2


def test_a_file_that_is_not_as_published_is_refused(lists: ListServer, atlas: Run) -> None:
    lists.files[FILE] = LIST.replace(b"1000", b"9000")
    said = atlas("pull", "hdx", "mali-3w")
    assert (said.code, said.out) == (1, "")
    assert "somme de contrôle md5 différente" in said.err


def test_a_redirection_leads_to_no_other_server_that_is_not_encrypted(
    lists: ListServer, atlas: Run
) -> None:
    elsewhere = f"http://localhost:{lists.port}{FILE}"
    lists.refusals[FILE] = [Refusal(302, {"Location": elsewhere})]
    said = atlas("pull", "hdx", "mali-3w")
    assert said.code == 1
    assert "redirection refusée (302)" in said.err
    assert len([path for path, *_rest in lists.asked if path == FILE]) == 1
