import { useCallback } from 'react';
import { en } from './en.ts';
import { useLanguage } from './use-language.ts';
import { zhCN } from './zh-cn.ts';

const CATALOGUES = { 'zh-CN': zhCN, en };

/** Looks a chain's own word up among the usual ones; a word that is not usual is shown as the chain wrote it. */
function lookUp(words: Readonly<Record<string, string>>, id: string): string {
  return Object.hasOwn(words, id) ? (words[id] ?? id) : id;
}

/** Names for ids that each chain chooses for itself: member tiers, kinds of entitlement and of points, device states. */
export function useNames(): {
  readonly tier: (id: string) => string;
  readonly entitlement: (kind: string) => string;
  readonly bucket: (bucket: string) => string;
  readonly deviceState: (state: string) => string;
} {
  const { language } = useLanguage();
  const words = CATALOGUES[language];
  return {
    tier: useCallback((id: string) => lookUp(words.tier, id), [words]),
    entitlement: useCallback((kind: string) => lookUp(words.entitlement, kind), [words]),
    bucket: useCallback((bucket: string) => lookUp(words.bucket, bucket), [words]),
    deviceState: useCallback((state: string) => lookUp(words.device.state, state), [words]),
  };
}
