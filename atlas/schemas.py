"""Columns and dtypes of the tables of a snapshot: the contract that `atlas.model` holds."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

Schema = Mapping[str, pl.DataType | type[pl.DataType]]

SCHEMAS: Mapping[str, Schema] = {
    "documents": {
        "document": pl.String,  # first 12 hex digits of the file's sha256 (sample: "sample")
        "file": pl.String,
        "reader": pl.String,  # Reader
        "title": pl.String,
        "as_of": pl.Date,
        "frame": pl.String,
        "period_start": pl.Date,
        "period_end": pl.Date,
        "rows_read": pl.Int64,
        "origin": pl.String,  # publisher and licence, for the source line of the map
        "is_sample": pl.Boolean,
        # a person's word: older documents it stands in for, activities that went with them
        "replaces": pl.List(pl.String),
        "withdrawn": pl.List(pl.String),
    },
    "activities": {
        "activity_id": pl.String,
        "kind": pl.String,
        "source": pl.String,
        "document": pl.String,
        "locator": pl.String,
        "as_of": pl.Date,
        "title": pl.String,
        "description": pl.String,
        "result": pl.String,
        "sector": pl.String,  # vocab/sectors.csv id (SEVERAL: see sectors), null when unknown
        "sector_raw": pl.String,
        "donors": pl.List(pl.String),  # vocab/organisations.csv ids, or the spelling as reported
        "lead_org": pl.String,
        "implementers": pl.List(pl.String),
        "organisations_raw": pl.List(pl.String),  # lead and implementers as spelt, every one
        "org_type": pl.String,
        "status": pl.String,
        "start": pl.Date,
        "end": pl.Date,
        "target": pl.Float64,
        "reached": pl.Float64,
        "modality": pl.String,
        "remarks": pl.String,
        "items": pl.Int64,  # how many an entry stands for (aggregates); null: one
        "sensitivity": pl.String,  # Sensitivity, marked at ingest; null in older snapshots
    },
    "amounts": {
        "activity_id": pl.String,
        "kind": pl.String,  # AMOUNT_KINDS
        "period_start": pl.Date,
        "period_end": pl.Date,
        "minor": pl.Int64,  # minor units of the currency (cents; whole francs for XOF)
        "currency": pl.String,
        "usd_minor": pl.Int64,  # US cents, null when no rate
        "rate": pl.Float64,  # units of currency per USD
        "rate_date": pl.Date,
        "rate_source": pl.String,  # "ecb", or what the person's own table of rates names
        "unit_id": pl.String,  # the one place of its activity it is for; null: all of them
    },
    "placements": {
        "activity_id": pl.String,
        "unit_id": pl.String,  # <frame>/<code or slug>, or _national or _unplaced
        "weight": pl.Int64,
        "rule": pl.String,
        "raw": pl.String,
        "how": pl.String,
        "score": pl.Float64,
        "lon": pl.Float64,
        "lat": pl.Float64,
    },
    "rows": {
        "document": pl.String,
        "locator": pl.String,
        "outcome": pl.String,
        "activity_id": pl.String,
    },
    "findings": {
        "document": pl.String,
        "locator": pl.String,
        "field": pl.String,
        "code": pl.String,
        "severity": pl.String,
        "params": pl.String,  # JSON object
    },
    "control_totals": {
        "document": pl.String,
        "name": pl.String,
        "unit_id": pl.String,  # null: the whole document
        "period": pl.String,
        "currency": pl.String,  # null: a count
        "published": pl.Float64,
        "read": pl.Float64,  # null: published only, nothing itemised to set against it
    },
    "context": {
        "document": pl.String,
        "kind": pl.String,  # vocab/context_tables.csv: kind
        "indicator": pl.String,  # vocab/indicators.csv or access_constraints.csv; else as spelt
        "unit_id": pl.String,  # null: none is known (contributions, or geometry alone)
        "part_of_unit": pl.Boolean,  # true: of a place inside the unit that is not known by name
        "geometry": pl.String,  # WKT in degrees (EPSG:4326), where the source draws it
        "sector": pl.String,
        "organisation": pl.String,  # who reports (reporting), who gives (contribution)
        "value": pl.Float64,
        "total": pl.Float64,  # of how many: 85 schools closed of 93
        "text": pl.String,
        "scale": pl.String,
        "direction": pl.String,  # "higher_is_worse", "lower_is_worse", null
        "source": pl.String,
        "as_of": pl.Date,
        "start": pl.Date,  # holds from this day (a projected situation begins later than as_of)
        "expires": pl.Date,
        "frequency": pl.String,  # FREQUENCIES, of reports
        "due_days": pl.Int64,  # days after the end of each period at which a report is due
        "due": pl.Date,  # one day by which a report is due, where the source names it
        "usd_minor": pl.Int64,  # money in US cents, as in amounts; null when no rate
        "rate": pl.Float64,
        "rate_date": pl.Date,
        "rate_source": pl.String,
    },
    "organisations": {  # that people entered, where a document names them
        "document": pl.String,
        "organisation": pl.String,  # what activities carry: its acronym, else its name
        "acronym": pl.String,
        "name": pl.String,
        "type": pl.String,  # vocab/org_types.csv id, null when nobody knows
    },
    "verdicts": {  # what people decided about two activities, both of which are here
        "activity_a": pl.String,  # the lower id
        "activity_b": pl.String,
        "verdict": pl.String,  # VERDICTS
        "lead": pl.String,  # of "same": the one that counts; else null
    },
    "relations": {  # identifiers that are the same in whatever document names them (IATI)
        "activity_id": pl.String,
        "relation": pl.String,  # RELATIONS: its own, of a whole it is a part of, of a part of it
        "identifier": pl.String,  # as the document writes it; case makes no difference
    },
    "sectors": {  # each sector that an activity of several names; its own is "multi-sector"
        "activity_id": pl.String,
        "sector": pl.String,  # vocab/sectors.csv id
    },
}
