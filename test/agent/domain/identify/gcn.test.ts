import { describe, expect, test } from 'vitest';
import { plainGcn, readGcn } from '../../../../agent/domain/identify/gcn.ts';

const GCN = '9501101537460';

describe('a coupon number in any of its forms', () => {
  test.each([
    `]C1255${GCN}47807\u001d81114139`,
    `]e0255${GCN}47807`,
    `(255)${GCN}47807`,
    `(255)${GCN}47807(8111)0250`,
    `https://id.example.com/shop/255/${GCN}47807?17=271231`,
    `HTTPS://ID.EXAMPLE.COM/255/${GCN}47807`,
  ])('%s is the same coupon', (text) => {
    expect(plainGcn(text)).toBe(`255${GCN}47807`);
    expect(readGcn(plainGcn(text) ?? '')).toEqual({ gcn: GCN, serial: '47807', isRight: true });
  });

  test('is given with a wrong check digit too, so that the refusal can name it', () => {
    expect(plainGcn('(255)9501101537461')).toBe('2559501101537461');
    expect(readGcn('2559501101537461')?.isRight).toBe(false);
  });

  test.each([
    `]Q1255${GCN}`,
    `]C0255${GCN}`,
    `255${GCN}`,
    `(255)${GCN.slice(1)}`,
    `(255)${GCN}1234567890123`,
    `https://id.example.com/8018/401234523435439653`,
    `https://id.example.com/m/255${GCN}`,
    '(25',
  ])('%s is none', (text) => {
    expect(plainGcn(text)).toBeUndefined();
  });
});
