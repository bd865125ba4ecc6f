// How closely the times of files tell one change from the next. Asks no clock.

/** A step of the clock that kernels stamp files by, and more: it ticks each 1 to 10 ms. In milliseconds. */
export const kernelTickMs = 20;

/**
 * A step of the coarsest file system's times, which is FAT's: two changes closer than this may leave the
 * same ones. In milliseconds.
 *
 * Source: engines.md §2.3; ccache uses the same window.
 */
export const coarsestTickMs = 2_000;
