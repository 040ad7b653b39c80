import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../agent/contract/index.ts';
import '../../agent/store/snapshot/snapshot-worker.ts';
import type { BuilderData, BuildReply } from '../../agent/store/snapshot/worker-protocol.ts';

/** The thread that builds, which dies: over a segment, and after it has begun a build; by an error where the folder says so. */
const { dataDir } = workerData as BuilderData;
const byError = existsSync(join(dataDir, 'die-by-error'));

function die(): void {
  writeFileSync(join(dataDir, 'builder-died'), '');
  if (byError) throw new Error('made up');
  process.exit(134);
}

assert(parentPort !== null, 'the builder runs in a thread of its own');
const port = parentPort;
const post = port.postMessage.bind(port);
port.postMessage = (reply: BuildReply) => {
  if ('result' in reply) die();
  post(reply);
  if ('value' in reply && reply.value !== null) setTimeout(die, 20);
};
