import { ActionIcon, useMantineColorScheme } from '@mantine/core';
import { IconLanguage, IconMoon, IconSun } from '@tabler/icons-react';
import { KeyButton } from './key-button.tsx';
import { useLanguageChoice } from './language.ts';
import { KIT_WORDS } from './words.ts';

/** Switches between light and dark; the choice is remembered by Mantine. */
export function ThemeSwitch() {
  const { say } = useLanguageChoice();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const dark = colorScheme === 'dark';
  const label = say(dark ? KIT_WORDS.toLight : KIT_WORDS.toDark);
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
  const { say, toggle } = useLanguageChoice();
  return (
    <KeyButton
      variant="subtle"
      c="var(--ts-text)"
      px={12}
      leftSection={<IconLanguage size={20} />}
      onClick={toggle}
      keyName={keyName}
    >
      {say(KIT_WORDS.switchLanguage)}
    </KeyButton>
  );
}
