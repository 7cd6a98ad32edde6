// How commander lays out help: one text for everybody, which Output.text fits into a terminal that is narrower.

export const helpLayout = { getOutHelpWidth: () => 80 };
