/** The alert that was looked at last: on the way back its row has the focus again. */
export const lastOpened: { id: string | null } = { id: null };
