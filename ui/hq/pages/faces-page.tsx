import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { type MemberId, memberIdSchema } from '../../../agent/contract/ids.ts';
import { Panel } from '../../kit/panel.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { FacePanel } from './face-panel.tsx';
import { FaceRecord } from './face-record.tsx';
import { type Found, MemberSearch } from './member-search.tsx';
import css from './pages.module.css';
import { WithdrawFaceDialog } from './withdraw-face-dialog.tsx';

/** Faces of the chain: how many there are, and what is on record of one member. */
export function FacesPage() {
  const { t } = useLanguage();
  const [chosen, setChosen] = useState<Found | null>(null);
  const [memberId, setMemberId] = useState<MemberId | null>(null);
  const [isAsking, setAsking] = useState(false);
  const [ended, setEnded] = useState<number | null>(null);
  const [typed, setTyped] = useState('');
  const typedId = memberIdSchema.safeParse(typed.trim());
  const show = (member: Found | null, id: MemberId): void => {
    setChosen(member);
    setMemberId(id);
    setEnded(null);
  };
  return (
    <>
      <div className={css['halves']}>
        <div className={css['column']} data-print="no">
          <MemberSearch
            chosen={chosen}
            booked={null}
            onChoose={(member) => {
              const id = memberIdSchema.safeParse(member.memberId);
              if (id.success) show(member, id.data);
            }}
          />
          <Panel title={t('faces.byId')}>
            <form
              className={css['column']}
              onSubmit={(event) => {
                event.preventDefault();
                if (typedId.success) show(null, typedId.data);
              }}
            >
              <TextInput
                aria-label={t('faces.byId')}
                value={typed}
                maxLength={64}
                onChange={(event) => setTyped(event.currentTarget.value)}
              />
              <Button type="submit" variant="default" disabled={!typedId.success}>
                {t('faces.look')}
              </Button>
            </form>
          </Panel>
        </div>
        {memberId === null ? (
          <FacePanel />
        ) : (
          <FaceRecord
            key={memberId}
            memberId={memberId}
            ended={ended}
            onWithdraw={() => setAsking(true)}
          />
        )}
      </div>
      {isAsking && memberId !== null ? (
        <WithdrawFaceDialog
          memberId={memberId}
          onClose={() => setAsking(false)}
          onDone={(count) => {
            setAsking(false);
            setEnded(count);
          }}
        />
      ) : null}
    </>
  );
}
