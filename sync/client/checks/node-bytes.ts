import { FAN_OUT } from '../../protocol/tree-shape.ts';

/** Nodes as they travel: 2 bytes each. */
export function nodeBytes(nodes: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(2 * nodes.length);
  nodes.forEach((node, i) => void bytes.writeUInt16BE(node, 2 * i));
  return bytes;
}

/** Reads nodes that must rise and lie below `parents`; `null` where they do not. */
export function readNodes(bytes: Uint8Array, parents: readonly number[]): number[] | null {
  if (bytes.length % 2 !== 0) return null;
  const above = new Set(parents);
  const nodes: number[] = [];
  for (let i = 0; i < bytes.length; i += 2) {
    const node = ((bytes[i] as number) << 8) | (bytes[i + 1] as number);
    const before = nodes.at(-1);
    if ((before !== undefined && node <= before) || !above.has(Math.floor(node / FAN_OUT)))
      return null;
    nodes.push(node);
  }
  return nodes;
}
