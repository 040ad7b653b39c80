/** Bytes of a write-ahead log's header, and of each frame with its page. */
export const HEADER = 32;
export const FRAME = 24 + 4_096;

/** Places to cut a log at: around the end of every so many frames, a byte before and after, and inside of them. */
export function cutsOf(bytes: number, count: number): number[] {
  const frames = Math.floor((bytes - HEADER) / FRAME);
  const cuts = new Set<number>([0, 1, HEADER - 1, HEADER, HEADER + 1, bytes - 1]);
  for (let i = 0; cuts.size < count; i++) {
    const frame = Math.floor((i * frames) / Math.max(1, Math.ceil(count / 4))) % (frames + 1);
    const end = HEADER + frame * FRAME;
    for (const cut of [end, end - 1, end + 1, end + 24 + ((i * 997) % 4_000)])
      if (cut > 0 && cut <= bytes && cuts.size < count) cuts.add(cut);
    if (i > count * 4) break;
  }
  return [...cuts].sort((one, other) => one - other);
}
