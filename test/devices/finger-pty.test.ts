import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, vi } from 'vitest';
import type { Driver } from '../../drivers/contract/device.ts';
import type { DriverEvent } from '../../drivers/contract/event.ts';
import type { FingerAct } from '../../drivers/contract/finger.ts';
import { instructions } from '../../drivers/finger/codes.ts';
import { createSerialFinger } from '../../drivers/finger/serial-finger.ts';
import { type ModuleOnPty, startModuleOnPty } from '../../drivers/sim/finger-module/on-pty.ts';
import {
  type ModuleProfileName,
  moduleProfileNames,
  moduleProfiles,
} from '../../drivers/sim/finger-module/profile.ts';
import { createSystemEnv } from '../../drivers/system-env.ts';
import { testWithProgram } from '../support/machine.ts';

/** Skipped by name where `socat` is missing, except with CI=true. */
const test = testWithProgram('socat');
const WAIT = { timeout: 20_000, interval: 10 } as const;
const PLACE_MS = 20_000;

const open: { driver: Driver[]; module: ModuleOnPty[]; folder: string[] } = {
  driver: [],
  module: [],
  folder: [],
};
afterEach(async () => {
  for (const driver of open.driver.splice(0)) await driver.stop();
  for (const module of open.module.splice(0)) await module.stop();
  for (const folder of open.folder.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A module on a pseudo-terminal, the driver on the real serial port, and somebody who does as told. */
const connect = async (profile: ModuleProfileName) => {
  const folder = mkdtempSync(join(tmpdir(), 'tillside-finger-'));
  open.folder.push(folder);
  const env = createSystemEnv(() => {});
  const link = join(folder, 'module');
  const started = await startModuleOnPty({ profile, link, memoryFile: join(folder, 'flash') }, env);
  if (!started.ok) throw new Error(started.error);
  const on = started.value;
  open.module.push(on);
  const person = { finger: 'anna-index' };
  const events: DriverEvent[] = [];
  const driver = createSerialFinger(
    { id: 'finger-1', owner: 'agent', port: { path: link }, settings: {} },
    env,
    (event) => {
      events.push(event);
      if (event.type !== 'finger') return;
      if (event.step === 'lift') on.module.lift();
      if (event.step === 'place') on.module.place(person.finger);
    },
  );
  open.driver.push(driver);
  driver.start();
  const reaches = (state: string) => vi.waitFor(() => expect(driver.state()).toBe(state), WAIT);
  await reaches('ready');
  return {
    ...on,
    driver,
    person,
    events,
    reaches,
    async run<Act extends FingerAct>(act: Act) {
      const done = await driver.finger?.run(act);
      if (done === undefined) throw new Error('broken invariant: a module without acts');
      return done;
    },
  };
};

const identify = { act: 'identify', searchPages: 200, placeMs: PLACE_MS } as const;
const enrol = { act: 'enrol', page: 3, captures: 3, searchPages: 200, placeMs: PLACE_MS } as const;

describe.each(moduleProfileNames)('a %s on a real serial line', (profile) => {
  test('enrols, identifies, verifies and deletes', { timeout: 60_000 }, async () => {
    const till = await connect(profile);
    const enrolled = await till.run(enrol);
    expect(enrolled).toMatchObject({ ok: true });
    expect(enrolled.ok && enrolled.value.template.length).toBe(
      moduleProfiles[profile].templateBytes,
    );
    expect(await till.run(identify)).toMatchObject({ value: { hit: { page: 3 } } });
    expect(await till.run({ act: 'verify', page: 3, placeMs: PLACE_MS })).toMatchObject({
      value: { isMatch: true },
    });
    till.person.finger = 'bert-thumb';
    expect(await till.run(identify)).toMatchObject({ ok: true, value: { hit: null } });
    expect((await till.run({ act: 'delete', page: 3 })).ok).toBe(true);
    expect(await till.run({ act: 'index' })).toMatchObject({ value: { pages: [] } });
    // On the port as the system knows it, under its lock.
    expect(till.driver.identity()).toMatchObject({ transport: 'serial' });
  });
});

test('unplugged inside a transfer, it is found again by itself, with its library', async () => {
  const till = await connect('r503');
  expect((await till.run(enrol)).ok).toBe(true);
  till.module.plan({ fault: 'unplug', on: instructions.upload });
  const done = await till.run({ act: 'read', page: 3 });
  expect(done).toMatchObject({ ok: false });
  await vi.waitFor(() => expect(till.driver.state()).not.toBe('ready'), WAIT);
  expect((await till.plug()).ok).toBe(true);
  await till.reaches('ready');
  expect(await till.run({ act: 'index' })).toMatchObject({ value: { pages: [3] } });
}, 60_000);

test('noise and damage on a real line are got over', async () => {
  const till = await connect('r307');
  expect((await till.run(enrol)).ok).toBe(true);
  for (const fault of [
    'garbage-prefix',
    'dropped-byte',
    'wrong-checksum',
    'half-packet',
  ] as const) {
    till.module.lift();
    till.module.plan({ fault, on: instructions.search });
    expect(await till.run(identify), fault).toMatchObject({ value: { hit: { page: 3 } } });
  }
}, 60_000);
