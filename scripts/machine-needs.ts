import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Something that the heavy tests need from the machine, beyond npm packages. */
export interface MachineNeed {
  /** Debian package that provides it. */
  readonly package: string;
  /** What it is needed for, as the end of the sentence "needed for ...". */
  readonly purpose: string;
  readonly isPresent: () => boolean;
}

export const machineNeeds: readonly MachineNeed[] = [
  {
    package: 'chromium',
    purpose: 'the browser tests',
    isPresent: () => findProgram(['chromium', 'chromium-browser', 'google-chrome']) !== null,
  },
  {
    package: 'socat',
    purpose: 'the serial tests on pseudo-terminal pairs',
    isPresent: () => findProgram(['socat']) !== null,
  },
  {
    package: 'fonts-noto-cjk',
    purpose: 'readable Chinese in the screenshots of the browser tests',
    isPresent: () =>
      [
        '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc',
        '/usr/share/fonts/truetype/noto/NotoSansCJK-Regular.ttc',
        '/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc',
      ].some(existsSync),
  },
];

/** The full path of the first of `names` found on PATH, or null. */
export function findProgram(names: readonly string[]): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const name of names) {
    for (const folder of folders) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not in this folder: the next one decides.
      }
    }
  }
  return null;
}
