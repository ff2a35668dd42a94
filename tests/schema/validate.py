#!/usr/bin/python3
"""Holds JSON documents against a JSON Schema of draft 7.

usage: validate.py SCHEMA DOCUMENTS

DOCUMENTS has one document a line. For each, one line is printed: empty when the
schema accepts the document, else the first thing that is wrong with it.
"""
import functools
import json
import re
import sys

try:
    import jsonschema
except ImportError:
    sys.exit("python3-jsonschema is missing; engine/install-deps installs it")


@functools.lru_cache(maxsize=None)
def compiled(expression):
    """As editors read it, by ECMAScript: `$` is the end, not what precedes a last newline."""
    parts = re.split(r"(\[(?:\\.|[^]])*\]|\\.)", expression)
    return re.compile("".join(part if at % 2 else part.replace("$", r"\Z")
                              for at, part in enumerate(parts)))


def pattern(validator, expression, instance, schema):
    if validator.is_type(instance, "string") and not compiled(expression).search(instance):
        yield jsonschema.ValidationError(f"{instance!r} does not match {expression!r}")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)

    def reference(validator, name, instance, _):
        yield from validator.descend(instance, schema["definitions"][name.split("/")[-1]])

    checker = jsonschema.validators.extend(
        jsonschema.Draft7Validator, {"pattern": pattern, "$ref": reference})(schema)
    with open(sys.argv[2], encoding="utf-8") as file:
        for line in file:
            error = next(checker.iter_errors(json.loads(line)), None)
            where = "" if error is None else "/".join(str(step) for step in error.absolute_path)
            print("" if error is None else f"{where}: {error.message}".replace("\n", " "))


main()
