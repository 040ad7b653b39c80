import { afterEach, describe, expect, test } from 'vitest';
import type { OpenTemplate } from '../../../../agent/app/faces/ports.ts';
import type { MemberId, TemplateId } from '../../../../agent/contract/index.ts';
import { GALLERY_MAX } from '../../../../agent/domain/face/gallery.ts';
import {
  createFaceGallery,
  type FaceGalleryOptions,
  GALLERY_FIRST_MS,
  GALLERY_PUTS_MAX,
  GALLERY_SEARCHES_MAX,
  GALLERY_SHORTLIST_MAX,
  type ThreadGallery,
} from '../../../../agent/main/face/gallery-client.ts';
import { LOAD_SLICE } from '../../../../agent/main/face/gallery-thread.ts';
import { DEFAULT_MODEL } from '../../../../drivers/face/default-model.ts';
import { distanceOf } from '../../../../drivers/face/descriptor.ts';

const DIMENSIONS = 16;
const manifest = { ...DEFAULT_MODEL, dimensions: DIMENSIONS };
const model = { modelId: manifest.id, modelVersion: manifest.version };

/** Somebody whose template is the number in the first place. */
function template(person: number, first = person): OpenTemplate {
  const descriptor = new Float32Array(DIMENSIONS).fill(1);
  descriptor[0] = first;
  return {
    templateId: person.toString(16).padStart(32, '0') as TemplateId,
    memberId: `m${person}` as MemberId,
    model,
    descriptor,
  };
}
const probe = (first: number) => template(0, first).descriptor;
const member = (person: number) => template(person).memberId;

const opened: ThreadGallery[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

function open(options: Partial<FaceGalleryOptions> = {}) {
  const timers: { delayMs: number; run: () => void }[] = [];
  const lines: string[] = [];
  const gallery = createFaceGallery({
    manifest,
    templates: () => [],
    timers: { set: (delayMs, run) => timers.push({ delayMs, run }), clear: () => undefined },
    log: (_, message, fields) => lines.push(`${message} ${JSON.stringify(fields)}`),
    ...options,
  });
  opened.push(gallery);
  return { gallery, timers, lines };
}

/** A thread that dies over the first search. */
const dying = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads';
    parentPort.on('message', ({ call }) => {
      if (call === 'nearest') throw new Error('memory is broken');
      if (call !== 'load') parentPort.postMessage(null);
    });`)}`,
);

