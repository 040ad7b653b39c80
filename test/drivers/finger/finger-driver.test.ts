import { describe, expect, test } from 'vitest';
import { MAX_SEARCHED_PAGES } from '../../../drivers/contract/finger.ts';
import { MAX_RETAKES } from '../../../drivers/finger/captures.ts';
import { instructions } from '../../../drivers/finger/codes.ts';
import { emptyMemory } from '../../../drivers/sim/finger-module/memory.ts';
import { moduleProfileNames, moduleProfiles } from '../../../drivers/sim/finger-module/profile.ts';
import { enrolAt, openFingerRig, PLACE_MS } from './finger-rig.ts';

const identify = { act: 'identify', searchPages: 200, placeMs: PLACE_MS } as const;

describe.each(moduleProfileNames)('a fingerprint module of the family %s', (name) => {
  const profile = moduleProfiles[name];

  test('is found at its speed, tells what it is, and enrols, identifies, verifies and deletes', async () => {
    const rig = openFingerRig(name);
    await rig.ready();
    expect(rig.driver.state()).toBe('ready');
    const capability = await rig.run({ act: 'describe' });
    expect(capability).toMatchObject({
      ok: true,
      value: { capacity: profile.capacity, packetBytes: 128, baudRate: 57_600 },
    });
    const enrolled = await rig.run(enrolAt(7));
    expect(enrolled).toMatchObject({ ok: true, value: { retakes: 0 } });
    expect(enrolled.ok && enrolled.value.template.length).toBe(profile.templateBytes);
    expect(rig.steps()).toEqual([
      'place',
      'seen',
      'lift',
      'place',
      'seen',
      'lift',
      'stored',
      'place',
      'seen',
    ]);
    expect(await rig.run({ act: 'index' })).toMatchObject({ value: { pages: [7] } });

    expect(await rig.run(identify)).toMatchObject({ value: { hit: { page: 7 } } });
    expect(await rig.run({ act: 'verify', page: 7, placeMs: PLACE_MS })).toMatchObject({
      value: { isMatch: true },
    });
    rig.person.finger = 'bert-index';
    expect(await rig.run(identify)).toMatchObject({ ok: true, value: { hit: null } });
    expect(await rig.run({ act: 'verify', page: 7, placeMs: PLACE_MS })).toMatchObject({
      value: { isMatch: false },
    });

    expect((await rig.run({ act: 'delete', page: 7 })).ok).toBe(true);
    expect(await rig.run({ act: 'index' })).toMatchObject({ value: { pages: [] } });
    rig.person.finger = 'anna-index';
    expect(await rig.run(identify)).toMatchObject({ ok: true, value: { hit: null } });
  });

  test('takes a template of its own kind back, and compares with one that is not in its library', async () => {
    const rig = openFingerRig(name);
    await rig.ready();
    const enrolled = await rig.run(enrolAt(0));
    const template = enrolled.ok ? enrolled.value.template : new Uint8Array();
    await rig.run({ act: 'clear' });
    const compare = { act: 'verify-template', template, placeMs: PLACE_MS } as const;
    expect(await rig.run(compare)).toMatchObject({ value: { isMatch: true } });
    expect(await rig.run({ act: 'index' })).toMatchObject({ value: { pages: [] } });
    expect((await rig.run({ act: 'store', page: 3, template })).ok).toBe(true);
    expect(await rig.run({ act: 'read', page: 3 })).toMatchObject({ value: { template } });
    expect(await rig.run(identify)).toMatchObject({ value: { hit: { page: 3 } } });
  });

  test('keeps a note by which its library is known again', async () => {
    const rig = openFingerRig(name);
    await rig.ready();
    const libraryMark = Uint8Array.from({ length: 16 }, (_, at) => at + 1);
    expect((await rig.run({ act: 'write-mark', libraryMark })).ok).toBe(true);
    rig.module.restart();
    await rig.env.advance(1_000);
    expect(await rig.run({ act: 'read-mark' })).toMatchObject({ value: { libraryMark } });
  });
});

