import { parentPort, workerData } from 'node:worker_threads';
import { assert, unreachable } from '../../contract/index.ts';
import { openSnapshotBuild, type SnapshotBuild } from './snapshot-build.ts';
import type { BuilderData, BuildReply, BuildRequest } from './worker-protocol.ts';

/** The thread that builds a snapshot, so that the till's own thread stays free for checkouts. */
const { dataDir, key } = workerData as BuilderData;
const port = parentPort;
assert(port !== null, 'the builder runs in a thread of its own');
let build: SnapshotBuild | undefined;

function begun(): SnapshotBuild {
  assert(build !== undefined, 'a build is begun first');
  return build;
}

function answer(request: BuildRequest): BuildReply {
  switch (request.call) {
    case 'begin': {
      build?.close();
      build = undefined;
      const { start, storeId, nowMs, fileId } = request;
      build = openSnapshotBuild({ dataDir, key, nowMs, storeId, fileId }, start);
      return { value: build.progress() };
    }
    case 'segment':
      return { result: begun().segment(request.wanted, request.bytes) };
    case 'finish': {
      const result = begun().finish();
      build?.close();
      build = undefined;
      return { result };
    }
    case 'close':
      build?.close();
      build = undefined;
      return { value: null };
    default:
      return unreachable(request);
  }
}

port.on('message', (request: BuildRequest) => {
  let reply: BuildReply;
  try {
    reply = answer(request);
  } catch (error) {
    reply = { thrown: partsOf(error) };
  }
  port.postMessage(reply);
});

function partsOf(error: unknown): Extract<BuildReply, { thrown: unknown }>['thrown'] {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const code = 'code' in error ? { code: String(error.code) } : {};
  return { name: error.name, message: error.message, ...code };
}
