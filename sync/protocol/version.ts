/** The wire protocol that this version speaks. A till names its own in every session; HQ answers in the till's. */
export const PROTOCOL_VERSION = 6;
/** The oldest one that HQ still serves: tills of the version before must go on while a rollout runs. */
export const PROTOCOL_VERSION_MIN = 1;
/**
 * The oldest one of a headquarters that this version's tills upload to: since 3 the facts of an entry say what an older one
 * refuses whole or drops unread (what a return undid, points that wait, uses of a coupon), since 5 the code of a pass, since
 * 6 a face's template and its end.
 * Headquarters is updated first.
 */
export const HQ_PROTOCOL_MIN = 6;
/** Since this protocol pages carry roots, and headquarters answers full-volume checks. */
export const CHECKS_SINCE = 4;

/** Feed tables that a protocol does not know are never sent to its tills. */
export const TABLES_SINCE: Readonly<Record<string, number>> = {
  tag: 2,
  setting: 2,
  'denied-key': 5,
  'pass-issuer': 5,
  face: 6,
};
