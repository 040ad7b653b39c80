import type { ErrorCode, Scope } from '../contract/index.ts';

/**
 * What a procedure asks of a program: nothing, one of some scopes, to be the till's own screen and no program, or to be
 * the page at the camera and nothing else.
 */
export type Need = 'open' | 'screen' | 'capture' | readonly Scope[];

/**
 * What a procedure asks of whoever stands at the till's own screen: nothing; to be signed in, the screen not locked; and
 * beyond that to be a manager, IT, or a keeper of the till, see `ScreenRole`.
 */
export type ScreenNeed = 'anyone' | 'signed-in' | 'manager' | 'it' | 'keeper';

/**
 * One row for each procedure of the screens, and for those of the POS API that a screen may call before anybody is
 * signed in. A procedure without a row asks for a sign-in.
 */
export const SCREEN_NEEDS: Readonly<Record<string, ScreenNeed>> = {
  'pos.status': 'anyone',
  // Who is identified and what was scanned is left out for a screen at which nobody may act, see event-stream.
  'pos.events': 'anyone',
  'screen.staff.list': 'anyone',
  'screen.staff.session': 'anyone',
  'screen.staff.signIn': 'anyone',
  // Ends what the session may do and gives nothing: the way from a locked screen to another person's sign-in.
  'screen.staff.signOut': 'anyone',
  'screen.staff.lock': 'anyone',
  'screen.staff.unlock': 'anyone',
  'screen.staff.touch': 'anyone',
  'screen.baskets.listOpen': 'signed-in',
  'screen.baskets.show': 'signed-in',
  'screen.identifications.pending': 'signed-in',
  'screen.passes.link': 'signed-in',
  // The manager who overrides gives a PIN of their own.
  'screen.decisions.override': 'signed-in',
  // No more than the status tells anybody, with the remedy for whoever mends it.
  'screen.devices.list': 'anyone',
  'screen.devices.wedge': 'signed-in',
  'screen.devices.simulate': 'signed-in',
  'screen.devices.plug': 'signed-in',
  // What the till reads with is chosen by whoever keeps it.
  'screen.devices.discover': 'keeper',
  'screen.devices.bindRole': 'keeper',
  'screen.devices.unbindRole': 'keeper',
  'screen.devices.undoBinding': 'keeper',
  'screen.devices.check': 'keeper',
  'screen.devices.statistics': 'keeper',
  'screen.clients.list': 'signed-in',
  // The manager who opens the window gives a PIN of their own.
  'screen.clients.openPairing': 'signed-in',
  'screen.clients.revoke': 'manager',
  // A screen on the wall; names are masked.
  'screen.lane.board': 'anyone',
  // No more than the status tells anybody, with the facts for whoever mends it.
  'screen.sync.show': 'anyone',
  'screen.sync.now': 'signed-in',
  'screen.sync.verify': 'keeper',
  'screen.sync.staying': 'it',
  'screen.sync.register': 'keeper',
  // Names are masked, and goods come back at the counter, where the cashier looks for their sale.
  'screen.sales.recent': 'signed-in',
  // The manager who confirms gives a PIN of their own.
  'screen.till.confirmTime': 'signed-in',
  'screen.faces.link': 'signed-in',
  // Says nothing of anybody, and a customer's screen asks it while the cashier's is locked.
  'screen.faces.watch': 'anyone',
  'screen.faces.consent': 'signed-in',
  'screen.faces.start': 'signed-in',
  'screen.faces.agree': 'signed-in',
  'screen.faces.cancel': 'signed-in',
  'screen.faces.withdraw': 'signed-in',
  'screen.faces.own': 'signed-in',
  'screen.faces.overview': 'manager',
  'screen.faces.pause': 'manager',
  'screen.faces.erase': 'manager',
};

interface ProcedureRow {
  readonly need: Need;
  /** Failures of its own, beside those that any request can meet. */
  readonly errors: readonly ErrorCode[];
}

const STORAGE_ERRORS = ['storage-full', 'storage-failed'] as const;
const IDENTIFICATION_ERRORS = ['identification-unknown'] as const;
const SALE_ERRORS = [
  'staff-required',
  'staff-unknown',
  'screen-locked',
  ...STORAGE_ERRORS,
] as const;

const RETURN_ERRORS = [
  'sale-unknown',
  'sale-voided',
  'sale-not-here',
  'wrong-currency',
  'return-window-over',
  'return-article-differs',
  'return-too-much',
  'gift-not-due',
] as const;

/**
 * One row for each procedure of the POS API, by its dotted name. A procedure without a row is refused, so that a
 * route that somebody forgets to list is closed and not open.
 */
