import { describe, expect, test } from 'vitest';
import { customerEnv } from '../../../../ui/app/customer/customer-env.ts';
import {
  DEFAULT_WEDGE_SETTINGS,
  readWedgeSettings,
  WEDGE_PREFIX_MAX,
  WEDGE_SETTINGS_KEY,
} from '../../../../ui/app/wedge/wedge-settings.ts';

const kept = (value: string | null) => ({ getItem: () => value });

describe('the settings of the keyboard scanner', () => {
  test('are those of a scanner as it left its maker until somebody calibrates', () => {
    expect(readWedgeSettings(kept(null))).toEqual(DEFAULT_WEDGE_SETTINGS);
  });

  test.each(['', '{', '7', 'null', '[]'])('are that also where %j is kept', (value) => {
    expect(readWedgeSettings(kept(value))).toEqual(DEFAULT_WEDGE_SETTINGS);
  });

  test('lose only the field that is wrong', () => {
    const value = JSON.stringify({ layout: 'klingon', prefix: '~', capsLock: 'followed' });
    expect(readWedgeSettings(kept(value))).toEqual({
      layout: 'us',
      prefix: '~',
      capsLock: 'followed',
      listens: true,
    });
  });

  test('say when it was calibrated and whether it is off', () => {
    const value = { calibratedAt: '2026-11-21T02:30:00.000Z', listens: false };
    expect(readWedgeSettings(kept(JSON.stringify(value)))).toMatchObject(value);
    expect(
      readWedgeSettings(kept(JSON.stringify({ calibratedAt: 'yesterday', listens: 'no' }))),
    ).toEqual(DEFAULT_WEDGE_SETTINGS);
  });

  test('hold a start mark up to its limit', () => {
    const prefixOf = (prefix: string) => readWedgeSettings(kept(JSON.stringify({ prefix }))).prefix;
    expect(prefixOf('~'.repeat(WEDGE_PREFIX_MAX))).toHaveLength(WEDGE_PREFIX_MAX);
    expect(prefixOf('~'.repeat(WEDGE_PREFIX_MAX + 1))).toBe('');
  });

  test("are the same on the shopper's display, whose other choices are its own", () => {
    const asked: string[] = [];
    const { preferences } = customerEnv({
      now: () => 0,
      newId: () => '',
      preferences: {
        getItem: (key) => {
          asked.push(key);
          return null;
        },
        setItem: () => undefined,
      },
    });
    preferences.getItem(WEDGE_SETTINGS_KEY);
    preferences.getItem('tillside.language');
    expect(asked).toEqual([WEDGE_SETTINGS_KEY, 'customer.tillside.language']);
  });
});
