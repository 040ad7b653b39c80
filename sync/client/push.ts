import type { KeyObject } from 'node:crypto';
import { UPLOAD_MAX_BYTES, UPLOAD_MAX_ITEMS, type UploadItem } from '../protocol/upload.ts';
import { backoffMs, chanceOf } from './backoff.ts';
import { type CallFailure, failureText, retryAfterOf, stopOf } from './call-failure.ts';
import { checkReceipt } from './check-receipt.ts';
import type { SyncDeps } from './deps.ts';
import { createPause } from './pause.ts';
import type { Session } from './session.ts';
import { tryStorage } from './storage-failure.ts';
import type { SyncClientOptions } from './sync-client.ts';
import type { Troubles } from './troubles.ts';

/** After a commit the outbox waits so long for what else is booked at once, in milliseconds. */
export const PUSH_DEBOUNCE_MS = 50;
/** The outbox is looked at so often even when nobody said that something is in it, in milliseconds. */
export const PUSH_POLL_MS = 5_000;
/** Room that is left in an upload for its own words, in bytes. */
export const UPLOAD_MARGIN_BYTES = 4_096;
/** Times in a row that HQ may refuse the same first item without naming a fault of it, before smaller parts are tried. */
export const REFUSALS_MAX = 5;
/** Times in a row that HQ may name a gap before it counts as trouble. */
export const GAPS_MAX = 3;

export interface Push {
  /** Something is in the outbox. */
  notify(): void;
  /** Ends every wait. */
  now(): void;
  /** Sends the outbox in order until `signal` aborts; one upload is under way at a time. */
  run(signal: AbortSignal): Promise<void>;
}

export interface PushParts {
  readonly deps: SyncDeps;
  readonly session: Session;
  readonly trusted: ReadonlyMap<string, KeyObject>;
  readonly troubles: Troubles;
  /** HQ lacks items before those that were sent: the session has to be opened anew, and all of them sent again. */
  readonly onGap: () => void;
  /** Nothing waits any more. */
  readonly onDrained: () => void;
  readonly onChange: () => void;
  readonly onJoined: NonNullable<SyncClientOptions['onJoined']>;
}

type Refused = Extract<CallFailure, { code: 'refused' }>;

/** What one upload came to. `wait`: nothing could be done, with the failures in a row counted. */
type Outcome = 'sent' | 'drained' | 'again' | { readonly wait: CallFailure | null };

/** Carries the outbox up: in order, again after every doubt, and forgotten only on a signed receipt. */
export function createPush({
  deps,
  session,
  trusted,
  troubles,
  onGap,
  onDrained,
  onChange,
  onJoined,
}: PushParts): Push {
  const { store, timers, random, log } = deps;
  /** Waiting for something to send, and waiting after a failure: what comes meanwhile would only wait behind it. */
  const idle = createPause(timers);
  const retry = createPause(timers);
  let maxItems = UPLOAD_MAX_ITEMS;
  let gaps = 0;
  /** How often in a row the upload that begins with `no` was refused. */
  let refusals = { no: 0, count: 0 };
  let told = false;

  async function sendOnce(signal: AbortSignal): Promise<Outcome> {
    const opened = session.current();
    if (opened === null) return { wait: null };
    const next = tryStorage(() =>
      store.nextUpload(maxItems, UPLOAD_MAX_BYTES - UPLOAD_MARGIN_BYTES),
    );
    if (!next.ok) {
      troubles.raise('storage-failed', next.error.detail);
      return { wait: null };
    }
    const items = next.value;
    const [first] = items;
    const last = items.at(-1);
    if (first === undefined || last === undefined) return 'drained';
    const { incarnation } = store;
    const reply = await session.call('upload', { incarnation, items }, { signal });
    if (!reply.ok) return onRefused(reply.error, items, first);
    const subject = { tillId: store.tillId, incarnation, timeline: opened.timeline };
    const receipt = checkReceipt(reply.value.receipt, trusted, subject);
    if (!receipt.ok) return distrust(receipt.error);
    if (receipt.value.outboxNo < first.no)
      return distrust(`it names item ${receipt.value.outboxNo} after ${first.no} was sent`);
    const taken = tryStorage(() => store.acknowledge(receipt.value));
    if (!taken.ok) {
      troubles.raise('storage-failed', taken.error.detail);
      return { wait: null };
    }
    if (!taken.value.ok) return distrust('its ledger head is not ours');
    troubles.clear('receipt-refused');
    troubles.clear('upload-refused');
    gaps = 0;
    refusals = { no: 0, count: 0 };
    maxItems = Math.min(UPLOAD_MAX_ITEMS, maxItems * 2);
    if (reply.value.joined.length > 0) onJoined(reply.value.joined);
    onChange();
    return 'sent';
  }

  function distrust(why: string): Outcome {
    troubles.raise('receipt-refused', why);
    return { wait: null };
  }

  function onRefused(
    failure: CallFailure,
    items: readonly UploadItem[],
    first: UploadItem,
  ): Outcome {
    if (failure.code !== 'refused') return { wait: failure };
    switch (failure.refusal) {
      case 'too-large':
      case 'invalid-input':
        return narrow(failure, items.length, first);
      case 'ledger-gap':
      case 'outbox-gap':
        return reportGap(failure, first);
      // A busy HQ asks for time, and the session hears of its token: neither is about what was sent.
      case 'busy':
      case 'unauthenticated':
        return { wait: failure };
      default:
        if (stopOf(failure) !== null) return { wait: failure };
        refusals = { no: first.no, count: refusals.no === first.no ? refusals.count + 1 : 1 };
        return refusals.count < REFUSALS_MAX
          ? { wait: failure }
          : narrow(failure, items.length, first);
    }
  }

  /** Sends ever less until the item that is refused stands alone; what lies before it gets through. */
  function narrow(failure: Refused, sent: number, first: UploadItem): Outcome {
    if (sent > 1) {
      maxItems = Math.ceil(sent / 2);
      return 'again';
    }
    const field =
      typeof failure.detail['field'] === 'string' ? ` (${failure.detail['field']})` : '';
    troubles.raise('upload-refused', `item ${first.no}, ${first.kind}: ${failure.refusal}${field}`);
    return { wait: failure };
  }

  /** HQ lacks what came before. What it has, it says when the session is opened anew; from there all is sent again. */
  function reportGap(failure: Refused, first: UploadItem): Outcome {
    gaps += 1;
    log('warn', 'headquarters lacks entries', { refusal: failure.refusal, no: first.no });
    if (gaps <= GAPS_MAX) onGap();
    else troubles.raise('upload-refused', `item ${first.no}, ${first.kind}: ${failure.refusal}`);
    return { wait: failure };
  }

  return {
    notify() {
      told = true;
      idle.wake();
    },
    now() {
      told = true;
      idle.wake();
      retry.wake();
    },
    async run(signal) {
      let failures = 0;
      while (!signal.aborted) {
        told = false;
        const outcome = await sendOnce(signal);
        if (outcome === 'sent' || outcome === 'again') {
          failures = 0;
          continue;
        }
        if (outcome === 'drained') {
          failures = 0;
          onDrained();
          if (!told) await idle.wait(PUSH_POLL_MS, signal);
          if (told) await retry.wait(PUSH_DEBOUNCE_MS, signal);
          continue;
        }
        failures += 1;
        const { wait: failure } = outcome;
        if (failure !== null) log('debug', 'an upload failed', { why: failureText(failure) });
        const delayMs = backoffMs(
          failures,
          failure === null ? null : retryAfterOf(failure),
          chanceOf(random),
        );
        await retry.wait(delayMs, signal);
      }
    },
  };
}
