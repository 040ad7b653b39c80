import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { createStaticFiles } from '../../agent/api/static-files.ts';

const FIXTURE = fileURLToPath(new URL('../browser/fixture/', import.meta.url));
const BUILT = fileURLToPath(new URL('../../artefacts/fixture/', import.meta.url));

/** The screens in prepared states, served at a free port. */
export interface SceneServer {
  address(scene: string, options?: { readonly language?: string; readonly theme?: string }): string;
  close(): Promise<void>;
}

/** Builds the fixture and serves it. */
export async function serveScenes(): Promise<SceneServer> {
  await build({ configFile: `${FIXTURE}vite.config.ts`, logLevel: 'error' });
  const files = createStaticFiles(BUILT);
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
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
