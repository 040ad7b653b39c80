import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { startTestHq, type TestHq } from './hq.ts';

const SOURCES = fileURLToPath(new URL('../../ui/hq/', import.meta.url));

/** An HQ in this process that serves the console as it stands in the sources, over plain HTTP. */
export async function startConsoleHq(
  options: { readonly stores?: readonly string[]; readonly demo?: boolean } = {},
): Promise<TestHq> {
  const folder = mkdtempSync(join(tmpdir(), 'tillside-console-'));
  await build({
    configFile: join(SOURCES, 'vite.config.ts'),
    root: SOURCES,
    build: { outDir: folder, emptyOutDir: true },
    logLevel: 'warn',
  });
  const hq = await startTestHq({ tls: 'http', consoleFolder: folder, ...options });
  return {
    ...hq,
    async close() {
      await hq.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
