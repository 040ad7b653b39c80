import type { FastifyInstance } from 'fastify';
import { PASS_PAGE_PATH } from '../../protocol/pass.ts';
import type { HqLog } from '../deps.ts';
import { serveBuiltPage } from './built-page.ts';

/**
 * Headers of the pass: it loads its own files and talks to this server, and nothing else. It has no inline styles or
 * scripts, no pictures from elsewhere, and uses nothing of the phone but the lock that keeps its screen on.
 */
export const PASS_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'Permissions-Policy':
    'accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()',
};

/** Serves the page of members' passes where it is built. @returns whether it is */
export async function addPassPage(
  server: FastifyInstance,
  log: HqLog,
  folder: string | undefined,
): Promise<boolean> {
  const isServed = await serveBuiltPage(server, log, {
    name: 'pass',
    prefix: PASS_PAGE_PATH,
    folder,
    command: 'npm run build:pass',
    headers: PASS_HEADERS,
  });
  if (isServed)
    server.get(PASS_PAGE_PATH.slice(0, -1), (_request, reply) => reply.redirect(PASS_PAGE_PATH));
  return isServed;
}
