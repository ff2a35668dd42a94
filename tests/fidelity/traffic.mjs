// Calls that sluice does not make, so that their requests and replies are seen too. Each says what
// must come back; anything else ends it.
//
//   node traffic.mjs URL all              everything; prints a dataset to take for the tutorial's
//   node traffic.mjs URL describe NAME    somebody else's edit: the description of the flow NAME
//   node traffic.mjs URL break            the two calls that a self-test breaks

const [url, task, name] = process.argv.slice(2);
const base = `${url}/data/foundation`;
const flowService = `${base}/flowservice`;
const registry = `${base}/schemaregistry`;
const catalog = `${base}/catalog`;
const conversion = `${base}/conversion`;

const kTutorialSchema =
  'https://ns.adobe.com/extconndev/schemas/945546112b746524bfd9f1264b26c2b7d8e7f5b7fadb953a';
const kContentType = 'application/vnd.adobe.xed-full+json;version=1';
const kSchemaRef = { id: kTutorialSchema, contentType: kContentType };
const kExperienceEvent = 'https://ns.adobe.com/xdm/context/experienceevent';
const kNoUuid = '00000000-0000-4000-8000-000000000000';

let token = '';

// The body that came back, after a call that must answer with `status`.
async function call(status, method, address, body, headers = {}) {
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  const reply = await fetch(address, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      'x-api-key': process.env.AEP_CLIENT_ID,
      'x-gw-ims-org-id': process.env.AEP_ORG_ID,
      'x-sandbox-name': 'dev',
      ...json,
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await reply.text();
  if (reply.status !== status) {
    throw new Error(`${method} ${address} answered ${reply.status} and not ${status}: ${text}`);
  }
  return text === '' ? null : JSON.parse(text);
}

async function logIn() {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: process.env.AEP_CLIENT_ID,
    client_secret: process.env.AEP_CLIENT_SECRET,
    scope: 'openid,session',
  });
  const reply = await fetch(`${url}/ims/token/v3`, { method: 'POST', body: form });
  token = (await reply.json()).access_token;
}

async function one(kind, id) {
  return (await call(200, 'GET', `${flowService}/${kind}/${id}`)).items[0];
}

async function patch(kind, id, operations) {
  const { etag } = await one(kind, id);
  return call(200, 'PATCH', `${flowService}/${kind}/${id}`, operations, { 'if-match': etag });
}

function accept(form) {
  return { accept: `application/vnd.adobe.${form}` };
}

function fieldGroup(title) {
  return {
    type: 'object',
    title,
    description: 'Fields of the fidelity check',
    'meta:intendedToExtend': [kExperienceEvent],
    definitions: {
      customFields: {
        type: 'object',
        properties: {
          _extconndev: {
            type: 'object',
            properties: {
              person: { type: 'string', title: 'Person' },
              amount: { type: 'number', title: 'Amount' },
            },
          },
        },
      },
    },
    allOf: [{ $ref: '#/definitions/customFields' }],
  };
}

