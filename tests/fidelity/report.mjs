// Tells what the proxies found: each distinct violation once, those that known.json explains apart
// from those that it does not.
//
//   node report.mjs RECORD DESCRIPTIONS_DIR
//
// Ends with 0 when all are known and each known one was seen, else with 1.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const [record, folder] = process.argv.slice(2);
const read = (file) => readFileSync(file, 'utf8');
const lines = read(record).split('\n').filter(Boolean).map((line) => JSON.parse(line));
const known = JSON.parse(read(new URL('known.json', import.meta.url)));

// Without what differs from call to call: places in lists, ids. And shorter.
function plain(text) {
  return text
    .replace('must NOT have additional properties; found', 'unlisted')
    .replace(/\b_?[0-9a-z]+\.(schemas|mixins)\.[0-9a-f]+\b/g, '{ID}')
    .replace(/\b[0-9a-f]{24}\b/g, '{ID}')
    .replace(/\.\d+(?=[. ]|$)/g, '[]')
    .replace(/(body property )\d+(?=[. ])/g, '$1[]');
}

const distinct = new Map();
for (const { service, method, path, status, message } of lines) {
  if (message === undefined) continue;
  const text = `${service}: ${method} ${path} ${status}: ${plain(message)}`;
  distinct.set(text, (distinct.get(text) ?? 0) + 1);
}

const seen = new Set();
const unknown = [];
for (const [text, count] of distinct) {
  const entries = known.filter(({ fits }) => new RegExp(fits).test(text));
  entries.forEach((entry) => seen.add(entry));
  if (entries.length === 0) unknown.push(`${text} (${count})`);
}
const unseen = known.filter((entry) => !seen.has(entry));

const called = new Set(lines.map(({ service, method, path }) => `${service}: ${method} ${path}`));
for (const service of new Set(lines.map((line) => line.service))) {
  const { paths } = JSON.parse(read(join(folder, `${service}.json`)));
  const described = Object.entries(paths).flatMap(([path, item]) =>
    ['get', 'post', 'put', 'patch', 'delete'].filter((method) => item[method])
      .map((method) => `${service}: ${method.toUpperCase()} ${path}`));
  const reached = described.filter((operation) => called.has(operation));
  console.log(`${service}: ${reached.length} of ${described.length} operations were called`);
}
console.log(`${distinct.size} distinct violations, ${unknown.length} of them not known`);
if (unknown.length > 0) console.log(`\nNot known:\n${unknown.sort().join('\n')}`);
if (unseen.length > 0) {
  console.log('\nKnown, and not seen (the list is out of date, or a call is missing):');
  unseen.forEach(({ item, fits }) => console.log(`item ${item}: ${fits}`));
}
process.exit(unknown.length + unseen.length > 0 ? 1 : 0);
