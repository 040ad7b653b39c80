import { parentPort, workerData } from 'node:worker_threads';
import type { CheckpointData } from '../../agent/store/checkpoint/checkpoint-protocol.ts';
import { openDatabase } from '../../agent/store/sqlite/open-database.ts';

/** A thread that moves the log again and again and dies with the database open. */
const { file, key } = workerData as CheckpointData;
const db = openDatabase(file, key, false);
parentPort?.postMessage('ready');
let looks = 0;
setInterval(() => {
  db.pragma('wal_checkpoint(PASSIVE)');
  looks += 1;
  if (looks === 3) process.exit(1);
}, 5);
