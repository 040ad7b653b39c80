import type { CallFailure } from '../claim/held-transport.ts';
import type { DeviceIdentity } from '../contract/device.ts';
import type { DriverEnv } from '../contract/env.ts';
import type { HealthCheck, HealthLevel, HealthReport } from '../contract/health.ts';
import type { Result } from '../contract/result.ts';
import type { DeviceState } from '../contract/state.ts';
import type { LocalText } from '../contract/text.ts';
import { timeLimitDetail, withTimeLimit } from '../time-limit.ts';

/** How long a person has to scan the challenge. */
export const INTERACTIVE_TIMEOUT_MS = 30_000;
/** A challenge starts so, which no member, coupon or article code does. */
const CHALLENGE_PREFIX = 'TILLSIDE-CHECK-';
const CHALLENGE_DIGITS = 6;

const texts: Readonly<Record<'passed' | 'failed' | 'waiting' | 'reading' | 'unseen', LocalText>> = {
  passed: { 'zh-CN': '设备检查通过。', en: 'The device passed its check.' },
  failed: {
    'zh-CN': '设备检查未通过，请看设备状态。',
    en: 'The device failed its check; see its state.',
  },
  waiting: { 'zh-CN': '请扫描屏幕上的检查码。', en: 'Scan the check code on the screen.' },
  reading: {
    'zh-CN': '扫码枪正在读码，请把屏幕上的检查码对准它。',
    en: 'The scanner is reading now; hold the check code on the screen before it.',
  },
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
  /** Has the device read without a hand at its trigger; null where nothing is safe to say. */
  readonly pullTrigger: () => Promise<Result<void, CallFailure> | null>;
  readonly releaseTrigger: () => Promise<void>;
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

/** An interactive check on its way; `ended` tells whether its code was read or it was given up. */
type Waiting = {
  readonly challenge: string;
  readonly end: (read: boolean) => void;
  readonly ended: Promise<boolean>;
};

/** What IT sees of the trigger. A scanner that refuses it is tested all the same: a hand can pull it. */
const triggerChecks = (pulled: Result<void, CallFailure> | null): readonly HealthCheck[] =>
  pulled === null
    ? []
    : [
        {
          check: 'triggered',
          ok: true,
          detail: pulled.ok ? 'told to begin reading' : `not by us: ${pulled.error.detail}`,
        },
      ];

/**
 * The checks of a scanner. `internal`: the handle is open and leads to the device that it was
 * opened for. `external`: the device itself is asked where something is known that it surely
 * understands; no command is standard for scanners, and an unknown one can reconfigure them.
 * `interactive`: a person scans a code with a random number in it; any check that is asked after it ends it.
 * Each finished check is also reported as an event.
 */
export const createHealth = (env: DriverEnv, subject: Subject): ScannerHealth => {
  /** The check that waits for a scan, or for its turn to. */
  let open: Waiting | null = null;
  /** The end of the one before: its trigger is let go before another pulls it. */
  let last: Promise<unknown> = Promise.resolve();

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

  /** Waits for the code of `mine`, with the trigger pulled where the scanner has one that obeys. */
  const ask = async (mine: Waiting, checks: readonly HealthCheck[]): Promise<HealthReport> => {
    const { challenge } = mine;
    const pulled = open === mine ? await subject.pullTrigger() : null;
    const asked = [...checks, ...triggerChecks(pulled)];
    const text = pulled?.ok === true ? texts.reading : texts.waiting;
    if (open === mine)
      subject.report({
        level: 'interactive',
        outcome: 'waiting',
        checks: asked,
        text,
        challenge,
      });
    const answered = await withTimeLimit(env, INTERACTIVE_TIMEOUT_MS, () => mine.ended);
    await subject.releaseTrigger();
    const isGivenUp = open !== mine && !(answered.ok && answered.value);
    const scanned = {
      check: 'scanned',
      ok: answered.ok && answered.value,
      detail: isGivenUp
        ? 'given up for another check, or with the device'
        : answered.ok
          ? challenge
          : timeLimitDetail(answered.error),
    };
    const report = {
      ...reportOf('interactive', [...asked, scanned], texts.unseen),
      challenge,
    };
    if (isGivenUp) return report;
    if (open === mine) open = null;
    subject.report(report);
    return report;
  };

  const newWaiting = (): Waiting => {
    const { promise: ended, resolve: end } = Promise.withResolvers<boolean>();
    return { challenge: challengeOf(), end, ended };
  };

  const interactive = (mine: Waiting, checks: readonly HealthCheck[]): Promise<HealthReport> => {
    const asked = last.then(() => ask(mine, checks));
    last = asked;
    return asked;
  };

  return {
    async check(level) {
      // Whoever closed the page of a test asks something else; a fresh test gets a fresh code at once.
      giveUp();
      const mine = level === 'interactive' ? newWaiting() : null;
      open = mine;
      const checks = await inspect();
      if (checks.every((check) => check.ok)) {
        if (mine !== null) return interactive(mine, checks);
        if (level === 'external') return finish(level, [...checks, await askDevice()]);
      }
      if (open === mine) open = null;
      return finish(level, checks);
    },
    answer(text) {
      if (open === null || text !== open.challenge) return false;
      open.end(true);
      return true;
    },
    giveUp,
  };
};
