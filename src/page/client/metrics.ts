// Sizes in the picture, in pixels before zooming.

export const box = { width: 216, height: 26 } as const;

/** What is free between layers, columns of a layer, rows, and bands. */
export const gap = { layer: 64, column: 24, row: 12, band: 44 } as const;

/** From one row to the next. */
export const pitch = box.height + gap.row;
