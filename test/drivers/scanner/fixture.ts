import type { DeviceLocks } from '../../../drivers/contract/device-lock.ts';
import type {
  DriverEvent,
  ErrorEvent,
  ScanEvent,
  StateEvent,
} from '../../../drivers/contract/event.ts';
import type { ScanLineOptions } from '../../../drivers/scanner/scan-line.ts';
import { createSimScanner } from '../../../drivers/sim/scanner.ts';
import {
  type Behaviour,
  createSimTransport,
  type DeviceCall,
  type SimTransport,
} from '../../../drivers/sim/sim-transport.ts';
import { createManualEnv } from '../manual-env.ts';

/** Long enough for look, open and drain on a healthy line. */
export const CLAIM_MS = 60;

/** A scanner on a simulated line under a manual clock, and what it said so far. */
export const createFixture = (
  options: {
    line?: ScanLineOptions;
    behave?: (call: DeviceCall) => Behaviour;
    /** Absent = this computer's own. */
    locks?: DeviceLocks;
  } = {},
) => {
  const manual = createManualEnv(7);
  const env = { ...manual, locks: options.locks ?? manual.locks };
  const events: DriverEvent[] = [];
  const simulated = createSimTransport(env, 'scanner-1', options.behave);
  // Known like a device that is there: so it is locked like one.
  const line: SimTransport = {
    ...simulated,
    identity: () => ({ transport: 'serial', path: '/dev/scanner-1' }),
  };
  const driver = createSimScanner(
    { id: 'scanner-1', owner: 'agent', line: options.line ?? {} },
    env,
    (event) => events.push(event),
    line,
  );
  const of = <Type extends DriverEvent['type']>(type: Type) =>
    events.filter((event): event is Extract<DriverEvent, { type: Type }> => event.type === type);
  return {
    env,
    /** Locks held on this computer. */
    locksHeld: manual.locks.held,
    events,
    line,
    driver,
    scans: (): readonly ScanEvent[] => of('scan'),
    texts: (): string[] => of('scan').map((scan) => scan.text),
    states: (): string[] => of('state').map((event: StateEvent) => event.to),
    errors: (): readonly ErrorEvent[] => of('error'),
    send: (text: string) => line.send(new TextEncoder().encode(text)),
    async startReady() {
      driver.start();
      await env.advance(CLAIM_MS);
    },
  };
};
