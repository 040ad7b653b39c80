import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { findLeftovers, RUN_MARK } from '../../scripts/leftover-processes.ts';

test.runIf(process.platform === 'linux')(
  'a process that carries the mark of a run is found until it ends',
  async () => {
    const mark = `test-${process.pid}`;
    const script = `console.log('ready'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['-e', script], {
      env: { ...process.env, [RUN_MARK]: mark },
    });
    try {
      await once(child.stdout, 'data');
      expect(findLeftovers(mark).map(({ pid }) => pid)).toEqual([child.pid]);
      expect(findLeftovers('another run')).toEqual([]);
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    expect(findLeftovers(mark)).toEqual([]);
  },
);
