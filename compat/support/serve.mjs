// Starts the streamscope under test and gives tests what they need of it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { tap } from './tap.mjs';

/**
 * Runs `streamscope serve --json` on a free port and returns what its first
 * line says, with functions to cause faults and to stop it. The binary is
 * named by STREAMSCOPE_BIN; without it nothing is tested, so that is an error.
 * With STREAMSCOPE_TAP set the clients go through `streamscope tap`.
 */
export async function serve() {
  const server = await serveAlone();
  if (!process.env.STREAMSCOPE_TAP) return server;
  const front = await tap(server);
  return { ...front, stop: async () => { await front.stop(); await server.stop(); } };
}

/** The server, with no tap before it. */
export async function serveAlone() {
  const bin = process.env.STREAMSCOPE_BIN;
  if (!bin) {
    throw new Error('STREAMSCOPE_BIN must name the streamscope binary: go build -o streamscope . && STREAMSCOPE_BIN=$PWD/streamscope npm test');
  }
  const child = spawn(bin, ['serve', '--json', '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const info = JSON.parse(await firstLine(child, bin));
  return {
    ...info,
    arm: (fault) => control(info, 'POST', fault),
    disarm: (id) => control(info, 'DELETE', undefined, `?id=${id}`),
    clear: () => control(info, 'DELETE'),
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}

async function firstLine(child, bin) {
  let words = ''; // what it says besides, shown only if it does not start
  child.stderr.setEncoding('utf8').on('data', (text) => { words = (words + text).slice(-2000); });
  const failed = new Promise((_, reject) => {
    child.once('error', (err) => reject(new Error(`cannot start ${bin}: ${err.message}`)));
    child.once('close', (code) => reject(new Error(`${bin} ended with ${code} before its first line: ${words}`)));
  });
  failed.catch(() => {}); // it also ends after the line, which is no failure
  const lines = createInterface({ input: child.stdout });
  const [line] = await Promise.race([once(lines, 'line'), failed]);
  return line;
}

async function control(info, method, body, query = '') {
  const res = await fetch(`${info.server_url}/_streamscope/faults${query}`, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = await res.json();
  if (!res.ok) throw new Error(`${method} faults: ${res.status} ${answer.error}`);
  return answer;
}
