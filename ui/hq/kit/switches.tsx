import { ActionIcon, Button, useMantineColorScheme } from '@mantine/core';
import { IconLanguage, IconMoon, IconSun } from '@tabler/icons-react';
import { useLanguage } from '../i18n/use-language.ts';

/** Switches light and dark, and the language, which names the other one in its own words. */
export function Switches() {
  const { t, toggle } = useLanguage();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const dark = colorScheme === 'dark';
  const label = dark ? t('app.toLight') : t('app.toDark');
  return (
    <>
      <Button
        variant="subtle"
        px={12}
        c="var(--ts-text)"
        leftSection={<IconLanguage size={20} />}
        onClick={toggle}
      >
        {t('app.switchLanguage')}
      </Button>
      <ActionIcon
        onClick={() => setColorScheme(dark ? 'light' : 'dark')}
        aria-label={label}
        title={label}
        color="gray"
        c="var(--ts-muted)"
      >
        {dark ? <IconSun size={22} /> : <IconMoon size={22} />}
      </ActionIcon>
    </>
  );
}
