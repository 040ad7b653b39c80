import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Staff, StaffRole } from '../../../agent/contract/index.ts';
import { Notice } from '../../kit/notice.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import type { DemoPage } from '../demo/demo-page-data.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { PinPad } from '../kit/pin-pad.tsx';
import { type Problem, toProblem } from '../kit/problem.ts';
import { useTask } from '../kit/use-task.ts';
import { openScreen } from '../router.ts';
import css from './sign-in.module.css';
import { useTill } from './till-context.ts';

type Person = Pick<Staff, 'staffId' | 'name' | 'role'>;

/**
 * Choose your name, enter your PIN.
 * @param props.only only people of this role are offered
 * @param props.demo staff of the demo, whose PINs are shown
 */
export function SignIn(props: { readonly demo: DemoPage | null; readonly only?: StaffRole }) {
  const { t } = useLanguage();
  const { link, store } = useTill();
  const [staff, setStaff] = useState<readonly Person[] | null>(null);
  const [failed, setFailed] = useState<Problem | null>(null);
  const [chosen, setChosen] = useState<Person | null>(null);
  const { only } = props;

  useEffect(() => {
    let wanted = true;
    link.client.screen.staff.list().then(
      ({ staff: all }) => {
        if (!wanted) return;
        const offered = all.filter((each) => only === undefined || each.role === only);
        setStaff(offered);
        setChosen((before) => before ?? offered[0] ?? null);
      },
      (error: unknown) => wanted && setFailed(toProblem(error)),
    );
    return () => {
      wanted = false;
    };
  }, [link, only]);

  const signIn = useTask(async (pin: string) => {
    if (chosen === null) return;
    store.show({
      session: await link.client.screen.staff.signIn({ staffId: chosen.staffId, pin }),
    });
    await store.reload();
  });
  const demoPin = props.demo?.staff.find(({ staffId }) => staffId === chosen?.staffId)?.pin;

  if (staff === null)
    return failed === null ? <p>{t('app.loading')}</p> : <ProblemNotice problem={failed} />;
  if (chosen === null)
    return (
      <Notice tone="warn" title={t('staff.noStaff')}>
        <p>{t('staff.noStaffHint')}</p>
        <Button variant="default" h={48} mt={12} onClick={() => openScreen('sync')}>
          {t('registration.title')}
        </Button>
      </Notice>
    );
  return (
    <div className={css['box']}>
      <section className={css['people']} aria-label={t('staff.choose')}>
        <h2 className={css['title']}>{t('staff.signIn')}</h2>
        <ul>
          {staff.map((person) => (
            <li key={person.staffId}>
              <button
                type="button"
                className={css['person']}
                aria-pressed={person.staffId === chosen.staffId}
                onClick={() => {
                  signIn.clear();
                  setChosen(person);
                }}
              >
                <span className={css['name']}>{person.name}</span>
                <span className={css['role']}>
                  {t(`role.${person.role}`)} · {person.staffId}
                </span>
              </button>
            </li>
          ))}
        </ul>
      </section>
      <div className={css['pin']}>
        <PinPad
          key={chosen.staffId}
          label={t('staff.pinFor', { name: chosen.name })}
          action={t('staff.enter')}
          busy={signIn.busy}
          onPin={signIn.run}
        />
        <ProblemNotice problem={signIn.problem} />
        <p className={css['hint']}>
          {demoPin === undefined ? t('staff.pinHint') : t('staff.demoPin', { pin: demoPin })}
        </p>
      </div>
    </div>
  );
}
