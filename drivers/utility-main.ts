/**
 * Process entry of the driver host under the desktop shell: the first message brings the port to the agent.
 * A native fault in a driver then ends this process and neither the agent nor the window.
 */
import process from 'node:process';
import type { DriverEnv } from './contract/env.ts';
import { ORPHAN_LIMIT_MS, runDriverHost } from './host.ts';
import { createSystemEnv } from './system-env.ts';
import { fromUtilityPort, parentPortOf } from './utility-port.ts';

/** One JSON object a line on standard error; the shell adds it to its log. */
const log: DriverEnv['log'] = (level, message, fields = {}) =>
  void process.stderr.write(`${JSON.stringify({ level, message, ...fields })}\n`);

/**
 * Ends this process at once. A device call that hangs keeps a thread of the pool, and `process.exit` waits for those
 * without end, with the event loop stopped, so that no timer would end it either.
 */
const end = (): void => void process.kill(process.pid, 'SIGKILL');

let served = false;
parentPortOf(process).on('message', ({ ports: [port] }) => {
  // One agent owns the devices; the shell starts a process for each.
  if (served || port === undefined) return;
  served = true;
  const agent = fromUtilityPort(port);
  let orphaned = false;
  const host = runDriverHost(
    {
      ...agent,
      close() {
        agent.close();
        // A utility process lives until it is told not to; the last answer leaves first. An agent that asked for the end
        // kills what does not come to it.
        setImmediate(() => (orphaned ? end() : process.exit(0)));
      },
    },
    createSystemEnv(log),
  );
  // Without an agent there is nobody to read for, and the devices must be free for the next one.
  port.on('close', () => {
    orphaned = true;
    void host.close();
    setTimeout(end, ORPHAN_LIMIT_MS);
  });
});
