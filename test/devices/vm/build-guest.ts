import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { copyNativeModules, nativeModules } from '../../../scripts/desktop-native.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

const UDEV_RULE = '70-tillside-scanners.rules';

/** Processes of the guest, by the name of their bundle. */
const ENTRIES = {
  'guest.js': 'test/devices/vm/guest/main.ts',
  'drivers.js': 'drivers/host-main.ts',
} as const;

/**
 * Bundles what runs in the guest into `folder`, as the desktop program bundles its processes: reading some hundred
 * modules through the emulated file system takes longer than everything that is tested.
 *
 * @returns the file to start.
 */
export async function buildGuest(folder: string): Promise<string> {
  for (const [file, entry] of Object.entries(ENTRIES)) {
    const bundle = await rolldown({
      input: join(ROOT, entry),
      platform: 'node',
      plugins: [nativeModules()],
      // Packages written for CommonJS ask where they lie; in a module that is asked differently.
      transform: { define: { __dirname: 'import.meta.dirname' } },
    });
    await bundle.write({ file: join(folder, file), format: 'esm', codeSplitting: false });
    await bundle.close();
  }
  // Agents without rights read it, too.
  chmodSync(folder, 0o755);
  copyFileSync(join(ROOT, 'packaging/linux', UDEV_RULE), join(folder, UDEV_RULE));
  copyNativeModules(ROOT, join(folder, 'native'));
  return join(folder, 'guest.js');
}
