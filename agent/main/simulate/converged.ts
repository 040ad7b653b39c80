import type { TillMachine } from './till-machine.ts';

/** Whether every till is online, has sent all and holds the feed up to its head. */
export function isConverged(tills: readonly TillMachine[], head: number): boolean {
  return tills.every((till) => {
    if (!till.isUp) return false;
    const { state, transport, waiting, pos, headPos, snapshot } = till.link().headquarters.facts();
    const isCopying = snapshot.state === 'loading' || snapshot.state === 'merging';
    const isFollowing = state === 'online' && transport !== 'none' && !isCopying;
    return isFollowing && waiting === 0 && pos === headPos && headPos === head;
  });
}

/** Where each till stands, for a person. */
export function describeTills(tills: readonly TillMachine[], head: number): string {
  const each = tills.map((till) => {
    if (!till.isUp) return `${till.name} is down`;
    const { state, transport, waiting, pos, headPos } = till.link().headquarters.facts();
    return `${till.name} ${state} by ${transport}, ${waiting} wait, at ${pos} of ${headPos}`;
  });
  return `${each.join('; ')}; head ${head}`;
}
