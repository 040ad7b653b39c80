/** Words of the simulated camera. */
export const faceSimEn = {
  faceSim: {
    title: 'Simulated camera',
    about:
      "Drawn people, nobody's photograph. It shows how the till works, and says nothing of how well real faces are told apart.",
    who: 'Who stands before the camera',
    person: 'Person {{letter}}',
    scene: { two: 'Two people', nobody: 'Nobody' },
    obliging: 'Does what is asked',
    gesture: {
      'turn-left': 'Turn left',
      'turn-right': 'Turn right',
      blink: 'Close the eyes',
      nearer: 'Come nearer',
    },
    unplug: 'Pull the cable',
    condition: 'How the camera is',
    conditions: {
      usual: 'As usual',
      dark: 'Dark',
      slow: 'Slow',
      absent: 'Not there',
      denied: 'Not allowed',
      busy: 'In use',
    },
  },
};
