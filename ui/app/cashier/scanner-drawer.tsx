import { Button, Drawer, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { DeviceView } from '../../../agent/contract/index.ts';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import type { DemoPage } from '../demo/demo-page-data.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { useTask } from '../kit/use-task.ts';
import list from './drawer-list.module.css';
import { useTill } from './till-context.ts';

/** Makes the simulated scanner read a prepared code or any text; offered only where a scanner is simulated. */
export function ScannerDrawer(props: {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly device: DeviceView;
  readonly demo: DemoPage | null;
}) {
  const { t, say } = useLanguage();
  const { link } = useTill();
  const [text, setText] = useState('');
  const scan = useTask(async (code: string) => {
    await link.client.screen.devices.simulate({ deviceId: props.device.deviceId, text: code });
    props.onClose();
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (text !== '') void scan.run(text);
  };
  return (
    <Drawer
      opened={props.opened}
      onClose={props.onClose}
      title={t('scanner.title')}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      <p>{t('scanner.hint')}</p>
      {props.demo?.steps === undefined ? null : (
        <details className={list['steps']}>
          <summary>{t('scanner.steps')}</summary>
          <ol>
            {props.demo.steps.map((step) => (
              <li key={step.en}>{say(step)}</li>
            ))}
          </ol>
        </details>
      )}
      <div className={list['codes']}>
        {props.demo?.codes.map((code, index) => (
          <button
            key={code.text}
            type="button"
            data-autofocus={index === 0 || undefined}
            className={list['code']}
            onClick={() => void scan.run(code.text)}
          >
            <span>{say(code.label)}</span>
            <small>{code.text}</small>
          </button>
        ))}
      </div>
      <form className={list['entry']} onSubmit={submit}>
        <TextInput
          label={t('scanner.custom')}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          autoComplete="off"
        />
        <Button type="submit" loading={scan.busy}>
          {t('scanner.read')}
        </Button>
      </form>
      <ProblemNotice problem={scan.problem} />
    </Drawer>
  );
}
