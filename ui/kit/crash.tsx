import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import type { Text } from '../../agent/contract/text.ts';
import { useLanguageChoice } from './language.ts';
import { Notice } from './notice.tsx';
import { KIT_WORDS } from './words.ts';

/** Keeps a broken page from going blank: says by `hint` what is not affected, and offers to load again. */
export class Crash extends Component<
  { readonly hint: Text; readonly children: ReactNode },
  { readonly broken: boolean }
> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override render(): ReactNode {
    return this.state.broken ? <Broken hint={this.props.hint} /> : this.props.children;
  }
}

function Broken({ hint }: { readonly hint: Text }) {
  const { say } = useLanguageChoice();
  return (
    <main style={{ maxWidth: 560, margin: '64px auto', padding: 16 }}>
      <Notice tone="bad" title={say(KIT_WORDS.crash)}>
        {say(hint)}
      </Notice>
      <Button mt={16} onClick={() => location.reload()}>
        {say(KIT_WORDS.reload)}
      </Button>
    </main>
  );
}
