import { Button, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { memberIdSchema } from '../../../agent/contract/ids.ts';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { useFormat } from '../use-format.ts';
import css from './pages.module.css';
import { useCall } from './use-call.ts';

/** The passes of a member, to end the one of a lost phone; nothing where they have none. */
export function MemberPasses({ memberId }: { readonly memberId: string }) {
  const { t } = useLanguage();
  const format = useFormat();
  const list = useCall('listPasses');
  const revoke = useCall('revokePass');
  const [reason, setReason] = useState('');
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked for another member, and once a pass has ended.
  useEffect(() => {
    const id = memberIdSchema.safeParse(memberId);
    if (id.success) void list.run({ memberId: id.data });
  }, [memberId, revoke.reply]);
  const passes = list.reply?.passes ?? [];
  if (passes.length === 0) return <ProblemNotice problem={list.problem} />;
  return (
    <section className={css['column']} aria-label={t('passes.title')}>
      <p className={css['strong']}>{t('passes.title')}</p>
      <TextInput
        label={t('passes.reason')}
        value={reason}
        maxLength={200}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <ProblemNotice problem={revoke.problem} />
      {passes.map(({ keyId, linkedAt, validUntil }) => (
        <div key={keyId} className={css['column']}>
          <span>
            {t('passes.linked', {
              from: format.fullMoment(linkedAt),
              until: format.fullMoment(validUntil),
            })}
          </span>
          <Button
            color="bad"
            variant="default"
            loading={revoke.busy}
            disabled={reason.trim() === ''}
            aria-label={`${t('passes.end')}: ${keyId}`}
            onClick={() => void revoke.run({ keyId, reason: reason.trim() })}
          >
            {t('passes.end')}
          </Button>
        </div>
      ))}
    </section>
  );
}
