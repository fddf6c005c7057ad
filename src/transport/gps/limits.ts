/** Bounds of what a device may send at once. */

/** Positions in one frame or request. */
export const BATCH_MAX = 500;
/** Characters of a text frame: 500 positions of the longest spelling. */
export const TEXT_FRAME_MAX = 262_144;
/** Characters of a query. */
export const QUERY_MAX = 4_096;
/** Characters of an identifier: offers, deliveries, devices, message ids. */
export const ID_MAX = 128;
