import { readFileSync } from 'node:fs';
import { err, ok, type Result } from '../../../../agent/contract/result.ts';
import { type HqOpenProblem, hqOpenProblem } from '../hq-open-problem.ts';

/** The user that the server runs as; null = the one of this process. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** Users that the server may run as where HQ runs as root, the best first. */
const CANDIDATES = ['postgres', 'nobody'] as const;

/** PostgreSQL refuses to run as root: then an ordinary user of the system is taken for it. */
export function findServerUser(
  uid: number | undefined = process.getuid?.(),
  passwd: () => string = () => readFileSync('/etc/passwd', 'utf8'),
): Result<ServerUser | null, HqOpenProblem> {
  if (uid !== 0) return ok(null);
  const users = new Map<string, ServerUser>();
  for (const line of passwd().split('\n')) {
    const [name, , userId, groupId] = line.split(':');
    if (name !== undefined && userId !== undefined && groupId !== undefined)
      users.set(name, { uid: Number(userId), gid: Number(groupId) });
  }
  for (const name of CANDIDATES) {
    const user = users.get(name);
    if (user !== undefined && user.uid > 0) return ok(user);
  }
  return err(hqOpenProblem('user-missing', CANDIDATES.join(', ')));
}