// A field group and a schema of it, made, listed, looked up and changed in every way.
async function schemas() {
  const group = await call(201, 'POST', `${registry}/tenant/fieldgroups`,
                           fieldGroup('Fidelity fields'));
  const schema = await call(201, 'POST', `${registry}/tenant/schemas`, {
    type: 'object',
    title: 'Fidelity events',
    description: '',
    allOf: [{ $ref: kExperienceEvent }, { $ref: group.$id }],
  });
  const groupUrl = `${registry}/tenant/fieldgroups/${group['meta:altId']}`;
  const schemaUrl = `${registry}/tenant/schemas/${schema['meta:altId']}`;
  const page = 'orderby=title&limit=1';
  await call(200, 'GET', `${registry}/stats`, undefined, accept('xed+json'));
  await call(200, 'GET', `${registry}/global/classes`, undefined, accept('xed-id+json'));
  await call(200, 'GET', `${registry}/global/classes/${encodeURIComponent(kExperienceEvent)}`,
             undefined, accept('xed+json; version=1'));
  for (const kind of ['fieldgroups', 'schemas']) {
    await call(200, 'GET', `${registry}/tenant/${kind}?${page}`, undefined, accept('xed-id+json'));
    await call(200, 'GET', `${registry}/tenant/${kind}`, undefined, accept('xed+json'));
  }
  for (const address of [groupUrl, schemaUrl,
                         `${registry}/tenant/schemas/${encodeURIComponent(schema.$id)}`]) {
    for (const form of ['xed+json; version=1', 'xed-full+json; version=1']) {
      await call(200, 'GET', address, undefined, accept(form));
    }
  }
  await call(400, 'GET', schemaUrl);
  await call(404, 'GET', `${registry}/tenant/schemas/_extconndev.schemas.none`, undefined,
             accept('xed+json; version=1'));
  await call(200, 'PATCH', groupUrl, [
    { op: 'add', path: '/definitions/customFields/properties/_extconndev/properties/place',
      value: { type: 'string', title: 'Place' } },
  ]);
  await call(200, 'PATCH', schemaUrl, [{ op: 'replace', path: '/description', value: 'Events' }]);
  await call(200, 'PUT', schemaUrl, {
    type: 'object',
    title: 'Fidelity events, renamed',
    description: 'Events',
    allOf: [{ $ref: kExperienceEvent }, { $ref: group.$id }],
  });
  return { address: schemaUrl, id: schema.$id };
}

async function descriptors(schema) {
  const identity = {
    '@type': 'xdm:descriptorIdentity',
    'xdm:sourceSchema': schema.id,
    'xdm:sourceVersion': 1,
    'xdm:sourceProperty': '/_extconndev/person',
    'xdm:namespace': 'Email',
    'xdm:property': 'xdm:code',
    'xdm:isPrimary': true,
  };
  const all = `${registry}/tenant/descriptors`;
  const made = await call(201, 'POST', all, identity);
  for (const form of ['xdm+json', 'xdm-id+json', 'xdm-link+json', 'xdm-v2+json']) {
    await call(200, 'GET', all, undefined, accept(form));
  }
  await call(200, 'GET', `${all}/${made['@id']}`);
  await call(201, 'PUT', `${all}/${made['@id']}`, { ...identity, 'xdm:namespace': 'ECID' });
  const place = { ...identity, 'xdm:sourceProperty': '/_extconndev/place', 'xdm:isPrimary': false };
  const second = await call(201, 'POST', all, place);
  await call(204, 'DELETE', `${all}/${second['@id']}`);
}

// A schema in Profile stays for ever, hence the last step.
async function unions(schema) {
  await call(200, 'PATCH', schema.address, [
    { op: 'add', path: '/meta:immutableTags', value: ['union'] },
  ]);
  for (const form of ['xed-id+json', 'xed+json']) {
    await call(200, 'GET', `${registry}/tenant/unions`, undefined, accept(form));
  }
  for (const form of ['xed+json; version=1', 'xed-full+json; version=1']) {
    await call(200, 'GET', `${registry}/tenant/unions/_xdm.context.experienceevent__union`,
               undefined, accept(form));
  }
}

async function dataSets() {
  const [reference] = await call(201, 'POST', `${catalog}/dataSets`, {
    name: 'Fidelity',
    description: '',
    schemaRef: kSchemaRef,
    fileDescription: { persisted: true, containerFormat: 'parquet', format: 'parquet' },
    tags: { unifiedProfile: ['enabled:false'] },
  });
  const id = reference.split('/').pop();
  const address = `${catalog}/dataSets/${id}`;
  await call(200, 'GET', address);
  await call(200, 'GET', `${address}?properties=name,tags`);
  await call(200, 'GET', `${catalog}/dataSets?name=Fidelity&limit=10&start=0`);
  await call(200, 'PATCH', address, { description: 'Made by the fidelity check' });
  await call(200, 'PATCH', address,
             [{ op: 'add', path: '/tags/unifiedProfile', value: ['enabled:true'] }],
             { 'content-type': 'application/json-patch+json' });
  await call(200, 'PATCH', `${catalog}/v2/dataSets/${id}`, { description: 'By another way' });
  await call(412, 'PATCH', address, { description: '' }, { 'if-match': '0.0.0' });
  const [short] = await call(201, 'POST', `${catalog}/dataSets`,
                             { name: 'Fidelity, short', schemaRef: kSchemaRef });
  await call(200, 'DELETE', `${catalog}/dataSets/${short.split('/').pop()}`);
  await call(404, 'GET', `${catalog}/dataSets/${short.split('/').pop()}`);
  return id;
}

