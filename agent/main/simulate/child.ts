import { assert } from '../../contract/index.ts';
import { isSpent } from './is-spent.ts';
import { openStage } from './open-stage.ts';
import { runSeed, type SeedReport } from './run-seed.ts';

/** What the parent asks for: one seed after the other. */
export interface ChildRequest {
  readonly seed: number;
  readonly tills: number;
  readonly stores: number;
  readonly hours: number;
  readonly sales?: number | undefined;
  /** Lines of the trace are wanted. */
  readonly trace: boolean;
}

export type ChildReply =
  /** Its files lie in `root`. */
  | { readonly t: 'ready'; readonly root: string }
  | { readonly t: 'line'; readonly line: string }
  | { readonly t: 'report'; readonly report: SeedReport };

/** A process that simulates seeds: `node child.ts STORES MEMBERS_OF_STORE`, driven over its channel. */
const [stores, membersOfStore] = process.argv.slice(2).map(Number);
assert(stores !== undefined && membersOfStore !== undefined, 'it is told what chain there is');
const stage = await openStage(stores, membersOfStore);
const send = (reply: ChildReply): void => void process.send?.(reply);
process.on('message', ({ trace, ...request }: ChildRequest) => {
  runSeed({
    ...request,
    membersOfStore,
    engine: stage.engine,
    root: stage.root,
    onLine: trace ? (line) => send({ t: 'line', line }) : undefined,
  }).then(
    (report) => {
      if (!isSpent(report)) return send({ t: 'report', report });
      // What hangs keeps the engine: nothing more is simulated in this process, nor can it close in good order.
      process.send?.({ t: 'report', report }, () => process.exit(0));
    },
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => {
  stage.close().finally(() => process.exit(0));
});
send({ t: 'ready', root: stage.root });
