import type { DriverEvent } from '../../drivers/contract/event.ts';
import type { HealthReport } from '../../drivers/contract/health.ts';
import type { DeviceSummary } from '../../drivers/contract/host-message.ts';
import type { DeviceState } from '../../drivers/contract/state.ts';
import { stateAdvice } from '../../drivers/contract/state-advice.ts';
import {
  type DeviceCheck,
  type DeviceIdentityView,
  type DeviceView,
  deviceIdSchema,
  type LastScan,
  type ScannerOwner,
  type Text,
  toInstant,
} from '../contract/index.ts';

/** What the agent knows of a device from what its driver tells. */
export interface KnownDevice {
  summary: DeviceSummary;
  state: DeviceState;
  sinceMs: number;
  hint: Text;
  remedy: Text | undefined;
  command: string | undefined;
  detail: string | undefined;
  lastScan: LastScan | undefined;
  check: DeviceCheck | undefined;
  /** Counts since the agent started, under dotted names. */
  statistics: Record<string, number>;
}

/** A device as its driver begins. @param before what was known of it under a driver process that ended */
export function knownDevice(
  summary: DeviceSummary,
  before: KnownDevice | undefined,
  nowMs: number,
): KnownDevice {
  // A device that was never there changes no state, so nothing else would say what helps.
  const { hint, remedy } = stateAdvice[summary.state];
  return {
    summary,
    state: summary.state,
    sinceMs: nowMs,
    hint,
    remedy: remedy.code === 'none' ? undefined : remedy.text,
    command: remedy.command,
    detail: undefined,
    lastScan: before?.lastScan,
    // Nobody waits for a scan under another driver.
    check: before?.check?.outcome === 'waiting' ? undefined : before?.check,
    statistics: before?.statistics ?? {},
  };
}

/** Takes what a driver tells. Of a scan no more is kept than that it was: its text may be a payment code. */
export function takeDriverEvent(device: KnownDevice, event: DriverEvent, nowMs: number): void {
  switch (event.type) {
    case 'state': {
      const { to, hint, remedy, detail } = event;
      const acts = remedy.code !== 'none';
      device.state = to;
      device.sinceMs = nowMs;
      device.hint = hint;
      device.remedy = acts ? remedy.text : undefined;
      device.command = acts ? remedy.command : undefined;
      device.detail = detail;
      return;
    }
    case 'scan':
      device.lastScan = {
        at: toInstant(nowMs),
        ...(event.symbology === undefined ? {} : { symbology: event.symbology }),
        characters: [...event.text].length,
      };
      return;
    case 'health':
      device.check = toCheck(event.report, nowMs);
      return;
    case 'error':
    case 'repetition':
      return;
  }
}

/** A report of a driver as screens see it. */
export function toCheck(report: HealthReport, nowMs: number): DeviceCheck {
  const { level, outcome, text, challenge, checks } = report;
  return {
    level,
    outcome,
    at: toInstant(nowMs),
    text,
    ...(challenge === undefined ? {} : { challenge }),
    checks: checks.map(({ check, ok, detail }) => ({ check, ok, detail })),
  };
}

/** A device for screens and `doctor`. */
export function toDeviceView(device: KnownDevice): DeviceView {
  const { summary, state, sinceMs, hint, remedy, command, detail, lastScan, check } = device;
  return {
    deviceId: deviceIdSchema.parse(summary.id),
    driver: summary.kind,
    owner: summary.owner satisfies ScannerOwner,
    state,
    since: toInstant(sinceMs),
    simulated: summary.simulated,
    hint,
    ...(remedy === undefined ? {} : { remedy }),
    ...(command === undefined ? {} : { command }),
    ...(detail === undefined ? {} : { detail }),
    identity: identityOf(summary),
    ...(lastScan === undefined ? {} : { lastScan }),
    ...(check === undefined ? {} : { check }),
    statistics: device.statistics,
  };
}

function identityOf({ identity }: DeviceSummary): DeviceIdentityView {
  const { transport, vid, pid, serial, portPath, path } = identity;
  return {
    transport,
    ...(vid === undefined ? {} : { vid }),
    ...(pid === undefined ? {} : { pid }),
    ...(serial === undefined ? {} : { serial }),
    ...(portPath === undefined ? {} : { portPath }),
    ...(path === undefined ? {} : { path }),
  };
}
