import { spawnSync } from 'node:child_process';
import fs, { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import type { FaceTemplate } from '../../agent/contract/face-facts.ts';
import {
  assert,
  type FacePurpose,
  type FaceSession,
  type IdentificationId,
} from '../../agent/contract/index.ts';
import { askAgent } from '../../agent/main/admin-channel.ts';
import { tillConfigSchema } from '../../agent/main/config.ts';
import { connectHeadquarters } from '../../agent/main/connect-headquarters.ts';
import { type HeadlessTill, startHeadless } from '../../agent/main/headless.ts';
import { templateKeysFileOf } from '../../agent/main/open-locked.ts';
import { openTemplate } from '../../agent/store/face-seal.ts';
import { openTemplateKeys } from '../../agent/store/template-keys/open-template-keys.ts';
import type { Picture } from '../../drivers/face/embedder.ts';
import type { HttpExchange, HttpResponse } from '../../sync/client/transport.ts';
import { seedChain } from '../../sync/hq/records/seed-chain.ts';
import { hasBrowser, openBrowser, type TestBrowser } from '../support/browser.ts';
import { filesUnder } from '../support/byte-search.ts';
import { FACE_SETTING } from '../support/face-desk.ts';
import { facePhoto, frameOf, jpegOf } from '../support/face-film.ts';
import { type FaceFinding, huntFaces, type Searched } from '../support/face-hunt.ts';
import { startTestHq, type TestHq, testStore } from '../support/hq.ts';
import { testWithProgram } from '../support/machine.ts';
import { must } from '../support/must.ts';
import { type Pos, pairPos } from '../support/pos.ts';
import { describeWithShared, hasShared } from '../support/shared.ts';
import { CASHIER, cardOf, MANAGER, SMALL_RULES, smallChain } from '../support/small-chain.ts';
import { registerTill, until } from '../support/synced-till.ts';
import { prepareTillFolder, type TillFolder } from '../support/till.ts';
import { openPage } from './till-pages.ts';

/** Skipped by name where Chromium is missing, except with CI=true. */
const test = testWithProgram('chromium', 'chromium-browser', 'google-chrome');
const FACES = 'data/faces';
/** A busy machine takes several times as long as a quiet one, which needs two minutes. */
const LIMIT_MS = 10 * 60_000;
const SCREEN = { kind: 'screen' } as const;
/** Of the same person from three sides, as an enrolment wants them. */
const ME = ['Antony_Leung_0001', 'Antony_Leung_0003', 'Antony_Leung_0004'];
const ME_AGAIN = 'Antony_Leung_0002';
const STRANGER = 'Adolfo_Aguilar_Zinser_0001';
/** Frames that show one photograph; Chromium plays the film again and again. */
const FILM_FRAMES = 15;

/** Everything that crossed between tills and headquarters, what the POS got, what pages sent and got, and the logs. */
const heard: Searched[] = [];
const note = (where: string, data: string | Uint8Array): void => {
  heard.push({ where, bytes: Buffer.from(data) });
};

/** Plain HTTP to headquarters that keeps what goes by. */
const overheard: HttpExchange = ({ method, url, headers, params = {}, data, signal }) =>
  new Promise<HttpResponse>((resolve, reject) => {
    const at = new URL(url);
    for (const [name, value] of Object.entries(params)) at.searchParams.set(name, String(value));
    note(`to headquarters: ${method} ${at.pathname}`, JSON.stringify(headers));
    if (data !== undefined) note(`to headquarters: ${method} ${at.pathname}`, Buffer.from(data));
    const sent = request(at, { method, headers, signal }, (answer) => {
      const body = new PassThrough();
      const parts: Buffer[] = [];
      // The feed is an answer that goes on and on.
      heard.push({
        where: `from headquarters: ${at.pathname}`,
        get bytes() {
          return Buffer.concat(parts);
        },
      });
      answer.on('data', (chunk: Buffer) => parts.push(Buffer.from(chunk)));
      answer.on('error', (error) => body.destroy(error));
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, data: answer.pipe(body) });
    });
    sent.on('error', reject).end(data);
  });

interface Place {
  readonly folder: TillFolder;
  readonly headless: HeadlessTill;
}

let root: string;
let film: string;
let hq: TestHq;
let a: Place;
let b: Place;
let pos: Pos;
let browser: TestBrowser;
let capture: Page;
let writes: ReturnType<typeof vi.spyOn>;

