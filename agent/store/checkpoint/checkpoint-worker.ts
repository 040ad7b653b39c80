import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../contract/index.ts';
import { openDatabase } from '../sqlite/open-database.ts';
import { type CheckpointData, CROWDED, LEFT, MOVE_ALL } from './checkpoint-protocol.ts';
import { LOG_CROWDED_PAGES, LOG_MOVED_PAGES } from './log-pages.ts';

/** The thread looks at the log so often, in milliseconds. Between two looks the till's own connection can move it. */
const LOOK_EVERY_MS = 50;

/** SQLite's account of the log: frames in it, and how many of them were moved into the file. */
interface LogState {
  readonly log: number;
  readonly checkpointed: number;
}

/**
 * The thread that moves the write-ahead log into the file: every page is decrypted, checked, encrypted again and
 * flushed, which would take the till's thread 50 to 120 ms each time. PASSIVE never makes a writer wait. A disk that
 * fails ends the thread; whoever started it says so and starts it again.
 */
const { file, key, facts } = workerData as CheckpointData;
const port = parentPort;
assert(port !== null, 'the log is moved in a thread of its own');
const shared = new Int32Array(facts);
const db = openDatabase(file, key, false);

function ask(mode: 'NOOP' | 'PASSIVE'): LogState {
  const [state] = db.pragma(`wal_checkpoint(${mode})`) as LogState[];
  assert(state !== undefined, 'SQLite answers with one row');
  return state;
}

/** Reads how long the log is, what of it waits, and tells the till. */
function tell(): { readonly log: number; readonly left: number } {
  const { log, checkpointed } = ask('NOOP');
  const left = log - checkpointed;
  Atomics.store(shared, LEFT, left);
  Atomics.store(shared, CROWDED, log >= LOG_CROWDED_PAGES && left > 0 ? 1 : 0);
  return { log, left };
}

function look(): void {
  const { log, left } = tell();
  const all = Atomics.exchange(shared, MOVE_ALL, 0) === 1 || log >= LOG_CROWDED_PAGES;
  if (left < (all ? 1 : LOG_MOVED_PAGES)) return;
  ask('PASSIVE');
  // What was written meanwhile is not in SQLite's answer to the move.
  tell();
}

const timer = setInterval(look, LOOK_EVERY_MS);
port.once('message', () => {
  clearInterval(timer);
  db.close();
});
tell();
port.postMessage('ready');
