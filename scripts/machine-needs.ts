import { accessSync, constants, existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Something that the heavy tests need from the machine, beyond npm packages. */
export interface MachineNeed {
  /** Debian package that provides it, or what it is called where `setUp` brings it. */
  readonly package: string;
  /** Program and arguments that bring it, for what is more than one package. */
  readonly setUp?: readonly [program: string, ...args: string[]];
  /** What it is needed for, as the end of the sentence "needed for ...". */
  readonly purpose: string;
  readonly isPresent: () => boolean;
}

/** Boots a real kernel with virtual devices; beside the checkout, like the reference data. */
const VIRTUAL_MACHINE = fileURLToPath(new URL('../../shared/hid-vm/hid-vm.sh', import.meta.url));

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
    package: 'libusb-1.0-0',
    purpose: 'the binding that lists HID devices',
    isPresent: hasLibusb,
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
  {
    package: 'the virtual machine of ../shared/hid-vm',
    purpose: 'the driver tests on a real kernel',
    setUp: [VIRTUAL_MACHINE, '-u', '--setup'],
    // Without the script there is nothing to set up, and the tests say so by their names.
    isPresent: () => !existsSync(VIRTUAL_MACHINE) || hasVirtualMachine(),
  },
];

/** Whether the library is there that the HID binding is linked to on Linux; elsewhere it needs none. */
export function hasLibusb(): boolean {
  return (
    process.platform !== 'linux' ||
    ['x86_64-linux-gnu', 'aarch64-linux-gnu', 'arm-linux-gnueabihf', '.', '../lib64']
      .flatMap((folder) => [`/usr/lib/${folder}`, `/lib/${folder}`])
      .some((folder) => existsSync(join(folder, 'libusb-1.0.so.0')))
  );
}

/** Whether the virtual machine can be booted: its script, and the programs and the kernel that the script brings. */
export function hasVirtualMachine(): boolean {
  const cache =
    process.env['HIDVM_CACHE'] ??
    join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'hid-vm');
  return (
    existsSync(VIRTUAL_MACHINE) &&
    ['qemu-system-x86_64', 'busybox', 'cpio', 'xz'].every((name) => findProgram([name]) !== null) &&
    existsSync('/lib/systemd/systemd-udevd') &&
    existsSync(join(cache, 'kernel', 'boot'))
  );
}

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
