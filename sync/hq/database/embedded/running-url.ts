import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLUSTER_USER, PASSWORD_FILE } from './make-cluster.ts';

/**
 * Where the server of a cluster listens by its own note, with the cluster's password; `undefined` where there is no note
 * or this account may not read it.
 */
export function runningUrl(dataDir: string): string | undefined {
  try {
    const port = readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[3]?.trim();
    const password = readFileSync(join(dataDir, PASSWORD_FILE), 'utf8').trim();
    if (port === undefined || !/^\d+$/.test(port)) return undefined;
    return `postgresql://${CLUSTER_USER}:${password}@127.0.0.1:${port}/postgres`;
  } catch {
    // No note: nobody to ask.
    return undefined;
  }
}