describe('the gallery in a thread of its own', () => {
  test('begins with the templates that are kept, and answers the nearest first', async () => {
    const { gallery } = open({ templates: () => [template(1), template(5), template(9)] });
    expect(await gallery.size()).toBe(3);
    expect(await gallery.nearest(probe(6), 2)).toEqual([
      { memberId: 'm5', distance: 1 },
      { memberId: 'm9', distance: 3 },
    ]);
    expect(await gallery.distance(member(9), probe(6))).toBe(3);
    expect(await gallery.distance(member(7), probe(6))).toBeUndefined();
  });

  test('a template that is put is found by the search asked right after, one removed by none', async () => {
    const { gallery } = open();
    const put = gallery.put(template(4));
    const found = gallery.nearest(probe(4), 1);
    const removed = gallery.remove(member(4));
    const gone = gallery.nearest(probe(4), 1);
    expect(await put).toEqual({ ok: true, value: undefined });
    expect(await found).toEqual([{ memberId: 'm4', distance: 0 }]);
    await removed;
    expect(await gone).toEqual([]);
  });

  test("a member's second template takes the place of the first", async () => {
    const { gallery } = open({ templates: () => [template(4)] });
    await gallery.put(template(4, 20));
    expect(await gallery.size()).toBe(1);
    expect(await gallery.distance(member(4), probe(20))).toBe(0);
  });

  test('overwrites the numbers that it was begun with, those that are left out too', async () => {
    const begun = [template(1), { ...template(2), model: { ...model, modelId: 'other' } }];
    const { gallery } = open({ templates: () => begun });
    expect(await gallery.size()).toBe(1);
    for (const { descriptor } of begun) expect(descriptor.every((one) => one === 0)).toBe(true);
  });

  test('leaves the caller the numbers that were put or searched for', async () => {
    const { gallery } = open();
    const mine = template(4);
    const searched = probe(4);
    await gallery.put(mine);
    await gallery.nearest(searched, 1);
    expect(mine.descriptor[0]).toBe(4);
    expect(searched[0]).toBe(4);
  });

  test.each([
    ['NaN', 'not-a-number', { descriptor: probe(1).with(3, Number.NaN) }],
    ['zero', 'zero', { descriptor: new Float32Array(DIMENSIONS) }],
    ['wrong-length', 'wrong-length', { descriptor: new Float32Array(DIMENSIONS + 1).fill(1) }],
    ['other-model', 'other-model', { model: { ...model, modelVersion: '0.0.1' } }],
  ])('a %s template is refused, and left out of what is kept', async (_, fault, changed) => {
    const bad = () => ({ ...template(1), ...structuredClone(changed) });
    const { gallery, lines } = open({ templates: () => [bad(), template(2)] });
    expect(await gallery.put(bad())).toEqual({
      ok: false,
      error: { code: 'invalid-input', field: 'descriptor', data: { fault } },
    });
    expect(await gallery.size()).toBe(1);
    expect(lines[0]).toContain(fault);
  });

  test('a NaN, zero or wrong-length probe is refused; the port rejects it, and says so in the log', async () => {
    const { gallery, lines } = open({ templates: () => [template(1)] });
    for (const bad of [
      probe(1).with(0, Number.NaN),
      new Float32Array(DIMENSIONS),
      new Float32Array(3).fill(1),
    ]) {
      expect(await gallery.search(bad, 1)).toEqual({ ok: false, error: { code: 'bad-probe' } });
      await expect(gallery.nearest(bad, 1)).rejects.toMatchObject({ code: 'bad-probe' });
      await expect(gallery.distance(member(1), bad)).rejects.toMatchObject({ code: 'bad-probe' });
    }
    expect(lines.filter((line) => line.includes('bad-probe'))).toHaveLength(6);
  });

  test(`${GALLERY_SEARCHES_MAX} searches may wait; one more is refused, and taken once they are answered`, async () => {
    const { gallery } = open({ templates: () => [template(1)] });
    const waiting = Array.from({ length: GALLERY_SEARCHES_MAX }, () => gallery.search(probe(1), 1));
    expect(await gallery.search(probe(1), 1)).toEqual({ ok: false, error: { code: 'busy' } });
    expect((await Promise.all(waiting)).every(({ ok }) => ok)).toBe(true);
    expect((await gallery.search(probe(1), 1)).ok).toBe(true);
  });

  test(`${GALLERY_PUTS_MAX} templates may wait; one more is refused; a removal never is`, async () => {
    const { gallery } = open();
    const waiting = Array.from({ length: GALLERY_PUTS_MAX }, (_, at) => gallery.put(template(at)));
    expect((await gallery.put(template(999))).ok).toBe(false);
    await gallery.remove(member(0));
    expect((await Promise.all(waiting)).every(({ ok }) => ok)).toBe(true);
    expect(await gallery.size()).toBe(GALLERY_PUTS_MAX - 1);
  });

  test('one search answers at most so many people', async () => {
    const people = Array.from({ length: GALLERY_SHORTLIST_MAX + 1 }, (_, at) => template(at));
    const { gallery } = open({ templates: () => people });
    expect(await gallery.nearest(probe(1), 1_000)).toHaveLength(GALLERY_SHORTLIST_MAX);
  });

  test('100,000 templates fit and are searched; one more is refused', async () => {
    function* all() {
      for (let person = 0; person < GALLERY_MAX; person++) yield template(person);
    }
    const { gallery } = open({ templates: all });
    expect(await gallery.put(template(GALLERY_MAX))).toEqual({
      ok: false,
      error: {
        code: 'invalid-input',
        field: 'gallery',
        data: { fault: 'full', maxPeople: GALLERY_MAX },
      },
    });
    expect(await gallery.size()).toBe(100_000);
    expect((await gallery.nearest(probe(77_777), 1))[0]?.memberId).toBe('m77777');
    await gallery.remove(member(5));
    expect((await gallery.put(template(GALLERY_MAX))).ok).toBe(true);
  });

  test('answers what a naive search answers, for seeded templates and probes', async () => {
    let state = 7;
    const random = () => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    };
    const vector = () => Float32Array.from({ length: DIMENSIONS }, random);
    const people = Array.from({ length: 600 }, (_, at) => ({
      ...template(at),
      descriptor: vector(),
    }));
    const { gallery } = open({
      templates: () => people.map((one) => ({ ...one, descriptor: one.descriptor.slice() })),
    });
    for (let nth = 0; nth < 20; nth++) {
      const asked = vector();
      const sorted = people
        .map(({ memberId, descriptor }) => ({ memberId, far: distanceOf(descriptor, asked) }))
        .sort((a, b) => a.far - b.far)
        .slice(0, 10);
      const found = await gallery.nearest(asked, 10);
      expect(found.map(({ memberId }) => memberId)).toEqual(sorted.map(({ memberId }) => memberId));
    }
  });
});

