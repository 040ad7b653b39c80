import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { securityHeaders } from '../../agent/api/security-headers.ts';
import { createStaticFiles } from '../../agent/api/static-files.ts';

const FIXTURE = fileURLToPath(new URL('../browser/fixture/', import.meta.url));

/** The screens in prepared states, served at a free port. */
export interface SceneServer {
  address(scene: string, options?: { readonly language?: string; readonly theme?: string }): string;
  close(): Promise<void>;
}

/**
 * Builds the fixture into a folder of its own and serves it.
 * @param options.guarded with the headers that the till's own server sends, so that its content policy counts
 */
export async function serveScenes(
  options: { readonly guarded?: boolean } = {},
): Promise<SceneServer> {
  const outDir = mkdtempSync(join(tmpdir(), 'tillside-scenes-'));
  await build({ configFile: `${FIXTURE}vite.config.ts`, logLevel: 'error', build: { outDir } });
  const files = createStaticFiles(outDir);
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://scenes');
    void files(pathname).then((file) => {
      if (file === undefined) response.writeHead(404).end();
      else
        response
          .writeHead(200, {
            ...(options.guarded === true
              ? securityHeaders(request.headers.host ?? '', pathname)
              : {}),
            'content-type': file.type,
            'cache-control': 'max-age=3600',
          })
          .end(file.bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: (scene, look = {}) =>
      `http://127.0.0.1:${port}/?${new URLSearchParams({ scene, ...look })}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          rmSync(outDir, { recursive: true, force: true });
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
