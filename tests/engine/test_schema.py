"""The network file's schema is up to date, and agrees with the reader about what is a network."""

import json
from typing import Any

import jsonschema
import pytest

from engine import EngineError, chain, layer_kinds, make, template, template_names
from engine.graph import from_json, to_json
from engine.resources import read_text
from engine.schema import schema, schema_text

VALIDATOR = jsonschema.Draft202012Validator(schema())


def test_schema_is_one_itself_and_the_stored_one_is_up_to_date() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    assert read_text("network.schema.json") == schema_text()


@pytest.mark.parametrize("name", template_names())
def test_every_template_is_valid(name: str) -> None:
    VALIDATOR.validate(json.loads(read_text("templates", f"{name}.json")))


@pytest.mark.parametrize("kind", layer_kinds())
def test_every_layer_is_valid_with_its_defaults_and_at_its_limits(kind: str) -> None:
    VALIDATOR.validate(to_json(chain(make(kind))))
    for name, field in make(kind).fields().items():
        for value in (field.low, field.high, *field.options):
            if value is not None:
                number = [value] if field.kind == "shape" else value
                VALIDATOR.validate(to_json(chain(make(kind, **{name: number}))))


BROKEN: dict[str, tuple[tuple[Any, ...], Any]] = {  # where in LeNet-5's file, and what is written there
    "no format": (("format",), None),
    "no version": (("version",), None),
    "no nodes": (("nodes",), None),
    "no edges": (("edges",), None),
    "another format": (("format",), "onnx"),
    "later version": (("version",), 99),
    "name of numbers": (("name",), 5),
    "nodes by name": (("nodes",), {}),
    "node of text": (("nodes", 1), "conv2d"),
    "empty id": (("nodes", 1, "id"), ""),
    "unknown kind": (("nodes", 1, "kind"), "conv9d"),
    "place without height": (("nodes", 1, "position"), [1]),
    "place far away": (("nodes", 1, "position"), [0, 1e12]),
    "unknown field": (("nodes", 1, "fields", "kernal_size"), 3),
    "field below its limit": (("nodes", 1, "fields", "kernel_size"), 0),
    "field beyond its limit": (("nodes", 1, "fields", "groups"), 10**6),
    "too many numbers": (("nodes", 1, "fields", "stride"), [1, 1, 1]),
    "unknown word": (("nodes", 1, "fields", "padding"), "some"),
    "unknown choice": (("nodes", 1, "fields", "padding_mode"), "mirror"),
    "text for a switch": (("nodes", 1, "fields", "bias"), "yes"),
    "switch for a number": (("nodes", 1, "fields", "out_channels"), True),
    "wire to a number": (("edges", 3, "to"), 7),
    "port below 0": (("edges", 3, "port"), -1),
    "port by name": (("edges", 3, "port"), "left"),
}


def broken(change: str) -> Any:
    content = to_json(template("lenet5"))
    (*path, last), value = BROKEN[change]
    where: Any = content
    for key in path:
        where = where[key]
    if value is None:
        del where[last]
    else:
        where[last] = value
    return content


@pytest.mark.parametrize("change", BROKEN)
def test_broken_files_are_refused_by_schema_and_reader(change: str) -> None:
    content = broken(change)
    assert not VALIDATOR.is_valid(content)
    with pytest.raises(EngineError):
        from_json(content)


def test_missing_fields_have_their_defaults() -> None:
    content = to_json(chain(make("input"), make("conv2d")))
    for node in content["nodes"]:
        del node["fields"], node["position"]
    VALIDATOR.validate(content)
    assert from_json(content) == chain(make("input"), make("conv2d"))
