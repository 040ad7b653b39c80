import { Command } from 'commander';
import { vi } from 'vitest';

/** Runs a command of the operator's tool in this process: its exit code and what it wrote. */
export async function runCommand(
  register: (program: Command) => void,
  args: readonly string[],
): Promise<{ code: number; out: string; err: string }> {
  const written = { out: '', err: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((chunk) => {
      written[stream === 'stdout' ? 'out' : 'err'] += String(chunk);
      return true;
    }),
  );
  process.exitCode = undefined;
  try {
    const program = new Command().exitOverride();
    register(program);
    await program.parseAsync(args, { from: 'user' });
    return { code: Number(process.exitCode ?? 0), ...written };
  } finally {
    process.exitCode = undefined;
    for (const spy of spies) spy.mockRestore();
  }
}
