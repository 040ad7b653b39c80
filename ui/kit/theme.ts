import {
  ActionIcon,
  Button,
  CloseButton,
  createTheme,
  Drawer,
  type MantineColorsTuple,
  Menu,
  Modal,
  NumberInput,
  SegmentedControl,
  Select,
  Textarea,
  TextInput,
} from '@mantine/core';

/** Deep teal; shade 7 carries white text at 7.4:1, shade 3 carries ink in the dark scheme. */
const tide: MantineColorsTuple = [
  '#e6f3f3',
  '#cfe6e6',
  '#a0cfcf',
  '#6fbcb9',
  '#45a09f',
  '#2b8488',
  '#1a6c72',
  '#0f5c63',
  '#0a4a50',
  '#06373c',
];

/** The greys of the dark scheme, with a little of the teal in them. */
const dark: MantineColorsTuple = [
  '#e7eef1',
  '#c5d1d7',
  '#a5b4bc',
  '#93a3ac',
  '#46565f',
  '#2b383f',
  '#1c272d',
  '#172025',
  '#121a1e',
  '#0e1518',
];

/** For what cannot be taken back. */
const bad: MantineColorsTuple = [
  '#fcecea',
  '#f8d5d2',
  '#f2b5b0',
  '#ffa39d',
  '#e06f6d',
  '#cc4a4b',
  '#b52f33',
  '#9c1f24',
  '#7f161b',
  '#5f0f13',
];

/** Smallest height of anything a finger aims at. */
const TARGET_PX = 48;
/** Dialogs lie over their own program only: beside another one (the demo) that one stays in sight. */
const still = {
  transitionProps: { duration: 0 },
  overlayProps: { backgroundOpacity: 0.45 },
  withinPortal: false,
};
const heading = { title: { fontSize: 18, fontWeight: 600 } };
const field = {
  styles: {
    input: { height: TARGET_PX, minHeight: TARGET_PX, fontSize: 16 },
    label: { marginBottom: 4 },
    error: { fontSize: 14 },
  },
};

/** The Mantine theme: nothing moves, targets of 48 px, a font stack that has Chinese on every till. */
export const theme = createTheme({
  colors: { tide, bad, dark },
  primaryColor: 'tide',
  primaryShade: { light: 7, dark: 3 },
  defaultRadius: 8,
  fontFamily:
    '"Segoe UI", "PingFang SC", "Microsoft YaHei UI", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", system-ui, sans-serif',
  fontFamilyMonospace:
    'ui-monospace, "Cascadia Mono", "Noto Sans Mono", "Noto Sans Mono CJK SC", monospace',
  components: {
    Button: Button.extend({
      defaultProps: { size: 'md', variant: 'filled' },
      styles: {
        root: { minHeight: TARGET_PX, height: 'auto' },
        label: { lineHeight: 1.4, height: 'auto' },
      },
    }),
    ActionIcon: ActionIcon.extend({ defaultProps: { size: TARGET_PX, variant: 'subtle' } }),
    CloseButton: CloseButton.extend({ defaultProps: { size: TARGET_PX } }),
    Modal: Modal.extend({
      defaultProps: { ...still, centered: true, radius: 12 },
      styles: heading,
    }),
    Drawer: Drawer.extend({
      defaultProps: { ...still, position: 'right', size: 460 },
      styles: heading,
    }),
    Menu: Menu.extend({ defaultProps: { transitionProps: still.transitionProps } }),
    TextInput: TextInput.extend(field),
    NumberInput: NumberInput.extend(field),
    Select: Select.extend({ styles: { ...field.styles, option: { minHeight: TARGET_PX } } }),
    SegmentedControl: SegmentedControl.extend({
      styles: { label: { minHeight: TARGET_PX, lineHeight: '40px' } },
    }),
    Textarea: Textarea.extend({ styles: { input: { fontSize: 16 }, label: { marginBottom: 4 } } }),
  },
});
