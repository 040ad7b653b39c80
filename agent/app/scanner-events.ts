import type { DriverEvent, ScanEvent } from '../../drivers/contract/event.ts';
import {
  type CodeClass,
  type DeviceId,
  type EventBody,
  type Failure,
  ok,
  type Result,
  SCAN_TEXT_MAX,
  type ScannedArticle,
  type ScannerOwner,
} from '../contract/index.ts';
import { gcnAsked } from '../domain/benefits/asked-code.ts';
import { splitAim } from '../domain/gs1/symbology.ts';
import { containsPaymentRun } from '../domain/identify/payment-run.ts';
import { routeCode } from '../domain/identify/route-code.ts';
import { scannedArticle } from '../domain/identify/scanned-article.ts';
import type { TillContext } from './context.ts';
import type { Identify } from './identify.ts';
import type { RulesSource } from './rules-source.ts';

/** What the till's own screens read with: names among the devices, and whose the code is. */
export const PAGE_READERS = {
  wedge: { deviceId: 'wedge', owner: 'shared-wedge' },
  camera: { deviceId: 'camera', owner: 'agent' },
} as const;

type DeviceNews = Extract<EventBody, { kind: 'device' }>;

/** A code as it came in, whoever read it. */
export interface Scan {
  readonly deviceId: string;
  readonly owner: ScannerOwner;
  readonly text: string;
  readonly aim?: string | undefined;
  readonly symbology?: string | undefined;
}

export interface ScannerEvents {
  /** Routes one code; answers whether it was taken. Fails with a storage failure: then nobody knows of the code. */
  take(scan: Scan): Result<boolean, Failure>;
  /** What a driver reports. */
  onDriverEvent(event: DriverEvent): void;
}

/**
 * Whose scan is it (DESIGN 5): every code becomes a sighting at once, so that the POS has it within 50 ms; a member's
 * code read by a scanner of the till becomes an identification as well. The digits of a payment code go to readers
 * that may have them and nowhere else.
 */
export function createScannerEvents(
  context: TillContext,
  identify: Identify,
  rules: Pick<RulesSource, 'current'>,
): ScannerEvents {
  const knownGcn = (gcn: string): boolean =>
    rules.current()?.knownCodes.has(gcnAsked(gcn)) === true;

  function take({ deviceId, owner, symbology, ...read }: Scan): Result<boolean, Failure> {
    if (read.text.length === 0 || read.text.length > SCAN_TEXT_MAX) return ok(false);
    // A keyboard scanner types its identifier in front of the code.
    const { text, aim } = read.aim === undefined ? splitAim(read.text) : read;
    const code = { text, aim, symbology };
    const { codeClass, article } = classOf(code);
    const sighting = {
      kind: 'sighting' as const,
      deviceId: deviceId as DeviceId,
      codeClass,
      ...(aim === undefined ? {} : { aim }),
      ...(symbology === undefined ? {} : { symbology }),
      ...(article === undefined ? {} : { article }),
    };
    const done = context.work((emit) =>
      codeClass === 'payment'
        ? emit({ ...sighting, redacted: true }, text)
        : emit({ ...sighting, text, redacted: false }),
    );
    if (!done.ok) {
      context.deps.log('error', 'a scan could not be reported', {
        deviceId,
        code: done.error.code,
      });
      return done;
    }
    if (owner === 'pos' || codeClass !== 'member') return ok(true);
    const named = identify.scanned({ kind: 'code', ...code }, deviceId);
    if (!named.ok)
      context.deps.log('error', 'a member could not be identified', {
        deviceId,
        code: named.error.code,
      });
    return ok(true);
  }

  /**
   * A card outside the configured patterns is known by its owner. Whatever else is unknown and has the digits of a
   * payment code in it is kept back like one.
   */
  function classOf(code: {
    text: string;
    aim: string | undefined;
    symbology: string | undefined;
  }): { readonly codeClass: CodeClass; readonly article?: ScannedArticle | undefined } {
    const routed = routeCode(code, context.deps.config.codes, knownGcn);
    if (routed.class !== 'unknown') {
      const { currency } = context.deps.place.store;
      return { codeClass: routed.class, article: scannedArticle(routed, currency) };
    }
    if (context.store.members.byCard(code.text.trim()) !== undefined)
      return { codeClass: 'member' };
    const isPayment = containsPaymentRun(code.text, context.deps.config.codes);
    return { codeClass: isPayment ? 'payment' : 'unknown' };
  }

  function ownerOf(deviceId: string): ScannerOwner {
    return (
      context.deps.devices.list().find((device) => device.deviceId === deviceId)?.owner ?? 'agent'
    );
  }

  function onScan({ deviceId, text, aim, symbology, complete }: ScanEvent): void {
    if (complete) take({ deviceId, owner: ownerOf(deviceId), text, aim, symbology });
  }

  /** News of a device whose state is as it was. Of one that is not there any more there is nothing to say. */
  function tellOfDevice(id: string, news: Pick<DeviceNews, 'check' | 'lost'>): void {
    const device = context.deps.devices.list().find(({ deviceId }) => deviceId === id);
    if (device === undefined) return;
    const { deviceId, state, hint, remedy } = device;
    const body = {
      kind: 'device' as const,
      deviceId,
      state,
      hint,
      ...(remedy === undefined ? {} : { remedy }),
      ...news,
    };
    const done = context.work((emit) => emit(body));
    if (!done.ok)
      context.deps.log('error', 'news of a device could not be reported', {
        deviceId,
        code: done.error.code,
      });
  }

  return {
    take,
    onDriverEvent(event) {
      switch (event.type) {
        case 'scan':
          return onScan(event);
        case 'state': {
          const { deviceId, to, hint, remedy } = event;
          const body = {
            kind: 'device' as const,
            deviceId: deviceId as DeviceId,
            state: to,
            hint,
            remedy: remedy.text,
          };
          const done = context.work((emit) => emit(body));
          if (!done.ok)
            context.deps.log('error', 'a device state could not be reported', {
              deviceId,
              code: done.error.code,
            });
          return;
        }
        case 'error':
          context.deps.log('warn', 'a device reports an error', {
            deviceId: event.deviceId,
            code: event.code,
            drop: event.drop,
            count: event.count ?? 1,
          });
          if (event.drop !== undefined)
            tellOfDevice(event.deviceId, { lost: { why: event.drop, codes: event.count ?? 1 } });
          return;
        case 'health':
          return tellOfDevice(event.deviceId, { check: event.report.outcome });
      }
    },
  };
}
