/**
 * Process entry of the driver host under `child_process.fork` (serialization 'advanced').
 * A native fault in a driver then ends this process and not the till.
 */
import process from 'node:process';
import type { DriverEnv } from './contract/env.ts';
import { ORPHAN_LIMIT_MS, runDriverHost } from './host.ts';
import { createSystemEnv } from './system-env.ts';

/** One JSON object a line on standard error; the agent adds it to its own log. */
const log: DriverEnv['log'] = (level, message, fields = {}) =>
  void process.stderr.write(`${JSON.stringify({ level, message, ...fields })}\n`);

const host = runDriverHost(
  {
    postMessage(message) {
      if (!process.connected) return;
      // With a callback a failed write is no 'error' event. The parent may have gone a moment
      // ago: then there is nobody to tell, and 'disconnect' ends this process.
      process.send?.(message, undefined, undefined, () => {});
    },
    onMessage(receive) {
      process.on('message', receive);
    },
    close() {
      if (process.connected) process.disconnect();
    },
  },
  createSystemEnv(log),
);

// Without a parent there is nobody to read for, and the devices must be free for the next agent.
process.on('disconnect', () => {
  void host.close().then(() => process.exit(0));
  // A device that answers nothing must not keep the others, and their locks, from the next agent.
  setTimeout(() => process.exit(0), ORPHAN_LIMIT_MS);
});
// A terminal sends Ctrl+C to the whole group; the parent decides when devices are let go.
process.on('SIGINT', () => {});
