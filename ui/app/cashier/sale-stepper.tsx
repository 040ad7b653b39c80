import { IconCheck } from '@tabler/icons-react';
import type { EvaluationState } from '../../../agent/contract/index.ts';
import { StatusMark } from '../../kit/status-mark.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import css from './sale-stepper.module.css';
import { SALE_TONE } from './state-tone.ts';

/** The way of a sale that goes well; a voided or expired one shows its mark instead. */
const STEPS = ['EVALUATED', 'HELD', 'COMMITTED'] as const;

/** How far a sale is, in one line. */
export function SaleStepper({ state }: { readonly state: EvaluationState }) {
  const { t } = useLanguage();
  const reached = STEPS.indexOf(state as (typeof STEPS)[number]);
  return (
    <div className={css['box']}>
      {reached < 0 ? (
        <StatusMark tone={SALE_TONE[state]}>{t(`sale.state.${state}`)}</StatusMark>
      ) : (
        <ol className={css['steps']} aria-label={t('sale.steps')}>
          {STEPS.map((step, index) => (
            <li
              key={step}
              className={`${css['step']} ${index <= reached ? css['reached'] : ''}`}
              aria-current={index === reached ? 'step' : undefined}
            >
              <span className={css['dot']} aria-hidden="true">
                {index < reached || state === 'COMMITTED' ? (
                  <IconCheck size={16} stroke={3} />
                ) : (
                  index + 1
                )}
              </span>
              {t(`sale.state.${step}`)}
            </li>
          ))}
        </ol>
      )}
      <p className={`${css['hint']} ${state === 'COMMITTED' ? css['done'] : ''}`}>
        {t(`sale.stateHint.${state}`)}
      </p>
    </div>
  );
}