describe('a gallery that is filled in slices', () => {
  const MANY = 5 * LOAD_SLICE;

  test('lets the till go on between them, and what is asked meanwhile waits until nobody is missing', async () => {
    const read: number[] = [];
    let turns = 0;
    const { gallery } = open({
      *templates() {
        for (let person = 1; person <= MANY; person++) {
          read.push(turns);
          yield template(person);
        }
      },
    });
    expect(read).toHaveLength(LOAD_SLICE);
    const count = (): void => {
      turns += 1;
      if (read.length < MANY) setImmediate(count);
    };
    setImmediate(count);
    // Read already, and not read yet: both are gone in the end, in the order of what was asked.
    const found = gallery.nearest(probe(MANY), 1);
    const removed = [gallery.remove(member(1)), gallery.remove(member(MANY))];
    const put = gallery.put(template(2, 5_000));
    expect(await found).toEqual([{ memberId: member(MANY), distance: 0 }]);
    await Promise.all(removed);
    expect((await put).ok).toBe(true);
    expect(await gallery.size()).toBe(MANY - 2);
    expect(await gallery.distance(member(2), probe(5_000))).toBe(0);
    expect(new Set(read).size).toBeGreaterThanOrEqual(3);
  });

  test('closed in the midst, reads no further, overwrites what it read and answers what waits', async () => {
    const read: OpenTemplate[] = [];
    const { gallery } = open({
      *templates() {
        for (let person = 1; person <= MANY; person++) {
          const one = template(person);
          read.push(one);
          yield one;
        }
      },
    });
    const asked = gallery.search(probe(1), 1);
    await gallery.close();
    expect(await asked).toEqual({ ok: false, error: { code: 'closed' } });
    expect(read.length).toBeLessThan(MANY);
    expect(read.every(({ descriptor }) => descriptor.every((value) => value === 0))).toBe(true);
  });
});

describe('a thread that ends', () => {
  test('refuses what waits with a clear error, and is started again from what is kept by then', async () => {
    let kept = [template(1)];
    const { gallery, timers, lines } = open({ workerUrl: dying, templates: () => kept });
    const waiting = gallery.search(probe(1), 1);
    expect(await waiting).toEqual({ ok: false, error: { code: 'stopped' } });
    expect(lines.at(-1)).toContain('memory is broken');
    expect(timers[0]?.delayMs).toBe(GALLERY_FIRST_MS);
    // Until it is back nothing is kept or searched, and a removal has nothing left to do.
    expect((await gallery.put(template(2))).ok).toBe(false);
    await expect(gallery.nearest(probe(1), 1)).rejects.toMatchObject({ code: 'stopped' });
    expect(await gallery.size()).toBe(0);
    await gallery.remove(member(1));
    kept = [template(2), template(3)];
    timers[0]?.run();
    expect(lines.at(-1)).toContain('"templates":2');
    expect((await gallery.search(probe(1), 1)).ok).toBe(false);
    // It waits longer each time that it ends at once.
    expect(timers[1]?.delayMs).toBe(2 * GALLERY_FIRST_MS);
  });

  test('templates that cannot be read stop faces and nothing else', async () => {
    const { gallery, timers, lines } = open({
      templates: () => {
        throw new Error('disk');
      },
    });
    expect(lines[0]).toContain('disk');
    expect(await gallery.search(probe(1), 1)).toEqual({ ok: false, error: { code: 'stopped' } });
    await expect.poll(() => timers.length).toBe(1);
  });
});

test('a closed gallery answers nothing, takes nothing and does not come back', async () => {
  const { gallery, timers } = open({ templates: () => [template(1)] });
  const asked = gallery.search(probe(1), 1);
  await gallery.close();
  expect((await asked).ok).toBe(true);
  expect(await gallery.search(probe(1), 1)).toEqual({ ok: false, error: { code: 'closed' } });
  expect((await gallery.put(template(2))).ok).toBe(false);
  await gallery.close();
  expect(timers).toEqual([]);
});
