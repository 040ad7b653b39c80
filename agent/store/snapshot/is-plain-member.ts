import {
  ID_MAX_LENGTH,
  MEMBER_MAX_CARDS,
  MEMBER_MAX_ENTITLEMENTS,
  MEMBER_MAX_GROUPS,
  MEMBER_MAX_MONTHS,
  MEMBER_MAX_PASS_KEYS,
  MEMBER_MAX_TAGS,
  type Member,
} from '../../contract/index.ts';

const ID = /^[A-Za-z0-9][A-Za-z0-9_.:-]*$/;
const PHONE = /^\+?\d{6,15}$/;
const GSRN = /^\d{18}$/;
/** Days up to the 28th, which every month has. */
const DAY = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])$/;
const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;
const CHANNEL = /^(store|online|app)$/;
const CHANNELS = 3;
const INSTANT =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?Z$/;
const PASS_KEY_ID = /^[0-9a-f]{16}$/;
const PASS_KEYS = {
  ed25519: /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/,
  p256: /^A[g-z0-9_-][A-Za-z0-9_-]{42}$/,
};
const LARGEST_AMOUNT = 1_000_000_000;

/**
 * Whether a value is for certain what `memberSchema` takes: everyday members, found out about ten times as fast. `false`
 * says nothing; the schema decides then.
 */
export function isPlainMember(value: unknown): value is Member {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const member = value as Record<string, unknown>;
  return (
    isId(member['memberId']) &&
    isText(member['name'], 1, 80) &&
    isText(member['tier'], 1, 32) &&
    isMatch(member['phone'], PHONE) &&
    isMatch(member['gsrn'], GSRN) &&
    isMatch(member['birthday'], DAY) &&
    isMatch(member['validUntil'], DAY) &&
    (member['homeStoreId'] === undefined || isId(member['homeStoreId'])) &&
    member['mergedInto'] === undefined &&
    member['status'] === 'active' &&
    arePassKeys(member['passKeys']) &&
    member['walletSecret'] === undefined &&
    areTexts(member['cards'], MEMBER_MAX_CARDS, 4, 32) &&
    areTexts(member['groups'], MEMBER_MAX_GROUPS, 1, 64) &&
    areTexts(member['tags'], MEMBER_MAX_TAGS, 1, 64) &&
    isAmount(member['completedOrders']) &&
    isAmount(member['yearSpendMinor']) &&
    isRecord(member['monthSpendMinor'], MEMBER_MAX_MONTHS, MONTH, isAmount) &&
    isRecord(member['lastPurchaseOn'], CHANNELS, CHANNEL, isDay) &&
    areEntitlements(member['entitlements']) &&
    isInstant(member['updatedAt'])
  );
}

function isId(value: unknown): boolean {
  return isText(value, 1, ID_MAX_LENGTH) && ID.test(value);
}

function isText(value: unknown, min: number, max: number): value is string {
  return typeof value === 'string' && value.length >= min && value.length <= max;
}

function isMatch(value: unknown, pattern: RegExp): boolean {
  return value === undefined || (typeof value === 'string' && pattern.test(value));
}

function isDay(value: unknown): boolean {
  return typeof value === 'string' && DAY.test(value);
}

function isRecord(
  value: unknown,
  count: number,
  key: RegExp,
  holds: (value: unknown) => boolean,
): boolean {
  if (value === undefined) return true;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return entries.length <= count && entries.every(([name, one]) => key.test(name) && holds(one));
}

function areTexts(value: unknown, count: number, min: number, max: number): boolean {
  return (
    Array.isArray(value) && value.length <= count && value.every((one) => isText(one, min, max))
  );
}

function isAmount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= LARGEST_AMOUNT;
}

/** Everyday keys; what is unusual in a field is left to the schema. */
function arePassKeys(value: unknown): boolean {
  if (value === undefined) return true;
  return (
    Array.isArray(value) &&
    value.length <= MEMBER_MAX_PASS_KEYS &&
    value.every((one: unknown) => {
      if (typeof one !== 'object' || one === null) return false;
      const { keyId, alg, publicKey, validFrom, validUntil } = one as Record<string, unknown>;
      return (
        Object.keys(one).length === 5 &&
        isText(keyId, 16, 16) &&
        PASS_KEY_ID.test(keyId) &&
        (alg === 'ed25519' || alg === 'p256') &&
        isText(publicKey, 43, 44) &&
        PASS_KEYS[alg].test(publicKey) &&
        isInstant(validFrom) &&
        isInstant(validUntil)
      );
    })
  );
}

function isInstant(value: unknown): boolean {
  return typeof value === 'string' && INSTANT.test(value);
}

/** Those that hold for ever and everywhere. */
function areEntitlements(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length <= MEMBER_MAX_ENTITLEMENTS &&
    value.every(
      (one: unknown) =>
        typeof one === 'object' &&
        one !== null &&
        Object.keys(one).length === 1 &&
        isText((one as Record<string, unknown>)['kind'], 1, 32),
    )
  );
}