beforeAll(async () => {
  if (!hasBrowser() || !hasShared(FACES)) return;
  root = mkdtempSync(join(tmpdir(), 'tillside-nowhere-'));
  film = join(root, 'film.mjpeg');
  hold(...ME);
  writes = keepLogs();
  hq = await startTestHq({
    database: { kind: 'pglite', folder: join(root, 'hq') },
    keysFolder: join(root, 'hq-keys'),
    stores: [],
    tls: 'http',
  });
  const chain = smallChain(3);
  const adult = { birthday: '1990-05-01', homeStoreId: 's1' as never };
  const filled = await seedChain(
    hq.deps,
    {
      ...chain,
      stores: [testStore('s1')] as never,
      staff: chain.staff.map((one) => ({ ...one, storeId: null })),
      members: chain.members.map((member) => ({ ...member, ...adult })),
      tags: [],
    },
    { settings: { face: FACE_SETTING }, rules: SMALL_RULES },
  );
  expect(filled?.members).toBe(3);
  a = await openPlace('till-a');
  b = await openPlace('till-b');
  pos = await pairPos({ address: a.headless.address, dataDir: a.folder.dataDir }, MANAGER);
  browser = await openBrowser({ film });
  capture = await openCapture();
}, LIMIT_MS);
afterAll(async () => {
  await browser?.close();
  await a?.headless.close();
  await b?.headless.close();
  await hq?.close();
  a?.folder.remove();
  b?.folder.remove();
  writes?.mockRestore();
  if (root !== undefined) rmSync(root, { recursive: true, force: true });
}, LIMIT_MS);

/** Holds photographs in turn before the camera that is opened next. */
function hold(...names: readonly string[]): void {
  const frames = names.flatMap((name) => {
    const jpeg = jpegOf(frameOf([facePhoto(name)]));
    return Array.from({ length: FILM_FRAMES }, () => jpeg);
  });
  writeFileSync(film, Buffer.concat(frames));
}

/** Every line that the agents log, on their way to standard error. */
function keepLogs() {
  const write = fs.writeSync;
  return vi.spyOn(fs, 'writeSync').mockImplementation(((...args: Parameters<typeof write>) => {
    if (args[0] !== 2) return write(...args);
    note('log of a till', args[1] as unknown as string);
    return Buffer.byteLength(args[1] as unknown as string);
  }) as typeof write);
}

async function openPlace(tillId: string): Promise<Place> {
  const folder = prepareTillFolder({});
  await registerTill(folder, must(await hq.ticket(tillId, 's1')));
  const headless = must(
    await startHeadless({
      config: tillConfigSchema.parse({ port: 0 }),
      dataDir: folder.dataDir,
      keyFile: folder.keyFile,
      browserScreens: true,
      logLevel: 'trace',
      headquarters: (options) => connectHeadquarters({ ...options, exchange: overheard }),
    }),
  );
  return { folder, headless };
}

/** Opens the capture page of till A as its screen does, and the cashier's, and keeps what both send, get and say. */
async function openCapture(): Promise<Page> {
  browser.context.on('page', (page) => {
    page.on('console', (line) => note('console of a page', line.text()));
    page.on('request', (sent) => note(`page: ${sent.url()}`, sent.postDataBuffer() ?? ''));
    page.on('websocket', (socket) => {
      socket.on('framesent', ({ payload }) => note('page to till', payload));
      socket.on('framereceived', ({ payload }) => note('till to page', payload));
    });
  });
  // What is about to be sealed is the last place where a descriptor is in clear: the secrets that are searched for.
  await browser.context.addInitScript(`
    window.told = [];
    const encrypt = SubtleCrypto.prototype.encrypt;
    SubtleCrypto.prototype.encrypt = function (how, key, clear) {
      const { kind, descriptor } = JSON.parse(new TextDecoder().decode(clear));
      if (kind === 'described') window.told.push(descriptor);
      return encrypt.call(this, how, key, clear);
    };`);
  await openPage(browser, { ...a.folder, address: a.headless.address }, '/');
  const page = await browser.newPage();
  await page.goto(`${a.headless.address}/capture.html#code=${a.headless.till.issueCaptureCode()}`);
  return page;
}

