// Which code puts the masks on, for those who want to know without loading it. By itself: V8 is told what to compile while a copy is
// under way, when no more files can be opened, perhaps.

/** Whether it is this program's own, because the optional package is missing. Known once a WebSocket was opened. */
export const maskChoice = { isOwn: false };
