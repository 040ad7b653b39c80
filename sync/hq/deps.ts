import type { KeyObject } from 'node:crypto';
import type { Result } from '../../agent/contract/result.ts';
import type { HqCall, HqInput, HqReply } from '../protocol/hq-api.ts';
import type { HqFailure } from '../protocol/hq-error.ts';
import type { HqDatabase } from './database/database.ts';

/** Fields never carry a name, a phone, a card, a code or a token. */
export type HqLog = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

/** What HQ keeps beside its database, shared by all its processes. */
export interface HqKeys {
  /** Signs documents and receipts. */
  readonly signing: { readonly keyId: string; readonly privateKey: KeyObject };
  /** A secret of 32 bytes under which session tokens and challenges are made, so that any HQ process knows those of another. */
  readonly tokens: KeyObject;
}

/** Timers of HQ; what they run never throws. */
export interface HqTimers {
  /** Runs once. @returns what {@link clear} takes */
  set(delayMs: number, run: () => void): unknown;
  /** Runs again and again until cleared. @returns what {@link clear} takes */
  every(intervalMs: number, run: () => void): unknown;
  clear(handle: unknown): void;
}

/** What every service of HQ takes from outside. */
export interface HqDeps {
  readonly db: HqDatabase;
  /** Epoch milliseconds of the wall clock. */
  nowMs(): number;
  random(bytes: number): Uint8Array;
  readonly timers: HqTimers;
  readonly keys: HqKeys;
  readonly log: HqLog;
  /** Every currency amount of the chain. */
  readonly currency: string;
  readonly timeZone: string;
}

/** Who calls: what the endpoint's `access` proved. */
export type HqCaller =
  | { readonly kind: 'open'; readonly address: string }
  | {
      readonly kind: 'till';
      readonly tillId: string;
      readonly storeId: string;
      readonly incarnation: string;
      readonly protocol: number;
    }
  | { readonly kind: 'online' | 'admin'; readonly name: string };

/** The caller of an endpoint with that access. */
export type TillCaller = Extract<HqCaller, { kind: 'till' }>;

/** One call of `hqApi`; `key` is the `Idempotency-Key` where the endpoint asks for one. */
export type HqHandler<Call extends HqCall> = (
  caller: HqCaller,
  input: HqInput<Call>,
  key: string | undefined,
) => Promise<Result<HqReply<Call>, HqFailure>>;

export type HqHandlers = { readonly [Call in HqCall]: HqHandler<Call> };
