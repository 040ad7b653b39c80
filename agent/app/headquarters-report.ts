import type { TillContext } from './context.ts';

/** Reports as an event when the connection to headquarters comes or goes; call it whenever it may have. */
export function createHeadquartersReport(context: TillContext): () => void {
  const { headquarters, log } = context.deps;
  let told = headquarters.state().state;
  return () => {
    const { state } = headquarters.state();
    if (state === told) return;
    const what = state === 'online' ? 'headquarters-online' : 'headquarters-offline';
    const done = context.work((emit) => emit({ kind: 'till', what }));
    if (done.ok) told = state;
    else log('error', 'the state of headquarters could not be reported', { code: done.error.code });
  };
}
