import type { DeviceIdentity } from './device.ts';
import type { Result } from './result.ts';

/** Why a device could not be opened; `detail` is what the system said. */
export type OpenFailure = {
  readonly code: 'absent' | 'denied' | 'busy' | 'unsupported' | 'failed';
  readonly detail: string;
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
};

/**
 * A way to a device: the real serial port, or a simulated one. The life of the device
 * (when to look, claim, retry, give up) is the driver's business, so that it is the same
 * code for both.
 */
export type ByteTransport = {
  readonly source: 'serial' | 'simulated';
  identity(): DeviceIdentity;
  /** Whether the device is there; never opens it. */
  exists(): Promise<boolean>;
  /** Opens for exclusive use. Each call makes a handle of its own, so nothing queued in an old one is sent. */
  open(handlers: LinkHandlers): Promise<Result<ByteLink, OpenFailure>>;
};
