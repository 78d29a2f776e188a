// Draws calls of configureLoggers and restoreDefaults, makes them on Stream's own
// logger, and writes down which sink each scope's lines of each level then reach.
// logsink has to do the same:
//
//	node logger.mjs >../logsink/testdata/stream-logger.json
import { createLoggerSystem } from '@stream-io/logger';

const scopes = ['default', 'client', 'Call'];
const words = ['trace', 'debug', 'info', 'warn', 'error'];
const levels = [undefined, null, '', ...words, 'verbose', 'TRACE'];
const targets = [undefined, null, 'a', 'b'];

let seed = 1;
const draw = (list) => {
  seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
  return list[(seed >> 8) % list.length];
};

let reached = '';
for (const method of ['log', 'info', 'warn', 'error', 'trace', 'debug']) {
  console[method] = () => { reached = 'console'; };
}
const sinks = { a: () => { reached = 'a'; }, b: () => { reached = 'b'; } };
const system = createLoggerSystem();
const loggers = scopes.map((scope) => system.getLogger(scope));

const steps = [];
for (let n = 0; n < 150; n++) {
  const step = {};
  if (draw([...Array(15).keys()]) === 0) {
    system.restoreDefaults();
    step.restore = true;
  } else {
    step.configure = {};
    const options = {};
    for (const scope of scopes.filter(() => draw([true, false]))) {
      const level = draw(levels);
      const sink = draw(targets);
      step.configure[scope] = { level, sink }; // JSON leaves out what is undefined
      options[scope] = { level, sink: sinks[sink] ?? sink };
    }
    system.configureLoggers(options);
  }
  step.reached = loggers.map((logger) => words.map((word) => {
    reached = '';
    logger[word]('line');
    return reached;
  }).join(' '));
  steps.push(JSON.stringify(step));
}
process.stdout.write(`[\n${steps.join(',\n')}\n]\n`);