async function accounts() {
  const { id } = await call(201, 'POST', `${flowService}/connections`, {
    name: 'Fidelity',
    description: 'An account of HTTP API',
    connectionSpec: { id: 'bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb', version: '1.0' },
    auth: { specName: 'Streaming Connection',
            params: { dataType: 'raw', name: 'Fidelity', authenticationRequired: false } },
  });
  await call(200, 'GET', `${flowService}/connections?limit=2&orderby=-createdAt`);
  await call(200, 'GET', `${flowService}/connections/${id}/test`);
  await patch('connections', id, [{ op: 'replace', path: '/description', value: 'Patched' }]);
  await patch('connections', id, [
    { op: 'replace', path: '/auth/params', value: { dataType: 'raw', name: 'Fidelity' } },
  ]);
  await call(204, 'DELETE', `${flowService}/connections/${id}`);
}

async function pipeline(dataSet) {
  const { id: source } = await call(201, 'POST', `${flowService}/sourceConnections`, {
    name: 'Fidelity source',
    connectionSpec: { id: '96479064-7b8a-4d69-b9ed-21c5683837ea', version: '1.0' },
    data: { format: 'json' },
  });
  const { id: target } = await call(201, 'POST', `${flowService}/targetConnections`, {
    name: 'Fidelity target',
    connectionSpec: { id: 'c604ff05-7f1a-43c0-8e18-33bf874cb11c', version: '1.0' },
    data: { schema: { id: kTutorialSchema, version: kContentType } },
    params: { dataSetId: dataSet },
  });
  const rows = {
    name: 'Fidelity mapping',
    outputSchema: { schemaRef: kSchemaRef },
    mappings: [
      { sourceType: 'ATTRIBUTE', source: 'email', destination: '_extconndev.email' },
      { sourceType: 'EXPRESSION', source: 'concat("a", "b")', destination: '_extconndev.cio_id' },
    ],
  };
  const { id: mappingId } = await call(200, 'POST', `${conversion}/mappingSets`, rows);
  await call(200, 'PUT', `${conversion}/mappingSets/${mappingId}`, rows);
  await call(200, 'GET', `${conversion}/mappingSets/${mappingId}?version=0&expandSchema=true`);
  await call(200, 'GET', `${conversion}/mappingSets?limit=10&start=0`);
  const { id: flow } = await call(201, 'POST', `${flowService}/flows`, {
    name: 'Fidelity flow',
    flowSpec: { id: 'e77fde5a-22a8-11ed-861d-0242ac120002', version: '1.0' },
    sourceConnectionIds: [source],
    targetConnectionIds: [target],
    transformations: [{ name: 'Mapping', params: { mappingId, mappingVersion: 1 } }],
    options: { errorDiagnosticsEnabled: true },
  });
  return { source, target, mappingId, flow };
}

async function settled(flow, state) {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const now = await one('flows', flow);
    if (now.state === state) return now;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`The flow ${flow} did not become ${state}`);
}

