// A log sink for Stream's SDKs that sends every line to streamscope tap, and sets
// the levels that are chosen there. No dependencies; browser, Node, React Native.
//
//   import { videoLoggerSystem } from '@stream-io/video-client'; // or your SDK
//   const sink = streamscopeSink('ws://127.0.0.1:8801/__streamscope/logs', videoLoggerSystem);
//   new StreamVideoClient({ ..., options: { baseURL, logger: sink } });
//
// options: { user, WebSocket (Node before 22), also: another sink that gets the lines }
export function streamscopeSink(url, loggers, options = {}) {
  const Socket = options.WebSocket ?? globalThis.WebSocket;
  const address = options.user ? `${url}?user=${encodeURIComponent(options.user)}` : url;
  let waiting = []; // lines that are not sent yet, the latest 1000
  let socket;
  let level; // of the default scope, as it was set last
  const plain = (v, depth = 0) => {
    if (v instanceof Error) return { name: v.name, message: v.message, code: v.code };
    if (typeof v === 'bigint' || typeof v === 'symbol') return String(v);
    if (typeof v === 'string' && v.length > 4000) return `${v.slice(0, 4000)}…`;
    if (typeof v !== 'object' || v === null) return v;
    if (depth > 4) return '…';
    if (Array.isArray(v)) return v.slice(0, 50).map((e) => plain(e, depth + 1));
    const shown = Object.entries(v).filter(([key]) => !key.startsWith('_')).slice(0, 50);
    return Object.fromEntries(shown.map(([key, e]) => [key, plain(e, depth + 1)]));
  };
  const flush = () => {
    if (socket?.readyState !== 1 || !waiting.length) return;
    socket.send(JSON.stringify(waiting));
    waiting = [];
  };
  const connect = () => {
    socket = new Socket(address);
    socket.onopen = flush;
    socket.onmessage = ({ data }) => {
      const changes = JSON.parse(data).configure ?? {};
      level = changes.default?.level ?? level;
      loggers.configureLoggers(changes);
    };
    socket.onerror = () => {}; // close follows
    socket.onclose = () => { setTimeout(connect, 3000)?.unref?.(); };
  };
  const send = (severity, message, args) => {
    waiting.push({ level: severity, message, args, at: Date.now() });
    if (waiting.length > 1000) waiting.shift();
    flush();
  };
  connect();
  setInterval(() => { // a client that is made sets the level of the default scope anew
    const now = loggers.getLogger('default').getLogLevel();
    if (!level || now === level) return;
    send('warn', `[streamscope]: a new client has set the default scope to ${now}; it is ${level} again`, []);
    loggers.configureLoggers({ default: { level } });
  }, 2000)?.unref?.();
  return (severity, message, ...args) => {
    let data;
    try { data = args.map((arg) => plain(arg)); } catch (err) { data = [`(not readable: ${err})`]; }
    send(severity, message, data);
    options.also?.(severity, message, ...args);
  };
}
