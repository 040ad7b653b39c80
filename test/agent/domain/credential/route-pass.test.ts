import { expect, test } from 'vitest';
import { routeCode } from '../../../../agent/domain/identify/route-code.ts';
import { testPhone } from '../../../support/credentials.ts';

const CODE = testPhone('anna', { nowMs: 0 }).show(0);
const asPass = { class: 'member', member: { scheme: 'pass', number: CODE } };

test('a pass is a member code with its whole text, whatever reader says the AIM identifier, and however', () => {
  expect(routeCode({ text: CODE })).toEqual(asPass);
  expect(routeCode({ text: CODE, aim: ']Q1' })).toEqual(asPass);
  expect(routeCode({ text: `]Q1${CODE}` })).toEqual(asPass);
  expect(routeCode({ text: `${CODE}\r\n` })).toEqual(asPass);
  expect(routeCode({ text: 'ＴＳＰ１：AB' })).toMatchObject({ member: { number: 'TSP1:AB' } });
});

test('a wallet card is one too, and no payment code for the digits in it', () => {
  const text = 'TSW1:2900010000015-1763690400-12345678';
  expect(routeCode({ text })).toEqual({
    class: 'member',
    member: { scheme: 'wallet', number: text },
  });
});

test('GS1 data, and what only looks alike, is none', () => {
  for (const input of [{ text: CODE, aim: ']C1' }, { text: 'TSP2:AB' }, { text: 'tsp1:AB' }])
    expect(routeCode(input)).not.toMatchObject({ class: 'member' });
});
