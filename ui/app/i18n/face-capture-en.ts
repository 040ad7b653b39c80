/** Sentences about the camera that looks for a face, in English. */
export const faceCaptureEn = {
  faceCamera: {
    title: 'Camera for faces',
    about: 'Looks at a member only while they are asked to look into it.',
    any: 'Whichever is there',
    choose: 'Which camera looks at faces',
    name: 'Show the cameras',
    gone: 'Not connected',
    goneHint: 'No other camera is used instead. Plug it in again, or choose another one here.',
  },
  faceCapture: {
    gone: '“{{camera}}” is not connected',
    goneHint:
      'Plug it in again, or choose another one on the devices page. Phone number, card or code work as always.',
    starting: 'The camera is starting…',
    picture: 'Your picture; it is not kept',
    look: 'Please look into the camera',
    good: 'Hold still for a moment',
    poses: 'Look slowly a little to each side, up and down',
    end: {
      absent: 'No camera found',
      denied: 'The camera is not allowed',
      busy: 'The camera gives no picture',
      unplugged: 'The camera was unplugged',
      'model-missing': 'Face recognition is not complete on this till',
      failed: 'The camera stopped working',
      hidden: 'The camera is off because this page was left',
      over: 'The camera is off: time is up',
    },
    endHint: {
      absent: 'Plug in the camera and try again. Phone number, card or code work as always.',
      denied:
        'Allow the camera for this page in the browser or the system settings, then try again.',
      busy: 'Close other programs that use the camera, or plug it in again, then try again.',
      unplugged:
        'Plug the camera in again and try again. Phone number, card or code work as always.',
      'model-missing':
        'A file of the program is missing or was changed. Ask IT to install it again. Phone number, card or code work as always.',
      failed: 'Try again. If it stays so, restart the till and tell IT.',
      hidden: 'Try again when the customer is ready.',
      over: 'Try again, or take phone number, card or code.',
    },
    notice: {
      dark: 'It is too dark for the camera',
      slow: 'The camera is slow',
    },
    noticeHint: {
      dark: 'Turn on a light, or turn the camera away from the window.',
      slow: 'Move slowly. If it stays so, ask IT about the camera and its USB socket.',
    },
    fault: {
      'no-face': 'Please step in front of the camera',
      'several-faces': 'One person at a time, please',
      'too-small': 'Please come a little nearer',
      uncertain: 'Please show your whole face, without mask or sunglasses',
      turned: 'Please look straight ahead',
      tilted: 'Please hold your head upright',
      'too-dark': 'More light on the face, please',
      'too-bright': 'Less light on the face, please',
      blurred: 'Please hold still',
    },
    challenge: {
      look: 'Look straight into the camera',
      'turn-left': 'Turn your head slowly to your left',
      'turn-right': 'Turn your head slowly to your right',
      blink: 'Close your eyes for a second, then open them',
      nearer: 'Come slowly nearer',
      progress: '{{done}} of {{of}} done',
      passed: 'Challenge passed',
      failed: 'That was not the movement asked for',
      'timed-out': 'Time is up',
    },
  },
};
