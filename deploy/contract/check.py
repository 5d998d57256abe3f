#!/usr/bin/env python3
"""Checks the contract's files with validators that are not ours: schemas, golden samples, AsyncAPI document.

Prints each problem on a line; the exit status says whether there was one.
"""

import json
import pathlib
import sys
import warnings
from types import SimpleNamespace

# The validator's own classes shadow names of its library; that is not about our document.
warnings.simplefilter("ignore")
try:
    from asyncapi3.models.asyncapi import AsyncAPI3
    from jsonschema import Draft7Validator, FormatChecker
    from jsonschema.exceptions import SchemaError
except ImportError as missing:
    sys.exit(f"{missing}: run 'pip install -r deploy/contract/requirements.txt'")

import subscriber

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SCHEMAS = ROOT / "Shared/EventContract/Schemas"
GOLDEN = ROOT / "Tests/Unit/EventContract/Golden"


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def schema_problems(name, schema):
    try:
        Draft7Validator.check_schema(schema)
    except SchemaError as error:
        return [f"{name}: {error.message}"]
    return []


def sample_problems(name, sample, schema):
    errors = Draft7Validator(schema, format_checker=FormatChecker()).iter_errors(sample)
    return [f"{name}: {error.message}" for error in errors]


def references(node):
    if isinstance(node, dict):
        yield from [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from references(child)


def resolves(document, reference):
    node = document
    for step in reference.removeprefix("#/").split("/"):
        node = node.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(node, dict) else None
    return reference.startswith("#/") and node is not None


def asyncapi_problems(document):
    found = [f"asyncapi: {ref} leads nowhere" for ref in references(document) if not resolves(document, ref)]
    try:
        AsyncAPI3.model_validate(document)
    except ValueError as error:
        found.append(f"asyncapi: {error}")
    for name, message in document["components"]["messages"].items():
        schema = message["payload"]["schema"]
        found += schema_problems(f"asyncapi {name}", schema)
        for example in message["examples"]:
            found += sample_problems(f"asyncapi {name}", example["payload"], schema)
    return found


def record(kind, data, **changed):
    """A record as the relay publishes it."""
    identifier = "0192f0c1-0000-7000-8000-000000000001"
    headers = {
        "ce_specversion": "1.0", "ce_id": identifier, "ce_source": "/quittance/payments", "ce_type": kind,
        "ce_subject": identifier, "ce_time": "2026-11-21T22:50:23.123456Z", "content-type": "application/json",
        "ce_sequence": "1", "ce_correlationid": identifier, "ce_organisationid": identifier,
    } | changed
    return SimpleNamespace(
        topic="quittance.payments", partition=0, offset=0, key=identifier.encode(), value=json.dumps(data).encode(),
        headers=[(name, value.encode()) for name, value in headers.items() if value is not None])


def subscriber_problems(samples):
    """The sample subscriber takes what is right and names what is wrong."""
    kind = "org.quittance.payments.payment-accepted.v1"
    good = samples[kind]
    reader = subscriber.Reader(subscriber.Contract())
    expected = [
        (record(kind, good), " ok"), (record(kind, good), " again"), (record(kind, good, ce_sequence="3"), "gap-after-1"),
        (record("org.quittance.payments.of-tomorrow.v1", {}, ce_sequence="4"), " unknown ok"),
        (record(kind, good, ce_sequence="5"), " ok"),
        (record(kind, good | {"provider": "cash"}), "INVALID"), (record(kind, good, ce_id=None), "INVALID"),
        (record(kind, {}), "INVALID"), (record(kind, good, ce_subject="other"), "INVALID"),
    ]
    lines = [(reader.read(each), words) for each, words in expected]
    found = [f"subscriber: {words.strip()} expected, not: {line}" for line, words in lines if words not in line]
    if reader.summary() != "9 events: 4 invalid, 1 unknown, 1 again, 1 gaps":
        found.append(f"subscriber: {reader.summary()}")
    return found


def planted_breaches(schemas, samples, document):
    """Each check is shown a breach; one that finds nothing is a problem itself."""
    kind = "org.quittance.payments.payment-accepted.v1"
    breaches = {
        "a schema with a wrong type": schema_problems("planted", {"type": "nothing"}),
        "a sample without a field": sample_problems("planted", {}, schemas[kind]),
        "an unknown provider": sample_problems("planted", samples[kind] | {"provider": "cash"}, schemas[kind]),
        "an impossible date": sample_problems("planted", samples[kind] | {"expectedPayoutOn": "2026-13-41"}, schemas[kind]),
        "a broken reference": asyncapi_problems(document | {"planted": {"$ref": "#/components/nothing"}}),
        "an unknown action": asyncapi_problems(document | {"operations": {"planted": {"action": "shout"}}}),
        "a missing title": asyncapi_problems(document | {"info": {"version": "1.0.0"}}),
    }
    return [f"{breach} is not found" for breach, found in breaches.items() if not found]


def main():
    schemas = {path.stem: load(path) for path in sorted(SCHEMAS.glob("*.json"))}
    samples = {path.stem: load(path) for path in sorted(GOLDEN.glob("*.json"))}
    document = load(HERE / "asyncapi.json")
    found = [problem for name, schema in schemas.items() for problem in schema_problems(name, schema)]
    for name, sample in samples.items():
        found += sample_problems(name, sample, schemas[name.removesuffix(".minimal")])
    found += asyncapi_problems(document)
    found += subscriber_problems(samples)
    found += planted_breaches(schemas, samples, document)
    print("\n".join(found + [f"{len(schemas)} schemas, {len(samples)} samples, {len(found)} problems"]))
    sys.exit(1 if found or not schemas or not samples else 0)


if __name__ == "__main__":
    main()
