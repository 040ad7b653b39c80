/**
 * The drivers on a real kernel with real USB and HID devices, without hardware. One boot of a virtual machine looks into
 * everything (`guest/`) and prints what it found; here each finding is asserted by its name. The machine is started and
 * ended by `../shared/hid-vm/hid-vm.sh`; skipped by name where that is missing or not set up, and never with CI=true.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasVirtualMachine } from '../../../scripts/machine-needs.ts';
import { bootGuest, type GuestRun } from './boot-guest.ts';
import { buildGuest } from './build-guest.ts';
import { findingNames } from './findings.ts';

/** Building, the boot and everything in it. */
const ALL_LIMIT_MS = 900_000;
const isSkipped = !hasVirtualMachine() && process.env['CI'] !== 'true';

describe.skipIf(isSkipped)('on a real kernel, in a virtual machine', () => {
  let folder: string;
  let run: GuestRun;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tillside-guest-'));
    run = await bootGuest(await buildGuest(folder));
  }, ALL_LIMIT_MS);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(findingNames)('%s', (name) => {
    const found = run.findings.find((finding) => finding.name === name);
    expect(found, `nothing was found out; the guest said: ${run.words}`).toBeDefined();
    expect(found?.ok, `${found?.detail}; the guest said: ${run.words}`).toBe(true);
  });

  test('the guest came to its end', () => {
    expect([run.exitCode, run.findings.map(({ name }) => name).sort()]).toEqual([
      0,
      [...findingNames].sort(),
    ]);
  });
});
