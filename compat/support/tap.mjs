// Runs `streamscope tap` in front of a server, and reads what it prints.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/**
 * Starts a tap on a free port. What it returns stands in for the server that is
 * behind it, and has what the tap saw: a list of events, and a wait for one.
 */
export async function tap(server, ...flags) {
  const args = ['tap', '--json', '--listen', '127.0.0.1:0', '--upstream', server.base_url, ...flags];
  const child = spawn(process.env.STREAMSCOPE_BIN, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const events = [];
  const waiting = new Set();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const entry = JSON.parse(line);
    events.push(entry.log ?? entry);
    for (const look of waiting) look();
  });
  const seen = (what, passes, ms = 10_000) => new Promise((resolve, reject) => {
    const timer = setTimeout(() => { waiting.delete(look); reject(new Error(`the tap has not seen ${what} within ${ms} ms`)); }, ms);
    const look = () => {
      const found = events.find(passes);
      if (!found) return;
      clearTimeout(timer);
      waiting.delete(look);
      resolve(found);
    };
    waiting.add(look);
    look();
  });
  const base = await new Promise((resolve, reject) => {
    const words = createInterface({ input: child.stderr });
    let all = '';
    words.on('line', (line) => {
      all += `${line}\n`;
      const at = line.match(/^base URL of your app: +(\S+)$/);
      if (at) resolve(at[1]);
    });
    child.once('close', (code) => reject(new Error(`the tap ended with ${code}: ${all}`)));
  });
  const root = base.replace(/\/video$/, '');
  return {
    ...server, base_url: base, server_url: root, log_url: `${root.replace('http', 'ws')}/__streamscope/logs`,
    events, seen,
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}
