import { Button, Checkbox, MantineProvider, SegmentedControl } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { CHALLENGE_MOVEMENTS } from '../../../../drivers/face/challenge-order.ts';
import type { Gesture } from '../../../../drivers/face/drawn/actor.ts';
import { theme } from '../../../kit/theme.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import type { CaptureState } from '../capture-camera.ts';
import { CAST } from './cast.ts';
import { SIM_CONDITIONS, type SimCamera, type SimCondition, type SimScene } from './sim-camera.ts';
import css from './sim-panel.module.css';

/** How often whoever does what is asked looks at what that is, in milliseconds. */
const OBLIGING_EVERY_MS = 300;
const LETTERS = ['A', 'B', 'C', 'D', 'E'];

/** Who stands before the simulated camera, and what they and the camera do. */
export default function SimPanel(props: Parameters<typeof Panel>[0]) {
  return (
    <MantineProvider theme={theme}>
      <Panel {...props} />
    </MantineProvider>
  );
}

function Panel(props: { readonly camera: SimCamera; readonly state: CaptureState | null }) {
  const { camera, state } = props;
  const { t } = useLanguage();
  const [shown, setShown] = useState(camera.get());
  const [isObliging, setObliging] = useState(true);
  const set = (next: Parameters<SimCamera['set']>[0]): void => {
    camera.set(next);
    setShown(camera.get());
  };
  const asked = useRef<Gesture>('look');
  asked.current = state?.phase === 'looking' ? gestureOf(state) : 'look';
  useEffect(() => {
    if (!isObliging) return;
    const timer = setInterval(() => camera.perform(asked.current), OBLIGING_EVERY_MS);
    return () => clearInterval(timer);
  }, [camera, isObliging]);
  const scenes: readonly SimScene[] = [...CAST.keys(), 'two', 'nobody'];
  const nameOf = (scene: SimScene): string =>
    typeof scene === 'number'
      ? t('faceSim.person', { letter: LETTERS[scene] ?? scene + 1 })
      : t(`faceSim.scene.${scene}`);
  return (
    <section className={css['panel']} aria-label={t('faceSim.title')}>
      <h2>{t('faceSim.title')}</h2>
      <p>{t('faceSim.about')}</p>
      <SegmentedControl
        className={css['choice'] ?? ''}
        aria-label={t('faceSim.who')}
        fullWidth
        value={String(shown.scene)}
        onChange={(value) => set({ scene: scenes.find((one) => String(one) === value) ?? 0 })}
        data={scenes.map((scene) => ({ value: String(scene), label: nameOf(scene) }))}
      />
      <Checkbox
        classNames={{ body: css['tick'] ?? '', labelWrapper: css['words'] ?? '' }}
        vars={() => ({ root: { '--checkbox-size': '48px' } })}
        checked={isObliging}
        onChange={({ currentTarget }) => setObliging(currentTarget.checked)}
        label={t('faceSim.obliging')}
      />
      <div className={css['acts']}>
        {CHALLENGE_MOVEMENTS.map((gesture) => (
          <Button key={gesture} variant="default" onClick={() => camera.perform(gesture)}>
            {t(`faceSim.gesture.${gesture}`)}
          </Button>
        ))}
        <Button variant="default" onClick={() => camera.unplug()}>
          {t('faceSim.unplug')}
        </Button>
      </div>
      <SegmentedControl
        className={css['choice'] ?? ''}
        aria-label={t('faceSim.condition')}
        fullWidth
        value={shown.condition}
        onChange={(value) => set({ condition: value as SimCondition })}
        data={SIM_CONDITIONS.map((one) => ({ value: one, label: t(`faceSim.conditions.${one}`) }))}
      />
    </section>
  );
}

/** What is asked for now; for a template, to look about. */
function gestureOf({ progress, poses }: CaptureState & { phase: 'looking' }): Gesture {
  if (progress !== null && progress.asked !== 'look') return progress.asked;
  if (!poses) return 'look';
  return 'turn-left';
}
