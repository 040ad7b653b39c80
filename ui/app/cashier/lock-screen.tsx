import { Button } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import type { DemoPage } from '../demo/demo-page-data.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { PinPad } from '../kit/pin-pad.tsx';
import { useTask } from '../kit/use-task.ts';
import css from './lock-screen.module.css';
import { useTill } from './till-context.ts';

/** Nothing of the sale is on show until the PIN is given, or somebody else signs in. */
export function LockScreen({ demo }: { readonly demo: DemoPage | null }) {
  const { t } = useLanguage();
  const { link, store, view } = useTill();
  const staff = view.session?.staff ?? null;
  const unlock = useTask(async (pin: string) => {
    store.show({ session: await link.client.screen.staff.unlock({ pin }) });
    await store.reload();
  });
  const leave = useTask(async () => {
    store.show({ session: await link.client.screen.staff.signOut() });
  });
  const demoPin = demo?.staff.find(({ staffId }) => staffId === staff?.staffId)?.pin;
  return (
    <section className={css['box']} aria-label={t('staff.locked')}>
      <IconLock size={36} aria-hidden="true" />
      <h2 className={css['title']}>{t('staff.locked')}</h2>
      <p className={css['by']}>{t('staff.lockedBy', { name: staff?.name ?? '' })}</p>
      <PinPad
        label={t('staff.pin')}
        action={t('staff.unlock')}
        busy={unlock.busy}
        onPin={unlock.run}
      />
      <ProblemNotice problem={unlock.problem ?? leave.problem} />
      {demoPin === undefined ? null : (
        <p className={css['by']}>{t('staff.demoPin', { pin: demoPin })}</p>
      )}
      <Button variant="subtle" c="var(--ts-text)" onClick={() => void leave.run(undefined)}>
        {t('staff.another')}
      </Button>
    </section>
  );
}
