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
  // With nothing left to do the process ends by itself. A call that hangs in a device keeps it, and also its exit, which
  // waits for the threads of the pool; but it must not keep the other devices, and their locks, from the next agent.
  void host.close();
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), ORPHAN_LIMIT_MS).unref();
});
// A terminal sends Ctrl+C to the whole group; the parent decides when devices are let go.
process.on('SIGINT', () => {});
