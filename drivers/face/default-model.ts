import type { FaceApiManifest } from './model-manifest.ts';

/**
 * The shipped model. Thresholds are distances measured on photographs of 800 people and checked on 800 others; where the
 * two differed, the stricter one stands, since thresholds transfer worst in the tail. Those of the two lower rates are for a
 * template of three captures against one look, as at the till: means lie nearer to everybody than single photographs do.
 */
export const DEFAULT_MODEL: FaceApiManifest = {
  adapter: 'face-api',
  id: 'face-api-128',
  version: '1.7.15',
  dimensions: 128,
  metric: 'euclidean',
  normalisation: 'none',
  detector: { kind: 'tiny', size: 224, scoreMin: 0.3 },
  calibration: {
    thresholds: { fmr1e2: 0.6, fmr1e3: 0.49, fmr1e4: 0.41 },
    openSet: { threshold: 0.5, margin: 0.1 },
    enrolPairMax: 0.5,
    likelihood: { offset: 21.77, slope: 39.79, min: -3.86, max: 5.57 },
  },
  licence:
    'MIT (detector and landmarks); descriptor dedicated to the public domain by its author, training faces partly from research sets',
  origin: '@vladmandic/face-api 1.7.15; descriptor: ResNet of dlib by Davis King',
  files: [
    {
      name: 'tiny_face_detector_model-weights_manifest.json',
      bytes: 3219,
      sha256: '5d1af4849ac48d5b985f4a9b16010c512353ddd6fcc63d50fd0bc9e9e64296e5',
    },
    {
      name: 'tiny_face_detector_model.bin',
      bytes: 193321,
      sha256: 'b7503ce7df31039b1c43316a9b865cab6a70dd748cc602d3fa28b551503c3871',
    },
    {
      name: 'face_landmark_68_model-weights_manifest.json',
      bytes: 8485,
      sha256: 'ca4886639f86e99b39fed0c155f81b63317225773bd9616716e887b0153389c9',
    },
    {
      name: 'face_landmark_68_model.bin',
      bytes: 356840,
      sha256: '4611ef65c87d836d03d684b30eec4d195d8b219fa1dd58fc58945831c6b9299b',
    },
    {
      name: 'face_recognition_model-weights_manifest.json',
      bytes: 19615,
      sha256: 'cbaffa501b0b9275a12b63357a6843e7e30c054e1c9151e1a5f879b26e32986b',
    },
    {
      name: 'face_recognition_model.bin',
      bytes: 6444032,
      sha256: 'b413e420d6840b2775fba32008db6f3cddb07d485967fb42cfcf379c16a8c589',
    },
  ],
};