async function runs({ source, target, mappingId, flow }) {
  const { options } = await settled(flow, 'enabled');
  const inlet = new URL(options.inletUrl).pathname;
  for (const event of [{ email: 'a@example.com' }, 'not an object']) {
    await call(200, 'POST', `${url}${inlet}?x-adobe-flow-id=${flow}`, event);
  }
  const filter = encodeURIComponent(`flowId==${flow}`);
  const { items } = await call(200, 'GET',
                               `${flowService}/runs?property=${filter}&orderby=-createdAt`);
  await call(200, 'GET', `${flowService}/runs/${items[0].id}`);
  await patch('sourceConnections', source, [{ op: 'add', path: '/description', value: 'Any' }]);
  await patch('targetConnections', target, [{ op: 'replace', path: '/name', value: 'Other' }]);
  await call(412, 'PATCH', `${flowService}/flows/${flow}`,
             [{ op: 'replace', path: '/name', value: 'Stale' }], { 'if-match': '"stale"' });
  for (const [op, state] of [['disable', 'disabled'], ['enable', 'enabled']]) {
    await call(200, 'POST', `${flowService}/flows/${flow}/action?op=${op}`);
    await settled(flow, state);
  }
  await call(400, 'DELETE', `${flowService}/sourceConnections/${source}`);
  // By now the run is over, and tells of its activities.
  await new Promise((resolve) => setTimeout(resolve, 4000));
  await call(200, 'GET', `${flowService}/runs/${items[0].id}`);
  await call(204, 'DELETE', `${flowService}/flows/${flow}`);
  await call(404, 'GET', `${flowService}/flows/${flow}`);
  await call(204, 'DELETE', `${flowService}/sourceConnections/${source}`);
  await call(204, 'DELETE', `${flowService}/targetConnections/${target}`);
  await call(204, 'DELETE', `${conversion}/mappingSets/${mappingId}`);
  await call(404, 'GET', `${conversion}/mappingSets/${mappingId}`);
}

async function specs() {
  for (const kind of ['connectionSpecs', 'flowSpecs']) {
    const { items } = await call(200, 'GET', `${flowService}/${kind}`);
    for (const { id } of items) await call(200, 'GET', `${flowService}/${kind}/${id}`);
    await call(404, 'GET', `${flowService}/${kind}/${kNoUuid}`);
  }
  for (const kind of ['sourceConnections', 'targetConnections', 'flows']) {
    await call(200, 'GET', `${flowService}/${kind}?count=true`);
  }
}

// What nothing uses can be replaced as a whole, and deleted. Field groups have an older name too.
async function unused() {
  const schema = await call(201, 'POST', `${registry}/tenant/schemas`, {
    type: 'object',
    title: 'Fidelity, spare',
    description: '',
    allOf: [{ $ref: kExperienceEvent }],
  });
  await call(204, 'DELETE', `${registry}/tenant/schemas/${schema['meta:altId']}`);
  const group = await call(201, 'POST', `${registry}/tenant/mixins`, fieldGroup('Spare fields'));
  const id = group['meta:altId'];
  await call(200, 'GET', `${registry}/tenant/mixins`, undefined, accept('xed-id+json'));
  await call(200, 'GET', `${registry}/tenant/mixins/${id}`, undefined,
             accept('xed+json; version=1'));
  await call(200, 'PUT', `${registry}/tenant/fieldgroups/${id}`, fieldGroup('Other fields'));
  await call(204, 'DELETE', `${registry}/tenant/fieldgroups/${id}`);
}

async function all() {
  const schema = await schemas();
  await descriptors(schema);
  const dataSet = await dataSets();
  await accounts();
  await runs(await pipeline(dataSet));
  await specs();
  await unused();
  await unions(schema);
  console.log(dataSet);
}

async function describe() {
  const filter = encodeURIComponent(`name==${name}`);
  const { items } = await call(200, 'GET', `${flowService}/flows?property=${filter}`);
  await patch('flows', items[0].id,
              [{ op: 'replace', path: '/description', value: 'By hand' }]);
}

// The request loses its description on the way, and is refused; the reply loses its etag.
async function broken() {
  const source = {
    name: 'Fidelity',
    connectionSpec: { id: '96479064-7b8a-4d69-b9ed-21c5683837ea', version: '1.0' },
    data: { format: 'json' },
  };
  const address = `${flowService}/sourceConnections`;
  await call(400, 'POST', address, { ...source, description: 'Lost' });
  await call(201, 'POST', address, source);
}

await logIn();
await { all, describe, break: broken }[task]();
