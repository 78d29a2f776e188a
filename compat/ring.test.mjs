// Ringing between official JS clients, and calls made by the server SDK.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { CallingState } from '@stream-io/video-client';
import { backend, connected, freshId, next, ringing, until } from './support/clients.mjs';
import { serve } from './support/serve.mjs';

let server;
let open = [];
before(async () => { server = await serve(); });
after(() => server?.stop());
beforeEach(() => { open = []; });
afterEach(async () => {
  await server.clear();
  for (const c of open) await c.disconnectUser();
});

async function online(id, options) {
  const c = await connected(server, id, options);
  open.push(c);
  return c;
}

const short = { auto_cancel_timeout_ms: 5000, incoming_call_timeout_ms: 5000, missed_call_timeout_ms: 5000 };

function members(...ids) { return ids.map((user_id) => ({ user_id })); }

/** sara rings jack; resolves with both ends once it rings. */
async function saraRingsJack(sara, jack, id = freshId(), data = {}) {
  const mine = sara.call('default', id);
  const rung = ringing(jack, `default:${id}`);
  await mine.getOrCreate({ ring: true, data: { members: members('sara', 'jack'), ...data } });
  return { mine, theirs: await rung };
}

test('a call made by the server SDK rings', async () => {
  const jack = await online('jack');
  const id = freshId();
  const rung = ringing(jack, `default:${id}`);
  const res = await backend(server).video.call('default', id).getOrCreate({
    ring: true, data: { created_by_id: 'sara', members: members('sara', 'jack') },
  });
  assert.equal(res.created, true);
  const call = await rung;
  assert.equal(call.state.createdBy.id, 'sara');
  assert.equal(call.state.callingState, CallingState.RINGING);
});

test('a decline reaches the caller, who leaves', async () => {
  const sara = await online('sara');
  const jack = await online('jack');
  const { mine, theirs } = await saraRingsJack(sara, jack);
  const rejected = next(sara, 'call.rejected', (e) => e.user.id === 'jack');
  await theirs.leave({ reject: true, reason: 'decline' });
  assert.equal((await rejected).reason, 'decline');
  await until(mine.state.callingState$, (s) => s === CallingState.LEFT, 'the caller leaves');
});

test('joining accepts the ring', async () => {
  const sara = await online('sara');
  const jack = await online('jack');
  const { theirs } = await saraRingsJack(sara, jack);
  const accepted = next(sara, 'call.accepted');
  // Media fails without a media server; the ring is accepted before that.
  theirs.join({ maxJoinRetries: 1 }).catch(() => {});
  const event = await accepted;
  assert.equal(event.user.id, 'jack');
  const { call } = await backend(server).video.call('default', theirs.id).get();
  assert.ok(call.session.accepted_by.jack);
  assert.ok(call.session.participants.some((p) => p.user.id === 'jack'));
});

test('busy: a call that is known is rejected', async () => {
  const sara = await online('sara');
  const jack = await online('jack', { rejectCallWhenBusy: true });
  await saraRingsJack(sara, jack);
  const rejected = next(sara, 'call.rejected', (e) => e.reason === 'busy');
  const second = freshId();
  await sara.call('default', second).getOrCreate({ ring: true, data: { members: members('sara', 'jack') } });
  const event = await rejected;
  assert.equal(event.call_cid, `default:${second}`);
  assert.equal(event.user.id, 'jack');
});

test('busy: a call that is not known is rejected', async () => {
  const sara = await online('sara');
  const jack = await online('jack', { rejectCallWhenBusy: true });
  await saraRingsJack(sara, jack);
  await server.arm('withhold:type=call.created,user=jack');
  const rejected = next(sara, 'call.rejected', (e) => e.reason === 'busy');
  const second = freshId();
  await sara.call('default', second).getOrCreate({ ring: true, data: { members: members('sara', 'jack') } });
  assert.equal((await rejected).call_cid, `default:${second}`);
});

test('a cancel reaches those who are rung', async () => {
  const sara = await online('sara');
  const jack = await online('jack');
  const { mine, theirs } = await saraRingsJack(sara, jack);
  const rejected = next(jack, 'call.rejected', (e) => e.user.id === 'sara');
  await mine.leave();
  assert.equal((await rejected).reason, 'cancel');
  await until(theirs.state.callingState$, (s) => s === CallingState.LEFT, 'the callee leaves');
});

test('a caller who is accepted joins by himself', async () => {
  const sara = await online('sara');
  const jack = await online('jack');
  const { mine, theirs } = await saraRingsJack(sara, jack);
  const joins = next(sara, 'call.session_participant_joined', (e) => e.participant.user.id === 'sara');
  const counted = next(sara, 'call.session_participant_count_updated', (e) => e.participants_count_by_role.user === 2);
  theirs.join({ maxJoinRetries: 1 }).catch(() => {});
  await until(mine.state.callingState$, (s) => s === CallingState.JOINING, 'the caller joins');
  await joins;
  await counted;
});

test('every device of a user rings, and what one answers the others leave', async () => {
  const sara = await online('sara');
  const phone = await online('jack');
  const tablet = await online('jack');
  const rings = ringing(tablet, 'default:two-devices');
  const { theirs } = await saraRingsJack(sara, phone, 'two-devices');
  const elsewhere = await rings;
  theirs.join({ maxJoinRetries: 1 }).catch(() => {});
  await until(elsewhere.state.callingState$, (s) => s === CallingState.LEFT, 'the other device leaves');
});

