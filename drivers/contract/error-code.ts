/**
 * Error codes of a device, named as in UnifiedPOS 1.16 (ErrorCode of UposException),
 * so that people who know POS devices know them.
 */
export const deviceErrorCodes = [
  'E_CLOSED',
  'E_CLAIMED',
  'E_NOTCLAIMED',
  'E_NOSERVICE',
  'E_DISABLED',
  'E_ILLEGAL',
  'E_NOHARDWARE',
  'E_OFFLINE',
  'E_NOEXIST',
  'E_EXISTS',
  'E_FAILURE',
  'E_TIMEOUT',
  'E_BUSY',
  'E_EXTENDED',
] as const;
export type DeviceErrorCode = (typeof deviceErrorCodes)[number];

/** A failed request to a device. `detail` is for the log and for IT, in English. */
export type DeviceError = { readonly code: DeviceErrorCode; readonly detail: string };
