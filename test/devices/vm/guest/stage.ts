import { type GuestAgent, startAgent } from './agent.ts';
import { same } from './report.ts';
import { until } from './until.ts';
import { type ScannerIds, type UsbScanner, type Way, ways } from './usb-scanner.ts';

/** One device bound by its ids. */
export const definitionOf = (way: Way, id: string, { vid, pid, serial }: ScannerIds) => ({
  id,
  driver: `${way}-scanner`,
  owner: 'agent',
  usb: { vid, pid, serial },
});

/** Both interfaces of the scanner, bound as a store binds them: by the USB serial number. */
export const definitionsOf = (scanner: ScannerIds) =>
  ways.map((way) => definitionOf(way, way, scanner));

/** Waits until both interfaces of the scanner are in the state. */
export async function reachBoth(agent: GuestAgent, state: string): Promise<void> {
  for (const way of ways) await agent.reaches(way, state);
}

/** The codes that an agent has read, by each way. */
export const textsOf = (agent: GuestAgent): string[][] => ways.map((way) => agent.texts(way));

/** A scanner and the agent that uses it. */
export interface Stage {
  readonly scanner: UsbScanner;
  /** Throws where an earlier step failed to start one. */
  agent(): GuestAgent;
  /** Starts an agent on both interfaces and on `others`, and goes on with it. */
  begin(others?: readonly Record<string, unknown>[]): Promise<void>;
  /** Goes on with another agent, which has read nothing yet. */
  goOnWith(agent: GuestAgent): void;
  /** Scans one code by each way; both are read, and nothing else has been since the agent came. */
  scan(text: string): Promise<void>;
}

/** Sets one up; nothing is plugged in and no agent runs. */
export function createStage(scanner: UsbScanner): Stage {
  let current: GuestAgent | undefined;
  let read: string[] = [];
  const agent = (): GuestAgent => {
    if (current === undefined) throw new Error('there is no agent: an earlier step failed');
    return current;
  };
  const goOnWith = (next: GuestAgent): void => {
    current = next;
    read = [];
  };
  return {
    scanner,
    agent,
    goOnWith,
    begin: async (others = []) =>
      goOnWith(await startAgent([...definitionsOf(scanner), ...others])),
    async scan(text) {
      read.push(text);
      for (const way of ways) await scanner.send(way, text);
      await until(`both read ${text}`, () =>
        textsOf(agent()).every(({ length }) => length >= read.length),
      );
      const wanted = ways.map(() => read);
      same('codes', textsOf(agent()), wanted);
    },
  };
}
