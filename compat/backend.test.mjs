// The server SDK for Node.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { backend, client, connected, freshId, next } from './support/clients.mjs';
import { serve } from './support/serve.mjs';

let server;
let sdk;
before(async () => { server = await serve(); sdk = backend(server); });
after(() => server?.stop());

test('upserts users, and tells those who are connected', async () => {
  const c = await connected(server, 'nina');
  const updated = next(c, 'user.updated');
  const res = await sdk.upsertUsers([{ id: 'nina', name: 'Nina S.', role: 'admin', custom: { team: 'red' } }, { id: 'olaf' }]);
  assert.deepEqual(Object.keys(res.users).sort(), ['nina', 'olaf']);
  assert.ok(res.users.nina.created_at instanceof Date && Math.abs(res.users.nina.created_at - Date.now()) < 60_000);
  assert.equal((await updated).user.name, 'Nina S.');
  await c.disconnectUser();
});

test('finds and changes users', async () => {
  await sdk.upsertUsers([{ id: 'otto', name: 'Otto' }]);
  const found = await sdk.queryUsers({ payload: { filter_conditions: { id: { $in: ['otto'] } } } });
  assert.deepEqual(found.users.map((u) => u.name), ['Otto']);
  await sdk.updateUsersPartial({ users: [{ id: 'otto', set: { name: 'Otto II', color: 'blue' } }] });
  const again = await sdk.queryUsers({ payload: { filter_conditions: { id: 'otto' } } });
  assert.deepEqual([again.users[0].name, again.users[0].custom.color], ['Otto II', 'blue']);
});

test('its tokens are good', async () => {
  for (const token of [
    sdk.generateUserToken({ user_id: 'sara', validity_in_seconds: 60 }),
    sdk.generatePermanentUserToken({ user_id: 'sara' }),
    sdk.generateCallToken({ user_id: 'sara', call_cids: ['default:x'] }),
  ]) {
    const c = client(server);
    await c.connectUser({ id: 'sara' }, token);
    await c.disconnectUser();
  }
});

test('makes guests', async () => {
  const guest = await sdk.createGuest({ user: { id: 'passer-by', name: 'Passer-by' } });
  const c = client(server);
  await c.connectUser({ id: guest.user.id }, guest.access_token);
  await c.disconnectUser();
});

test('creates, rings, updates, queries and ends calls', async () => {
  const id = freshId();
  const call = sdk.video.call('default', id);
  const jack = await connected(server, 'jack');
  const rung = next(jack, 'call.ring');
  const made = await call.getOrCreate({ data: { created_by_id: 'sara', members: [{ user_id: 'jack', role: 'host' }], custom: { topic: 'lunch' } } });
  assert.equal(made.call.custom.topic, 'lunch');
  assert.ok(made.call.created_at instanceof Date && !Number.isNaN(made.call.created_at.getTime()));
  await call.ring();
  assert.equal((await rung).call.id, id);

  await call.update({ custom: { topic: 'dinner' } });
  await call.updateCallMembers({ update_members: [{ user_id: 'nina' }] });
  const got = await call.get();
  assert.equal(got.call.custom.topic, 'dinner');
  assert.deepEqual(got.members.map((m) => m.user_id).sort(), ['jack', 'nina', 'sara']);
  const listed = await call.queryMembers({ filter_conditions: { user_id: 'nina' } });
  assert.deepEqual(listed.members.map((m) => m.user_id), ['nina']);

  const found = await sdk.video.queryCalls({ filter_conditions: { created_by_user_id: 'sara', id } });
  assert.deepEqual(found.calls.map((c) => c.call.cid), [`default:${id}`]);

  const ended = next(jack, 'call.ended');
  await call.end();
  assert.equal((await ended).call.id, id);
  assert.ok((await call.get()).call.ended_at instanceof Date);
  await call.delete();
  await assert.rejects(call.get(), (err) => /Can't find call/.test(err.message));
  await jack.disconnectUser();
});

test('its own events reach the members', async () => {
  const jack = await connected(server, 'jack');
  const call = sdk.video.call('default', freshId());
  await call.getOrCreate({ data: { created_by_id: 'sara', members: [{ user_id: 'jack' }] } });
  const heard = next(jack, 'custom');
  await call.sendCallEvent({ custom: { hello: 1 }, user_id: 'sara' });
  assert.deepEqual((await heard).custom, { hello: 1 });
  await jack.disconnectUser();
});

test('errors say what is wrong', async () => {
  await assert.rejects(sdk.video.call('default', freshId()).getOrCreate({}), /created_by/);
  await assert.rejects(
    sdk.video.call('default', freshId()).getOrCreate({ data: { created_by_id: 'sara', members: [{ user_id: 'nobody' }] } }),
    /don't exist: \[nobody\]/,
  );
  await assert.rejects(backend({ ...server, secret: 'wrong-secret' }).upsertUsers([{ id: 'x' }]), /signature is not valid/);
});
