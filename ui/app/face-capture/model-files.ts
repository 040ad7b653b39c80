import landmarkBytes from 'face-api.js/model/face_landmark_68_model.bin?url';
import landmarkList from 'face-api.js/model/face_landmark_68_model-weights_manifest.json?url';
import descriptorBytes from 'face-api.js/model/face_recognition_model.bin?url';
import descriptorList from 'face-api.js/model/face_recognition_model-weights_manifest.json?url';
import detectorBytes from 'face-api.js/model/tiny_face_detector_model.bin?url';
import detectorList from 'face-api.js/model/tiny_face_detector_model-weights_manifest.json?url';

/** Where the files of the shipped model lie, by the names of its manifest: beside the screens, named by their contents. */
export const DEFAULT_MODEL_URLS: Readonly<Record<string, string>> = {
  'tiny_face_detector_model-weights_manifest.json': detectorList,
  'tiny_face_detector_model.bin': detectorBytes,
  'face_landmark_68_model-weights_manifest.json': landmarkList,
  'face_landmark_68_model.bin': landmarkBytes,
  'face_recognition_model-weights_manifest.json': descriptorList,
  'face_recognition_model.bin': descriptorBytes,
};
