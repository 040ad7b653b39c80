import { createHash, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import {
  type FaceConsent,
  type FaceEnrolment,
  type FaceScope,
  type FaceTemplate,
  type FaceWithdrawal,
  faceEnrolmentSchema,
  faceWithdrawalSchema,
} from '../../../../agent/contract/face-facts.ts';
import { toInstant } from '../../../../agent/contract/time.ts';
import type { TillCaller } from '../../../../sync/hq/deps.ts';
import { createFaceHandlers } from '../../../../sync/hq/faces/create-face-handlers.ts';
import type { KeyAnswer, KeyQuestion, KeyWanted } from '../../../../sync/protocol/face.ts';
import { publicKeyText } from '../../../../sync/protocol/public-key-text.ts';
import { signRequest } from '../../../../sync/protocol/signed-request.ts';
import type { UploadItem } from '../../../../sync/protocol/upload.ts';
import type { HqDatabases } from '../../../support/hq-database.ts';
import { must } from '../../../support/must.ts';
import { type BooksRig, codeOf, NOON_MS, openBooks } from '../books/rig.ts';

const hex = (bytes: number) => randomBytes(bytes).toString('hex');

/** A till as the faces of headquarters know it. */
export interface FaceTill {
  readonly caller: TillCaller;
  readonly key: KeyObject;
  readonly outbox: UploadItem[];
  /** Puts an enrolment of a member at this till into the outbox. */
  enrol(memberId: string, more?: EnrolOptions): FaceTemplate;
  withdraw(memberId: string, more?: Partial<FaceWithdrawal>): FaceWithdrawal;
  /** Sends all items from a number on, all as its last ones where nothing is said. */
  send(from?: number): Promise<string>;
  question(templateId: string, more?: Partial<KeyQuestion>): KeyQuestion;
  answer(wanted: KeyWanted, more?: Partial<KeyAnswer>): KeyAnswer;
  post(): ReturnType<FaceRig['handlers']['faceKeyPost']> extends Promise<infer R>
    ? Promise<R>
    : never;
  /** Why each question was refused, or `taken`. */
  ask(...questions: KeyQuestion[]): Promise<string[]>;
  say(
    held: readonly string[],
    destroyed?: readonly (readonly [string, string])[],
  ): Promise<string[]>;
}

export interface EnrolOptions {
  readonly scope?: FaceScope;
  readonly at?: string;
  readonly consent?: Partial<FaceConsent>;
  readonly template?: Partial<FaceTemplate>;
}

export interface FaceRig extends BooksRig {
  readonly handlers: ReturnType<typeof createFaceHandlers>;
  faceTill(tillId: string, storeId?: string): Promise<FaceTill>;
  /** A member whom the stores carry. */
  carried(n: number, ...storeIds: string[]): Promise<string>;
  /** What the feed says to a store's tills of face rows, the newest of each: template id, and whether it is there. */
  told(storeId: string): Promise<Record<string, 'there' | 'gone'>>;
  templates(): Promise<string[]>;
  now(): string;
}

/** Headquarters' faces over a database of their own, with a clock that stands still. */
export async function openFaces(hq: HqDatabases): Promise<FaceRig> {
  const books = openBooks(await hq.fresh());
  const handlers = createFaceHandlers(books.deps);
  const rig: FaceRig = Object.assign(books, {
    handlers,
    now: () => toInstant(rig.clockMs),
    async carried(n: number, ...storeIds: string[]) {
      const memberId = await books.member(n);
      for (const storeId of storeIds)
        await books.db.query("INSERT INTO member_scopes VALUES ($1, $2, 'home', 0)", [
          memberId,
          storeId,
        ]);
      return memberId;
    },
    async told(storeId: string) {
      const rows = await books.db.query<{ key: string; body: string | null }>(
        "SELECT DISTINCT ON (key) key, body FROM outbox WHERE tbl = 'face' AND scope = $1 ORDER BY key, ver DESC",
        [storeId],
      );
      return Object.fromEntries(
        rows.map(({ key, body }) => [key, body === null ? ('gone' as const) : ('there' as const)]),
      );
    },
    async templates() {
      const rows = await books.db.query<{ id: string }>(
        'SELECT template_id AS id FROM face_templates ORDER BY at_ms, template_id',
      );
      return rows.map(({ id }) => id);
    },
    faceTill: (tillId: string, storeId = 'store-1') => makeTill(rig, tillId, storeId),
  } as const);
  return rig;
}

async function makeTill(rig: FaceRig, tillId: string, storeId: string): Promise<FaceTill> {
  const { privateKey: key } = generateKeyPairSync('ed25519');
  await rig.db.query(
    "INSERT INTO tills (till_id, store_id, state, public_key) VALUES ($1, $2, 'registered', $3)",
    [tillId, storeId, publicKeyText(key)],
  );
  const till = rig.till(tillId, { storeId, protocol: 6 });
  const { caller, outbox } = till;
  const put = <Item extends UploadItem>(item: Item): Item => {
    outbox.push(item);
    return item;
  };
  let sent = 0;
  return {
    caller,
    key,
    outbox,
    enrol(memberId, { scope = 'store', at = toInstant(NOON_MS), ...more } = {}) {
      const enrolment = enrolmentOf(memberId, { tillId, storeId, scope, at, ...more });
      put({ kind: 'face-enrolment', no: outbox.length + 1, enrolment });
      return enrolment.template;
    },
    withdraw(memberId, more = {}) {
      const withdrawal = faceWithdrawalSchema.parse({
        withdrawalId: hex(8),
        memberId,
        templateIds: [],
        reason: 'withdrawn',
        channel: 'customer-screen',
        staffId: null,
        storeId,
        tillId,
        at: toInstant(NOON_MS + 60_000),
        ...more,
      });
      put({ kind: 'face-withdrawal', no: outbox.length + 1, withdrawal });
      return withdrawal;
    },
    async send(from = sent + 1) {
      sent = outbox.length;
      return codeOf(await till.send(from));
    },
    question(templateId, more = {}) {
      const fields = {
        questionId: hex(16),
        templateId: templateId as KeyQuestion['templateId'],
        publicKey: randomBytes(32).toString('base64'),
        at: rig.now() as KeyQuestion['at'],
      };
      const signature = signRequest('tillside/face-key-question/1', { ...fields, tillId }, key);
      return { ...fields, signature, ...more };
    },
    answer({ questionId, templateId }, more = {}) {
      const fields = {
        questionId,
        enc: randomBytes(32).toString('base64'),
        sealed: randomBytes(48).toString('base64'),
      };
      const signed = { ...fields, templateId, tillId };
      return {
        ...fields,
        signature: signRequest('tillside/face-key-answer/1', signed, key),
        ...more,
      };
    },
    post: () => rig.handlers.faceKeyPost(caller, {}, undefined),
    async ask(...questions) {
      const asked = await rig.handlers.askFaceKeys(caller, { questions }, undefined);
      if (!asked.ok) return [asked.error.code];
      const why = new Map(asked.value.refused.map((one) => [one.questionId, one.why]));
      return questions.map(({ questionId }) => why.get(questionId) ?? 'taken');
    },
    async say(held, destroyed = []) {
      const state = {
        held: [...held],
        destroyed: destroyed.map(([templateId, reason]) => ({ templateId, reason, at: rig.now() })),
      };
      const said = must(await rig.handlers.sayFaceKeys(caller, state as never, undefined));
      return said.over;
    },
  };
}

/** An enrolment with a random sealed template; the id follows from what makes it, so that it can be made again. */
export function enrolmentOf(
  memberId: string,
  {
    tillId,
    storeId,
    scope,
    at,
    consent = {},
    template = {},
  }: EnrolOptions & { tillId: string; storeId: string; scope: FaceScope; at: string },
): FaceEnrolment {
  const consentId = `consent-${hex(6)}`;
  const place = { memberId, scope, storeId, tillId, at };
  return faceEnrolmentSchema.parse({
    consent: {
      consentId,
      ...place,
      textVersion: 'v1',
      language: 'zh-CN',
      channel: 'customer-screen',
      witnessId: 'staff-1',
      ...consent,
    },
    template: {
      templateId: createHash('sha256').update(consentId).digest('hex').slice(0, 32),
      consentId,
      ...place,
      model: { modelId: 'face-api', modelVersion: '1.7.15' },
      sealed: randomBytes(540).toString('base64'),
      ...template,
    },
  });
}
