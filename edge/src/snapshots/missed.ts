/** A shot that did not become a photo, in words for whoever looks after the camera. */
export class MissedShot extends Error {}
