import type { DeviceIdentity } from '../contract/device.ts';
import type { DriverEnv } from '../contract/env.ts';
import type { HealthCheck, HealthLevel, HealthReport } from '../contract/health.ts';
import type { Result } from '../contract/result.ts';
import type { DeviceState } from '../contract/state.ts';
import type { LocalText } from '../contract/text.ts';
import { timeLimitDetail, withTimeLimit } from '../time-limit.ts';
import type { CallFailure } from './held-transport.ts';

/** How long a person has to scan the challenge. */
export const INTERACTIVE_TIMEOUT_MS = 30_000;
/** A challenge starts so, which no member, coupon or article code does. */
const CHALLENGE_PREFIX = 'TILLSIDE-CHECK-';
const CHALLENGE_DIGITS = 6;

const texts: Readonly<Record<'passed' | 'failed' | 'waiting' | 'unseen', LocalText>> = {
  passed: { 'zh-CN': '设备检查通过。', en: 'The device passed its check.' },
  failed: {
    'zh-CN': '设备检查未通过，请看设备状态。',
    en: 'The device failed its check; see its state.',
  },
  waiting: { 'zh-CN': '请扫描屏幕上的检查码。', en: 'Scan the check code on the screen.' },
  unseen: {
    'zh-CN': '没有读到检查码，请检查扫码枪的触发和数据线。',
    en: 'The check code was not read; check the trigger and the cable of the scanner.',
  },
};

type Subject = {
  readonly state: () => DeviceState;
  /** Whether the handle works and leads to its device. */
  readonly check: () => Promise<Result<void, CallFailure>>;
  /** The device's own answer; null where nothing is safe to ask. */
  readonly probe: () => Promise<Result<string, CallFailure> | null>;
  readonly identity: () => DeviceIdentity;
  readonly report: (report: HealthReport) => void;
};

export type ScannerHealth = {
  check(level: HealthLevel): Promise<HealthReport>;
  /** True when `text` answers an open challenge, and so is no scan for anybody else. */
  answer(text: string): boolean;
  /** Ends the check that waits, if one does; nothing is told of it any more. */
  giveUp(): void;
};

/**
 * The checks of a scanner. `internal`: the handle is open and leads to the device that it was
 * opened for. `external`: the device itself is asked where something is known that it surely
 * understands; no command is standard for scanners, and an unknown one can reconfigure them.
 * `interactive`: a person scans a code with a random number in it.
 * Each finished check is also reported as an event.
 */
export const createHealth = (env: DriverEnv, subject: Subject): ScannerHealth => {
  /** The check that waits for a scan; `end` tells whether its code was read or it was given up. */
  let open: { readonly challenge: string; readonly end: (read: boolean) => void } | null = null;

  const inspect = async (): Promise<HealthCheck[]> => {
    const state = subject.state();
    const held = await subject.check();
    const { path, serial } = subject.identity();
    return [
      { check: 'claimed', ok: state === 'ready', detail: `state ${state}` },
      {
        check: 'connected',
        ok: held.ok,
        detail: held.ok ? (serial ?? path ?? 'simulated') : held.error.detail,
      },
    ];
  };

  const askDevice = async (): Promise<HealthCheck> => {
    const answer = await subject.probe();
    if (answer === null)
      return { check: 'asked', ok: true, detail: 'nothing that this device surely understands' };
    return {
      check: 'asked',
      ok: answer.ok,
      detail: answer.ok ? answer.value : answer.error.detail,
    };
  };

  const finish = (level: HealthLevel, checks: readonly HealthCheck[]): HealthReport => {
    const report = reportOf(level, checks, texts.failed);
    subject.report(report);
    return report;
  };

  const reportOf = (
    level: HealthLevel,
    checks: readonly HealthCheck[],
    failed: LocalText,
  ): HealthReport => {
    const passed = checks.every((check) => check.ok);
    return {
      level,
      outcome: passed ? 'passed' : 'failed',
      checks,
      text: passed ? texts.passed : failed,
    };
  };

  /** Ends the check that waits, so that nothing is told of it any more. */
  const giveUp = (): void => {
    open?.end(false);
    open = null;
  };

  const challengeOf = (): string =>
    CHALLENGE_PREFIX +
    Math.floor(env.random() * 10 ** CHALLENGE_DIGITS)
      .toString()
      .padStart(CHALLENGE_DIGITS, '0');

  const interactive = async (checks: readonly HealthCheck[]): Promise<HealthReport> => {
    const challenge = challengeOf();
    const answered = await withTimeLimit(
      env,
      INTERACTIVE_TIMEOUT_MS,
      () =>
        new Promise<boolean>((resolve) => {
          open = { challenge, end: resolve };
          subject.report({
            level: 'interactive',
            outcome: 'waiting',
            checks,
            text: texts.waiting,
            challenge,
          });
        }),
    );
    const isGivenUp = answered.ok && !answered.value;
    const scanned = {
      check: 'scanned',
      ok: answered.ok && answered.value,
      detail: !answered.ok
        ? timeLimitDetail(answered.error)
        : isGivenUp
          ? 'given up for another check, or with the device'
          : challenge,
    };
    const report = {
      ...reportOf('interactive', [...checks, scanned], texts.unseen),
      challenge,
    };
    if (isGivenUp) return report;
    open = null;
    subject.report(report);
    return report;
  };

  return {
    async check(level) {
      const checks = await inspect();
      if (level === 'internal' || checks.some((check) => !check.ok)) return finish(level, checks);
      if (level === 'external') return finish(level, [...checks, await askDevice()]);
      // Whoever closed the page of the last one gets a fresh code, and not half a minute of nothing.
      giveUp();
      return interactive(checks);
    },
    answer(text) {
      if (open === null || text !== open.challenge) return false;
      open.end(true);
      return true;
    },
    giveUp,
  };
};