/** Asks for a face, with photographs before the camera, until the session is over. */
async function look(
  purpose: FacePurpose,
  photographs: readonly string[],
  identificationId: IdentificationId | undefined,
): Promise<FaceSession> {
  hold(...photographs);
  const { faces } = a.headless.till;
  const asked = { purpose, by: 'customer', identificationId } as const;
  const started = await until('a camera', async () => {
    const answer = await faces.start(asked);
    return answer.ok ? answer.value : undefined;
  });
  assert(started.outcome === 'started', `started, not ${JSON.stringify(started)}`);
  const { sessionId } = started.session;
  if (purpose === 'enrol') {
    const { textVersion } = FACE_SETTING;
    must(await faces.agree({ sessionId, textVersion, language: 'zh-CN', scope: 'chain' }));
  }
  return until(
    `an end of ${purpose}`,
    async () => {
      const { session } = must(await faces.watch(undefined));
      return session?.outcome === undefined ? undefined : session;
    },
    () => pageLines(),
  );
}

/** What pages last said and sent, for whoever looks why something did not happen. */
function pageLines(): string {
  const lines = heard.filter(({ where }) => /page/.test(where)).slice(-30);
  return lines.map(({ where, bytes }) => `${where}: ${bytes.toString().slice(0, 200)}`).join('\n');
}

/** Somebody shows the card of the nth member to the POS. */
async function claim(nth: number): Promise<IdentificationId> {
  const answer = await pos.identify(cardOf(nth));
  note('POS', JSON.stringify(answer));
  return answer.body.identificationId;
}

async function release(identificationId: IdentificationId): Promise<void> {
  must(await a.headless.till.releaseIdentification(SCREEN, identificationId));
}

/** What the camera shows to the page, exactly as the page's pixels are. */
async function pixelsSeen(): Promise<Picture> {
  const { text, width, height } = (await capture.evaluate(`(async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
    const video = Object.assign(document.createElement('video'), { srcObject: stream, muted: true });
    await video.play();
    const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
    const drawing = canvas.getContext('2d');
    drawing.drawImage(video, 0, 0);
    for (const track of stream.getTracks()) track.stop();
    const { data, width, height } = drawing.getImageData(0, 0, canvas.width, canvas.height);
    let text = '';
    for (let at = 0; at < data.length; at += 8192)
      text += String.fromCharCode(...data.subarray(at, at + 8192));
    return { text: btoa(text), width, height };
  })()`)) as { text: string; width: number; height: number };
  return { data: new Uint8Array(Buffer.from(text, 'base64')), width, height };
}

/** Copies of all folders, made by a process of its own: closing a file gives up this process's locks on it. */
function copiesOfFolders(): { readonly folder: string; readonly files: () => Searched[] } {
  const folder = mkdtempSync(join(root, 'copy-'));
  for (const [name, from] of [
    ['till-a', a.folder.root],
    ['till-b', b.folder.root],
    ['hq', join(root, 'hq')],
    ['hq-keys', join(root, 'hq-keys')],
  ] as const)
    expect(spawnSync('cp', ['-a', from, join(folder, name)]).status).toBe(0);
  return {
    folder,
    files: () =>
      filesUnder(folder).map((path) => ({
        where: relative(folder, path),
        bytes: readFileSync(path),
      })),
  };
}

/** Every row of headquarters, and what it logged. */
async function headquarters(): Promise<Searched[]> {
  const { db } = hq.deps;
  const tables = await db.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
  );
  const all: Searched[] = [
    { where: 'log of headquarters', bytes: Buffer.from(JSON.stringify(hq.logged)) },
  ];
  for (const { name } of tables) {
    const rows = await db.query(`SELECT to_jsonb(t)::text AS row FROM ${name} AS t`);
    all.push({ where: `rows of ${name}`, bytes: Buffer.from(JSON.stringify(rows)) });
  }
  return all;
}

/** The mean that till A keeps, opened with its key from copies. */
function keptMean(copy: string, template: FaceTemplate): Float32Array {
  const keyFile = join(copy, 'till-a', relative(a.folder.root, a.folder.keyFile));
  const databaseKey = Buffer.from(readFileSync(keyFile, 'utf8').trim(), 'hex');
  const { keys } = openTemplateKeys(templateKeysFileOf(keyFile), databaseKey);
  const key = keys.get(template.templateId);
  keys.close();
  return must(
    openTemplate(
      template,
      must(key === undefined ? { ok: false, error: 'no key' } : { ok: true, value: key }),
    ),
  );
}

