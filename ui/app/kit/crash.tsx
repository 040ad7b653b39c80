import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { Notice } from '../../kit/notice.tsx';
import { useLanguage } from '../i18n/use-language.ts';

/** Keeps a broken screen from going blank: says that no sale is affected and offers to load again. */
export class Crash extends Component<
  { readonly children: ReactNode },
  { readonly broken: boolean }
> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override render(): ReactNode {
    return this.state.broken ? <Broken /> : this.props.children;
  }
}

function Broken() {
  const { t } = useLanguage();
  return (
    <main style={{ maxWidth: 560, margin: '64px auto', padding: 16 }}>
      <Notice tone="bad" title={t('app.crash')}>
        {t('app.crashHint')}
      </Notice>
      <Button mt={16} onClick={() => location.reload()}>
        {t('app.reload')}
      </Button>
    </main>
  );
}
