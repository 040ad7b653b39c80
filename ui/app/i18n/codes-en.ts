/** Sentences about codes that come by keyboard or camera, in English. */
export const codesEn = {
  wedge: {
    menu: 'Keyboard scanner',
    title: 'Calibrate the keyboard scanner',
    intro:
      'Scan one of these codes with the scanner: it tells which keyboard the scanner is set to.',
    square: 'Square code: checks the GS separator too',
    bars: 'Bar code: for scanners that read nothing else',
    present: 'At present: {{layout}}',
    prefix: 'Start mark: {{prefix}}',
    capsFollowed: 'The scanner turns letters round while Caps Lock is on',
    nothing:
      'Nothing happens? See that the scanner is in USB keyboard mode with no delay between characters, then scan again.',
    found: 'Found and kept: {{layout}}',
    gsSent: 'The GS separator arrives',
    gsLost:
      'The scanner does not send the GS separator, so GS1 codes of several fields are misread. Turn on "send control characters (Ctrl+letter)" as its manual says.',
    gsNotAsked: 'A bar code cannot check the GS separator',
    lettersTurned: 'Capital and small letters are swapped',
    lettersTurnedHint:
      'The keyboard is {{layout}}. Turn off "case conversion" or "simulate Caps Lock" as the scanner\'s manual says, then scan again.',
    noSuffix: 'The scanner sends no Enter behind the code',
    noSuffixHint:
      'Scan the code "Enter as suffix" in its manual (Honeywell: Add CR Suffix; Zebra: Add Enter Key; Datalogic: Suffix CR; Newland: Terminating Enter), then scan again.',
    unknownLayout: "The scanner's keyboard was not recognised",
    unknownLayoutHint:
      'Scan the code "US keyboard" in its manual (Honeywell: Country Code USA; Zebra: North American Keyboard; Datalogic: Country Mode US; Newland: US keyboard), then scan again.',
    reset: 'Back to the US keyboard',
    about: 'types its codes like a keyboard; it cannot be listed as a device',
    on: 'On',
    off: 'Off',
    turnOn: 'Turn on',
    turnOff: 'Turn off',
    offHint: 'While it is off, what it scans is taken for typing.',
    calibrate: 'Calibrate',
    calibrated: 'Last calibrated: {{time}}',
    never: 'Not calibrated yet. If a scanner here types like a keyboard, calibrate it once.',
    refused: {
      'no-suffix': 'The scan broke off. Scan it again.',
      'over-long': 'The code is too long and was not taken. Check it and scan again.',
      unmapped:
        'The scanner sent keys that its set keyboard has not; the code was not taken. Calibrate it in the staff menu.',
      'dead-key':
        'The code has an accent key, so its text is not certain; it was not taken. Calibrate the scanner in the staff menu, or set it to the US keyboard.',
      'no-prefix': 'The beginning of the code is missing; it was not taken. Scan it again.',
      'other-layout':
        'The scanner uses another keyboard than was set; the code was not taken. Calibrate it in the staff menu.',
    },
    likely: 'Probably: {{layouts}}',
    layout: {
      us: 'US',
      uk: 'British',
      de: 'German QWERTZ',
      fr: 'French AZERTY',
      be: 'Belgian AZERTY',
      es: 'Spanish',
      it: 'Italian',
      'pt-br': 'Brazilian ABNT2',
      ja: 'Japanese 106/109',
    },
  },
  camera: {
    open: 'Scan with the camera',
    title: 'Scan with the camera',
    picture: 'Picture of the camera',
    hint: 'Let the member hold the code in the middle. The picture is read on this machine, kept nowhere and sent nowhere.',
    which: 'Camera',
    missing: '“{{camera}}” is not connected',
    missingHint: 'Codes are read with “{{camera}}” meanwhile. Plug the other one in again.',
    starting: 'Starting the camera…',
    looking: 'Show the member code',
    several: 'Two different codes are in the picture; none was taken. Leave one.',
    dark: 'The picture is too dark',
    darkHint: "Turn on a light, or the brightness of the member's phone up.",
    slow: 'Reading is slow',
    slowHint:
      'This computer reads slowly: hold the code still in the middle. If it is often so, use a scanner.',
    noCamera: 'No camera was found',
    noCameraHint: 'Plug a camera in and try again; a scanner or a typed card number does, too.',
    denied: 'No permission to use the camera',
    deniedHint:
      "Allow this page the camera in the browser's address bar and in the system's privacy settings, then try again.",
    busy: 'Another program uses the camera',
    busyHint: 'Close the program that uses it, such as a video call, then try again.',
    unplugged: 'The camera went away',
    unpluggedHint: 'Plug it in again, then try again.',
    failed: 'The picture cannot be read',
    failedHint: 'Load this page again; call support if it happens again, and go on with a scanner.',
    idle: 'No code for a minute: the camera was closed',
    hidden: 'The window was out of sight: the camera was closed',
  },
};
