import { ActionIcon, useMantineColorScheme } from '@mantine/core';
import { IconLanguage, IconMoon, IconSun } from '@tabler/icons-react';
import { useLanguage } from '../i18n/use-language.ts';
import { KeyButton } from './key-button.tsx';

/** Switches between light and dark; the choice is remembered by Mantine. */
export function ThemeSwitch() {
  const { t } = useLanguage();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const dark = colorScheme === 'dark';
  const label = dark ? t('app.toLight') : t('app.toDark');
  return (
    <ActionIcon
      onClick={() => setColorScheme(dark ? 'light' : 'dark')}
      aria-label={label}
      title={label}
      color="gray"
      c="var(--ts-muted)"
    >
      {dark ? <IconSun size={22} /> : <IconMoon size={22} />}
    </ActionIcon>
  );
}

/** Switches the language; the button names the other one in its own words. */
export function LanguageSwitch({ keyName }: { readonly keyName?: string }) {
  const { t, toggle } = useLanguage();
  return (
    <KeyButton
      variant="subtle"
      c="var(--ts-text)"
      px={12}
      leftSection={<IconLanguage size={20} />}
      onClick={toggle}
      keyName={keyName}
    >
      {t('app.switchLanguage')}
    </KeyButton>
  );
}