const formsOf = (found: readonly FaceFinding[]): string[] =>
  [...new Set(found.map(({ form }) => form))].sort();

describeWithShared(FACES)('A face seen by the camera, enrolled, compared and withdrawn', () => {
  test(
    'is in no file, log, POS answer, message or row of headquarters, as picture or numbers; each planted copy is found',
    async () => {
      const { till, store } = a.headless;
      must(await till.signIn(CASHIER.staffId, CASHIER.pin));
      // Enrolled, recognised, looked for, and a stranger refused.
      const identificationId = await claim(0);
      must(
        await till.override(SCREEN, {
          ...{ identificationId, action: 'enrol-biometric', reason: 'a test knows them' },
          ...{ managerId: MANAGER.staffId, pin: MANAGER.pin },
        }),
      );
      expect(await look('enrol', ME, identificationId)).toMatchObject({ outcome: 'enrolled' });
      const seen = [await pixelsSeen()];
      await release(identificationId);
      const again = await claim(0);
      const compared = await look('verify', [ME_AGAIN], again);
      expect(compared).toMatchObject({ outcome: 'recognised' });
      seen.push(await pixelsSeen());
      note('POS', JSON.stringify(await pos.call('GET', `/identifications/${again}`)));
      await release(again);
      // Looked for among all, and stopped in the midst.
      hold(STRANGER);
      const looking = must(await till.faces.start({ purpose: 'identify', by: 'cashier' }));
      assert(looking.outcome === 'started', 'started');
      const { sessionId } = looking.session;
      await until('a frame', async () => {
        const { session } = must(await till.faces.watch(undefined));
        return session?.phase === 'looking' ? true : undefined;
      });
      must(await till.faces.cancel(sessionId));
      note('POS', JSON.stringify(await pos.call('GET', '/status')));
      const events = await fetch(`${a.headless.address}/v1/events?after=0`, {
        headers: { authorization: `Bearer ${pos.token}`, accept: 'text/event-stream' },
        signal: AbortSignal.timeout(2_000),
      });
      const reader = events.body?.getReader();
      for (;;) {
        const part = await reader?.read().catch(() => undefined);
        if (part?.value === undefined) break;
        note('events of the POS', part.value);
      }

      // To the other till, by headquarters.
      const [templateId] = store.faces.ids();
      assert(templateId !== undefined, 'enrolled');
      const row = store.faces.find(templateId);
      assert(row !== undefined, 'there');
      await until('the template at till B', async () => {
        for (const { folder } of [a, b]) await askAgent(folder.dataDir, { command: 'sync-now' });
        const status = await askAgent(b.folder.dataDir, { command: 'face-status' });
        if (!status.ok) throw new Error(status.error.message);
        const { templates } = status.value as { templates: { usable: number } };
        return templates.usable === 1 ? true : undefined;
      });
      for (const command of ['face-status', 'status', 'sync-status'] as const)
        for (const { folder } of [a, b])
          note('operator', JSON.stringify(await askAgent(folder.dataDir, { command })));
      note(
        'operator',
        JSON.stringify(
          await askAgent(a.folder.dataDir, {
            command: 'face-member',
            memberId: 'member-0' as never,
          }),
        ),
      );

      const before = copiesOfFolders();
      const told = await capture.evaluate<string[]>('told');
      expect(told.length).toBeGreaterThan(5);
      const descriptors = told.map(
        (text) => new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer),
      );
      const mean = keptMean(before.folder, row.template);
      expect(mean).toHaveLength(descriptors[0]?.length ?? 0);
      const hunt = huntFaces([...descriptors, mean], seen);
      const files = before.files();
      const rows = await headquarters();
      const all = [...files, ...rows, ...heard];
      const bytes = all.reduce((sum, one) => sum + one.bytes.length, 0);
      process.stdout.write(
        `face nowhere: ${all.length} files, rows, messages and lines, ${bytes} bytes, ${told.length} descriptors\n`,
      );
      // The search looks where faces would be: the ciphertext lies in rows and messages, and each kind was heard.
      const sealed = Buffer.from(row.template.sealed);
      const holders = all.filter((one) => one.bytes.includes(sealed)).map(({ where }) => where);
      expect(holders).toContain('rows of face_templates');
      expect(holders.some((where) => where.startsWith('to headquarters'))).toBe(true);
      expect(holders.some((where) => where.startsWith('from headquarters'))).toBe(true);
      for (const kind of [
        'log of a till',
        'POS',
        'events of the POS',
        'page to till',
        'till to page',
      ])
        expect.soft(heard.filter(({ where }) => where === kind).length, kind).toBeGreaterThan(0);

      expect(hunt.in(all)).toEqual([]);

      // Withdrawn: nothing of it comes to light by ending.
      const done = await claim(0);
      must(
        await till.override(SCREEN, {
          ...{
            identificationId: done,
            action: 'withdraw-consent',
            reason: 'the member asks for it',
          },
          ...{ managerId: MANAGER.staffId, pin: MANAGER.pin },
        }),
      );
      const ended = must(await till.faces.withdraw({ identificationId: done, by: 'customer' }));
      expect(ended).toMatchObject({ outcome: 'withdrawn' });
      await until('the end at till B', async () => {
        for (const { folder } of [a, b]) await askAgent(folder.dataDir, { command: 'sync-now' });
        return b.headless.store.faces.count() === 0 ? true : undefined;
      });
      const after = copiesOfFolders();
      expect(hunt.in([...after.files(), ...(await headquarters()), ...heard])).toEqual([]);

      // A planted copy of each kind is found where it lies.
      const planted = plantedIn(after.folder, mean, descriptors[0] ?? mean, seen);
      const found = hunt.in(after.files());
      expect(new Set(found.map(({ where }) => where))).toEqual(new Set(planted));
      process.stdout.write(`face nowhere: planted and found as ${formsOf(found).join('; ')}\n`);
      await hq.deps.db.query("INSERT INTO hq_meta VALUES ('planted', $1)", [told[0] ?? '']);
      expect(hunt.in(await headquarters()).map(({ where }) => where)).toContain('rows of hq_meta');
      note('log of a till', `{"level":30,"distances":[${[...mean].join(',')}]}`);
      note('page to till', `{"d":"${Buffer.from(mean.buffer).toString('hex')}"}`);
      expect(new Set(hunt.in(heard).map(({ where }) => where))).toEqual(
        new Set(['log of a till', 'page to till']),
      );
    },
    LIMIT_MS,
  );
});

