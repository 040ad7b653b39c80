import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../contract/index.ts';
import { createBuildAnswers } from './build-answers.ts';
import type { BuilderData, BuildRequest } from './worker-protocol.ts';

/** The thread that builds a snapshot, so that the till's own thread stays free for checkouts. */
const port = parentPort;
assert(port !== null, 'the builder runs in a thread of its own');
const answer = createBuildAnswers(workerData as BuilderData);
port.on('message', (request: BuildRequest) => port.postMessage(answer(request)));
