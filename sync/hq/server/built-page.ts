import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import type { HqLog } from '../deps.ts';

export interface BuiltPage {
  /** As the log names it. */
  readonly name: string;
  /** The path under which it is served, with a slash at the end. */
  readonly prefix: string;
  /** Where the build left it; undefined = whoever starts headquarters wants none. */
  readonly folder: string | undefined;
  /** What builds it. */
  readonly command: string;
  /** Headers of each of its files. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The build names its assets by their content, so they never change under one name, however packed; pages do. */
const NAMED_BY_CONTENT = /[\\/]assets[\\/][^\\/]+-[A-Za-z0-9_-]{8,}\.[a-z0-9]+(?:\.br|\.gz)?$/;
/** What a system says of names that no file of ours can have. */
const NO_SUCH_FILE: ReadonlySet<unknown> = new Set(['ENAMETOOLONG', 'ENOENT', 'ENOTDIR']);

/**
 * Serves a page as its build left it, packed where the build packed it. Where it was not built the log says so, with what
 * builds it. @returns whether it is served
 */
export async function serveBuiltPage(
  server: FastifyInstance,
  log: HqLog,
  { name, prefix, folder, command, headers = {} }: BuiltPage,
): Promise<boolean> {
  if (folder === undefined) return false;
  if (!existsSync(join(folder, 'index.html'))) {
    log('warn', 'a page is not built and not served', { page: name, at: prefix, folder, command });
    return false;
  }
  await server.register(async (scope) => {
    // Strangers look for what is not there all day: no refusal of a path is a fault of headquarters.
    scope.setErrorHandler((error, _request, reply) => {
      const { statusCode = 500, code } = error as { statusCode?: number; code?: unknown };
      if (statusCode >= 500 && !NO_SUCH_FILE.has(code)) throw error;
      reply.callNotFound();
    });
    await scope.register(fastifyStatic, {
      root: folder,
      prefix,
      // As a list: by its bare name it is not found for browsers that take packed files.
      index: ['index.html'],
      dotfiles: 'ignore',
      preCompressed: true,
      // They would be made of length and time, which two releases may share: then browsers would keep the older one.
      etag: false,
      lastModified: false,
      // Without them nobody could tell whether two parts are of one release.
      acceptRanges: false,
      setHeaders(reply, path) {
        for (const [field, value] of Object.entries(headers)) reply.header(field, value);
        const lasting = NAMED_BY_CONTENT.test(path);
        reply.header('Cache-Control', lasting ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  });
  return true;
}
