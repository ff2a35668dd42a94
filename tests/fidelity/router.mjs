// Stands before the proxies, sends each path to the proxy of its service, and writes down what the
// proxies found, one JSON line a violation. What is no service's (tokens, inlets) goes straight to
// the platform. A line without a message is a call in which nothing was found.
//
//   node router.mjs front PLATFORM_URL DESCRIPTIONS_DIR RECORD BREAK service=PROXY_URL...
//   node router.mjs back PLATFORM_URL BREAK
//
// `back` stands between the proxies and the platform, where a reply can be broken before it is
// checked. BREAK is "none", or what a self-test breaks: "request" (front), "reply" (back).

import { appendFileSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';

const kBases = {
  'flow-service': '/data/foundation/flowservice',
  'data-prep': '/data/foundation/conversion',
  'schema-registry': '/data/foundation/schemaregistry',
  catalog: '/data/foundation/catalog',
};
const kHeader = 'sl-violations';
const kHeaderSizeMax = 2 * 1024 * 1024;

function read(stream) {
  return new Promise((resolve, reject) => {
    const parts = [];
    stream.on('data', (part) => parts.push(part));
    stream.on('end', () => resolve(Buffer.concat(parts)));
    stream.on('error', reject);
  });
}

function send(url, method, headers, body) {
  return new Promise((resolve, reject) => {
    const { connection, 'transfer-encoding': coding, 'content-length': length, ...rest } = headers;
    if (body.length > 0) rest['content-length'] = body.length;
    const options = { method, headers: rest, agent: false, maxHeaderSize: kHeaderSizeMax };
    const request = http.request(url, options, async (reply) => {
      try {
        resolve({ status: reply.statusCode, headers: reply.headers, body: await read(reply) });
      } catch (error) {
        reject(error);
      }
    });
    request.on('error', reject);
    request.end(body);
  });
}

// Paths and their templates, those with the fewest placeholders first.
function templates(folder, service) {
  const { paths } = JSON.parse(readFileSync(join(folder, `${service}.json`), 'utf8'));
  const holes = (path) => path.split('{').length;
  return Object.keys(paths)
    .sort((one, other) => holes(one) - holes(other))
    .map((path) => ({
      path,
      methods: Object.keys(paths[path]).map((method) => method.toUpperCase()),
      fits: new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]+')}$`),
    }));
}

function violations(text) {
  if (!text) return [];
  try {
    return JSON.parse(text);
  } catch {
    return [{ location: ['proxy'], message: 'The proxy cut its list of violations off' }];
  }
}

function ofProxyItself(reply) {
  const text = reply.body.toString();
  if (!text.includes('https://stoplight.io/prism/errors')) return [];
  return [{ location: ['proxy'], message: `The proxy failed: ${JSON.parse(text).title}` }];
}

function front([platform, folder, record, broken, ...proxies]) {
  const services = proxies.map((one) => {
    const [name, url] = one.split('=');
    return { name, url, base: kBases[name], templates: templates(folder, name) };
  });
  return async (request, body) => {
    const url = new URL(request.url, 'http://router');
    const service = services.find(({ base }) => url.pathname.startsWith(`${base}/`));
    if (!service) return send(platform + request.url, request.method, request.headers, body);
    const rest = request.url.slice(service.base.length);
    const path = url.pathname.slice(service.base.length);
    const sent =
      broken === 'request' ? body.toString().replace('"description"', '"descripton"') : body;
    const { method, headers } = request;
    const reply = await send(service.url + rest, method, headers, Buffer.from(sent));
    const fitting = service.templates.filter(({ fits }) => fits.test(path));
    const described = fitting.find(({ methods }) => methods.includes(method));
    const template = (described ?? fitting[0])?.path ?? path;
    const call = { service: service.name, method, path: template, status: reply.status };
    const found = [...violations(reply.headers[kHeader]), ...ofProxyItself(reply)];
    const lines = found.map(({ location, severity, code, message }) =>
      ({ ...call, where: location.join('.'), severity, code, message }));
    if (lines.length === 0) lines.push(call);
    appendFileSync(record, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    delete reply.headers[kHeader];
    return reply;
  };
}

function back([platform, broken]) {
  return async (request, body) => {
    const reply = await send(platform + request.url, request.method, request.headers, body);
    if (broken !== 'reply') return reply;
    const text = reply.body.toString().replaceAll('"etag"', '"entityTag"');
    return { ...reply, body: Buffer.from(text) };
  };
}

const [side, ...rest] = process.argv.slice(2);
const answer = side === 'front' ? front(rest) : back(rest);
const server = http.createServer(async (request, response) => {
  try {
    const { status, headers, body } = await answer(request, await read(request));
    const { connection, 'transfer-encoding': coding, 'content-length': length, ...kept } = headers;
    if (status !== 204) kept['content-length'] = body.length;
    response.writeHead(status, kept).end(body);
  } catch (error) {
    console.error(`${request.method} ${request.url}: ${error.message}`);
    response.writeHead(502).end();
  }
});
server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
