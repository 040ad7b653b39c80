/** What a challenge asks for and how strictly it looks; angles in degrees, lengths in distances between the eyes. */
export const CHALLENGE_LIMITS = {
  /** For one movement with the way back, and for looking straight ahead at the start. */
  stepMs: 8_000,
  totalMs: 30_000,
  /** How long the face may be out of sight, or beside another one, once it has been measured. */
  gapMaxMs: 1_500,
  /** Frames looking straight ahead that are averaged, so that one bad frame is not what everything is measured against. */
  straightFrames: 3,
  straightDegrees: 10,
  turnDegrees: 15,
  /** Back means this near to how it was. */
  backDegrees: 7,
  /** Frames on the way, at between a quarter of the movement and all of it: a cut has none. */
  pathFramesMin: 1,
  pathShareMin: 0.25,
  /**
   * Heads on photographs have this from about 18 degrees on. Anything flat has none by geometry; with the noise of the
   * shipped landmark model, photographs turned by up to 45 degrees stayed below 0.06.
   */
  parallaxMin: 0.12,
  /** So many frames in a row, foreshortened like this without parallax, are a flat thing that is being turned. */
  flatFramesMax: 3,
  flatSqueezeMax: 0.85,
  flatParallaxMax: 0.08,
  /** Opening of the lids against before; of open eyes in two photographs of one person a hundredth is below 0.83. */
  lidsShutMax: 0.7,
  lidsOpenMin: 0.85,
  nearerMin: 1.25,
  /** What a head does from one frame to the next, at most: per second, and for the noise of the landmarks. */
  movePerSecond: 5,
  moveSlack: 0.3,
  /** As the logarithm of the size. */
  sizePerSecond: 1.5,
  sizeSlack: 0.08,
  turnPerSecond: 90,
  turnSlack: 6,
} as const;
