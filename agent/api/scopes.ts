import type { ErrorCode, Scope } from '../contract/index.ts';

/** What a procedure asks of a caller: nothing, one of some scopes, or to be the till's own screen. */
export type Need = 'open' | 'screen' | readonly Scope[];

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

/**
 * One row for each procedure of the POS API, by its dotted name. A procedure without a row is refused, so that a
 * route that somebody forgets to list is closed and not open.
 */
export const PROCEDURES: Readonly<Record<string, ProcedureRow>> = {
  'pos.status': { need: 'open', errors: [] },
  'pos.pairings.create': {
    need: 'open',
    errors: ['pairing-closed', 'pairing-code-wrong', ...STORAGE_ERRORS],
  },
  'pos.identifications.create': {
    need: ['identify'],
    errors: [...IDENTIFICATION_ERRORS, 'identification-bound', 'member-unknown', ...STORAGE_ERRORS],
  },
  'pos.identifications.get': { need: ['identify'], errors: IDENTIFICATION_ERRORS },
  'pos.identifications.choose': {
    need: ['identify'],
    errors: [...IDENTIFICATION_ERRORS, 'candidate-unknown', 'member-unknown', ...STORAGE_ERRORS],
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
      'rules-missing',
      'evaluation-committed',
      ...IDENTIFICATION_ERRORS,
      'identification-bound',
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
      'payment-differs',
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
  'pos.commits.get': { need: ['basket', 'ledger:read'], errors: ['key-unknown'] },
  'pos.returns.create': {
    need: ['basket'],
    errors: ['sale-unknown', 'return-too-much', 'return-differs', ...SALE_ERRORS],
  },
  'pos.events': { need: ['identify'], errors: ['events-gone'] },
  'pos.members.get': { need: ['identify', 'manager'], errors: ['member-unknown'] },
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

/** What the procedure of this dotted name asks for; unknown names get nobody in but the till's own screens. */
export function needOf(procedure: string): Need {
  return PROCEDURES[procedure]?.need ?? 'screen';
}
