// The faults reproduce the traps of the official JS client (K1 to K27 of the
// protocol dossier) that they are said to reproduce.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import { backend, client, next } from './support/clients.mjs';
import { serve } from './support/serve.mjs';

let server;
let b;
before(async () => {
  server = await serve();
  b = backend(server);
});
after(() => server?.stop());

let count = 0;
/** A client of a user of its own, so that faults of one test spare the others. */
async function someone({ provider = false } = {}) {
  const id = `someone-${++count}`;
  const seen = { asked: 0, online: [], errors: 0 };
  const c = client(server);
  c.on('connection.changed', (e) => seen.online.push(e.online));
  c.on('connection.error', () => { seen.errors++; });
  const token = () => { seen.asked++; return b.generateUserToken({ user_id: id, iat: Math.floor(Date.now() / 1000) - 1, exp: Math.floor(Date.now() / 1000) + 3600 + count++ }); };
  await c.connectUser({ id }, provider ? async () => token() : token());
  const socket = c.streamClient.wsConnection;
  return { id, c, seen, socket };
}

// The longest first wait of a reconnect is 2.5 s; what has not come back after
// this long has stopped.
const LONG_ENOUGH = 8000;

describe('traps', { concurrency: true }, () => {
  test('K1: close 1000 on a live socket goes unnoticed', async () => {
    const { id, c, seen, socket } = await someone();
    await server.arm(`close:user=${id}`);
    await sleep(1500);
    assert.equal(socket.isHealthy, true, 'the client thinks it is online');
    assert.notEqual(socket.ws.readyState, 1, 'its socket is closed');
    assert.deepEqual(seen.online, [true]);
    await c.disconnectUser();
  });

  for (const [trap, fault] of [['K3', 'close:phase=connect'], ['K4', 'error:code=71'], ['K4', 'error:code=-1'], ['K4', 'wrong-signature:count=1'], ['K5', 'expire-token']]) {
    test(`${trap}: ${fault} during a reconnect stops it silently`, async () => {
      const { id, c, seen } = await someone();
      await server.arm(`${fault}${fault.includes(':') ? ',' : ':'}user=${id}`);
      await server.arm(`drop:user=${id}`);
      await sleep(LONG_ENOUGH);
      assert.deepEqual(seen.online, [true, false]);
      assert.equal(c.streamClient.wsConnection.isConnecting, false, 'nothing is scheduled');
      await c.disconnectUser();
    });
  }

  test('an expired token is refreshed by a provider', async () => {
    const { id, c, seen } = await someone({ provider: true });
    const back = next(c, 'connection.ok', undefined, LONG_ENOUGH + 4000);
    await server.arm(`expire-token:user=${id}`);
    await server.arm(`drop:user=${id}`);
    await back;
    assert.equal(seen.asked, 2);
    await c.disconnectUser();
  });

  test('K9: the first error in session is dropped', async () => {
    const { id, c, seen, socket } = await someone({ provider: true });
    await server.arm(`error:code=40,phase=session,user=${id}`);
    await sleep(3000);
    assert.deepEqual([seen.asked, seen.errors, socket.isHealthy], [1, 0, true]);
    await c.disconnectUser();
  });

  test('K9: the second one refreshes the token', async () => {
    const { id, c, seen } = await someone({ provider: true });
    const back = next(c, 'connection.ok', undefined, LONG_ENOUGH);
    await server.arm(`error:code=40,phase=session,count=2,user=${id}`);
    await back;
    assert.equal(seen.asked, 2);
    await c.disconnectUser();
  });

  test('K18: a request is repeated as long as it is answered with 40', async () => {
    const { id, c, seen } = await someone({ provider: true });
    await server.arm(`rest-error:code=40,count=3,path=/edges,user=${id}`);
    await c.edges();
    assert.equal(seen.asked, 4);
    await c.disconnectUser();
  });

  for (const [fault, message] of [
    ['rest-error:status=500', /Stream error code -1/],
    ['rest-html', /Stream error code undefined/],
    ['rest-hang', /timeout of 5000ms exceeded/],
    ['rest-reset', /socket hang up|ECONNRESET/],
  ]) {
    test(`${fault} fails the request and nothing else`, async () => {
      const { id, c, socket } = await someone();
      await server.arm(`${fault}${fault.includes(':') ? ',' : ':'}count=1,path=/edges,user=${id}`);
      await assert.rejects(c.edges(), message);
      assert.equal(socket.isHealthy, true);
      await c.disconnectUser();
    });
  }

  test('a frame that is duplicated is dispatched twice', async () => {
    const { id, c } = await someone();
    let heard = 0;
    c.on('user.updated', () => { heard++; });
    await server.arm(`duplicate:type=user.updated,user=${id}`);
    await b.upsertUsers([{ id, name: 'twice' }]);
    await sleep(500);
    assert.equal(heard, 2);
    await c.disconnectUser();
  });

  test('an auth message that is never answered costs the 15 s of a handshake', async () => {
    const { id, c } = await someone();
    const back = next(c, 'connection.ok', undefined, 25_000);
    await server.arm(`stall-auth:count=1,user=${id}`);
    await server.arm(`drop:user=${id}`);
    const from = Date.now();
    await back;
    assert.ok(Date.now() - from >= 15_000);
    await c.disconnectUser();
  });

  test('a slow connection.ok is waited for', async () => {
    const { id, c, seen } = await someone();
    const slow = await server.arm(`slow:latency=1s,user=${id}`);
    const back = next(c, 'connection.ok', undefined, LONG_ENOUGH);
    await server.arm(`drop:user=${id}`);
    await back;
    assert.equal(seen.online.at(-1), true);
    await server.disarm(slow.id);
    await c.disconnectUser();
  });
});

test('a port that is closed for a while is opened again, and the client is back', { timeout: 40_000 }, async () => {
  const own = await serve();
  try {
    const token = backend(own).generateUserToken({ user_id: 'sara' });
    const c = client(own);
    await c.connectUser({ id: 'sara' }, token);
    await own.arm('refuse-tcp:after=500ms,for=9s');
    await own.arm('drop:after=1s');
    await next(c, 'connection.changed', (e) => !e.online);
    // A tap listens itself, and cuts what it cannot pass on.
    const refused = process.env.STREAMSCOPE_TAP ? 'UND_ERR_SOCKET' : 'ECONNREFUSED';
    await assert.rejects(fetch(`${own.server_url}/hint`), (err) => err.cause.code === refused);
    await next(c, 'connection.changed', (e) => e.online);
    await c.disconnectUser();
  } finally {
    await own.stop();
  }
});
