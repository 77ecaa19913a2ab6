import { createSpotlight } from '@mantine/spotlight';

/** The command palette's state, and how to open it. */
export const [paletteStore, palette] = createSpotlight();
