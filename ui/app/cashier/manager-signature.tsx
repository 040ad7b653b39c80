import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { StaffId } from '../../../agent/contract/index.ts';
import { useLanguage } from '../i18n/use-language.ts';
import dialog from './dialog.module.css';
import { useTill } from './till-context.ts';

/** Who signs for what a dialog asks: staff id and PIN of a manager. */
export interface ManagerSignature {
  readonly managerId: StaffId;
  readonly pin: string;
  /** Both are filled in. */
  readonly given: boolean;
  /** The fields, side by side. */
  readonly fields: React.ReactNode;
  clearPin(): void;
}

/** Asks for a manager's id and PIN; a manager who is signed in finds their id filled in. */
export function useManagerSignature(
  options: { readonly autofocus?: boolean } = {},
): ManagerSignature {
  const { t } = useLanguage();
  const signedIn = useTill().view.session?.staff;
  const [managerId, setManagerId] = useState<string>(
    signedIn?.role === 'manager' ? signedIn.staffId : '',
  );
  const [pin, setPin] = useState('');
  return {
    managerId: managerId as StaffId,
    pin,
    given: managerId !== '' && pin !== '',
    clearPin: () => setPin(''),
    fields: (
      <div className={dialog['pair']}>
        <TextInput
          label={t('override.managerId')}
          value={managerId}
          onChange={(event) => setManagerId(event.currentTarget.value)}
          autoComplete="off"
          required
          {...(options.autofocus === true ? { 'data-autofocus': true } : {})}
        />
        <TextInput
          type="password"
          label={t('staff.pin')}
          value={pin}
          onChange={(event) => setPin(event.currentTarget.value)}
          inputMode="numeric"
          autoComplete="off"
          required
        />
      </div>
    ),
  };
}
