import type { TimerHandle } from '../contract/env.ts';
import type { DropReason } from '../contract/event.ts';
import { SECOND_LOOK_MS } from '../time-limit.ts';
import { type CodeOptions, createCodeIntake } from './code-intake.ts';
import type { LineWiring, ScanLine } from './line.ts';
import { createSerialFramer, type Frame, type FramerOptions } from './serial-frame.ts';

export type ScanLineOptions = FramerOptions & CodeOptions;

const dropText: Readonly<Record<Exclude<DropReason, 'undecodable'>, string>> = {
  garbage: 'control characters in a code; check baud rate, parity and cable',
  'over-long': 'a code longer than the limit, or a reader that sends no terminator',
  unterminated: 'a code stopped in the middle; check that the reader ends each code with CR or LF',
  unplugged: 'the device went away in the middle of a code',
  interrupted: 'the device was let go or failed in the middle of a code',
};

/** The line of a serial scanner: bytes cut anywhere, framed by the reader's terminator. */
export const createScanLine = (wiring: LineWiring, options: ScanLineOptions = {}): ScanLine => {
  const { env, statistics } = wiring;
  const framer = createSerialFramer(options);
  const intake = createCodeIntake(wiring, options);
  let timer: TimerHandle | null = null;
  let isClaimed = false;

  const deliver = (frames: readonly Frame[]): void => {
    for (const frame of frames) {
      if (frame.kind === 'code') intake.take(frame);
      else intake.dropped(frame.reason, dropText[frame.reason]);
    }
  };

  const stopTimer = (): void => {
    if (timer !== null) env.timers.clear(timer);
    timer = null;
  };

  const expire = (): void => {
    timer = null;
    deliver(framer.expire(env.clock.monoMs()));
  };

  /**
   * Without it a code that never ends would be reported only when the next one begins. A program that was held up reads
   * late what came in time: a pause counts once the line was read after it and had nothing.
   */
  const watchOpenCode = (): void => {
    stopTimer();
    const deadlineMs = framer.deadlineMs();
    if (deadlineMs === null) return;
    timer = env.timers.set(
      () => {
        timer = env.timers.set(expire, SECOND_LOOK_MS);
      },
      Math.max(1, Math.ceil(deadlineMs - env.clock.monoMs())),
    );
  };

  return {
    receive(bytes) {
      deliver(framer.push(bytes, env.clock.monoMs(), timer !== null));
      watchOpenCode();
    },
    drain(bytes) {
      for (const frame of framer.push(bytes, env.clock.monoMs())) {
        if (frame.kind === 'code') statistics.count('dropped');
      }
    },
    claimed() {
      isClaimed = true;
      if (framer.abandon() > 0) statistics.count('partial');
    },
    closed(unplugged) {
      stopTimer();
      const cutBytes = framer.abandon();
      framer.reset();
      const wasClaimed = isClaimed;
      isClaimed = false;
      if (cutBytes === 0) return;
      const reason = unplugged ? 'unplugged' : 'interrupted';
      // Before the claim it is an old code, which nobody waits for.
      if (unplugged || wasClaimed) intake.dropped(reason, dropText[reason]);
      else statistics.count('partial');
    },
    bufferedBytes: () => framer.bufferedBytes(),
  };
};