export const PROCEDURES: Readonly<Record<string, ProcedureRow>> = {
  'pos.status': { need: 'open', errors: [] },
  'pos.pairings.create': {
    need: 'open',
    errors: ['pairing-closed', 'pairing-code-wrong', 'forbidden-scope', ...STORAGE_ERRORS],
  },
  'pos.identifications.create': {
    need: ['identify'],
    errors: [
      ...IDENTIFICATION_ERRORS,
      'identification-bound',
      'basket-held',
      'basket-settled',
      ...STORAGE_ERRORS,
    ],
  },
  'pos.identifications.get': { need: ['identify'], errors: IDENTIFICATION_ERRORS },
  'pos.identifications.choose': {
    need: ['identify'],
    errors: [
      ...IDENTIFICATION_ERRORS,
      'candidate-unknown',
      'candidate-unconfirmed',
      'basket-held',
      ...STORAGE_ERRORS,
    ],
  },
  'pos.identifications.release': {
    need: ['identify'],
    errors: [...IDENTIFICATION_ERRORS, 'identification-bound', ...STORAGE_ERRORS],
  },
  'pos.baskets.evaluate': {
    need: ['basket'],
    errors: [
      'mixed-currency',
      'wrong-currency',
      'duplicate-line',
      'amount-too-large',
      'payment-code',
      'rules-missing',
      'basket-held',
      ...IDENTIFICATION_ERRORS,
      'identification-bound',
      'member-unknown',
      ...SALE_ERRORS,
    ],
  },
  'pos.evaluations.hold': {
    need: ['basket'],
    errors: [
      'evaluation-unknown',
      'evaluation-expired',
      'evaluation-voided',
      'evaluation-committed',
      'basket-changed',
      'allowance-refused',
      ...SALE_ERRORS,
    ],
  },
  'pos.evaluations.commit': {
    need: ['basket'],
    errors: [
      'evaluation-unknown',
      'evaluation-expired',
      'evaluation-voided',
      'evaluation-committed',
      'not-held',
      'basket-changed',
      'key-reused',
      ...SALE_ERRORS,
    ],
  },
  'pos.evaluations.void': {
    need: ['basket'],
    errors: [
      'evaluation-unknown',
      'evaluation-expired',
      'evaluation-voided',
      'evaluation-committed',
      'key-reused',
      ...SALE_ERRORS,
    ],
  },
  'pos.evaluations.why': {
    need: ['basket', 'ledger:read'],
    errors: [
      'evaluation-unknown',
      'evaluation-expired',
      'evaluation-voided',
      'rule-unknown',
      'rules-gone',
      'sale-erased',
      'entry-broken',
      ...STORAGE_ERRORS,
    ],
  },
  'pos.commits.get': { need: ['basket', 'ledger:read'], errors: ['key-unknown'] },
  'pos.returns.create': {
    need: ['basket'],
    errors: [
      ...RETURN_ERRORS,
      'return-differs',
      'return-quote-differs',
      'return-elsewhere',
      ...SALE_ERRORS,
    ],
  },
  'pos.returns.quote': { need: ['basket'], errors: [...RETURN_ERRORS, ...SALE_ERRORS] },
  'pos.sales.get': {
    need: ['basket', 'ledger:read'],
    errors: ['sale-unknown', 'sale-voided', 'sale-not-here', ...STORAGE_ERRORS],
  },
  'pos.sales.find': { need: ['basket', 'ledger:read'], errors: [...STORAGE_ERRORS] },
  'pos.exchanges.create': {
    need: ['basket'],
    errors: [
      ...RETURN_ERRORS,
      'return-differs',
      'return-quote-differs',
      'return-elsewhere',
      'evaluation-unknown',
      'evaluation-expired',
      'evaluation-voided',
      'evaluation-committed',
      'not-held',
      'basket-changed',
      'key-reused',
      ...SALE_ERRORS,
    ],
  },
  'pos.events': { need: ['identify'], errors: ['events-gone'] },
  'pos.members.get': { need: ['identify', 'manager'], errors: ['member-unknown'] },
  'pos.members.wallet': { need: ['identify', 'manager'], errors: ['member-unknown'] },
  'pos.members.create': {
    need: ['identify'],
    errors: ['join-closed', 'consent-outdated', 'basket-held', 'basket-settled', ...SALE_ERRORS],
  },
  'pos.consent.get': { need: ['identify'], errors: ['join-closed'] },
  'pos.articles.search': { need: ['identify', 'basket'], errors: [] },
};

/** Failures that any procedure may answer with, whatever it does. */
export const COMMON_ERRORS: readonly ErrorCode[] = [
  'invalid-input',
  'token-in-url',
  'forbidden-origin',
  'cross-site',
  'wrong-method',
  'request-timeout',
  'body-too-large',
  'wrong-content-type',
  'wrong-host',
  'too-many-requests',
  'internal',
  'busy',
];

/** Failures of every procedure that asks for a token. */
export const TOKEN_ERRORS: readonly ErrorCode[] = ['unauthenticated', 'forbidden-scope'];

/** What the procedure of this dotted name asks of a screen. */
export function screenNeedOf(procedure: string): ScreenNeed {
  return SCREEN_NEEDS[procedure] ?? 'signed-in';
}

/** Begins the name of every procedure of the page at the camera. */
const CAPTURE_PREFIX = 'capture.';

/** What the procedure of this dotted name asks for; unknown names get nobody in but the till's own screens. */
export function needOf(procedure: string): Need {
  if (procedure.startsWith(CAPTURE_PREFIX)) return 'capture';
  return PROCEDURES[procedure]?.need ?? 'screen';
}
