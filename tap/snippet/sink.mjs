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
  const text = (arg) => {
    if (arg instanceof Error) return { name: arg.name, message: arg.message, stack: arg.stack };
    const seen = new WeakSet();
    const plain = JSON.stringify(arg, (_, v) => {
      if (typeof v !== 'object' || v === null) return typeof v === 'bigint' ? String(v) : v;
      if (seen.has(v)) return '(seen above)';
      seen.add(v);
      return v;
    });
    return plain === undefined ? String(arg) : plain.length > 20000 ? `${plain.slice(0, 20000)}…` : JSON.parse(plain);
  };
  const flush = () => {
    if (socket?.readyState !== 1 || !waiting.length) return;
    socket.send(JSON.stringify(waiting));
    waiting = [];
  };
  const connect = () => {
    socket = new Socket(address);
    socket.onopen = flush;
    socket.onmessage = ({ data }) => loggers.configureLoggers(JSON.parse(data).configure ?? {});
    socket.onerror = () => {}; // close follows
    socket.onclose = () => { setTimeout(connect, 3000)?.unref?.(); };
  };
  connect();
  return (level, message, ...args) => {
    let plain;
    try { plain = args.map(text); } catch (err) { plain = [`(not readable: ${err})`]; }
    waiting.push({ level, message, args: plain, at: Date.now() });
    if (waiting.length > 1000) waiting.shift();
    flush();
    options.also?.(level, message, ...args);
  };
}