/** Writes a face in every form into files of its own, parts of 16 bytes among them. @returns the names of the files */
function plantedIn(
  folder: string,
  mean: Float32Array,
  frame: Float32Array,
  [seen]: readonly Picture[],
): string[] {
  assert(seen !== undefined, 'a picture was seen');
  const single = Buffer.from(mean.buffer);
  const double = Buffer.from(Float64Array.from(frame).buffer);
  const part = Buffer.concat([Buffer.from('ab'), single.subarray(41, 57), Buffer.from('c')]);
  const y = Math.floor(seen.height / 2 / 8) * 8;
  const line = Buffer.from(seen.data.subarray(4 * y * seen.width, 4 * (y + 1) * seen.width));
  const files: Record<string, string | Uint8Array> = {
    'single.bin': single,
    'part.bin': part,
    'swapped.bin': Buffer.from(single).swap32(),
    'double.bin': double,
    'double-swapped.bin': Buffer.from(double).swap64(),
    'hex.txt': part.toString('hex'),
    'upper.txt': single.toString('hex').toUpperCase(),
    'base64-0.txt': single.toString('base64'),
    'base64-1.txt': Buffer.concat([Buffer.from('x'), single]).toString('base64'),
    'base64-2.txt': Buffer.concat([Buffer.from('xy'), single]).toString('base64url'),
    'decimal.json': JSON.stringify([...frame]),
    'rounded.txt': [...mean].map((value) => value.toFixed(3)).join(','),
    'picture.jpg': jpegOf(seen),
    'picture.txt': `{"p":"${jpegOf(seen).toString('base64')}"}`,
    'rgba.raw': line,
    'rgb.raw': Buffer.from(line.filter((_, at) => at % 4 !== 3)),
    'grey.raw': Buffer.from(line.filter((_, at) => at % 4 === 1)),
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  appendFileSync(join(folder, 'till-b', 'data', 'planted.log'), single);
  return [...Object.keys(files), join('till-b', 'data', 'planted.log')];
}
