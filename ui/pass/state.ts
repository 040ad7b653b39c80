import type { Language, Text } from '../../agent/contract/text.ts';
import type { PassReply } from '../../sync/protocol/pass.ts';
import type { Word } from './words.ts';

/** A sentence to show: one of ours, or headquarters' own in both languages. */
export type Said =
  | { readonly word: Word; readonly values?: Readonly<Record<string, string | number>> }
  | { readonly text: Text };

/** What the page shows. */
export type PassState = { readonly language: Language } & (
  | { readonly at: 'starting' }
  | { readonly at: 'broken'; readonly why: Extract<Word, 'insecure' | 'noStorage' | 'wrong'> }
  | {
      readonly at: 'unlinked';
      /** Typed or taken from the address. */
      readonly code: string;
      readonly busy: boolean;
      readonly notices: readonly Said[];
    }
  | {
      readonly at: 'linked';
      readonly facts: PassReply;
      /** False where the certificate has ended: nothing is shown to tills. */
      readonly good: boolean;
      readonly asking: boolean;
      readonly notices: readonly Said[];
    }
);
