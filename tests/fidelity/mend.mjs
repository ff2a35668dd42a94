// Makes of the published descriptions what Prism can check closely, as JSON in another folder, and
// says what it changed. The published files stay as they are.
//
//   node mend.mjs OPENAPI_DIR PRISM_DIR OUT_DIR
//
// Prism lets every field through that a description does not mention, and skips a schema that it
// cannot compile without a word. So objects are closed here, and every schema is compiled.

import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [descriptions, prism, out] = process.argv.slice(2);
const require = createRequire(join(prism, 'node_modules/@stoplight/prism-http/package.json'));
const { parse } = require('@stoplight/yaml');
const { getHttpOperationsFromSpec } = require('@stoplight/prism-http');
const Ajv = require('ajv').default;

const kServices = ['flow-service', 'data-prep', 'schema-registry', 'catalog'];
const kMethods = ['get', 'put', 'post', 'patch', 'delete'];

// Closes the objects of one description. What stands in an allOf is put together first, since
// parts that are closed one by one would shut each other's fields out.
class Closer {
  constructor(document) {
    this.original = structuredClone(document);
    this.document = document;
    this.seen = new Set();
    this.closed = 0;
    this.merged = 0;
  }

  at(root, reference) {
    const keys = reference.split('/').slice(1);
    return keys.reduce((node, key) => node[key.replaceAll('~1', '/').replaceAll('~0', '~')], root);
  }

  // A schema without reference and allOf at its top.
  flat(schema) {
    if (typeof schema.$ref === 'string') return this.flat(this.at(this.original, schema.$ref));
    if (!Array.isArray(schema.allOf)) return structuredClone(schema);
    const { allOf, ...own } = schema;
    const result = {};
    for (const part of [...allOf.map((one) => this.flat(one)), structuredClone(own)]) {
      const properties = { ...result.properties };
      for (const [name, property] of Object.entries(part.properties ?? {})) {
        properties[name] =
          name in properties ? { allOf: [properties[name], property] } : property;
      }
      const required = [...(result.required ?? []), ...(part.required ?? [])];
      Object.assign(result, part);
      if (Object.keys(properties).length > 0) result.properties = properties;
      if (required.length > 0) result.required = required;
    }
    return result;
  }

  close(schema) {
    if (typeof schema !== 'object' || schema === null) return;
    if (typeof schema.$ref === 'string') {
      if (this.seen.has(schema.$ref)) return;
      this.seen.add(schema.$ref);
      this.close(this.at(this.document, schema.$ref));
      return;
    }
    if (Array.isArray(schema.allOf)) {
      const flat = this.flat(schema);
      for (const key of Object.keys(schema)) delete schema[key];
      Object.assign(schema, flat);
      this.merged += 1;
    }
    const properties = Object.values(schema.properties ?? {});
    if (properties.length > 0 && schema.additionalProperties === undefined) {
      schema.additionalProperties = false;
      this.closed += 1;
    }
    properties.forEach((property) => this.close(property));
    this.close(schema.items);
    this.close(schema.additionalProperties);
  }

  closeAll() {
    for (const item of Object.values(this.document.paths)) {
      for (const method of kMethods) {
        const operation = item[method];
        if (!operation) continue;
        const bodies = [operation.requestBody, ...Object.values(operation.responses)];
        for (const body of bodies.filter(Boolean)) {
          Object.values(body.content ?? {}).forEach((content) => this.close(content.schema));
          this.close(body.schema);
        }
        for (const parameter of operation.parameters ?? []) {
          if (parameter.in === 'body') this.close(parameter.schema);
        }
      }
    }
  }
}

// A path that ends with a slash is the same as the one without, which everybody calls.
function mendSlashes(document, say) {
  for (const [path, item] of Object.entries(document.paths)) {
    if (path === '/' || !path.endsWith('/')) continue;
    const plain = path.slice(0, -1);
    document.paths[plain] = { ...document.paths[plain], ...item };
    delete document.paths[path];
    say(`the path ${path} is taken for ${plain}`);
  }
}

// The operations with a schema that Prism cannot compile, in Prism's own form of the description.
async function uncheckable(file) {
  const found = [];
  for (const operation of await getHttpOperationsFromSpec(file)) {
    const contents = [operation.request?.body, ...operation.responses].flatMap(
      (one) => one?.contents ?? []);
    for (const { schema } of contents) {
      try {
        if (schema) {
          new Ajv({ strict: false, logger: false }).compile(
            { ...schema, __bundled__: operation.__bundled__ });
        }
      } catch (error) {
        found.push({ ...operation, why: error.message });
      }
    }
  }
  return found;
}

for (const service of kServices) {
  const say = (what) => console.log(`mended ${service}: ${what}`);
  const document = parse(readFileSync(join(descriptions, `${service}.yaml`), 'utf8'));
  mendSlashes(document, say);
  const closer = new Closer(document);
  closer.closeAll();
  say(`${closer.closed} objects take no field that they do not mention`);
  if (closer.merged > 0) say(`${closer.merged} schemas are put together from their parts`);
  const file = join(out, `${service}.json`);
  writeFileSync(file, JSON.stringify(document));
  // A call of what is taken out is reported as one that is not described.
  for (const { method, path, why } of await uncheckable(file)) {
    delete document.paths[path][method];
    say(`${method.toUpperCase()} ${path} is taken out: ${why}`);
  }
  writeFileSync(file, JSON.stringify(document));
}