describe('an enrolment', () => {
  test('of a finger that is in the library already is refused with its place, and stores nothing', async () => {
    const rig = openFingerRig('r307');
    await rig.ready();
    await rig.run(enrolAt(5));
    expect(await rig.run(enrolAt(6))).toMatchObject({ error: { code: 'duplicate', page: 5 } });
    expect([...rig.memory.pages.keys()]).toEqual([5]);
  });

  test('says what is wrong with a bad capture and takes it again', async () => {
    const rig = openFingerRig('r307');
    await rig.ready();
    rig.person.isPoor = true;
    expect(await rig.run(enrolAt(0))).toMatchObject({ ok: true, value: { retakes: 1 } });
    expect(rig.events).toContainEqual(
      expect.objectContaining({ type: 'finger', step: 'again', problem: 'few-features' }),
    );
  });

  test('ends after bad captures only', async () => {
    const rig = openFingerRig('r305');
    await rig.ready();
    for (let bad = 0; bad <= MAX_RETAKES; bad += 1)
      rig.module.plan({ fault: 'residual-finger', on: instructions.imageToTemplate });
    expect(await rig.run(enrolAt(0))).toMatchObject({ error: { code: 'poor-quality' } });
    expect(rig.memory.pages.size).toBe(0);
  });

  test('of two fingers is refused before anything is stored', async () => {
    const rig = openFingerRig('r305', {
      onStep({ capture }, person) {
        if (capture === 2) person.finger = 'anna-thumb';
      },
    });
    await rig.ready();
    expect(await rig.run(enrolAt(0))).toMatchObject({ error: { code: 'captures-differ' } });
    expect(rig.memory.pages.size).toBe(0);
  });

  test('whose last capture is another finger leaves nothing behind', async () => {
    const rig = openFingerRig('r503', {
      onStep({ capture, captures }, person) {
        if (capture === captures) person.finger = 'somebody-else';
      },
    });
    await rig.ready();
    expect(await rig.run(enrolAt(0))).toMatchObject({ error: { code: 'not-confirmed' } });
    expect(rig.module.obeyed()).toContain(instructions.store);
    expect(rig.memory.pages.size).toBe(0);
  });

  test('merges as many captures as the module can, and no more are asked of it', async () => {
    const rig = openFingerRig('r503');
    await rig.ready();
    expect((await rig.run(enrolAt(0, 6))).ok).toBe(true);
    const classic = openFingerRig('r305');
    await classic.ready();
    expect(await classic.run(enrolAt(0, 4))).toMatchObject({ error: { code: 'bad-request' } });
  });

  test('ends when nobody comes, when it is given up, and never runs beside another act', async () => {
    const rig = openFingerRig('r503');
    await rig.ready();
    rig.person.finger = null;
    expect(await rig.run(enrolAt(0))).toMatchObject({ error: { code: 'no-finger' } });
    const waiting = rig.run(enrolAt(0));
    await rig.env.advance(500);
    expect(await rig.driver.finger?.run({ act: 'index' })).toMatchObject({
      error: { code: 'busy' },
    });
    rig.driver.finger?.cancel();
    expect(await waiting).toMatchObject({ error: { code: 'cancelled' } });
    expect((await rig.run({ act: 'index' })).ok).toBe(true);
  });
});

describe('what is asked of a module', () => {
  test.each([
    [{ act: 'verify', page: 256, placeMs: 1 }, 'page-out-of-range'],
    [{ act: 'delete', page: 256 }, 'page-out-of-range'],
    [{ act: 'identify', searchPages: MAX_SEARCHED_PAGES + 1, placeMs: 1 }, 'bad-request'],
    [{ act: 'identify', searchPages: 1, placeMs: 60_001 }, 'bad-request'],
    [{ ...enrolAt(0), captures: 2 }, 'bad-request'],
    [{ act: 'store', page: 0, template: new Uint8Array() }, 'bad-request'],
    [{ act: 'store', page: 0, template: new Uint8Array(4_097) }, 'bad-request'],
    [{ act: 'write-mark', libraryMark: new Uint8Array(15) }, 'bad-request'],
  ] as const)('is refused beyond its limits: %o', async (act, code) => {
    const rig = openFingerRig('r305');
    await rig.ready();
    expect(await rig.run(act)).toMatchObject({ ok: false, error: { code } });
    expect(rig.driver.state()).toBe('ready');
  });
});

describe('a module that is set otherwise than delivered', () => {
  test('is found with its password and address', async () => {
    const memory = { ...emptyMemory(), password: 0x1234_5678, address: 0x0000_0042 };
    const settings = { password: 0x1234_5678, address: 0x0000_0042 };
    const rig = openFingerRig('r307', { memory, settings });
    await rig.ready();
    expect(rig.driver.state()).toBe('ready');
    expect(await rig.run({ act: 'describe' })).toMatchObject({ value: { address: 0x42 } });
  });

  test('a wrong password is told as one, with what to do, and nothing is tried on the glass', async () => {
    const memory = { ...emptyMemory(), password: 7 };
    const rig = openFingerRig('r307', { memory, settings: { password: 8 } });
    await rig.ready();
    expect(rig.driver.state()).toBe('unsupported');
    expect(rig.remedy()).toBe('set-password');
    expect(await rig.run({ act: 'index' })).toMatchObject({ error: { code: 'not-ready' } });
  });

  test('that does not answer at any speed is told so, and is found once it does', async () => {
    const memory = { ...emptyMemory(), address: 0x99 };
    const rig = openFingerRig('r305', { memory });
    await rig.ready();
    await rig.env.advance(20_000);
    expect(rig.driver.state()).toBe('faulted');
    expect(rig.remedy()).toBe('check-cable');
    memory.address = 0xffff_ffff;
    await rig.env.advance(20_000);
    expect(rig.driver.state()).toBe('ready');
  });
});
