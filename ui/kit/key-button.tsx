import { Button, type ButtonProps } from '@mantine/core';
import type { ReactNode } from 'react';
import css from './key-button.module.css';

/** A button that shows the key doing the same. The binding itself is made by `useHotKeys`. */
export function KeyButton(
  props: ButtonProps & {
    readonly keyName?: string | undefined;
    readonly children: ReactNode;
    readonly onClick?: () => void;
    readonly type?: 'button' | 'submit';
    readonly 'aria-pressed'?: boolean;
    readonly 'aria-label'?: string;
  },
) {
  const { keyName, children, ...rest } = props;
  return (
    <Button
      {...rest}
      className={`${css['button']} ${props.className ?? ''}`}
      {...(keyName === undefined
        ? {}
        : {
            rightSection: <kbd className={css['key']}>{keyName}</kbd>,
            'aria-keyshortcuts': keyName,
          })}
    >
      {children}
    </Button>
  );
}
