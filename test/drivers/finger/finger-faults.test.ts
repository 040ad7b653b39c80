import { describe, expect, test } from 'vitest';
import type { FingerAct, FingerFailureCode } from '../../../drivers/contract/finger.ts';
import { instructions } from '../../../drivers/finger/codes.ts';
import type { ModuleFault } from '../../../drivers/sim/finger-module/faults.ts';
import { moduleFaults } from '../../../drivers/sim/finger-module/faults.ts';
import { enrolAt, openFingerRig, PLACE_MS } from './finger-rig.ts';

const identify = { act: 'identify', searchPages: 200, placeMs: PLACE_MS } as const;
const read = { act: 'read', page: 0 } as const;

/** A fault at a command of an act, and how that act ends: `ok`, or the named failure. */
type Row = {
  readonly fault: ModuleFault;
  readonly at: keyof typeof instructions;
  readonly act: FingerAct;
  readonly end: FingerFailureCode | 'ok';
  readonly times?: number;
};

/** What passes once is repeated; what stays is told by its name. */
const rows: readonly Row[] = [
  { fault: 'garbage-prefix', at: 'search', act: identify, end: 'ok' },
  { fault: 'garbage-prefix', at: 'upload', act: read, end: 'ok' },
  { fault: 'dropped-byte', at: 'search', act: identify, end: 'ok' },
  { fault: 'dropped-byte', at: 'upload', act: read, end: 'ok' },
  { fault: 'wrong-checksum', at: 'getImage', act: identify, end: 'ok' },
  { fault: 'wrong-checksum', at: 'search', act: identify, end: 'ok' },
  { fault: 'wrong-checksum', at: 'upload', act: read, end: 'ok' },
  { fault: 'wrong-checksum', at: 'search', act: identify, end: 'garbled', times: 9 },
  { fault: 'half-packet', at: 'search', act: identify, end: 'ok' },
  { fault: 'half-packet', at: 'upload', act: read, end: 'ok' },
  { fault: 'half-packet', at: 'upload', act: read, end: 'garbled', times: 9 },
  { fault: 'late-reply', at: 'search', act: identify, end: 'ok' },
  { fault: 'late-reply', at: 'load', act: read, end: 'ok' },
  { fault: 'silent', at: 'load', act: read, end: 'ok' },
  { fault: 'silent', at: 'load', act: read, end: 'silent', times: 9 },
  { fault: 'residual-finger', at: 'getImage', act: identify, end: 'ok' },
  { fault: 'wrong-password', at: 'load', act: read, end: 'wrong-password' },
  { fault: 'library-full', at: 'store', act: enrolAt(1), end: 'library-full' },
  { fault: 'unknown-code', at: 'load', act: read, end: 'unknown-code' },
  { fault: 'unknown-code', at: 'imageToTemplate', act: identify, end: 'unknown-code' },
  { fault: 'flash-error', at: 'store', act: enrolAt(1), end: 'flash-fault' },
  {
    fault: 'other-template-size',
    at: 'upload',
    act: { act: 'store', page: 2, template: new Uint8Array(512).fill(1) },
    end: 'page-empty',
  },
  { fault: 'unplug', at: 'upload', act: read, end: 'not-ready' },
  { fault: 'unplug', at: 'getImage', act: identify, end: 'not-ready' },
  { fault: 'power-loss', at: 'load', act: read, end: 'ok' },
  { fault: 'power-loss-after', at: 'store', act: enrolAt(1), end: 'not-confirmed' },
  { fault: 'power-loss-torn', at: 'store', act: enrolAt(1), end: 'not-confirmed' },
];

describe('whatever befalls a module', () => {
  test('every fault of the emulator is met by a case', () => {
    expect(new Set(rows.map(({ fault }) => fault))).toEqual(new Set(moduleFaults));
  });

  test.each(rows)(
    '$fault at $at: a named end, and the next act works',
    async ({ fault, at, act, end, times = 1 }) => {
      const rig = openFingerRig('r305');
      await rig.ready();
      await rig.run(enrolAt(0));
      rig.person.finger = act.act === 'enrol' ? 'bert-index' : 'anna-index';
      rig.module.lift();
      rig.module.plan({ fault, on: instructions[at], times });
      const done = await rig.run(act);
      expect(done.ok ? 'ok' : done.error.code).toBe(end);
      if (!done.ok) expect(rig.errors().at(-1)?.detail).toContain(end);
      // Nothing half done is in the library, whatever the till has yet to hear of it.
      expect([...rig.memory.pages.keys()]).toEqual([0]);
      // Plugged in again, and whatever was planned further is over.
      if (fault === 'unplug') {
        expect(rig.states().at(-1)).toBe('absent');
        rig.driver.fingerSimulation?.plug();
      }
      rig.module.heal();
      await rig.env.advance(60_000);
      expect(rig.driver.state()).toBe('ready');
      rig.person.finger = 'anna-index';
      rig.module.lift();
      expect(await rig.run(identify)).toMatchObject({ ok: true, value: { hit: { page: 0 } } });
    },
  );

  test('unplugged inside a transfer, nothing of it is used, and the module is found again by itself', async () => {
    const rig = openFingerRig('r503');
    await rig.ready();
    await rig.run(enrolAt(0));
    rig.module.plan({ fault: 'unplug', on: instructions.upload });
    expect(await rig.run(read)).toMatchObject({ error: { code: 'not-ready' } });
    expect(rig.states().at(-1)).toBe('absent');
    rig.driver.fingerSimulation?.plug();
    await rig.env.advance(5_000);
    expect(rig.driver.state()).toBe('ready');
    expect((await rig.run(read)).ok).toBe(true);
  });
});
