/** Numbers of the drawn people who stand before the simulated camera: far from each other for the shipped model. */
export const CAST: readonly number[] = [193, 323, 52];
