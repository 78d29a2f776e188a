// The official JS client through `streamscope tap`, in front of the local coordinator.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { videoLoggerSystem } from '@stream-io/video-client';
import WebSocket from 'ws';
import { streamscopeSink } from '../tap/snippet/sink.mjs';
import { client, connected, freshId, next, ringing } from './support/clients.mjs';
import { serveAlone as serve } from './support/serve.mjs';
import { tap } from './support/tap.mjs';

let server;
let front;
before(async () => {
  server = await serve();
  front = await tap(server, '--log', 'coordinator=trace', '--log', 'client=debug');
});
after(async () => { await front?.stop(); await server?.stop(); });
afterEach(() => server.clear());

const of = (session, kind, passes = () => true) => (e) => e.session === session && e.kind === kind && passes(e.data ?? e);

test('connects and disconnects', async () => {
  const c = await connected(front, 'nina');
  const frame = await front.seen('connection.ok', of('nina', 'frame', (d) => d.type === 'connection.ok'));
  assert.equal(JSON.parse(frame.data.body).me.id, 'nina');
  assert.equal(JSON.parse(frame.data.body).connection_id, c.streamClient.wsConnection.connectionID);
  await front.seen('the auth message', of('nina', 'frame', (d) => d.dir === 'out' && d.body.includes('user_details')));
  await front.seen('the token', of('nina', 'token.sent', (d) => d.token.user_id === 'nina'));
  await front.seen('the telemetry', of('nina', 'http.request', (d) => d.op === 'client_event'));
  await c.disconnectUser();
  const close = await front.seen('the close', of('nina', 'close'));
  assert.deepEqual([close.data.dir, close.data.code], ['out', 1000]);
  assert.match(close.data.reason, /^Manually closed connection/);
  assert.ok(!JSON.stringify(front.events).includes(front.tokens.nina), 'no token is on the record');
});

test('a ring is accepted, and both ends are sessions', async () => {
  const [sara, jack] = [await connected(front, 'sara'), await connected(front, 'jack')];
  const id = freshId();
  const cid = `default:${id}`;
  const rings = ringing(jack, cid);
  const call = sara.call('default', id);
  await call.getOrCreate({ ring: true, data: { members: [{ user_id: 'sara' }, { user_id: 'jack' }] } });
  const incoming = await rings;
  const accepted = next(sara, 'call.accepted', (e) => e.call_cid === cid);
  await incoming.accept();
  await accepted;
  await front.seen("sara's request", of('sara', 'http.request', (d) => d.op === 'get_or_create' && d.ring && d.cid === cid));
  await front.seen("jack's ring", of('jack', 'call.event', (d) => d.type === 'call.ring' && d.cid === cid));
  await front.seen("jack's answer", of('jack', 'http.request', (d) => d.op === 'accept' && d.cid === cid));
  await front.seen('that sara hears it', of('sara', 'call.event', (d) => d.type === 'call.accepted' && d.by === 'jack'));
  await Promise.all([sara.disconnectUser(), jack.disconnectUser()]);
});

test('a drop and a close of the server reach the client, which comes back', async () => {
  const c = await connected(front, 'sara');
  for (const fault of ['drop', 'close:code=4100,reason=maintenance']) {
    const again = next(c, 'connection.changed', (e) => e.online);
    await server.arm(fault);
    await again;
  }
  await front.seen('the drop', of('sara', 'close', (d) => d.dir === 'in' && d.code === 1006));
  await front.seen('the close', of('sara', 'close', (d) => d.dir === 'in' && d.code === 4100 && d.reason === 'maintenance'));
  await c.disconnectUser();
});

test('a refusal is the same with and without the tap', async () => {
  const errors = [];
  for (const at of [server, front]) {
    const c = client({ ...at, api_key: 'wrong' }, { maxConnectUserRetries: 1 });
    await assert.rejects(c.connectUser({ id: 'sara' }, at.tokens.sara), (err) => errors.push(err.message) > 0);
    await c.disconnectUser();
  }
  assert.equal(errors[0], errors[1]);
});

test('a server that is gone is a dead network, not a close', async () => {
  const mortal = await serve();
  const before = await tap(mortal);
  const c = await connected(before, 'sara', { logLevel: 'error' });
  const offline = next(c, 'connection.changed', (e) => !e.online, 15_000);
  await mortal.stop();
  await offline;
  await before.seen('refused attempts', of('sara', 'attempt.ended', (d) => d.failure?.op === 'dial' && /refused/.test(d.failure.text)), 15_000);
  assert.ok(!before.events.some(of('sara', 'close', (d) => d.dir === 'in' && d.code === 1000)), 'nothing became a close 1000');
  await c.disconnectUser();
  await before.stop();
});

test('the log lines come in, and the levels go out', async () => {
  const sink = streamscopeSink(front.log_url, videoLoggerSystem, { WebSocket, user: 'jack' });
  const c = client(front, { logger: sink, logLevel: 'warn' });
  await front.seen('the app', (e) => e.kind === 'note' && /logs of an app/.test(e.data.text));
  for (let i = 0; videoLoggerSystem.getLogger('coordinator').getLogLevel() !== 'trace'; i++) {
    assert.ok(i < 200, 'the level of coordinator is set in the app');
    await new Promise((r) => setTimeout(r, 20));
  }
  assert.equal(videoLoggerSystem.getLogger('default').getLogLevel(), 'info');
  await c.connectUser({ id: 'jack' }, front.tokens.jack);
  const line = await front.seen('a line', (e) => e.kind === 'log' && e.scope === 'coordinator' && /Connecting to/.test(e.message));
  assert.deepEqual([line.level, line.session], ['info', 'jack']);
  await front.seen('a line below the default', (e) => e.kind === 'log' && e.scope === 'coordinator' && e.level === 'trace');
  const circular = { name: 'loop', err: new Error('inner') };
  circular.self = circular;
  videoLoggerSystem.getLogger('client', { tags: ['a', 'b'] }).warn('odd', circular, 12n);
  const odd = await front.seen('tags and arguments', (e) => e.kind === 'log' && e.message === 'odd');
  assert.deepEqual(odd.tags, ['a', 'b']);
  assert.equal(odd.attrs.args[0].err.message, 'inner');
  await c.disconnectUser();
  client(front, { logger: sink, logLevel: 'error' });
  await front.seen('that a new client has reset the level', (e) => e.kind === 'log' && /has set the default scope to error; it is info again/.test(e.message));
  assert.equal(videoLoggerSystem.getLogger('default').getLogLevel(), 'info');
});
