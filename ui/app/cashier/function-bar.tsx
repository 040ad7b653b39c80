import { KeyButton } from '../../kit/key-button.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import css from './function-bar.module.css';
import { useTill } from './till-context.ts';

/** What the function keys do, always in the same order and place; a key that does nothing just here is pale. */
export function FunctionBar(props: {
  /** Whether there is a headquarters that takes members in. */
  readonly joins: boolean;
  readonly onJoin: (() => void) | undefined;
  readonly onOverride: (() => void) | undefined;
  readonly onReturn: () => void;
  readonly onParked: () => void;
  readonly onScanner: (() => void) | undefined;
  readonly onRelease: (() => void) | undefined;
  readonly onLock: () => void;
}) {
  const { t } = useLanguage();
  const { view } = useTill();
  const parked = view.openBaskets.filter(({ current }) => !current).length;
  const buttons = [
    ...(props.joins ? [{ key: 'F1', label: t('join.open'), act: props.onJoin }] : []),
    { key: 'F3', label: t('member.override'), act: props.onOverride },
    { key: 'F5', label: t('returns.open'), act: props.onReturn },
    {
      key: 'F6',
      label: parked > 0 ? `${t('parked.button')} ${parked}` : t('parked.button'),
      act: props.onParked,
    },
    ...(props.onScanner === undefined
      ? []
      : [{ key: 'F7', label: t('scanner.open'), act: props.onScanner }]),
    { key: 'F8', label: t('identify.release'), act: props.onRelease },
    { key: 'F9', label: t('staff.lock'), act: props.onLock },
  ];
  return (
    <nav className={css['bar']} aria-label={t('app.cashier')}>
      {buttons.map(({ key, label, act }) => (
        <KeyButton
          key={key}
          keyName={key}
          variant="default"
          disabled={act === undefined}
          {...(act === undefined ? {} : { onClick: act })}
          px={8}
        >
          {label}
        </KeyButton>
      ))}
    </nav>
  );
}
