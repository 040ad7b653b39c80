import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sourceFolders } from './boundaries.ts';
import { readSourceFile, type SourceFile } from './source-file.ts';

export const repositoryRoot = fileURLToPath(new URL('../../', import.meta.url));

const skippedFolders = new Set(['node_modules', 'dist', '.tsbuild']);

/** Reads every TypeScript file of the source folders. */
export function readSources(): SourceFile[] {
  return filesBelow(sourceFolders, /\.tsx?$/).map((path) =>
    readSourceFile(path, readFileSync(join(repositoryRoot, path), 'utf8')),
  );
}

/** The scripts that the HTML pages of the user interface start. */
export function readPageEntries(): string[] {
  return filesBelow(['ui'], /\.html$/).flatMap((page) => {
    const html = readFileSync(join(repositoryRoot, page), 'utf8');
    return [...html.matchAll(/<script[^>]+src="\.?\/?([^"]+\.tsx?)"/g)].map((match) =>
      posix.join(posix.dirname(page), match[1] ?? ''),
    );
  });
}

function filesBelow(folders: readonly string[], name: RegExp): string[] {
  return folders
    .filter((folder) => existsSync(join(repositoryRoot, folder)))
    .flatMap((folder) =>
      readdirSync(join(repositoryRoot, folder), { withFileTypes: true }).flatMap((entry) => {
        const path = `${folder}/${entry.name}`;
        if (entry.isDirectory())
          return skippedFolders.has(entry.name) ? [] : filesBelow([path], name);
        return name.test(entry.name) ? [path] : [];
      }),
    )
    .sort();
}
