import type { DeviceIdentity } from './device.ts';
import type { Result } from './result.ts';
import type { StateAdvice } from './state-advice.ts';

/** Why a device could not be opened; `detail` is what the system said. */
export type OpenFailure = {
  readonly code: 'absent' | 'denied' | 'busy' | 'ambiguous' | 'unsupported' | 'failed';
  readonly detail: string;
  /** What to tell people where more is known than the state alone says, such as a maker's set-up code. */
  readonly advice?: StateAdvice;
};

export type LinkHandlers = {
  /** Called with each piece as it arrives; the receiver may keep the array. */
  onBytes(bytes: Uint8Array): void;
  /** Called at most once, when the link ends other than by `close`. */
  onLost(loss: { readonly unplugged: boolean; readonly detail: string }): void;
};

/** An open byte stream to a device. */
export type ByteLink = {
  write(bytes: Uint8Array): Promise<Result<void, string>>;
  /** Settles when the device is free again; may hang on a broken one, so give it a time limit. */
  close(): Promise<void>;
  /**
   * Whether this handle still works and still leads to the device that it was opened for; the
   * error says what is wrong. Sends nothing. A link without it is as good as its device is there.
   */
  check?(): Promise<Result<void, string>>;
  /**
   * Asks the device itself, where something is known that it surely understands (a beep); answers
   * what was done. A link without it has nothing that is safe to ask.
   */
  probe?(): Promise<Result<string, string>>;
  /**
   * Has a scanner read as if a hand held its trigger, until it is called with false or the scanner ends it itself. A link
   * without it leads to a scanner that nothing is known to trigger safely.
   */
  trigger?(pulled: boolean): Promise<Result<void, string>>;
};

/**
 * A way to a device: a serial port, a HID interface, or a simulated one. On a serial line `onBytes`
 * brings pieces cut anywhere, on HID one report at a time. The life of the device
 * (when to look, claim, retry, give up) is the driver's business, so that it is the same
 * code for both.
 */
export type ByteTransport = {
  readonly source: 'serial' | 'hid' | 'simulated';
  /** What the device is known by; once `exists` has found it, everything that tells it from others. */
  identity(): DeviceIdentity;
  /** Whether the device is there; never opens it. */
  exists(): Promise<boolean>;
  /** Opens for exclusive use. Each call makes a handle of its own, so nothing queued in an old one is sent. */
  open(handlers: LinkHandlers): Promise<Result<ByteLink, OpenFailure>>;
};
