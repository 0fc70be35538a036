"""Activities of the IATI Datastore, or an IATI file at an address, as one IATI file."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from urllib.parse import urlencode, urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from atlas.ingest.files.iati_xml import ACTIVITY, COUNT
from atlas.pulls.pulled_file import PulledFile, name_part, pulled_name
from atlas.pulls.remote_server import RemoteServer

PAGE = 500
"""Activities asked for at once."""
MAX_ACTIVITIES = 100_000
_VERSION = "2.03"
"""What the Datastore writes, where an answer has no activity."""


def pull_iati(server: RemoteServer, query: str) -> PulledFile:
    """What the Datastore has for a query, or the file at an address.

    Parameters
    ----------
    query
        As its search takes it (``recipient_country_code:ML``), or ``https://…/activities.xml``.

    Raises
    ------
    DownloadError
        It cannot be had whole.
    """
    if urlsplit(query).scheme in ("http", "https") and urlsplit(query).netloc:
        return _file_at(server, query)
    head = server.json(f"/activity/select?{urlencode({'q': query, 'rows': 0, 'wt': 'json'})}")
    response = head.get("response")
    counted = response.get("numFound") if isinstance(response, dict) else None
    if not isinstance(counted, int):
        raise server.unexpected_answer()
    activities: dict[bytes, None] = {}
    version, start = "", 0
    while start < min(counted, MAX_ACTIVITIES):
        asked = urlencode({"q": query, "rows": PAGE, "start": start})
        page = server.content(f"/activity/iati?{asked}", accept="application/xml")
        asked_from = start
        for stated, activity in _activities_of(server, page):
            version = version or stated
            activities[activity] = None  # once, should pages overlap: the count tells
            start += 1  # a server may give fewer than it was asked for
        if start == asked_from:
            break
    whole = Element("result")
    SubElement(whole, COUNT).text = str(counted)
    SubElement(whole, "iati-activities", {"version": version or _VERSION}).text = "\n"
    before, after = tostring(whole).split(b"\n")
    content = b"\n".join([before, *activities, after])
    return PulledFile(pulled_name("iati", name_part(server.host, query), "xml"), content)


def _file_at(server: RemoteServer, address: str) -> PulledFile:
    parts = urlsplit(address)
    stem = parts.path.rpartition("/")[2].rpartition(".")[0]
    of = name_part(parts.hostname or "", stem)
    return PulledFile(pulled_name("iati", of, "xml"), server.content(address))


def _activities_of(server: RemoteServer, page: bytes) -> Iterator[tuple[str, bytes]]:
    """The activities of a page as they stand, each with the version that the page states."""
    root: Element | None = None
    try:
        for event, element in iterparse(BytesIO(page), events=("start", "end"), forbid_dtd=True):
            root = element if root is None else root
            if event == "end" and element.tag == ACTIVITY:
                element.tail = None
                yield root.get("version", ""), tostring(element)
                element.clear()
    except (ParseError, DefusedXmlException) as error:
        raise server.unexpected_answer() from error
