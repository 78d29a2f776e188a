// Opens an HTTP archive in the network panel of a real Chromium's DevTools, as a
// person does with "Import HAR file", and says what the panel made of it. It fails
// when no WebSocket message came through. Needs chromium; npm ci brings the rest.
//
//	node devtools.mjs session.har [picture.png]
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import WebSocket from 'ws';

const [har, picture] = process.argv.slice(2);
const text = readFileSync(har, 'utf8');
const profile = mkdtempSync(join(tmpdir(), 'devtools-'));
const browser = spawn(
  process.env.CHROMIUM ?? 'chromium',
  ['--headless=new', '--no-sandbox', '--disable-gpu', '--remote-debugging-port=0', '--remote-allow-origins=*',
    '--window-size=1500,900', `--user-data-dir=${profile}`, 'about:blank'],
  { stdio: 'ignore' },
);
const ended = new Promise((resolve) => browser.on('exit', resolve));

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Tries until it works, half a minute at most. */
async function eventually(what, action) {
  for (let n = 0; n < 60; n++) {
    try {
      const value = await action();
      if (value) return value;
    } catch {}
    await pause(500);
  }
  throw new Error(`${what}: not within 30 s`);
}

/** A connection to one target of the browser. */
async function attach(url) {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
  const waiting = new Map();
  socket.on('message', (data) => {
    const answer = JSON.parse(data);
    waiting.get(answer.id)?.(answer);
  });
  return (method, params = {}) =>
    new Promise((resolve) => {
      const id = waiting.size + 1;
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, method, params }));
    });
}

/** Runs in DevTools: its own importer, then what its network log holds. */
async function open(text) {
  const { ViewManager } = (await import('./ui/legacy/legacy.js')).ViewManager;
  await ViewManager.instance().showView('network');
  const panel = (await import('./panels/network/network.js')).NetworkPanel.NetworkPanel.instance();
  await panel.networkLogView.onLoadFromFile(new File([text], 'session.har'));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const { NetworkLog } = (await import('./models/logs/logs.js')).NetworkLog;
  const requests = NetworkLog.instance().requests();
  const sockets = requests.filter((r) => r.resourceType().name() === 'websocket');
  const first = sockets.find((r) => r.frames().length > 0);
  if (first) await panel.selectAndActivateRequest(first, 'web-socket-frames');
  return {
    requests: requests.length,
    sockets: sockets.length,
    messages: sockets.reduce((sum, r) => sum + r.frames().length, 0),
  };
}

try {
  const [port] = await eventually('the browser', () =>
    readFileSync(join(profile, 'DevToolsActivePort'), 'utf8').split('\n'));
  const json = async (path, options) => (await fetch(`http://127.0.0.1:${port}/json/${path}`, options)).json();
  const { Browser: version } = await json('version');
  const page = (await json('list')).find((target) => target.type === 'page');
  const front = `devtools://devtools/bundled/devtools_app.html?ws=127.0.0.1:${port}/devtools/page/${page.id}`;
  const target = await json(`new?${encodeURIComponent(front)}`, { method: 'PUT' });
  const send = await attach(target.webSocketDebuggerUrl);
  const seen = await eventually('DevTools', async () => {
    const expression = `(${open})(${JSON.stringify(text)})`;
    const { result } = await send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    return result.exceptionDetails ? undefined : result.result.value;
  });
  if (picture) {
    await pause(1000);
    const { result } = await send('Page.captureScreenshot', { format: 'png' });
    writeFileSync(picture, Buffer.from(result.data, 'base64'));
  }
  console.log(`${version}: ${seen.requests} requests, ${seen.sockets} sockets, ${seen.messages} messages`);
  process.exitCode = seen.messages > 0 ? 0 : 1;
} finally {
  browser.kill();
  await ended;
  rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
process.exit();
