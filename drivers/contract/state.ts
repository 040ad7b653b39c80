/** Where a device is in its life, seen from the till. */
export const deviceStates = [
  'absent',
  'present',
  'claiming',
  'ready',
  'paused',
  'denied',
  'busy',
  /** Several devices fit, and nothing says which one is meant. */
  'ambiguous',
  'unsupported',
  'faulted',
] as const;
export type DeviceState = (typeof deviceStates)[number];

/** What happened to a device; also the `cause` of a state event. */
export const deviceSignals = [
  'appeared',
  'vanished',
  'claim-started',
  'claimed',
  'claim-denied',
  'claim-busy',
  'claim-ambiguous',
  'claim-failed',
  'wrong-mode',
  'io-failed',
  'paused',
  'resumed',
  'stopped',
] as const;
export type DeviceSignal = (typeof deviceSignals)[number];

type Row = Readonly<Record<DeviceSignal, DeviceState>>;

/**
 * A device that is neither held nor being claimed for the first time keeps its state
 * while the driver retries in the background: a screen that flips between `busy` and
 * `claiming` every second tells nobody anything. Only the outcome of a retry moves it.
 */
const waiting = (self: DeviceState): Row => ({
  appeared: self,
  vanished: 'absent',
  'claim-started': self,
  claimed: 'ready',
  'claim-denied': 'denied',
  'claim-busy': 'busy',
  'claim-ambiguous': 'ambiguous',
  'claim-failed': 'faulted',
  'wrong-mode': 'unsupported',
  'io-failed': 'faulted',
  paused: 'paused',
  resumed: self,
  stopped: 'absent',
});

/** The one table of device life; the whole of it, so that no pair is left to chance. */
export const deviceStateTable: Readonly<Record<DeviceState, Row>> = {
  // Nothing is claimed that was not seen first, so late outcomes of an old claim change nothing.
  absent: {
    appeared: 'present',
    vanished: 'absent',
    'claim-started': 'absent',
    claimed: 'absent',
    'claim-denied': 'absent',
    'claim-busy': 'absent',
    'claim-ambiguous': 'absent',
    'claim-failed': 'absent',
    'wrong-mode': 'absent',
    'io-failed': 'faulted',
    paused: 'paused',
    resumed: 'absent',
    stopped: 'absent',
  },
  present: { ...waiting('present'), 'claim-started': 'claiming', claimed: 'present' },
  claiming: waiting('claiming'),
  ready: {
    ...waiting('ready'),
    'claim-denied': 'ready',
    'claim-busy': 'ready',
    'claim-ambiguous': 'ready',
    'claim-failed': 'ready',
    'wrong-mode': 'ready',
  },
  // A paused driver holds nothing and looks at nothing; only resume or stop moves it.
  paused: {
    appeared: 'paused',
    vanished: 'paused',
    'claim-started': 'paused',
    claimed: 'paused',
    'claim-denied': 'paused',
    'claim-busy': 'paused',
    'claim-ambiguous': 'paused',
    'claim-failed': 'paused',
    'wrong-mode': 'paused',
    'io-failed': 'paused',
    paused: 'paused',
    resumed: 'claiming',
    stopped: 'absent',
  },
  denied: waiting('denied'),
  busy: waiting('busy'),
  ambiguous: waiting('ambiguous'),
  unsupported: waiting('unsupported'),
  faulted: waiting('faulted'),
};

/** The state after `signal`; the same state when the signal means nothing there. */
export const nextDeviceState = (state: DeviceState, signal: DeviceSignal): DeviceState =>
  deviceStateTable[state][signal];
