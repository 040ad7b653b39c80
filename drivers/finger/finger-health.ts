import type { DeviceIdentity } from '../contract/device.ts';
import type { FingerReader } from '../contract/finger.ts';
import type { HealthCheck, HealthLevel, HealthReport } from '../contract/health.ts';
import type { Result } from '../contract/result.ts';
import type { DeviceState } from '../contract/state.ts';
import type { LocalText } from '../contract/text.ts';

/** How long a person has to place a finger. */
export const FINGER_TEST_MS = 30_000;

const texts: Readonly<Record<'passed' | 'failed' | 'waiting' | 'unseen', LocalText>> = {
  passed: { 'zh-CN': '指纹模块检查通过。', en: 'The fingerprint module passed its check.' },
  failed: {
    'zh-CN': '指纹模块检查未通过，请看设备状态。',
    en: 'The fingerprint module failed its check; see its state.',
  },
  waiting: {
    'zh-CN': '请把任意手指按在指纹模块上（不保存）。',
    en: 'Place any finger on the module; nothing is kept.',
  },
  unseen: {
    'zh-CN': '没有采到指纹，请擦净模块表面后重试。',
    en: 'No finger was read; wipe the glass and try again.',
  },
};

type Subject = {
  readonly state: () => DeviceState;
  readonly check: () => Promise<Result<void, { readonly detail: string }>>;
  readonly identity: () => DeviceIdentity;
  readonly reader: FingerReader;
  readonly report: (report: HealthReport) => void;
};

export type FingerHealth = (level: HealthLevel) => Promise<HealthReport>;

/** Checks of a module: its handle, what it says of itself, and a finger that is looked for in an empty part of nothing. */
export const createFingerHealth = ({
  state,
  check,
  identity,
  reader,
  report,
}: Subject): FingerHealth => {
  const inspect = async (): Promise<HealthCheck[]> => {
    const held = await check();
    const { path, serial } = identity();
    return [
      { check: 'claimed', ok: state() === 'ready', detail: `state ${state()}` },
      {
        check: 'connected',
        ok: held.ok,
        detail: held.ok ? (serial ?? path ?? 'simulated') : held.error.detail,
      },
    ];
  };

  const asked = async (): Promise<HealthCheck> => {
    const said = await reader.run({ act: 'describe' });
    return {
      check: 'asked',
      ok: said.ok,
      detail: said.ok
        ? `${said.value.mark}, ${said.value.capacity} templates, level ${said.value.securityLevel}, ${said.value.baudRate} baud`
        : said.error.detail,
    };
  };

  /** A finger is captured and looked for; whose it is stays in the module. */
  const captured = async (): Promise<HealthCheck> => {
    const said = await reader.run({ act: 'identify', searchPages: 1, placeMs: FINGER_TEST_MS });
    return { check: 'captured', ok: said.ok, detail: said.ok ? 'a finger' : said.error.detail };
  };

  const finish = (
    level: HealthLevel,
    checks: readonly HealthCheck[],
    failed: LocalText,
  ): HealthReport => {
    const passed = checks.every((one) => one.ok);
    const done: HealthReport = {
      level,
      outcome: passed ? 'passed' : 'failed',
      checks,
      text: passed ? texts.passed : failed,
    };
    report(done);
    return done;
  };

  return async (level) => {
    const checks = await inspect();
    if (level === 'internal' || !checks.every((one) => one.ok))
      return finish(level, checks, texts.failed);
    checks.push(await asked());
    if (level === 'external' || !checks.every((one) => one.ok))
      return finish(level, checks, texts.failed);
    report({ level, outcome: 'waiting', checks: [...checks], text: texts.waiting });
    return finish(level, [...checks, await captured()], texts.unseen);
  };
};
