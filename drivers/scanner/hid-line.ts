import type { TimerHandle } from '../contract/env.ts';

import { type CodeOptions, createCodeIntake } from './code-intake.ts';
import { type Assembled, createHidAssembler } from './hid-assembly.ts';
import type { ReportLayout } from './hid-layout.ts';
import type { LineWiring, ScanLine } from './line.ts';

/** What the line asks of the device that is held at the moment. */
export type ReportSource = {
  layout(): ReportLayout;
  /** Family that the maker's own code id names, for codes that AIM has no letter for. */
  makerSymbology(makerCode: number): string | undefined;
};

const cutText = {
  unplugged: 'the device went away in the middle of a code',
  interrupted: 'the device was let go or failed in the middle of a code',
} as const;
/** AIM's letter for whatever it has no letter of its own for (ISO/IEC 15424). */
const OTHER_LETTER = 'X';
/** Devices without report numbers send none; the layouts count from one. */
const NO_REPORT_ID = 0;

/** The line of a HID scanner: one input report at a time, joined into codes. */
export const createHidLine = (
  wiring: LineWiring,
  source: ReportSource,
  options: CodeOptions = {},
): ScanLine => {
  const { env, statistics } = wiring;
  const assembler = createHidAssembler(source.layout);
  const intake = createCodeIntake(wiring, options);
  let timer: TimerHandle | null = null;
  let isClaimed = false;

  const push = (report: Uint8Array): Assembled[] =>
    assembler.push(
      source.layout().reportId === NO_REPORT_ID ? Uint8Array.of(NO_REPORT_ID, ...report) : report,
      env.clock.monoMs(),
    );

  const deliver = (assembled: readonly Assembled[]): void => {
    for (const one of assembled) {
      if (one.kind === 'dropped') intake.dropped(one.reason, one.detail);
      else {
        const { bytes, firstByteAtMs, aim, makerCode } = one;
        const unnamed = aim === undefined || aim.charAt(1) === OTHER_LETTER;
        const makerSymbology = unnamed ? source.makerSymbology(makerCode) : undefined;
        intake.take({ bytes, firstByteAtMs, aim, makerSymbology });
      }
    }
  };

  const stopTimer = (): void => {
    if (timer !== null) env.timers.clear(timer);
    timer = null;
  };

  /** Without it a code that never ends would be reported only when the next one begins. */
  const watchOpenCode = (): void => {
    stopTimer();
    const deadlineMs = assembler.deadlineMs();
    if (deadlineMs === null) return;
    timer = env.timers.set(
      () => {
        timer = null;
        deliver(assembler.expire(env.clock.monoMs()));
      },
      Math.max(1, Math.ceil(deadlineMs - env.clock.monoMs())),
    );
  };

  return {
    receive(report) {
      deliver(push(report));
      watchOpenCode();
    },
    drain(report) {
      for (const one of push(report)) if (one.kind === 'code') statistics.count('dropped');
    },
    claimed() {
      isClaimed = true;
      if (assembler.abandon()) statistics.count('partial');
    },
    closed(unplugged) {
      stopTimer();
      const cut = assembler.abandon();
      assembler.reset();
      const wasClaimed = isClaimed;
      isClaimed = false;
      if (!cut) return;
      const reason = unplugged ? 'unplugged' : 'interrupted';
      // Before the claim it is an old code, which nobody waits for.
      if (unplugged || wasClaimed) intake.dropped(reason, cutText[reason]);
      else statistics.count('partial');
    },
    bufferedBytes: () => assembler.bufferedBytes(),
  };
};
