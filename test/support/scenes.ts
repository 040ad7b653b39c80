import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { createStaticFiles } from '../../agent/api/static-files.ts';

const FIXTURE = fileURLToPath(new URL('../browser/fixture/', import.meta.url));

/** The screens in prepared states, served at a free port. */
export interface SceneServer {
  address(scene: string, options?: { readonly language?: string; readonly theme?: string }): string;
  close(): Promise<void>;
}

/** Builds the fixture into a folder of its own and serves it. */
export async function serveScenes(): Promise<SceneServer> {
  const outDir = mkdtempSync(join(tmpdir(), 'tillside-scenes-'));
  await build({ configFile: `${FIXTURE}vite.config.ts`, logLevel: 'error', build: { outDir } });
  const files = createStaticFiles(outDir);
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://scenes');
    void files(pathname).then((file) => {
      if (file === undefined) response.writeHead(404).end();
      else
        response
          .writeHead(200, { 'content-type': file.type, 'cache-control': 'max-age=3600' })
          .end(file.bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: (scene, options = {}) =>
      `http://127.0.0.1:${port}/?${new URLSearchParams({ scene, ...options })}`,
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
