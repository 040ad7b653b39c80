import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const SOURCES = fileURLToPath(new URL('../../ui/pass/', import.meta.url));

/** Builds the page of members' passes as it stands in the sources. @returns its folder, and what removes it */
export async function buildPassPage(): Promise<{ readonly folder: string; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'tillside-pass-'));
  await build({
    configFile: join(SOURCES, 'vite.config.ts'),
    root: SOURCES,
    build: { outDir: folder, emptyOutDir: true },
    logLevel: 'warn',
  });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
