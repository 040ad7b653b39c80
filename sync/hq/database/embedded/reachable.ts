import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ServerUser } from './server-user.ts';

/** The first folder on the way to `path`, itself included, that `user` may not pass; null = the way is free. */
export async function blockedAt(path: string, user: ServerUser): Promise<string | null> {
  const up = dirname(path);
  if (up !== path) {
    const blocked = await blockedAt(up, user);
    if (blocked !== null) return blocked;
  }
  const { mode, uid, gid } = await stat(path);
  const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
  return ((mode >> shift) & 0o1) === 1 ? null : path;
}