test('the caller gives up after the auto-cancel timeout', async () => {
  const sara = await online('sara');
  const jack = await online('jack');
  const rejected = next(jack, 'call.rejected', (e) => e.user.id === 'sara', 9000);
  const { mine, theirs } = await saraRingsJack(sara, jack, freshId(), { settings_override: { ring: { ...short, incoming_call_timeout_ms: 60_000, missed_call_timeout_ms: 60_000 } } });
  assert.equal((await rejected).reason, 'timeout');
  await until(mine.state.callingState$, (s) => s === CallingState.LEFT, 'the caller leaves');
  await until(theirs.state.callingState$, (s) => s === CallingState.LEFT, 'the callee leaves');
});

test('who does not answer in time has missed the call', async () => {
  const sara = await online('sara');
  const id = freshId();
  const missed = next(sara, 'call.missed', undefined, 9000);
  await backend(server).video.call('default', id).getOrCreate({
    ring: true,
    data: { created_by_id: 'jack', members: members('jack', 'nina', 'sara'), settings_override: { ring: { ...short, incoming_call_timeout_ms: 60_000 } } },
  });
  const event = await missed;
  assert.deepEqual(event.members.map((m) => m.user_id).sort(), ['nina', 'sara']);
  assert.equal(event.user.id, 'jack');
});

test('the callee gives up after the incoming timeout', async () => {
  const sara = await online('sara');
  const jack = await online('jack');
  const rejected = next(sara, 'call.rejected', (e) => e.user.id === 'jack', 9000);
  await saraRingsJack(sara, jack, freshId(), { settings_override: { ring: { ...short, auto_cancel_timeout_ms: 60_000, missed_call_timeout_ms: 60_000 } } });
  assert.equal((await rejected).reason, 'timeout');
});

test('the end of a call is the end for everyone', async () => {
  const sara = await online('sara');
  const jack = await online('jack');
  const { mine, theirs } = await saraRingsJack(sara, jack);
  const ended = next(jack, 'call.ended');
  await mine.endCall();
  assert.equal((await ended).user.id, 'sara');
  await until(theirs.state.callingState$, (s) => s === CallingState.LEFT, 'the callee leaves');
});

test('watched calls are watched again after a drop', async () => {
  const nina = await online('nina');
  const id = freshId();
  await backend(server).video.call('default', id).getOrCreate({ data: { created_by_id: 'sara' } });
  await nina.call('default', id).get();
  const back = next(nina, 'connection.ok');
  await server.arm('drop:user=nina');
  await back;
  const heard = next(nina, 'call.updated', undefined, 5000);
  // The re-watch follows the reconnect; until it is through nothing arrives.
  const retry = setInterval(() => backend(server).video.call('default', id).update({ custom: { at: Date.now() } }).catch(() => {}), 200);
  try {
    assert.equal((await heard).call.id, id);
  } finally {
    clearInterval(retry);
  }
});

test('a live call is told, and a reaction reaches the others', async () => {
  const sara = await online('sara');
  const jack = await online('jack');
  const mine = sara.call('default', freshId());
  await mine.getOrCreate({ data: { members: members('sara', 'jack') } });
  assert.equal((await mine.stopLive()).call.backstage, true);
  const live = next(jack, 'call.live_started', (e) => e.call_cid === mine.cid);
  assert.equal((await mine.goLive()).call.backstage, false);
  assert.equal((await live).call.backstage, false);
  const reacted = next(jack, 'call.reaction_new', (e) => e.call_cid === mine.cid);
  assert.equal((await mine.sendReaction({ type: 'raised-hand' })).reaction.user.id, 'sara');
  assert.equal((await reacted).reaction.type, 'raised-hand');
});

test('queryCalls finds by member and by id', async () => {
  const sara = await online('sara');
  const id = freshId();
  await sara.call('default', id).getOrCreate({ data: { members: members('sara', 'nina') } });
  const byId = await sara.queryCalls({ filter_conditions: { cid: { $in: [`default:${id}`] } }, watch: true });
  assert.deepEqual(byId.calls.map((c) => c.id), [id]);
  const byMember = await sara.queryCalls({ filter_conditions: { members: { $in: ['nina'] } }, sort: [{ field: 'created_at', direction: -1 }], limit: 1 });
  assert.equal(byMember.calls[0].id, id);
  const none = await sara.queryCalls({ filter_conditions: { id: 'not there' } });
  assert.equal(none.calls.length, 0);
});

test('ring state polling finds an accept that was lost', { timeout: 40_000 }, async () => {
  const sara = await online('sara', { ringStatePolling: { startAfterMs: 500, intervalMs: 500 } });
  const jack = await online('jack');
  const { mine, theirs } = await saraRingsJack(sara, jack);
  await server.arm('withhold:type=call.accepted,user=sara');
  theirs.join({ maxJoinRetries: 1 }).catch(() => {});
  await until(
    mine.state.callingState$,
    (s) => s !== CallingState.RINGING,
    'the caller learns of it by polling',
  );
});
