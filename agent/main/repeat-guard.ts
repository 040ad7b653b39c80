import type { ScanEvent } from '../../drivers/contract/event.ts';

/** The window of a driver whose definition names none. */
export const DEFAULT_REPEAT_WINDOW_MS = 300;
/** Scans whose ids are remembered; a message is never repeated later than that. */
export const REMEMBERED_SCANS = 64;

interface Last {
  readonly text: string;
  readonly aim: string | undefined;
  readonly atMs: number;
}

interface Gap {
  readonly brokeAtMs: number;
  /** Undefined until the device is ready again: what comes until then was read before the break. */
  readonly readyAtMs: number | undefined;
}

/** Keeps a restart of the driver process from turning one scan into two. */
export interface RepeatGuard {
  /** Whether `scan` is the last one again: the same id, or the same code inside the window of its device. */
  repeats(scan: ScanEvent): boolean;
  /** The driver dropped a repetition of the last scan itself, by which the window slides. */
  repeated(deviceId: string): void;
  /**
   * The drivers of these devices ended; absent = of all that were scanned with. Call what it answers where they went on
   * all the same.
   */
  broke(deviceIds?: Iterable<string>): () => void;
  /** A device is ready; after a restart this ends the time in which nothing could be read. */
  ready(deviceId: string): void;
}

/**
 * Inside its own life a driver drops repetitions itself, and forgets them with it. A reader held on a code goes on
 * reading while its driver is started again, so the time without a driver does not count towards the window.
 */
export function createRepeatGuard(
  monoMs: () => number,
  windowMs: (deviceId: string) => number,
): RepeatGuard {
  const last = new Map<string, Last>();
  const gaps = new Map<string, Gap>();
  const seenIds = new Set<string>();

  function remember(id: string): void {
    seenIds.add(id);
    if (seenIds.size <= REMEMBERED_SCANS) return;
    for (const oldest of seenIds) {
      seenIds.delete(oldest);
      return;
    }
  }

  /** Whether the code goes on from before the gap, within the window. */
  function spansGap({ deviceId, text, aim }: ScanEvent, nowMs: number): boolean {
    const before = last.get(deviceId);
    const gap = gaps.get(deviceId);
    // Without `readyAtMs` it is the ended driver's own message, and that has dropped repetitions itself.
    if (before === undefined || gap?.readyAtMs === undefined) return false;
    if (before.text !== text || before.aim !== aim) return false;
    const readMs = gap.brokeAtMs - before.atMs + nowMs - gap.readyAtMs;
    return readMs <= windowMs(deviceId);
  }

  /** When a message that came at `nowMs` was read: at the latest when its driver ended. */
  function readAtMs(deviceId: string, nowMs: number): number {
    const gap = gaps.get(deviceId);
    return gap !== undefined && gap.readyAtMs === undefined ? gap.brokeAtMs : nowMs;
  }

  return {
    repeats(scan) {
      if (seenIds.has(scan.id)) return true;
      remember(scan.id);
      const nowMs = monoMs();
      const repeated = spansGap(scan, nowMs);
      const atMs = readAtMs(scan.deviceId, nowMs);
      if (gaps.get(scan.deviceId)?.readyAtMs !== undefined) gaps.delete(scan.deviceId);
      last.set(scan.deviceId, { text: scan.text, aim: scan.aim, atMs });
      return repeated;
    },
    repeated(deviceId) {
      const before = last.get(deviceId);
      if (before !== undefined)
        last.set(deviceId, { ...before, atMs: readAtMs(deviceId, monoMs()) });
    },
    broke(deviceIds = last.keys()) {
      const before = new Map(gaps);
      for (const deviceId of deviceIds) {
        // Broke again before anything was read: the first break is when reading stopped.
        const brokeAtMs = before.get(deviceId)?.brokeAtMs ?? monoMs();
        gaps.set(deviceId, { brokeAtMs, readyAtMs: undefined });
      }
      return () => {
        gaps.clear();
        for (const [deviceId, gap] of before) gaps.set(deviceId, gap);
      };
    },
    ready(deviceId) {
      const gap = gaps.get(deviceId);
      if (gap !== undefined && gap.readyAtMs === undefined)
        gaps.set(deviceId, { ...gap, readyAtMs: monoMs() });
    },
  };
}

/** The window in which a device's definition takes the same code again for a repetition. */
export function repeatWindowMs(definition: Readonly<Record<string, unknown>> | undefined): number {
  const asked = definition?.['duplicateWindowMs'];
  return typeof asked === 'number' ? asked : DEFAULT_REPEAT_WINDOW_MS;
}
