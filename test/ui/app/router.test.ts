import { describe, expect, it } from 'vitest';
import { screenOf } from '../../../ui/app/router.ts';

describe('the address of a screen', () => {
  it.each([
    ['/', '', 'cashier'],
    ['/index.html', '', 'cashier'],
    ['/manager', '', 'manager'],
    ['/manager/', '#code=abc', 'manager'],
    ['/sync', '', 'sync'],
    ['/index.html', '#/sync', 'sync'],
    ['/register', '#pair=123456', 'register'],
    ['/demo', '', 'demo'],
    ['/customer', '#code=abc', 'customer'],
    ['/index.html', '#/customer', 'customer'],
    ['/index.html', '#/manager', 'manager'],
    ['/demo', '#/', 'cashier'],
    ['/nonsense', '', 'cashier'],
  ] as const)('%s%s opens %s', (pathname, hash, screen) => {
    expect(screenOf({ pathname, hash })).toBe(screen);
  });
});
