import { acquireAgentLock } from '../../agent/main/agent-lock.ts';

/** Child process: tries for the lock of a data folder, says what it got, and keeps it until it is killed. */
const lock = acquireAgentLock(process.argv[2] ?? '');
process.stdout.write(`${lock.ok ? 'ok' : lock.error.code}\n`);
if (lock.ok) process.stdin.resume().on('end', () => process.exit(0));
