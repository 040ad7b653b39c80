/**
 * Packs the desktop program for Linux with the real packer and a stand-in for Electron's files, so that nothing is
 * downloaded: `node pack-for-linux.ts ELECTRON_DIR OUTPUT_DIR`. The stand-in program holds the mark behind which the
 * packer flips Electron's fuses.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Arch, build, Platform } from 'app-builder-lib';
import { REPOSITORY } from './fake-utility-process.ts';

/** `@electron/fuses`: mark, version 1, then one character a fuse. */
const FUSE_MARK = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const FUSES_UNTOUCHED = 'rrrrrrrr';

const [electronDist = '', output = ''] = process.argv.slice(2);
mkdirSync(join(electronDist, 'locales'), { recursive: true });
mkdirSync(join(electronDist, 'resources'));
for (const language of ['zh-CN', 'en-US', 'de'])
  writeFileSync(join(electronDist, 'locales', `${language}.pak`), 'stand-in');
for (const file of ['LICENSE', 'LICENSES.chromium.html', 'version'])
  writeFileSync(join(electronDist, file), 'stand-in');
writeFileSync(
  join(electronDist, 'electron'),
  Buffer.concat([
    Buffer.from(`#!/bin/false\n${FUSE_MARK}`),
    Buffer.from([1, FUSES_UNTOUCHED.length]),
    Buffer.from(FUSES_UNTOUCHED.replaceAll('r', '1')),
    Buffer.from('\n'),
  ]),
  { mode: 0o755 },
);

// The packer reads electron-builder.yml by itself and joins the lists of both: only what differs is given here.
await build({
  projectDir: REPOSITORY,
  config: { electronDist, directories: { output } },
  targets: Platform.LINUX.createTarget('dir', Arch.x64),
  publish: 'never',
});
