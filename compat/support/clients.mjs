// Official clients, set up as an app in development would.

import { StreamClient } from '@stream-io/node-sdk';
import { StreamVideoClient } from '@stream-io/video-client';
import WebSocket from 'ws';

/** A JS client that is not connected yet. */
export function client(server, options = {}) {
  return new StreamVideoClient({
    apiKey: server.api_key,
    options: {
      baseURL: server.base_url,
      locationHintUrl: `${server.server_url}/hint`,
      WebSocketImpl: WebSocket,
      allowServerSideConnect: true,
      logLevel: 'error',
      logger: () => {},
      ...options,
    },
  });
}

/** A JS client that is connected with a static token. */
export async function connected(server, id, options = {}) {
  const c = client(server, options);
  await c.connectUser({ id }, server.tokens[id]);
  return c;
}

/** The server SDK. */
export function backend(server) {
  return new StreamClient(server.api_key, server.secret, { basePath: server.server_url });
}

/** The next event of a type that passes the test. Call it before causing it. */
export function next(c, type, passes = () => true, ms = 10_000) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => { off(); reject(new Error(`no ${type} within ${ms} ms`)); }, ms);
    const off = c.on(type, (event) => {
      if (!passes(event)) return;
      clearTimeout(timer);
      off();
      resolve(event);
    });
  });
}

/** Resolves when an observable has a value that passes. */
export function until(observable, passes, what, ms = 10_000) {
  return new Promise((resolve, reject) => {
    let done = false;
    let subscription;
    const finish = (act) => { done = true; clearTimeout(timer); subscription?.unsubscribe(); act(); };
    const timer = setTimeout(() => finish(() => reject(new Error(`not within ${ms} ms: ${what}`))), ms);
    subscription = observable.subscribe((value) => { if (!done && passes(value)) finish(() => resolve(value)); });
    if (done) subscription.unsubscribe();
  });
}

/** The call that a client knows by its cid, once it rings. */
export function ringing(c, cid) {
  return until(
    c.state.calls$,
    (calls) => calls.some((call) => call.cid === cid && call.ringing),
    `${cid} rings`,
  ).then((calls) => calls.find((call) => call.cid === cid));
}

let calls = 0;
/** A call id that was not used before. */
export const freshId = () => `call-${process.pid}-${++calls}`;
