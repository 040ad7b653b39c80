import { describe, expect, test } from 'vitest';
import type { Member, MemberId } from '../../../../agent/contract/index.ts';
import {
  capturesFault,
  ENROL_CAPTURES_MAX,
  ENROL_CAPTURES_MIN,
  meanCapture,
} from '../../../../agent/domain/face-consent/consistent-captures.ts';
import {
  FACES_FILING_LIMIT,
  facesFiled,
} from '../../../../agent/domain/face-consent/filing-limit.ts';
import { isDuplicate } from '../../../../agent/domain/face-consent/is-duplicate.ts';
import { RETENTION_LATER_DAYS, whyOver } from '../../../../agent/domain/face-consent/why-over.ts';

const SHAPE = { dimensions: 2, normalisation: 'none' } as const;
const UNIT = { dimensions: 2, normalisation: 'unit' } as const;
const point = (...values: number[]): Float32Array => Float32Array.from(values);
const many = (count: number): Float32Array[] => Array.from({ length: count }, () => point(1, 0));

describe('captures of one enrolment', () => {
  test.each([
    [ENROL_CAPTURES_MIN - 1, 'too-few'],
    [ENROL_CAPTURES_MIN, null],
    [ENROL_CAPTURES_MAX, null],
    [ENROL_CAPTURES_MAX + 1, 'too-many'],
  ])('%i of them: %s', (count, fault) => {
    expect(capturesFault(many(count), SHAPE, 0.5)).toBe(fault);
  });

  test('lie no further apart than the model allows, each from each', () => {
    const line = [point(0.1, 0), point(0.5, 0), point(0.6, 0)];
    expect(capturesFault(line, SHAPE, 0.51)).toBeNull();
    expect(capturesFault(line, SHAPE, 0.49)).toBe('inconsistent');
  });

  test('of a model with unit length have it, and so has their mean', () => {
    expect(capturesFault([...many(2), point(0.5, 0)], UNIT, 1)).toBe('not-unit');
    const mean = meanCapture([point(1, 0), point(0, 1), point(0, 1)], UNIT);
    expect(Math.hypot(...mean)).toBeCloseTo(1);
    expect(meanCapture([point(1, 0), point(0, 1)], SHAPE)).toEqual(point(0.5, 0.5));
  });
});

test('somebody is a duplicate at the limit, and never of their own accounts', () => {
  const near = [
    { memberId: 'anna' as MemberId, distance: 0.1 },
    { memberId: 'bo' as MemberId, distance: 0.4 },
  ];
  const anna = new Set(['anna' as MemberId]);
  expect(isDuplicate(near, anna, 0.4)).toBe(true);
  expect(isDuplicate(near, anna, 0.39)).toBe(false);
  expect(isDuplicate(near, new Set(), 0.39)).toBe(true);
});

test('people are warned from nine tenths of the filing limit on', () => {
  expect(facesFiled(FACES_FILING_LIMIT * 0.9 - 1).warning).toBeUndefined();
  expect(facesFiled(FACES_FILING_LIMIT * 0.9).warning?.en).toContain('close to the filing limit');
  expect(facesFiled(FACES_FILING_LIMIT - 1).warning?.en).toContain('close to');
  expect(facesFiled(FACES_FILING_LIMIT).warning?.en).toContain('no more are enrolled');
});

describe('a template is over', () => {
  const rules = { retentionDays: 10, ageMin: 14 };
  const age = { enrolledOn: '2026-01-01', seenOn: null, own: true };
  const member = (more: object): Member => ({ status: 'active', ...more }) as Member;

  test('on the day after the last one that it is kept, later where another till enrolled it', () => {
    expect(whyOver(age, undefined, rules, '2026-01-11')).toBeUndefined();
    expect(whyOver(age, undefined, rules, '2026-01-12')).toBe('retention');
    expect(RETENTION_LATER_DAYS).toBe(30);
    const fed = { ...age, own: false };
    expect(whyOver(fed, undefined, rules, '2026-02-10')).toBeUndefined();
    expect(whyOver(fed, undefined, rules, '2026-02-11')).toBe('retention');
  });

  test('counted from the last visit: seen here, or bought in a store; not online', () => {
    expect(
      whyOver({ ...age, seenOn: '2026-01-05' }, undefined, rules, '2026-01-15'),
    ).toBeUndefined();
    const store = member({ lastPurchaseOn: { store: '2026-01-05' } });
    expect(whyOver(age, store, rules, '2026-01-15')).toBeUndefined();
    const online = member({ lastPurchaseOn: { online: '2026-01-05' } });
    expect(whyOver(age, online, rules, '2026-01-15')).toBe('retention');
  });

  test('where a birthday proves a minor, not where it is no longer known', () => {
    expect(whyOver(age, member({ birthday: '2012-01-03' }), rules, '2026-01-02')).toBe('minor');
    expect(whyOver(age, member({ birthday: '2012-01-02' }), rules, '2026-01-02')).toBeUndefined();
    expect(whyOver(age, member({}), rules, '2026-01-02')).toBeUndefined();
  });

  test('with the membership; a blocked one and one to be renewed go on', () => {
    expect(whyOver(age, member({ status: 'expired' }), rules, '2026-01-02')).toBe(
      'membership-ended',
    );
    expect(whyOver(age, member({ status: 'blocked' }), rules, '2026-01-02')).toBeUndefined();
    const lapsed = member({ validUntil: '2025-12-31' });
    expect(whyOver(age, lapsed, rules, '2026-01-02')).toBeUndefined();
  });
});
