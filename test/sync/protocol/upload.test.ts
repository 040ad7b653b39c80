import { expect, test } from 'vitest';
import { type UploadItem, uploadRequestSchema } from '../../../sync/protocol/upload.ts';

const facts = {
  memberId: null,
  movements: [],
  couponsUsed: [],
  allowanceIds: [],
  spendMinor: 0,
  orders: 0 as const,
  ruleUses: [],
};

function upload(more: object): unknown {
  const entry: UploadItem = {
    ...{ kind: 'entry', no: 1, header: '{}', hash: '0'.repeat(64), sealed: '', key: null },
    facts: { ...facts, ...more },
  };
  return { incarnation: 'incarnation-1', items: [entry] };
}

test('an outbox that was filled by the version before is still taken', () => {
  expect(uploadRequestSchema.safeParse(upload({ couponsReturned: [] })).success).toBe(true);
});

test('facts that this version does not know are refused by name: they would be lost', () => {
  const refused = uploadRequestSchema.safeParse(upload({ vouchersUsed: ['v1'] }));
  expect(refused.error?.issues[0]).toMatchObject({
    code: 'unrecognized_keys',
    keys: ['vouchersUsed'],
    path: ['items', 0, 'facts'],
  });
});
