/** What became of the rows of an import; each row lies in one or several. */
export const importSections = [
  'created',
  'changed',
  'unchanged',
  'refused',
  'contradictory',
  'flagged',
  'missing',
  'kept',
] as const
export type ImportSection = (typeof importSections)[number]
