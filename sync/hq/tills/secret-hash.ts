import { createHash } from 'node:crypto';

/** How HQ keeps a random secret of 80 bits or more: SHA-256 as hex. It need not be slow, for nobody can guess so many bits. */
export function secretHash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
