import { createPrivateKey, type KeyObject } from 'node:crypto';
import { OFFLINE_TEXTS } from '../../agent/contract/offline-text.ts';
import { err, ok, type Result } from '../../agent/contract/result.ts';
import { type Text, text } from '../../agent/contract/text.ts';
import type { HqInput } from '../protocol/hq-api.ts';
import { HQ_ERRORS, type HqErrorCode } from '../protocol/hq-error.ts';
import { publicKeyText } from '../protocol/public-key-text.ts';
import { type RegistrationTicket, registrationTicketSchema } from '../protocol/registration.ts';
import type { FormerIncarnation } from '../protocol/session.ts';
import { signRequest } from '../protocol/signed-request.ts';
import { CHECKS_SINCE } from '../protocol/version.ts';
import { isLoopback } from './agents.ts';
import { type CallFailure, hqTooOld, knowsNoFormer } from './call-failure.ts';
import type { SyncClock, SyncTimers } from './deps.ts';
import { createPause } from './pause.ts';
import type { OfflineReason, Registration } from './ports.ts';
import type { ProxySetting } from './sync-client.ts';
import { makeTillKey } from './till-key.ts';
import { createTransport, type HttpExchange } from './transport.ts';
import { mayPass, withRetries } from './with-retries.ts';

/** Attempts after the first where headquarters does not answer; the same key makes them one registration. */
export const REGISTER_RETRIES = 3;

const LASTING: ReadonlySet<OfflineReason> = new Set<OfflineReason>([
  'certificate-expired',
  'certificate-untrusted',
  'clock-wrong',
  'captive-portal',
  'wrong-answer',
]);

export interface RegisterError {
  readonly code: 'ticket-invalid' | OfflineReason | HqErrorCode | 'cancelled';
  readonly message: Text;
  readonly hint: Text;
  /** The field of the ticket that is wrong. */
  readonly field?: string;
}

export interface RegisterOptions {
  /** The ticket as read from its file. */
  readonly ticket: unknown;
  readonly incarnation: string;
  /** Absent or empty = the database has only ever had this incarnation. */
  readonly former?: readonly FormerIncarnation[];
  readonly version: string;
  readonly random: (bytes: number) => Uint8Array;
  readonly clock: SyncClock;
  readonly timers: SyncTimers;
  /** Private key (PKCS8 PEM) of an earlier attempt whose answer was lost; absent = a fresh one. */
  readonly privateKey?: string;
  readonly proxy?: ProxySetting;
  /** Absent = HTTP over a socket of this machine. */
  readonly exchange?: HttpExchange | undefined;
  readonly signal?: AbortSignal;
}

/**
 * Registers this till at headquarters by a ticket: makes its key, sends the public half with the code, and answers what
 * the till's database has to keep. The code works once; with the same key it answers the same again.
 */
export async function registerTill(
  options: RegisterOptions,
): Promise<Result<Registration, RegisterError>> {
  const { random, clock, timers, proxy, exchange } = options;
  const { signal = new AbortController().signal } = options;
  const ticket = readTicket(options.ticket);
  if (!ticket.ok) return ticket;
  const { url, ca, code, tillId } = ticket.value;
  const key =
    options.privateKey === undefined ? makeTillKey(random) : createPrivateKey(options.privateKey);
  const { incarnation, version, former = [] } = options;
  const named = former.length === 0 ? {} : { former: [...former] };
  const fields = { code, tillId, publicKey: publicKeyText(key), incarnation, ...named, version };
  const request: HqInput<'register'> = {
    ...fields,
    signature: signRequest('tillside/register/1', fields, key),
  };
  const transport = createTransport({ url, ca, clock, timers, proxy, exchange });
  const reply = await withRetries(() => transport.call('register', request, { signal }), {
    retries: REGISTER_RETRIES,
    random,
    pause: createPause(timers),
    signal,
    again: (failure) => mayPass(failure) && !isLasting(failure),
  });
  transport.close();
  if (!reply.ok) {
    const isTooOld = former.length > 0 && knowsNoFormer(reply.error);
    return err(describe(isTooOld ? hqTooOld(CHECKS_SINCE - 1) : reply.error));
  }
  const { place, trustedKeys } = reply.value;
  return ok({
    url,
    ca,
    place,
    privateKey: pemOf(key),
    trustedKeys,
    registeredAtMs: clock.now(),
  });
}

/** Checks a ticket: its form, and that it leads over TLS to a pinned authority unless it leads to this machine. */
export function readTicket(value: unknown): Result<RegistrationTicket, RegisterError> {
  const parsed = registrationTicketSchema.safeParse(value);
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join('.') || 'ticket';
    return err(
      ticketError(
        field,
        `注册凭条不完整或有改动：${field}`,
        `The ticket is incomplete or was changed: ${field}`,
      ),
    );
  }
  const url = new URL(parsed.data.url);
  if (url.protocol === 'https:' && parsed.data.ca === null)
    return err(
      ticketError(
        'ca',
        '注册凭条缺少总部证书机构',
        'The ticket names no authority for headquarters',
      ),
    );
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    return err(
      ticketError(
        'url',
        '只有本机地址可以不加密',
        'Only an address of this machine may go without TLS',
      ),
    );
  return ok(parsed.data);
}

function ticketError(field: string, zh: string, en: string): RegisterError {
  return {
    code: 'ticket-invalid',
    field,
    message: text(zh, en),
    hint: HQ_ERRORS['code-wrong'].hint,
  };
}

/** What another attempt a second later would find unchanged; a person waits for this one. */
function isLasting(failure: CallFailure): boolean {
  const { reason } = failure as { reason?: OfflineReason };
  return reason !== undefined && LASTING.has(reason);
}

function describe(failure: CallFailure): RegisterError {
  switch (failure.code) {
    case 'refused': {
      const { message, hint } = HQ_ERRORS[failure.refusal];
      return { code: failure.refusal, message, hint };
    }
    case 'unreachable':
      return describeOffline(failure.reason);
    case 'cancelled':
      return {
        code: 'cancelled',
        message: text('注册已取消', 'The registration was cancelled'),
        hint: text('再次执行注册', 'Run it again'),
      };
  }
}

function describeOffline(reason: OfflineReason): RegisterError {
  const { text: message, remedy: hint } = OFFLINE_TEXTS[reason];
  return { code: reason, message, hint };
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
