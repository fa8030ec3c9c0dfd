"""The network file's own JSON Schema, made from the layers' declarations."""

from __future__ import annotations

import json
from typing import Any

from engine.graph import FORMAT, MAX_NODES, MAX_POSITION, VERSION
from engine.spec import Field, Layer, layers


def schema() -> dict[str, Any]:
    """What a network file may hold."""
    kinds = [_node(kind, layer) for kind, layer in layers().items()]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ConvStudio network",
        "description": "A directed acyclic network of layers. Missing fields have their defaults.",
        "type": "object",
        "required": ["format", "version", "nodes", "edges"],
        "properties": {
            "format": {"const": FORMAT},
            "version": {"type": "integer", "minimum": 1, "maximum": VERSION},
            "name": {"type": "string"},
            "description": {"type": "string"},
            "nodes": {"type": "array", "maxItems": MAX_NODES, "items": {"oneOf": kinds}},
            "edges": {"type": "array", "maxItems": MAX_NODES, "items": _EDGE},
        },
    }


_COORDINATE = {"type": "number", "minimum": -MAX_POSITION, "maximum": MAX_POSITION}
_EDGE = {
    "type": "object",
    "description": "A wire from one node's output to an input port of another; port 0 need not be written.",
    "required": ["from", "to"],
    "properties": {
        "from": {"type": "string"},
        "to": {"type": "string"},
        "port": {"type": "integer", "minimum": 0, "maximum": MAX_NODES - 1},
    },
}


def _node(kind: str, layer: type[Layer]) -> dict[str, Any]:
    fields = {name: _field(field) for name, field in layer.fields().items()}
    return {
        "type": "object",
        "title": layer.title,
        "description": layer.summary(),
        "required": ["id", "kind"],
        "properties": {
            "id": {"type": "string", "minLength": 1},
            "kind": {"const": kind},
            "position": {"type": "array", "items": _COORDINATE, "minItems": 2, "maxItems": 2},
            "fields": {"type": "object", "properties": fields, "additionalProperties": False},
        },
    }


def _field(field: Field) -> dict[str, Any]:
    described = {"description": field.help, "default": field.default}
    limits = {"minimum": field.low, "maximum": field.high}
    if field.kind == "flag":
        return described | {"type": "boolean"}
    if field.kind == "choice":
        return described | {"enum": list(field.options)}
    if field.kind == "real":
        return described | {"type": "number"} | limits
    number = {"type": "integer"} | limits
    if field.kind == "whole":
        return described | number
    low, high = (1, 4) if field.kind == "shape" else (field.count, field.count)
    several = {"type": "array", "items": number, "minItems": low, "maxItems": high}
    if field.kind == "shape":
        return described | several
    words = [{"enum": list(field.options)}] if field.options else []
    return described | {"oneOf": [number, several, *words]}


def schema_text() -> str:
    """The schema as it is stored in `resources`."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
