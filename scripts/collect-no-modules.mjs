/**
 * Told to the packer before it collects `node_modules`: the folder that is packed is complete. Without this it finds no
 * dependencies there, goes on to the repository and packs everything that headquarters and the tests need.
 */
export default function beforeBuild() {
  return false;
}
