// Connecting, tokens, guests and requests, as the official JS client does them.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { backend, client, connected, next } from './support/clients.mjs';
import { serve } from './support/serve.mjs';

let server;
before(async () => { server = await serve(); });
after(() => server?.stop());
afterEach(() => server.clear());

test('connects and disconnects', async () => {
  const c = client(server);
  const online = next(c, 'connection.changed', (e) => e.online);
  await c.connectUser({ id: 'sara' }, server.tokens.sara);
  await online;
  assert.equal(c.state.connectedUser.id, 'sara');
  await c.disconnectUser();
  assert.equal(c.state.connectedUser, undefined);
});

test('user details reach the server and come back', async () => {
  const c = client(server);
  await c.connectUser(
    { id: 'sara', name: 'Sara L.', image: 'https://example.test/s.png', custom: { color: 'red' } },
    server.tokens.sara,
  );
  const me = c.state.connectedUser;
  assert.deepEqual([me.name, me.image, me.custom.color, me.role], ['Sara L.', 'https://example.test/s.png', 'red', 'user']);
  await c.disconnectUser();
});

test('a guest gets an id and a token of its own', async () => {
  const c = client(server);
  await c.connectUser({ id: 'visitor', name: 'Visitor', type: 'guest' });
  assert.notEqual(c.state.connectedUser.id, 'visitor');
  assert.equal(c.state.connectedUser.role, 'guest');
  assert.equal(c.state.connectedUser.name, 'Visitor');
  await c.disconnectUser();
});

test('an anonymous user reads the calls of his token and no others', async () => {
  const b = backend(server);
  await b.video.call('livestream', 'open').getOrCreate({ data: { created_by_id: 'sara' } });
  await b.video.call('livestream', 'closed').getOrCreate({ data: { created_by_id: 'sara' } });
  const c = client(server);
  await c.connectUser({ type: 'anonymous' }, b.generateCallToken({ user_id: '!anon', call_cids: ['livestream:open'] }));
  const open = await c.call('livestream', 'open').get();
  assert.equal(open.call.cid, 'livestream:open');
  await assert.rejects(c.call('livestream', 'closed').get(), (err) => err.code === 17 && err.status === 403);
});

test('a static token that has expired is refused with 40', async () => {
  const token = backend(server).generateUserToken({ user_id: 'sara', iat: 1, exp: 2 });
  const errors = [];
  const c = client(server, { maxConnectUserRetries: 1, onConnectUserError: (last) => errors.push(last) });
  await assert.rejects(c.connectUser({ id: 'sara' }, token), (err) => JSON.parse(err.message).code === 40);
  assert.equal(errors.length, 1);
  await c.disconnectUser();
});

test('a provider is asked again after 40', async () => {
  const b = backend(server);
  let asked = 0;
  const c = client(server);
  await c.connectUser({ id: 'sara' }, async () => {
    asked++;
    return asked === 1 ? b.generateUserToken({ user_id: 'sara', iat: 1, exp: 2 }) : server.tokens.sara;
  });
  assert.equal(asked, 2);
  await c.disconnectUser();
});

test('a request refused with 40 is repeated with a fresh token', async () => {
  let asked = 0;
  const c = client(server);
  await c.connectUser({ id: 'sara' }, async () => { asked++; return server.tokens.sara; });
  await server.arm('rest-error:code=40,count=1,path=/edges');
  await c.edges();
  assert.equal(asked, 2);
  await c.disconnectUser();
});

test('another secret is refused with 43', async () => {
  const foreign = backend({ ...server, secret: 'another-secret-of-another-app' });
  const c = client(server, { maxConnectUserRetries: 1 });
  await assert.rejects(
    c.connectUser({ id: 'sara' }, foreign.generateUserToken({ user_id: 'sara' })),
    (err) => JSON.parse(err.message).code === 43,
  );
  await c.disconnectUser();
});

test('a provider with another secret is refused with 43 and not asked again', async () => {
  const foreign = backend({ ...server, secret: 'another-secret-of-another-app' });
  let asked = 0;
  const c = client(server, { maxConnectUserRetries: 1 });
  const provider = async () => { asked++; return foreign.generateUserToken({ user_id: 'sara' }); };
  await assert.rejects(c.connectUser({ id: 'sara' }, provider), (err) => JSON.parse(err.message).code === 43);
  assert.equal(asked, 1);
  await c.disconnectUser();
});

test('a wrong key is refused with 2', async () => {
  const c = client({ ...server, api_key: 'nobody' }, { maxConnectUserRetries: 1 });
  await assert.rejects(c.connectUser({ id: 'sara' }, server.tokens.sara), (err) => JSON.parse(err.message).code === 2);
  await c.disconnectUser();
});

test('errors of requests have code, status and message', async () => {
  const c = await connected(server, 'sara');
  await assert.rejects(c.call('default', 'nope').get(), (err) => {
    assert.deepEqual([err.code, err.status], [16, 404]);
    assert.match(err.message, /Can't find call with id default:nope/);
    return true;
  });
  await c.disconnectUser();
});

test('telemetry is taken', async () => {
  const failures = [];
  const c = client(server, {
    logOptions: { coordinator: { level: 'error', sink: (level, message) => failures.push(message) } },
  });
  await c.connectUser({ id: 'sara' }, server.tokens.sara);
  await c.edges();
  await c.disconnectUser();
  assert.deepEqual(failures, []);
});

test('a dropped connection is made again', async () => {
  const c = await connected(server, 'sara');
  const online = next(c, 'connection.changed', (e) => e.online);
  await server.arm('drop:user=sara');
  await online;
  await c.edges();
  await c.disconnectUser();
});

test('a refused upgrade is tried again', async () => {
  await server.arm('refuse-upgrade:status=503,count=1');
  const c = await connected(server, 'sara');
  await c.edges();
  await c.disconnectUser();
});

test('an event of an unknown type does no harm', async () => {
  const c = await connected(server, 'sara');
  const strange = next(c, 'streamscope.unknown_event');
  await server.arm('unknown-event:user=sara');
  await strange;
  await c.edges();
  await c.disconnectUser();
});

test('a base URL with a slash at its end works', async () => {
  const c = await connected({ ...server, base_url: `${server.base_url}/` }, 'sara');
  await c.edges();
  await c.disconnectUser();
});
