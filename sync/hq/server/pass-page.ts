import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { PASS_PAGE_PATH } from '../../protocol/pass.ts';

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

/** Serves the page of members' passes where it is built. */
export async function addPassPage(
  server: FastifyInstance,
  folder: string | undefined,
): Promise<void> {
  if (folder === undefined || !existsSync(join(folder, 'index.html'))) return;
  server.get(PASS_PAGE_PATH.slice(0, -1), (_request, reply) => reply.redirect(PASS_PAGE_PATH));
  await server.register(fastifyStatic, {
    root: folder,
    prefix: PASS_PAGE_PATH,
    index: 'index.html',
    // As if they were not there: a refusal is answered as a fault of headquarters, and strangers look for them all day.
    dotfiles: 'ignore',
    // They would be made of length and time, which two releases may share: then phones would keep the older one.
    etag: false,
    lastModified: false,
    // The console has its own way to send files, or there is none.
    decorateReply: false,
    setHeaders(reply, path) {
      for (const [name, value] of Object.entries(PASS_HEADERS)) reply.header(name, value);
      // The build names its assets by their content; the page and its worker keep their names.
      const lasting = /-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$/.test(path);
      reply.header('Cache-Control', lasting ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
}
