import { copyFileSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jpeg from 'jpeg-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { registerFace } from '../../../../agent/main/commands/face.ts';
import { readFaceSet } from '../../../../agent/main/face/read-face-set.ts';
import { makePack, ONNX_MANIFEST } from '../../../support/face-pack/model-folders.ts';
import { must } from '../../../support/must.ts';
import { runCommand } from '../../../support/run-command.ts';
import { sharedPath, testWithShared } from '../../../support/shared.ts';

const till = (...args: string[]) => runCommand(registerFace, ['face', 'eval', ...args]);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tillside-face-eval-'));
  mkdirSync(join(folder, 'img'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function saveTables(images: readonly string[], pairs: readonly string[]): void {
  writeFileSync(join(folder, 'images.csv'), ['file,person,role', ...images].join('\n'));
  writeFileSync(join(folder, 'pairs.csv'), ['a,b,same', ...pairs].join('\n'));
}

/** Copies photographs of `people` people with several; answers their files, those of a person together. */
function copyPhotographs(people: number): string[][] {
  const { folder: source, images } = must(readFaceSet(sharedPath('data/faces')));
  const known = images.filter(({ role }) => role !== 'stranger');
  const groups = [...Map.groupBy(known, ({ person }) => person).values()].slice(0, people);
  return groups.map((photos, person) =>
    photos.map(({ file }, at) => {
      const name = `img/${person}-${at}.jpg`;
      copyFileSync(join(source, file), join(folder, name));
      return name;
    }),
  );
}

describe('till face eval', () => {
  testWithShared('data/faces')(
    'reports the figures of a folder, whatever its names and counts; what is missing or damaged is named and left out',
    async () => {
      const [first = [], second = [], third = []] = copyPhotographs(3);
      const damaged = third[0] ?? '';
      truncateSync(join(folder, damaged), 2_000);
      const lines = (files: string[], person: string) =>
        files.map((file, at) => `${file},${person},${at === 0 ? 'enrol' : 'probe'}`);
      saveTables(
        [
          ...lines(first, '会员一'),
          ...lines(second, 'b'),
          `${damaged},c,stranger`,
          'img/none.jpg,d,stranger',
        ],
        [`${first[0]},${first[1]},1`, `${first[0]},${second[0]},0`, `${first[0]},${damaged},0`],
      );
      const { code, out, err } = await till(folder, '--json');
      const items = first.length + second.length + 2;
      expect(JSON.parse(out)).toMatchObject({
        items,
        failures: 2,
        genuine: 1,
        impostor: first.length * second.length,
        eer: expect.any(Number),
        points: expect.any(Array),
        listed: { genuine: 1, impostor: 1, leftOut: 1 },
        identification: {
          enrolled: 2,
          strangers: 0,
          rule: { threshold: 0.5, margin: 0.1 },
          wrong: 0,
        },
        failed: [
          { file: damaged, reason: 'undecodable' },
          { file: 'img/none.jpg', reason: 'missing' },
        ],
        model: { id: 'face-api-128', version: '1.7.15' },
        waived: ['three-captures', 'agreement-of-frames', 'quality-gates'],
      });
      expect(err).toBe(`face-api-128 1.7.15: 0 / ${items}\n${items} / ${items}\n`);
      expect(code).toBe(0);
    },
  );

  testWithShared('data/faces')(
    'says in words, in both languages, what it found and what it waives',
    async () => {
      const [files = []] = copyPhotographs(1);
      saveTables(
        files.map((file, at) => `${file},a,${at === 0 ? 'enrol' : 'probe'}`),
        [`${files[0]},${files[1]},1`],
      );
      const { out } = await till(folder);
      for (const part of [
        'EER',
        'TPIR',
        '0 wrong names',
        '认错 0 次',
        '三次采集',
        'at least three captures',
      ])
        expect(out).toContain(part);
    },
  );

  test('ends with a problem where no face is found at all, and takes a pack', async () => {
    const grey = jpeg.encode(
      { data: Buffer.alloc(4 * 250 * 250, 128), width: 250, height: 250 },
      90,
    );
    writeFileSync(join(folder, 'img/grey.jpg'), grey.data);
    saveTables(['img/grey.jpg,a,enrol'], []);
    const pack = makePack();
    const { code, out } = await till(folder, '--json', '--model', pack);
    rmSync(pack, { recursive: true });
    expect(JSON.parse(out)).toMatchObject({
      items: 1,
      failures: 1,
      eer: null,
      points: [],
      failed: [{ file: 'img/grey.jpg', reason: 'no-face' }],
      model: { id: ONNX_MANIFEST.id },
    });
    expect(code).toBe(1);
  });

  test('complains about a folder or a model that cannot be used, with what to do', async () => {
    const noFolder = await till(join(folder, 'nowhere'), '--json');
    expect(JSON.parse(noFolder.out)).toMatchObject({ error: { code: 'no-folder' } });
    expect(noFolder.code).toBe(2);
    saveTables(['img/x.jpg,a,friend'], []);
    const badRole = await till(folder);
    expect(badRole.err).toContain('images.csv, line 2: role');
    expect(badRole.err).toContain('文件夹应有');
    expect(badRole.code).toBe(2);
    saveTables(['img/x.jpg,a,enrol'], []);
    const pack = makePack({ ...ONNX_MANIFEST, dimensions: 256 });
    const badModel = await till(folder, '--json', '--model', pack);
    rmSync(pack, { recursive: true });
    expect(JSON.parse(badModel.out)).toMatchObject({
      error: {
        code: 'dimension-mismatch',
        message: { 'zh-CN': expect.any(String), en: expect.any(String) },
        detail: 'dimensions: 256, the model gives 512',
      },
    });
    expect(badModel.code).toBe(2);
  });
});

test('the JSON is exactly one object on one line', async () => {
  saveTables([], []);
  const { out, code } = await till(folder, '--json');
  expect(out.trim().split('\n')).toHaveLength(1);
  expect(JSON.parse(out)).toMatchObject({ items: 0, failures: 0, genuine: 0, impostor: 0 });
  expect(code).toBe(1);
});
